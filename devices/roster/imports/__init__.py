"""Bringing the roster in: kinds of shifts, rotations, and who is on, as CSV or through the API.

The reading and judging are the inventory's; here is what the three files are, and what cannot be.
A file adds and changes; who is not named in it stays on, unless its importer says that it is the
whole of the shifts it names.
"""

from devices.roster.imports.actions import Asked, apply_once, at, follows
from devices.roster.imports.sheets import ACT_OF, Kind, rotation_row

__all__ = ["ACT_OF", "Asked", "Kind", "apply_once", "at", "follows", "rotation_row"]
