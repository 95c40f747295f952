"""What a batch of records makes of what was known. Pure, and the same whatever came first.

A camera's present is the report with the greatest (boot, sequence); its place is the claim
with the latest moment. Both are maxima over a set, so order, repetition and delay of
delivery cannot change where they end.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from devices.policy import Policy
from devices.wire import Mode, Report, Result

MOST_RANGES = 1000  # of one boot; past it the oldest gap counts as come, so a row stays small
FUTURE_ALLOWED = timedelta(seconds=2)  # two clocks read one after the other


class Heard(StrEnum):
    """Whether a device speaks as it should; the values of ``models.Hearing``."""

    NEVER = "never"
    HEARD = "heard"
    LATE = "late"
    SILENT = "silent"


class Noted(NamedTuple):
    """Which sequences came, after one more was offered, and whether that one was new."""

    received: list[int]
    fresh: bool


def note(received: list[int], sequence: int) -> Noted:
    """Note one sequence in ``received`` (first, last, first, last… ascending, inclusive)."""
    if received and sequence == received[-1] + 1:
        return Noted([*received[:-1], sequence], True)
    at = bisect_right(received, sequence)
    if at % 2 or (at and received[at - 1] == sequence):
        return Noted(received, False)
    touches_left = at > 0 and received[at - 1] == sequence - 1
    touches_right = at < len(received) and received[at] == sequence + 1
    start, first = (at - 1, []) if touches_left else (at, [sequence])
    stop, last = (at + 1, []) if touches_right else (at, [sequence])
    merged = [*received[:start], *first, *last, *received[stop:]]
    if len(merged) > 2 * MOST_RANGES:
        del merged[1:3]
    return Noted(merged, True)


class Moment(NamedTuple):
    """When something happened, as well as we can know, and whether the device's clock is wrong."""

    at: datetime
    clock_wrong: bool


