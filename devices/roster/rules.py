"""When a shift is, who is on by turns, and what cannot be. Pure.

A shift is written in times of day and worked in instants; the two differ on the days on which
clocks change, and only there.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise
from typing import Any

LONGEST_SHIFT = timedelta(hours=16)  # two shifts of eight hours in a row: field.md's double
LONGEST_EXTENDED = timedelta(hours=24)  # by hand, in an emergency; longer is a typing error
SHORTEST = timedelta(minutes=15)
LONGEST_CYCLE = 60  # days of one turn of a pattern
FARTHEST = timedelta(days=366)  # ahead or back; a date beyond it is a typing error

_PATTERN = re.compile(r"[0-9]{1,2}(-[0-9]{1,2})+", re.ASCII)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Hours:
    """The times of day of a kind of shift. One that ends at or before it begins ends next day."""

    begins: time
    ends: time

    @property
    def written(self) -> timedelta:
        """How long it is on a day like any other."""
        begins, ends = (datetime.combine(date.min, each) for each in (self.begins, self.ends))
        return ends - begins if ends > begins else ends - begins + timedelta(days=1)

    def __str__(self) -> str:
        return f"{self.begins:%H:%M} to {self.ends:%H:%M}"


@dataclass(frozen=True)
class Span:
    """From one instant to another."""

    begins_at: datetime
    ends_at: datetime

    @property
    def lasts(self) -> timedelta:
        return self.ends_at - self.begins_at

    def overlaps(self, other: "Span") -> bool:
        """Whether some moment lies in both; one that begins as the other ends does not."""
        return self.begins_at < other.ends_at and other.begins_at < self.ends_at


def meet(spans: Collection[Span]) -> bool:
    """Whether two of these overlap."""
    in_order = sorted(spans, key=lambda one: (one.begins_at, one.ends_at))
    return any(one.overlaps(after) for one, after in pairwise(in_order))


# --- Instants ----------------------------------------------------------------------------


def instant(on: date, at: time, zone: tzinfo) -> datetime:
    """When the department's clocks show ``at`` on this day: the first time, if they do so twice.

    A time that clocks skip is the first instant after the gap.
    """
    shown = datetime.combine(on, at, tzinfo=zone)
    first = shown.astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == shown.replace(tzinfo=None):
        return first
    return _after_the_gap(shown.replace(fold=1).astimezone(UTC), first, zone)


def skipped(on: date, at: time, zone: tzinfo) -> str | None:
    """A sentence about a time that clocks never show on this day."""
    if instant(on, at, zone).astimezone(zone).replace(tzinfo=None) == datetime.combine(on, at):
        return None
    return f"Clocks skip {at:%H:%M} on {day(on)}: they go forward then."


def shown_twice(on: date, at: time, zone: tzinfo) -> str | None:
    """A sentence about a time that clocks show twice on this day, and which of them is meant."""
    shown = datetime.combine(on, at, tzinfo=zone)
    if skipped(on, at, zone) or shown.utcoffset() == shown.replace(fold=1).utcoffset():
        return None
    return f"Clocks show {at:%H:%M} twice on {day(on)}: the first is meant."


def _after_the_gap(before: datetime, after: datetime, zone: tzinfo) -> datetime:
    """The instant between the two at which clocks jump."""
    offset = after.astimezone(zone).utcoffset()
    while after - before > _SECOND:
        middle = before + (after - before) // 2
        if middle.astimezone(zone).utcoffset() == offset:
            after = middle
        else:
            before = middle
    return after.replace(microsecond=0)


def span_of(hours: Hours, on: date, zone: tzinfo) -> Span:
    """The two instants of a shift that begins on this day."""
    ends_on = on if hours.ends > hours.begins else on + timedelta(days=1)
    return Span(instant(on, hours.begins, zone), instant(ends_on, hours.ends, zone))


def unusual(name: str, hours: Hours, on: date, zone: tzinfo) -> str | None:
    """A sentence about a shift that is longer or shorter than written, because clocks change."""
    lasts = span_of(hours, on, zone).lasts
    if lasts == hours.written:
        return None
    if lasts <= timedelta(0):
        return f"{name} does not take place on {day(on)}: clocks skip it."
    way = "forward" if lasts < hours.written else "back"
    return (
        f"{name} of {day(on)} lasts {spoken(lasts)}, not {spoken(hours.written)}: clocks go {way}."
    )


def clocks_change(on: date, zone: tzinfo) -> str | None:
    """Clocks go back at 02:00: said of a day on which they do."""
    begins, ends = instant(on, time(), zone), instant(on + timedelta(days=1), time(), zone)
    before, after = (each.astimezone(zone).utcoffset() for each in (begins, ends))
    assert before is not None
    assert after is not None
    if before == after:
        return None
    at = _after_the_gap(begins, ends, zone).astimezone(UTC) + before
    return f"Clocks go {'forward' if after > before else 'back'} at {at:%H:%M}"


# --- Patterns ----------------------------------------------------------------------------


def pattern_days(written: str) -> list[int] | None:
    """Days on and off in turn, from 5-2-4-2; None unless it is written so."""
    if not _PATTERN.fullmatch(written):
        return None
    days = [int(each) for each in written.split("-")]
    fits = len(days) % 2 == 0 and min(days) > 0 and sum(days) <= LONGEST_CYCLE
    return days if fits else None


def works(days: Sequence[int], first_on: date, on: date) -> bool:
    """Whether a pattern that has its first day on ``first_on`` has a day on at ``on``."""
    left = (on - first_on).days % sum(days)
    for turn, length in enumerate(days):
        if left < length:
            return turn % 2 == 0
        left -= length
    raise AssertionError("a remainder is smaller than the whole")


@dataclass(frozen=True)
class Turn:
    """An officer's standing place: this kind of shift, in this pattern, from first to last day."""

    officer: int
    kind: int
    station: int
    days: Sequence[int]
    first_on: date
    last_on: date | None
    unit: str = ""

    def gives(self, on: date) -> bool:
        """Whether the officer is on, on this day."""
        begun = self.first_on <= on and (self.last_on is None or on <= self.last_on)
        return begun and works(self.days, self.first_on, on)


