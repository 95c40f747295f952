"""What a batch of records makes of what was known. Pure, and the same whatever came first.

A camera's present is the report with the greatest (boot, sequence). Its place is what that
report says, or what a dock last saw of it, whichever is later. All of them are maxima over a
set, so order, repetition and delay of delivery cannot change where they end. Only what is told
of the way there can differ: which readings and moves history keeps, and since when.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from devices.policy import Policy
from devices.wire import Mode, Report, Result

MOST_RANGES = 1000  # of one boot; past it the oldest gap counts as come, so a row stays small
FUTURE_ALLOWED = timedelta(seconds=2)  # two clocks read one after the other
LONGEST_ON_THE_WAY = timedelta(minutes=1)  # a line on which nothing is answered is given up sooner
LOCATE_WITHIN = timedelta(minutes=5)  # five reports: whoever asked has gone away by then
LOCATE_EVERY = timedelta(seconds=30)  # so long it blinks and beeps
MOST_DRIFT = 1e-4  # of a plain quartz, at any temperature, with room to spare


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
    device_time: datetime, offset_s: float | None, sent_at: datetime, sent: datetime, policy: Policy
) -> Moment:
    """Place a record on our own clock by its age on its sender's clock.

    ``sent_at`` is the sender's clock at the sending and ``sent`` ours. Only the difference of
    two readings of one clock counts, so a clock that is wrong by years still gives the right
    age. An age that cannot be is replaced by the time of the sending.
    """
    age = sent_at - device_time
    if offset_s:
        age += timedelta(seconds=offset_s)
    credible = -FUTURE_ALLOWED <= age <= policy.oldest_record
    at = sent - max(age, timedelta()) if credible else sent
    return Moment(at, clock_wrong(device_time - at, policy))


def clock_wrong(ahead: timedelta, policy: Policy) -> bool:
    """Whether a clock that is so far ahead of ours (or behind, below zero) is wrong."""
    return abs(ahead) > policy.clock_tolerance


def clock_limit(policy: Policy) -> str:
    """How right a clock has to be, as people say it."""
    return f"within {policy.clock_tolerance // timedelta(minutes=1)} min"


def off_by(ahead: timedelta) -> str:
    """How far a clock is off, as people say it: 3 min ahead (counted up), 8 days behind."""
    which = "behind" if ahead < timedelta() else "ahead"
    for unit, name in ((timedelta(days=1), "days"), (timedelta(hours=1), "h")):
        if abs(ahead) >= 2 * unit:
            return f"{abs(ahead) // unit} {name} {which}"
    return f"{-(-abs(ahead) // timedelta(minutes=1))} min {which}"


def clock_behind(known: timedelta | None, shown: timedelta, idle: timedelta) -> timedelta:
    """How far a dock's clock is behind ours, now that one more message shows so much.

    A message shows its own time on the way as well, so the least that was shown is nearest; in
    the ``idle`` time since the last one the clock may have drifted. Were each message taken by
    itself, what came quickly would seem to have happened before what had to wait, and a camera
    taken out of its dock would stay in it. Shown more by a minute, the clock has been set.
    """
    if known is None:
        return shown
    drifted = known + idle * MOST_DRIFT
    return shown if shown - drifted > LONGEST_ON_THE_WAY else min(shown, drifted)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a camera was at a moment: in a bay, on some contact (bay unknown), or away.

    ``count`` is the (boot, sequence) of the dock's event, where a dock saw it; ``dock_id`` is
    the dock that said so, None the camera itself.
    """

    at: datetime
    docked: bool
    bay_id: int | None
    dock_id: int | None = field(default=None, compare=False)
    count: tuple[int, int] = (0, 0)

    def beats(self, other: "Place | None") -> bool:
        """Of two things docks saw the later wins; at one instant, the one counted later."""
        return other is None or self.rank > other.rank

    def differs(self, other: "Place | None") -> bool:
        """Whether the hardware moved between the two."""
        return other is None or (self.docked, self.bay_id) != (other.docked, other.bay_id)

    @property
    def rank(self) -> tuple[datetime, tuple[int, int], bool, int]:
        return (self.at, self.count, self.docked, self.bay_id or 0)


class Facts(NamedTuple):
    """What of a report is shown or kept when it changes."""

    mode: str
    battery_percent: int
    battery_state: str
    offload: str
    clips_waiting: int
    firmware_version: str
    clock_wrong: bool
    faults: tuple[str, ...]


class Known(NamedTuple):
    """What is known of a camera before a batch. None of it when it never spoke.

    ``seen`` is what a dock last saw of it, ``since`` when it began what it is doing as far as
    came to be known, ``moved_at`` when it came to its place or left its bay, ``reading_at`` the
    last reading that history kept.
    """

    boot: int | None = None
    sequence: int | None = None
    received: list[int] = []
    earlier: Mapping[int, list[int]] = {}
    facts: Facts | None = None
    place: Place | None = None
    seen: Place | None = None
    hearing: Heard = Heard.NEVER
    since: datetime | None = None
    reading_at: datetime | None = None
    moved_at: datetime | None = None


