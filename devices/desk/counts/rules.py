"""What a count makes of each camera. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Standing(StrEnum):
    """What is known of one camera while it is counted; each stands in exactly one list."""

    CONTRADICTION = "contradiction"  # it is here, and by the record an officer has it outside
    MISSING = "missing"  # not scanned, and nothing speaks for it
    SEEN = "seen"  # not scanned, but the system hears it
    UNEXPECTED = "unexpected"  # scanned, and it was not to be here
    OUT = "out"  # with an officer, so nobody looks for it
    FOUND = "found"


ORDER = tuple(Standing)


@dataclass(frozen=True, slots=True)
class Counted:
    """One camera of a count: as it was at the start, what was scanned, and as it is now.

    ``place`` is where it stood at the start. ``was_out``: with an officer, outside, at the start.
    ``holder`` has it for a shift or on loan now; ``carrier`` is whose own camera it is, while they
    have it out of the building. ``heard`` says how the system knows of it now; empty if it does
    not.
    """

    name: str
    expected: bool = True
    scanned: bool = False
    place: str = ""
    was_out: str = ""
    holder: str = ""
    carrier: str = ""
    heard: str = ""
    station: str = ""  # where it belongs, if that is another station
    service: str = ""  # what keeps it out of service, in words


def standing(one: Counted) -> Standing:
    """In which list the camera stands."""
    if one.scanned:
        if not one.expected:
            return Standing.UNEXPECTED
        return Standing.CONTRADICTION if one.holder else Standing.FOUND
    if one.was_out or one.holder or one.carrier:
        return Standing.OUT
    return Standing.SEEN if one.heard else Standing.MISSING


def sentence(one: Counted) -> str:
    """What is to be said of the camera: why it stands where it does, and what to do about it."""
    match standing(one):
        case Standing.CONTRADICTION:
            return f"It is here, and by the record {one.holder} has it: return it at the desk."
        case Standing.UNEXPECTED:
            return _unexpected(one)
        case Standing.OUT:
            return _out(one)
        case Standing.SEEN:
            return one.heard
        case Standing.MISSING:
            return f"At the start it was in {one.place}." if one.place else "It was in no bay."
    return f"In {one.place} at the start." if one.place else ""


def _unexpected(one: Counted) -> str:
    told = [
        f"It belongs to {one.station}." if one.station else "",
        f"It is {one.service}." if one.service else "",
        f"By the record {one.holder} has it: return it at the desk." if one.holder else "",
    ]
    said = " ".join(filter(None, told))
    return said or "It was not here when the count began."


def _out(one: Counted) -> str:
    now = one.holder or one.carrier
    if one.was_out and not now:
        return f"It was with {one.was_out} at the start and has come back since: scan it."
    if one.was_out and one.was_out != now:
        return f"It was with {one.was_out} at the start, and is with {now} now."
    return f"With {now}." if one.was_out else f"With {now}, who took it after the start."


def unexplained(missing: Collection[str], reasons: Mapping[str, str]) -> list[str]:
    """The missing cameras for which no reason was given, in order."""
    return sorted(one for one in missing if not reasons.get(one, "").strip())


@dataclass(frozen=True, slots=True)
class Tally:
    """How many cameras stand in each list."""

    found: int = 0
    contradiction: int = 0
    missing: int = 0
    seen: int = 0
    unexpected: int = 0
    out: int = 0

    @property
    def here(self) -> int:
        """Cameras that were scanned and were to be here."""
        return self.found + self.contradiction

    @property
    def looked_for(self) -> int:
        return self.here + self.missing + self.seen

    @property
    def unscanned(self) -> int:
        return self.missing + self.seen


def tally(standings: Collection[Standing]) -> Tally:
    """Counts the lists."""
    found = list(standings)
    return Tally(**{one.value: found.count(one) for one in Standing})


def says(count: Tally, *, closed: bool) -> str:
    """A count in one sentence."""
    begins = f"{count.here} of {count.looked_for} cameras found"
    heard = f" ({count.seen} of them heard by the system)" if count.seen else ""
    still = f"{count.unscanned} not scanned yet{heard}" if count.unscanned else ""
    over = [
        f"{count.missing} missing" if count.missing else "",
        f"{count.seen} seen by the system alone" if count.seen else "",
    ]
    told = [
        *(over if closed else [still]),
        f"{count.unexpected} unexpected" if count.unexpected else "",
        f"{count.contradiction} recorded as out" if count.contradiction else "",
    ]
    return ", ".join([begins, *filter(None, told)]) + "."
