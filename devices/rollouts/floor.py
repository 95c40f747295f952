"""Never short: which cameras may install now without a shift lacking one. Pure.

A camera that is permitted to install is not ready for any shift that begins before it is back; so
readiness already counts those that are out on a permit, and this counts the next ones.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from devices.readiness.margin import ShiftReadiness


@dataclass(frozen=True, slots=True)
class Candidate:
    """A camera that could be updated, and when it would be ready again if it began now."""

    camera_id: int
    name: str
    station_id: int
    back_by: datetime


@dataclass(frozen=True, slots=True)
class Granted:
    camera_id: int
    back_by: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """A camera that is not permitted now, and the sentence why."""

    camera_id: int
    because: str


@dataclass
class Coming:
    """A coming shift: whose cameras it counts on, its spares, and what it has beyond its need."""

    name: str
    begins_at: datetime
    station_id: int
    own: frozenset[int]
    spares: set[int]
    margin: int


def permits(
    candidates: Iterable[Candidate], shifts: Iterable[ShiftReadiness]
) -> Iterator[Granted | Kept]:
    """For each candidate, in their order, whether it may install now.

    No camera of somebody rostered for a shift that begins before it would be back; and no spare
    that such a shift, with its reserve and those permitted before, could lack. Whoever is still
    to come for a shift under way is the gate's to see.
    """
    return permits_before(candidates, [_coming(one) for one in shifts])


def permits_before(
    candidates: Iterable[Candidate], coming: list[Coming]
) -> Iterator[Granted | Kept]:
    """The same of shifts that are counted already; their spares and margins go down with each
    permit."""
    for one in candidates:
        before_back = [shift for shift in coming if shift.begins_at < one.back_by]
        because = next(_against(one, before_back), "")
        if because:
            yield Kept(one.camera_id, because)
            continue
        for shift in before_back:
            if one.camera_id in shift.spares:
                shift.spares.discard(one.camera_id)
                shift.margin -= 1
        yield Granted(one.camera_id, one.back_by)


def _coming(one: ShiftReadiness) -> Coming:
    ready = (post for post in one.posts if post.ready or post.due)
    own = {post.judged.camera.id for post in ready if post.judged and not post.takes_any}
    spares = set(one.reckoned_on)
    shift = one.shift
    return Coming(shift.name, shift.begins_at, shift.station_id, frozenset(own), spares, one.margin)


def _against(one: Candidate, shifts: Iterable[Coming]) -> Iterator[str]:
    for shift in shifts:
        if one.camera_id in shift.own:
            yield f"{one.name} is needed for the {shift.name} shift at {_time(shift.begins_at)}."
        elif one.camera_id in shift.spares and shift.margin < 1:
            at = _time(shift.begins_at)
            yield f"The {shift.name} shift at {at} could be short without {one.name}."


def _time(at: datetime) -> str:
    """By the clock that ``at`` carries; whoever asks has put it into the department's zone."""
    return f"{at:%a %H:%M}"
