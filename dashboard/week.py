"""A station's week as the grid draws it: who is on when, how many, and what is not right."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.timezone import get_default_timezone

from devices.inventory.models import Officer, Station
from devices.roster import rules
from devices.roster.models import Duty, Shift, ShiftKind, TakenOff
from devices.roster.rules import Span

DAYS = 7
COLOURS = 6  # kinds of shifts that have a colour of their own; further ones take the first again
MOST_WORRIES = 20
PAUSE = timedelta(minutes=15)  # a shorter one between two duties is no rest


@dataclass(frozen=True)
class Piece:
    """One duty in a cell."""

    code: str
    word: str
    hours: str  # empty when they are the shift's
    colour: int


@dataclass(frozen=True)
class Cell:
    """An officer's day."""

    on: date
    label: str
    pieces: Sequence[Piece] = ()
    taken_off: bool = False


@dataclass(frozen=True)
class Row:
    badge: str
    left: bool
    cells: Sequence[Cell]


@dataclass(frozen=True)
class Group:
    unit: str
    rows: Sequence[Row]


@dataclass(frozen=True)
class Count:
    """How many a shift has and needs; ``barred`` are on it, have left or are suspended, and take
    no camera."""

    shift: Shift
    rostered: int
    barred: int
    unusual: str

    @property
    def need(self) -> int:
        return self.rostered + self.shift.reserve


@dataclass(frozen=True)
class KindRow:
    """A kind of shift through the week; None where it is not planned."""

    kind: ShiftKind
    colour: int
    counts: Sequence[Count | None]


@dataclass(frozen=True)
class Day:
    on: date
    clocks: str  # what clocks do on it; empty when nothing


@dataclass(frozen=True)
class Week:
    station: Station
    days: Sequence[Day]
    kinds: Sequence[KindRow]
    groups: Sequence[Group] = ()
    hidden: int = 0  # officers who are not on this week
    worries: Sequence[str] = field(default_factory=list)

    @property
    def first(self) -> date:
        return self.days[0].on

    @property
    def last(self) -> date:
        return self.days[-1].on

    @property
    def before(self) -> date:
        return self.first - timedelta(days=DAYS)

    @property
    def after(self) -> date:
        return self.first + timedelta(days=DAYS)

    @property
    def planned(self) -> int:
        return sum(count is not None for kind in self.kinds for count in kind.counts)

    @property
    def gaps(self) -> int:
        """Shifts of the week that are not planned."""
        return len(self.kinds) * DAYS - self.planned

    @property
    def sentence(self) -> str:
        """The week in words."""
        which = f"{self.station}, {rules.day(self.first)} to {rules.day(self.last)}"
        numbers = [c.rostered for kind in self.kinds for c in kind.counts if c is not None]
        if not self.kinds:
            return f"{which}: no shifts are defined yet."
        if not numbers:
            return f"{which}: nothing is planned yet."
        shifts = "1 shift" if len(numbers) == 1 else f"{len(numbers)} shifts"
        if min(numbers) == max(numbers):
            return f"{which}: {shifts}, {_people(numbers[0])} on each."
        link = "or" if max(numbers) == min(numbers) + 1 else "to"
        return f"{which}: {shifts}, {min(numbers)} {link} {_people(max(numbers))} on each."


def monday(on: date) -> date:
    return on - timedelta(days=on.weekday())


def of(station: Station, on: date, *, now: datetime, names: bool, everybody: bool = False) -> Week:
    """The week around this day. ``names``: whether rows of officers are drawn as well.

    Without ``everybody``, officers who are not on this week are counted and not drawn.
    """
    first = monday(on)
    zone = get_default_timezone()
    days = [
        Day(each, rules.clocks_change(each, zone) or "")
        for each in (first + timedelta(days=n) for n in range(DAYS))
    ]
    kinds = {kind.pk: kind for kind in ShiftKind.objects.all()}
    colours = {pk: n % COLOURS for n, pk in enumerate(kinds)}
    shifts = {shift.pk: shift for shift in _shifts(station, days)}
    for shift in shifts.values():
        shift.kind = kinds[shift.kind_id]
    duties = list(
        Duty.objects.filter(shift__in=shifts).select_related("officer").order_by("begins_at")
    )
    for duty in duties:
        duty.shift = shifts[duty.shift_id]
    week = Week(station, days, _kinds(kinds, colours, shifts, duties, days, now))
    if not names:
        return week
    groups, hidden = _groups(station, week, duties, colours, everybody=everybody)
    return Week(
        station,
        days,
        week.kinds,
        groups,
        hidden,
        [*_worries(station, shifts.values(), duties, now)][:MOST_WORRIES],
    )


def _shifts(station: Station, days: Sequence[Day]) -> Iterable[Shift]:
    return Shift.objects.filter(station=station, on__gte=days[0].on, on__lte=days[-1].on)


