"""Cameras and docks that exist only in memory, speaking the wire's words at the public doors.

What they live through is in `town.py`, what they say of it in `voices.py`, how it travels in
`line.py`, how they update in `updates/`; every number is in `numbers.toml`. This room knows
`devices.wire` and nothing else of the project, so whatever the fleet shows of them came the way a
real camera's words would.
"""
