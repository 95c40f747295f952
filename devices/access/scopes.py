"""What a personal token can be made for. A token's owner chooses; none is given unasked."""

from enum import StrEnum


class Scope(StrEnum):
    STATIONS = "stations:read"
    DOCKS = "docks:read"
    CAMERAS = "cameras:read"
    OFFICERS = "officers:read"
    HISTORY = "history:read"
    FAULTS = "faults:read"
    ROSTER = "roster:read"
    SET_ROSTER = "roster:write"

    @property
    def label(self) -> str:
        """What it lets a program do, as its owner chooses it."""
        what, _, how = self.partition(":")
        return what.capitalize() if how == "read" else f"Set the {what}"
