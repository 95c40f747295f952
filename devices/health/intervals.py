"""Spans made into intervals that are kept: which to write, given what is there. Pure.

A span of the timeline says what a camera did; over it lies what people did to it: a camera in
repair or lost is that, whatever it said.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from devices.health.timeline import Span, State

OF_SERVICE = {
    "out_of_service": "repair",
    "in_repair": "repair",
    "lost": "lost",
    "retired": "retired",
}
STATES = frozenset({*(state.value for state in State), *OF_SERVICE.values()})


@dataclass(frozen=True, slots=True)
class Kept:
    """One interval as it is kept; ``until_at`` None: it still is."""

    state: str
    from_at: datetime
    until_at: datetime | None
    heard: bool
    place: str
    cause: str
    id: int | None = None

    def same(self, other: "Kept") -> bool:
        """Whether the two say the same of different times."""
        return (self.state, self.heard, self.place, self.cause) == (
            other.state, other.heard, other.place, other.cause,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ServedFrom:
    """From this moment on a camera was in this state of service."""

    at: datetime
    service_state: str


@dataclass(frozen=True)
class Writing:
    """What has to be written to make what is kept true."""

    gone: list[int]
    ended: list[tuple[int, datetime | None]]
    new: list[Kept]


def wanted(spans: Sequence[Span], service: Sequence[ServedFrom]) -> list[Kept]:
    """The intervals that these spans and changes of service make; the last one goes on."""
    cut = [piece for span in spans for piece in _under(span, service)]
    joined: list[Kept] = []
    for piece in cut:
        if joined and joined[-1].same(piece):
            joined[-1] = replace(joined[-1], until_at=piece.until_at)
        else:
            joined.append(piece)
    if joined:
        joined[-1] = replace(joined[-1], until_at=None)
    return joined


def _under(span: Span, service: Sequence[ServedFrom]) -> Iterator[Kept]:
    """The span, cut where the camera's service changed within it."""
    steps = sorted(service, key=lambda one: one.at)
    before = [one for one in steps if one.at <= span.from_at]
    state = before[-1].service_state if before else "in_service"
    inside = [one for one in steps if span.from_at < one.at < span.until_at]
    bounds = [
        (span.from_at, state),
        *((one.at, one.service_state) for one in inside),
        (span.until_at, ""),
    ]
    for (from_at, served), (until_at, _) in pairwise(bounds):
        yield _kept(span, served, from_at, until_at)


def _kept(span: Span, served: str, from_at: datetime, until_at: datetime) -> Kept:
    if served in OF_SERVICE:
        return Kept(OF_SERVICE[served], from_at, until_at, heard=False, place="", cause="service")
    unknown = span.state is State.UNKNOWN
    cause = "report" if span.heard else "silence" if unknown else "placement"
    return Kept(span.state.value, from_at, until_at, span.heard, span.place, cause)


def writing(there: Iterable[Kept], made: Sequence[Kept], since: datetime) -> Writing:
    """How to come from what is there to what was made anew from ``since`` on.

    The interval in which ``since`` lies goes on if the first new one says the same, and ends
    there if not. From the first difference on everything is written again.
    """
    rows = sorted(there, key=lambda one: one.from_at)
    right = _with_the_past(rows, made, since)
    alike = 0
    for row, one in zip(rows, right, strict=False):
        if row.from_at != one.from_at or not row.same(one):
            break
        alike += 1
    ended = [
        (row.id, one.until_at)
        for row, one in zip(rows[:alike], right, strict=False)
        if row.id is not None and row.until_at != one.until_at
    ]
    gone = [row.id for row in rows[alike:] if row.id is not None]
    return Writing(gone, ended, right[alike:])


def _with_the_past(rows: Sequence[Kept], made: Sequence[Kept], since: datetime) -> list[Kept]:
    """What should be there: the new intervals, and those that began before ``since``."""
    before = [row for row in rows if row.from_at < since]
    if not before:
        return [*_from_the_first_word(made)]
    last = before[-1]
    if made and last.same(made[0]):
        return [*before[:-1], replace(made[0], from_at=last.from_at), *made[1:]]
    return [*before[:-1], replace(last, until_at=since), *made]


def _from_the_first_word(made: Sequence[Kept]) -> Sequence[Kept]:
    """A camera's history begins with what is known of it, not with the silence before."""
    silent = len(made) > 1 and made[0].state == State.UNKNOWN.value
    return made[1:] if silent else made