def moment(
    device_time: datetime, offset_s: float | None, sent_at: datetime, now: datetime, policy: Policy
) -> Moment:
    """Place a record on our own clock by its age on its sender's clock.

    Only the difference of two readings of one clock counts, so a clock that is wrong by
    years still gives the right age. An age that cannot be is replaced by the time of receipt.
    """
    age = sent_at - device_time
    if offset_s:
        age += timedelta(seconds=offset_s)
    credible = -FUTURE_ALLOWED <= age <= policy.oldest_record
    at = now - max(age, timedelta()) if credible else now
    wrong = abs(device_time - at) > policy.clock_tolerance
    return Moment(at, wrong or not credible)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a camera was at a moment: in a bay, on some contact (bay unknown), or away."""

    at: datetime
    docked: bool
    bay_id: int | None
    dock_id: int | None = None  # who said so; None is the camera itself

    def beats(self, other: "Place | None") -> bool:
        """Later wins; of two at one instant, any fixed order will do."""
        return other is None or self._rank() > other._rank()

    def differs(self, other: "Place | None") -> bool:
        """Whether the hardware moved between the two."""
        return other is None or (self.docked, self.bay_id) != (other.docked, other.bay_id)

    def _rank(self) -> tuple[datetime, bool, int]:
        return (self.at, self.docked, self.bay_id or 0)


class Facts(NamedTuple):
    """What of a report is shown or kept when it changes."""

    mode: str
    docked: bool
    battery_percent: int
    battery_state: str
    offload: str
    clips_waiting: int
    firmware_version: str
    clock_wrong: bool
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a camera before a batch. None of it when it never spoke."""

    boot: int | None = None
    sequence: int | None = None
    received: list[int] = field(default_factory=list)
    earlier: Mapping[int, list[int]] = field(default_factory=dict)
    facts: Facts | None = None
    place: Place | None = None
    hearing: Heard = Heard.NEVER
    since: datetime | None = None
    reading_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """One report that came, placed in time, with the bay its carrier named."""

    report: Report
    at: datetime
    clock_wrong: bool
    bay_id: int | None
    dock_id: int | None

    @property
    def order(self) -> tuple[int, int]:
        return (self.report.boot, self.report.sequence)

    @property
    def place(self) -> Place:
        return Place(self.at, self.report.docked, self.bay_id, self.dock_id)

    @property
    def facts(self) -> Facts:
        said = self.report
        return Facts(
            said.mode,
            said.docked,
            said.battery_percent,
            said.battery_state,
            said.offload,
            said.clips_waiting,
            said.firmware_version,
            self.clock_wrong,
            said.faults,
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a batch made of one camera. ``newest`` is None when the present did not change."""

    results: list[Result]
    known: Known
    newest: Arrival | None
    readings: list[Arrival]
    places: list[Place]
    visible: bool
    changed_boots: frozenset[int]


def fold(
    known: Known, arrivals: Sequence[Arrival], claims: Iterable[Place], policy: Policy
) -> Outcome:
    """Add reports and places to what is known of one camera."""
    boots = Boots(known)
    results = [boots.result(*arrival.order) for arrival in arrivals]
    fresh = [one for one, result in zip(arrivals, results, strict=True) if result is Result.STORED]
    fresh.sort(key=lambda arrival: arrival.order)
    here = (-1, -1) if known.boot is None else (known.boot, known.sequence or 0)
    newest = fresh[-1] if fresh and fresh[-1].order > here else None
    readings, reading_at = _worth_keeping(known, fresh, here, policy)
    facts = newest.facts if newest else known.facts
    place, moves = _settle(known.place, [*claims, *(one.place for one in fresh)])
    after = Known(
        boot=boots.boot,
        sequence=newest.report.sequence if newest else known.sequence,
        received=boots.received,
        earlier=boots.earlier,
        facts=facts,
        place=place,
        hearing=Heard.HEARD,
        since=_since(known, facts, place, newest),
        reading_at=reading_at,
    )
    visible = (
        facts != known.facts
        or known.hearing is not Heard.HEARD
        or (place is not None and place.differs(known.place))
    )
    return Outcome(results, after, newest, readings, moves, visible, frozenset(boots.changed))


class Boots:
    """Which sequences came, by boot: the current one, and those before it."""

    def __init__(self, known: Known) -> None:
        self.boot, self.received = known.boot, known.received
        self.earlier = dict(known.earlier)
        self.changed: set[int] = set()

    def result(self, boot: int, sequence: int) -> Result:
        """Whether this record is new; notes that it came."""
        if self.boot is None or boot > self.boot:
            self._start(boot)
        if boot == self.boot:
            self.received, fresh = note(self.received, sequence)
        else:
            self.earlier[boot], fresh = note(self.earlier.get(boot, []), sequence)
            self.changed.add(boot)
        return Result.STORED if fresh else Result.DUPLICATE

    def _start(self, boot: int) -> None:
        if self.boot is not None:
            self.earlier[self.boot] = self.received
            self.changed.add(self.boot)
        self.boot, self.received = boot, self.earlier.pop(boot, [])


def _worth_keeping(
    known: Known, fresh: Sequence[Arrival], here: tuple[int, int], policy: Policy
) -> tuple[list[Arrival], datetime | None]:
    """The reports that history keeps: every change, every late one, and one now and then."""
    kept, facts, reading_at = [], known.facts, known.reading_at
    for arrival in fresh:
        if arrival.order < here:
            kept.append(arrival)
            continue
        if (
            arrival.facts != facts
            or reading_at is None
            or arrival.at - reading_at >= policy.reading_every
        ):
            kept.append(arrival)
            reading_at = arrival.at
        facts = arrival.facts
    return kept, reading_at


def _settle(place: Place | None, claims: Sequence[Place]) -> tuple[Place | None, list[Place]]:
    """The latest claim, and the moves on the way to it."""
    moves = []
    for claim in sorted(claims, key=lambda one: one.at):
        if claim.beats(place):
            if claim.differs(place):
                moves.append(claim)
            place = claim
    return place, moves


def _since(
    known: Known, facts: Facts | None, place: Place | None, newest: Arrival | None
) -> datetime | None:
    """When the camera began what it is doing."""
    if newest is not None and _doing(facts) != _doing(known.facts):
        return newest.at
    if place is not None and place.differs(known.place):
        return place.at
    return known.since


def _doing(facts: Facts | None) -> tuple[object, ...]:
    return (facts.mode, facts.docked, facts.battery_state) if facts else ()


class Expectation(NamedTuple):
    """What to think of a device until it speaks: nothing, or something at a deadline."""

    hearing: Heard
    expected_by: datetime | None


def expectation(
    *, hearing: Heard, heard_at: datetime, docked: bool, radio: bool, policy: Policy
) -> Expectation:
    """When silence becomes the next worse thing. Away from a dock without a radio it is normal.

    ``heard`` turns ``late`` three reports after the last word and ``silent`` after five
    (docs/operations.md); from silent on nothing gets worse.
    """
    if not docked and not radio:
        return Expectation(Heard.HEARD if hearing is not Heard.NEVER else hearing, None)
    match hearing:
        case Heard.HEARD:
            return Expectation(hearing, heard_at + policy.late_after)
        case Heard.LATE:
            return Expectation(hearing, heard_at + policy.silent_after)
        case _:
            return Expectation(hearing, None)


def report_every(mode: str, policy: Policy) -> timedelta:
    """How often a camera in this mode should speak; a recording one never less than others."""
    if mode == Mode.RECORDING:
        return min(policy.report_every, policy.report_recording_every)
    return policy.report_every
