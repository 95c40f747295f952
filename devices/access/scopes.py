"""What a personal token can be made for. A token's owner chooses; none is given unasked."""

from enum import StrEnum


class Scope(StrEnum):
    STATIONS = "stations:read"
    DOCKS = "docks:read"
    CAMERAS = "cameras:read"
    OFFICERS = "officers:read"
    HISTORY = "history:read"
    FAULTS = "faults:read"
