"""The cameras' and docks' door: proves who speaks, reads strictly, carries, and answers.

Two doors, one protocol: whatever comes by HTTP or websocket goes through `protocol.receive`.
The doors decide nothing.
"""
