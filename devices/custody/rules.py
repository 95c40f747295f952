"""How custody is kept, and what its events add up to. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from devices.policy import Policy

UNDO_WITHIN = timedelta(seconds=60)  # desk.md; later it is a correction, with a reason
LONGEST_EXTENSION = timedelta(days=7)  # for longer, give the camera as an own one


class Standing(StrEnum):
    """How a camera that is out stands to when it is due; overdue means this wherever it is said."""

    OUT = "out"  # not due yet, or never
    DUE = "due"  # its time is over, by less than it takes to drive back
    OVERDUE = "overdue"
    MISSING = "missing"


def standing(due_at: datetime | None, policy: Policy, now: datetime) -> Standing:
    """How one that is due then stands now."""
    if due_at is None or now < due_at:
        return Standing.OUT
    if now < due_at + policy.overdue_after:
        return Standing.DUE
    return Standing.MISSING if now >= due_at + policy.missing_after else Standing.OVERDUE


def is_overdue(due_at: datetime | None, policy: Policy, now: datetime) -> bool:
    """Whether somebody should ask for it; one that is missing is overdue too."""
    return standing(due_at, policy, now) in (Standing.OVERDUE, Standing.MISSING)


def why_not_extended(due_at: datetime | None, until: datetime, now: datetime) -> str | None:
    """Why it cannot be due then instead; None when it can."""
    if due_at is None:
        return "It has no time at which it is due."
    if until <= now:
        return "Say a time that is still to come."
    if until == due_at:
        return "It is due then already."
    if until > now + LONGEST_EXTENSION:
        return f"At most {LONGEST_EXTENSION.days} days; for longer, give it as an own camera."
    return None


@dataclass(frozen=True, slots=True)
class Interval:
    """One custody, as its events tell it."""

    id: int
    camera: int
    officer: int
    kind: str
    opened_at: datetime
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """One event: which custody it began and which it ended."""

    at: datetime
    opened: Interval | None = None
    closed: int | None = None


class Contradiction(Exception):
    """Events that cannot all be true: two open custodies of a camera, or an end without a begin."""


def replay(events: Iterable[Told]) -> dict[int, Interval]:
    """The open custody of each camera that these events, in their order, leave behind."""
    held: dict[int, Interval] = {}
    camera_of: dict[int, int] = {}
    for event in events:
        if event.closed is not None:
            camera = camera_of.get(event.closed)
            if camera is None or held.get(camera, _NONE).id != event.closed:
                raise Contradiction(f"custody {event.closed} ended and was not open")
            del held[camera]
        if event.opened is not None:
            if event.opened.camera in held:
                raise Contradiction(f"camera {event.opened.camera} had two holders")
            held[event.opened.camera] = event.opened
            camera_of[event.opened.id] = event.opened.camera
    return held


_NONE = Interval(0, 0, 0, "", datetime.min)  # noqa: DTZ901 (no moment at all)


def may_undo(at: datetime, now: datetime) -> bool:
    """Whether what was done then can still be taken back without a reason."""
    return now - at <= UNDO_WITHIN