def _kinds(
    kinds: dict[int, ShiftKind],
    colours: dict[int, int],
    shifts: dict[int, Shift],
    duties: list[Duty],
    days: Sequence[Day],
    now: datetime,
) -> list[KindRow]:
    rostered, barred = Counter[int](), Counter[int]()
    for duty in duties:
        (barred if duty.barred(now) else rostered)[duty.shift_id] += 1
    zone = get_default_timezone()
    by_place = {
        (shift.kind_id, shift.on): Count(
            shift,
            rostered[shift.pk],
            barred[shift.pk],
            rules.unusual(shift.kind.name, shift.kind.hours, shift.on, zone) or "",
        )
        for shift in shifts.values()
    }
    return [
        KindRow(kind, colours[pk], [by_place.get((pk, day.on)) for day in days])
        for pk, kind in kinds.items()
    ]


def _groups(
    station: Station,
    week: Week,
    duties: list[Duty],
    colours: dict[int, int],
    *,
    everybody: bool,
) -> tuple[list[Group], int]:
    by_cell: dict[tuple[int, date], list[Duty]] = defaultdict(list)
    for duty in duties:
        by_cell[duty.officer_id, duty.shift.on].append(duty)
    off = set(
        TakenOff.objects.filter(
            shift__station=station, shift__on__gte=week.first, shift__on__lte=week.last
        ).values_list("officer", "shift__on")
    )
    on = {duty.officer for duty in duties}
    shown = {officer for officer, _ in off} | {officer.pk for officer in on}
    people = {officer.pk: officer for officer in on}
    here = Officer.objects.filter(station=station)
    people |= {officer.pk: officer for officer in here if officer.active or officer.pk in shown}
    drawn = [one for one in people.values() if everybody or one.pk in shown]
    drawn.sort(key=lambda one: (one.unit, len(one.badge_number), one.badge_number))
    groups: dict[str, list[Row]] = defaultdict(list)
    for officer in drawn:
        cells = [
            _cell(
                officer, day.on, by_cell[officer.pk, day.on], colours, (officer.pk, day.on) in off
            )
            for day in week.days
        ]
        groups[officer.unit].append(Row(officer.badge_number, not officer.active, cells))
    return [Group(unit or "No unit", rows) for unit, rows in groups.items()], len(people) - len(
        drawn
    )


def _cell(
    officer: Officer, on: date, duties: list[Duty], colours: dict[int, int], taken_off: bool
) -> Cell:
    pieces = [
        Piece(
            duty.shift.kind.code,
            duty.shift.kind.name,
            "" if duty.span == duty.shift.span else hours(duty.span),
            colours[duty.shift.kind_id],
        )
        for duty in duties
    ]
    said = ", ".join(f"{one.word} {one.hours}".strip() for one in pieces)
    said = said or ("off, taken off by hand" if taken_off else "off")
    return Cell(on, f"{officer.badge_number}, {rules.day(on)}: {said}", pieces, taken_off)


def _worries(
    station: Station, shifts: Iterable[Shift], duties: list[Duty], now: datetime
) -> Iterable[str]:
    """What is on the roster and should not be, or is missing, as far as it is still to come."""
    coming = [duty for duty in duties if duty.ends_at > now]
    for duty in coming:
        if why := duty.barred(now):
            yield f"{duty.officer} {why}, and is on {duty.shift}."
        elif duty.officer.station_id != station.pk:
            yield f"{duty.officer} belongs to another station by now, and is on {duty.shift}."
    for officer, span in _long(coming):
        yield (
            f"{officer} is on for {rules.spoken(span.lasts)} without a rest, from"
            f" {rules.day(_local(span.begins_at).date())} {_local(span.begins_at):%H:%M}."
        )
    manned = {duty.shift_id for duty in duties}
    for shift in sorted(shifts, key=lambda shift: shift.begins_at):
        if shift.ends_at > now and shift.pk not in manned:
            yield f"Nobody is on {shift}."


def _long(duties: list[Duty]) -> Iterable[tuple[Officer, Span]]:
    """Officers who are on longer than a double shift."""
    runs: dict[Any, Span] = {}
    for duty in duties:
        run = runs.get(duty.officer)
        if run is not None and duty.begins_at - run.ends_at < PAUSE:
            runs[duty.officer] = Span(run.begins_at, duty.ends_at)
        else:
            if run is not None and run.lasts > rules.LONGEST_SHIFT:
                yield duty.officer, run
            runs[duty.officer] = duty.span
    for officer, run in runs.items():
        if run.lasts > rules.LONGEST_SHIFT:
            yield officer, run


def hours(span: Span) -> str:
    """07:00 to 17:00, by the department's clocks."""
    return f"{_local(span.begins_at):%H:%M} to {_local(span.ends_at):%H:%M}"


def _local(at: datetime) -> datetime:
    return at.astimezone(get_default_timezone())


def _people(number: int) -> str:
    return "1 officer" if number == 1 else f"{number} officers"
