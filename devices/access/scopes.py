"""What a personal token can be made for. A token's owner chooses; none is given unasked."""

from enum import StrEnum


class Scope(StrEnum):
    STATIONS = "stations:read"
    DOCKS = "docks:read"
    CAMERAS = "cameras:read"
    OFFICERS = "officers:read"
    SET_OFFICERS = "officers:write"
    HISTORY = "history:read"
    FAULTS = "faults:read"
    ROSTER = "roster:read"
    SET_ROSTER = "roster:write"
    WORK_DESK = "desk:write"
    CUSTODY = "custody:read"
    SET_CUSTODY = "custody:write"
    COUNT = "counts:write"
    RELEASES = "releases:read"
    SET_RELEASES = "releases:write"
    SET_CERTIFICATES = "certificates:write"
    ROLLOUTS = "rollouts:read"
    SET_ROLLOUTS = "rollouts:write"
    RECALLS = "recalls:read"
    SET_RECALLS = "recalls:write"

    @property
    def label(self) -> str:
        """What it lets a program do, as its owner chooses it."""
        if self in _DOES:
            return _DOES[self]
        what, _, how = self.partition(":")
        return what.capitalize() if how == "read" else f"Set the {what}"


_DOES = {
    Scope.WORK_DESK: "Work a desk",
    Scope.SET_OFFICERS: "Give officers badges, and take them away",
    Scope.COUNT: "Count cameras",
    Scope.SET_CUSTODY: "Check cameras out and in",
    Scope.SET_RELEASES: "Bring, approve, recall and go back to releases, edit and assign profiles",
    Scope.SET_CERTIFICATES: "Add and withdraw certificates",
    Scope.SET_ROLLOUTS: "Run and stop rollouts",
    Scope.SET_RECALLS: "Recall cameras, and end recalls",
}