@dataclass(frozen=True)
class Slot:
    """A planned shift, as filling sees it."""

    shift: int
    station: int
    kind: int
    on: date
    span: Span


@dataclass(frozen=True)
class Filled:
    """One duty that a rotation gives."""

    shift: int
    officer: int
    unit: str
    span: Span


def given(
    turns: Iterable[Turn],
    slots: Iterable[Slot],
    *,
    left_off: Collection[tuple[int, int]] = (),
    held: Mapping[int, Sequence[Span]] | None = None,
) -> list[Filled]:
    """The duties that rotations give, in order of time; nobody is on two at once.

    ``left_off`` holds (shift, officer) taken off by hand, ``held`` the times an officer already
    has by other means: both are kept, whatever a rotation says.
    """
    by_place: dict[tuple[int, int], list[Turn]] = {}
    for turn in turns:
        by_place.setdefault((turn.station, turn.kind), []).append(turn)
    busy = {officer: list(spans) for officer, spans in (held or {}).items()}
    found: list[Filled] = []
    for slot in sorted(slots, key=lambda slot: (slot.span.begins_at, slot.shift)):
        for turn in by_place.get((slot.station, slot.kind), ()):
            spans = busy.setdefault(turn.officer, [])
            free = not any(slot.span.overlaps(span) for span in spans)
            if free and turn.gives(slot.on) and (slot.shift, turn.officer) not in left_off:
                spans.append(slot.span)
                found.append(Filled(slot.shift, turn.officer, turn.unit, slot.span))
    return found


# --- What cannot be ------------------------------------------------------------------------


@dataclass(frozen=True)
class Wanted:
    """A duty somebody asks for, with what is known of its officer."""

    badge: str
    station: Any
    officers_station: Any
    active: bool
    span: Span
    shift: Span
    says: str  # Evening of Tue 24 Nov


@dataclass(frozen=True)
class Held:
    """Another duty of the same officer."""

    span: Span
    says: str


def wrong_hours(name: str, hours: Hours) -> str | None:
    """Why no kind of shift can have these times of day."""
    if hours.begins == hours.ends:
        return f"{name} ends at {hours.ends:%H:%M}, when it begins; it would have no end."
    if hours.written > LONGEST_SHIFT:
        return (
            f"{name} would last {spoken(hours.written)}; a shift lasts at most"
            f" {spoken(LONGEST_SHIFT)}."
        )
    if hours.written < SHORTEST:
        return f"{name} would last {spoken(hours.written)}; the shortest is {spoken(SHORTEST)}."
    return None


def wrong_span(wanted: Wanted, *, extended: bool = False) -> str | None:
    """Why a duty cannot have these two instants."""
    span, longest = wanted.span, LONGEST_EXTENDED if extended else LONGEST_SHIFT
    if span.lasts <= timedelta(0):
        return f"{wanted.badge} would end {wanted.says} before it begins."
    if span.lasts < SHORTEST:
        return f"{wanted.badge} would be on {wanted.says} for {spoken(span.lasts)} only."
    if not span.overlaps(wanted.shift):
        return f"{wanted.badge} would not be there during {wanted.says}."
    if span.lasts > longest:
        how = "" if extended else "; longer is an extension, made by hand"
        return (
            f"{wanted.badge} would be on {wanted.says} for {spoken(span.lasts)}; at most"
            f" {spoken(longest)}{how}."
        )
    return None


def why_not(wanted: Wanted, held: Iterable[Held], *, extended: bool = False) -> list[str]:
    """Every reason why this officer cannot have this duty; ``held`` are the officer's others."""
    reasons = []
    if not wanted.active:
        reasons.append(f"{wanted.badge} has left; the roster takes officers who are here.")
    if wanted.station != wanted.officers_station:
        reasons.append(f"{wanted.badge} belongs to another station.")
    if said := wrong_span(wanted, extended=extended):
        reasons.append(said)
    reasons += [
        clash(wanted.badge, wanted.says, wanted.span, other)
        for other in held
        if wanted.span.overlaps(other.span)
    ]
    return reasons


def clash(badge: str, says: str, span: Span, other: Held) -> str:
    """That nobody is on two duties at once, with the name of both."""
    shared = min(span.ends_at, other.span.ends_at) - max(span.begins_at, other.span.begins_at)
    return f"{badge} would be on {says} and on {other.says} at once, for {spoken(shared)}."


def too_far(on: date, today: date) -> str | None:
    """Why this day is no day to plan."""
    if abs(on - today) <= FARTHEST:
        return None
    return f"{day(on)} {on.year} is more than a year from today; is the year right?"


# --- Words ---------------------------------------------------------------------------------


def spoken(lasts: timedelta) -> str:
    """A length of time as people say it: 8 h, 7 h 45 min."""
    hours, minutes = divmod(round(abs(lasts).total_seconds() / 60), 60)
    said = [f"{hours} h"] * bool(hours) + [f"{minutes} min"] * bool(minutes or not hours)
    return " ".join(said)


def day(on: date) -> str:
    """Tue 24 Nov."""
    return f"{on:%a} {on.day} {on:%b}"