class Arrival(NamedTuple):
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
            said.battery_percent,
            said.battery_state,
            said.offload,
            said.clips_waiting,
            said.firmware_version,
            self.clock_wrong,
            said.faults,
        )


class Outcome(NamedTuple):
    """What a batch made of one camera. ``newest`` is None when the present did not change."""

    results: list[Result]
    known: Known
    newest: Arrival | None
    readings: list[Arrival]
    moves: list[Place]
    visible: bool
    changed_boots: frozenset[int]


def fold(
    known: Known, arrivals: Sequence[Arrival], claims: Sequence[Place], policy: Policy
) -> Outcome:
    """Add reports, and what docks saw (``claims``), to what is known of one camera."""
    boots = Boots(known)
    results = [boots.result(*arrival.order) for arrival in arrivals]
    fresh = [one for one, result in zip(arrivals, results, strict=True) if result is Result.STORED]
    way = _Way(known, policy)
    way.go(fresh, claims)
    after = Known(
        boot=boots.boot,
        sequence=way.newest.report.sequence if way.newest else known.sequence,
        received=boots.received,
        earlier=boots.earlier,
        facts=way.facts,
        place=way.place,
        seen=way.seen,
        hearing=Heard.HEARD,
        since=way.since,
        reading_at=way.reading_at,
        moved_at=way.moved_at,
    )
    visible = (
        way.facts != known.facts
        or known.hearing is not Heard.HEARD
        or (way.place is not None and way.place.differs(known.place))
    )
    changed = frozenset(boots.changed)
    return Outcome(results, after, way.newest, way.readings, way.moves, visible, changed)


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


class _Way:
    """The records of one camera taken one by one, and what history keeps of the way."""

    def __init__(self, known: Known, policy: Policy) -> None:
        self.here = (-1, -1) if known.boot is None else (known.boot, known.sequence or 0)
        self.facts, self.place, self.seen = known.facts, known.place, known.seen
        self.since, self.reading_at, self.moved_at = known.since, known.reading_at, known.moved_at
        self.newest: Arrival | None = None
        self.readings: list[Arrival] = []
        self.moves: list[Place] = []
        self._reading_every = policy.reading_every

    def go(self, fresh: Sequence[Arrival], claims: Sequence[Place]) -> None:
        """Take all of them as they happened; at one instant, what a dock saw comes last."""
        records: list[Arrival | Place] = [*fresh, *claims]
        for one in sorted(records, key=_happened):
            if isinstance(one, Arrival):
                self._report(one)
            else:
                self._sighting(one)

    def _report(self, arrival: Arrival) -> None:
        """History keeps every late report, every change, and one now and then."""
        if arrival.order < self.here:
            self.readings.append(arrival)
            return
        facts, at, docked = arrival.facts, arrival.at, arrival.report.docked
        if (
            facts != self.facts
            or self.reading_at is None
            or at - self.reading_at >= self._reading_every
            or (self.place is not None and self.place.docked is not docked)
        ):
            self.readings.append(arrival)
            self.reading_at = at
        if _doing(facts) != _doing(self.facts):
            self._began(at)
        self.here, self.newest, self.facts = arrival.order, arrival, facts
        self._move(arrival.place if self.seen is None or at > self.seen.at else self.seen)

    def _sighting(self, claim: Place) -> None:
        """A dock saw it; history keeps that also when the present is past it.

        The dock it left may be heard after its own first word from the street.
        """
        now = claim.beats(self.seen)
        if now:
            self.seen = claim
        if now and (self.place is None or claim.at >= self.place.at):
            self._move(claim)
        else:
            self.moves.append(claim)
            if now and self.place is not None:
                self._was(claim, self.place)

    def _move(self, place: Place) -> None:
        if place.differs(self.place):
            self.moves.append(place)
            self.moved_at = place.at
            self._began(place.at)
        self._has_been_there(place.at)
        self.place = place

    def _was(self, claim: Place, place: Place) -> None:
        """A dock saw it before its last word from ``place``; if elsewhere, it came there since."""
        if not claim.differs(place):
            self._has_been_there(claim.at)
        elif self.moved_at is not None and self.moved_at <= claim.at:
            self.moved_at = place.at

    def _has_been_there(self, at: datetime) -> None:
        self.moved_at = at if self.moved_at is None else min(self.moved_at, at)

    def _began(self, at: datetime) -> None:
        self.since = at if self.since is None else max(self.since, at)


def _happened(one: Arrival | Place) -> tuple[datetime, bool, tuple[int, int]]:
    if isinstance(one, Arrival):
        return (one.at, False, one.order)
    return (one.at, True, one.count)


def _doing(facts: Facts | None) -> tuple[str, ...]:
    return (facts.mode, facts.battery_state) if facts else ()


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
