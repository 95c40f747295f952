"""Device profiles: settings with bounds, in versions that never change, and who should run which.

A version becomes a release when it is made; a second person approves it like any other.
"""
