"""Planning shifts and filling them from rotations. Repeating either changes nothing.

What people changed by hand or brought by import stays as it is; what a rotation gave and no
longer gives goes, as long as its shift has not begun.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.timezone import get_default_timezone

from devices import feed, ledger
from devices.errors import Refused
from devices.inventory.models import Officer, Station
from devices.once import actions as once
from devices.roster import rules
from devices.roster.models import Duty, DutySource, Rotation, Shift, ShiftKind, TakenOff
from devices.roster.refusing import in_sentences
from devices.roster.rules import Slot, Span, Turn

AHEAD = timedelta(days=28)  # so that next week's gaps are seen in time to mend them
MOST_DAYS = 62  # of one request


@dataclass(frozen=True)
class Filling:
    """What filling did."""

    added: int = 0
    removed: int = 0

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)


@transaction.atomic
def plan_shifts(
    station: Station,
    first: date,
    last: date,
    *,
    by: Any,
    now: datetime,
    kinds: Iterable[ShiftKind] | None = None,
) -> int:
    """There is a shift of every kind (or of these) on each of these days; how many are new.

    One that exists stays as it is. What is over or is skipped by clocks is not planned. Refuses
    days more than a year away, and more than `MOST_DAYS` of them.
    """
    days = (last - first).days + 1
    if not 1 <= days <= MOST_DAYS:
        raise Refused(f"Plan from 1 to {MOST_DAYS} days at once.")
    for each in (first, last):
        if said := rules.too_far(each, _today(now)):
            raise Refused(said)
    every = ShiftKind.objects.all() if kinds is None else kinds
    made = _plan(station, _each_day(every, first, last), now)
    if made:
        facts: dict[str, Any] = {"from": first.isoformat(), "to": last.isoformat(), "shifts": made}
        ledger.record("shifts planned", station.code, by=by, now=now, **facts)
        feed.touch_all()
    return made


@transaction.atomic
def fill(station: Station, first: date, last: date, *, by: Any, now: datetime) -> Filling:
    """The shifts of these days that have not begun hold whom the rotations put on them.

    A shift that is under way is left as it is, unless nobody was ever put on it.
    """
    done = _fill(_to_fill(station, first, last, now))
    if done:
        facts: dict[str, Any] = {"from": first.isoformat(), "to": last.isoformat(), **asdict(done)}
        ledger.record("shifts filled", station.code, by=by, now=now, **facts)
        feed.touch_all()
    return done


def keep_filled(*, now: datetime) -> int:
    """Every station with rotations has its shifts of now and the weeks ahead, filled.

    Says how many changes that took. Answers that programs were given long ago are forgotten.
    """
    since, until = _ahead(now)
    changes = 0
    for station, kinds in _stations_with_rotations(now):
        with transaction.atomic():
            changes += plan_shifts(station, since, until, by=None, now=now, kinds=kinds)
            done = fill(station, since, until, by=None, now=now)
            changes += done.added + done.removed
    once.forget(now=now)
    return changes


@transaction.atomic
def fill_ahead(*, now: datetime) -> None:
    """The shifts are as `keep_filled` leaves them, and nobody is told: for who looks what that
    would be, and takes it back."""
    since, until = _ahead(now)
    for station, kinds in _stations_with_rotations(now):
        _plan(station, _each_day(kinds, since, until), now)
        _fill(_to_fill(station, since, until, now))


def _today(now: datetime) -> date:
    return now.astimezone(get_default_timezone()).date()


def _ahead(now: datetime) -> tuple[date, date]:
    """The days that are kept filled; a shift of last night may be under way."""
    today = _today(now)
    return today - timedelta(days=1), today + AHEAD


def _each_day(kinds: Iterable[ShiftKind], first: date, last: date) -> set[tuple[ShiftKind, date]]:
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return {(kind, on) for kind in kinds for on in days}


def _to_fill(station: Station, first: date, last: date, now: datetime) -> list[Shift]:
    """Shifts that have not begun, and those under way on which nobody was ever put."""
    days = Shift.objects.filter(station=station, on__gte=first, on__lte=last)
    untouched = Q(ends_at__gt=now, duties=None, taken_off=None)
    shifts = days.filter(Q(begins_at__gt=now) | untouched).distinct()
    return list(shifts.order_by("begins_at"))


def _stations_with_rotations(now: datetime) -> list[tuple[Station, list[ShiftKind]]]:
    today = _today(now)
    lasting = Rotation.objects.filter(Q(last_on=None) | Q(last_on__gte=today))
    pairs = set(lasting.filter(officer__active=True).values_list("officer__station", "kind"))
    stations = Station.objects.in_bulk({station for station, _ in pairs})
    kinds = ShiftKind.objects.in_bulk({kind for _, kind in pairs})
    by_station: dict[int, list[ShiftKind]] = defaultdict(list)
    for station, kind in sorted(pairs):
        by_station[station].append(kinds[kind])
    return [(stations[station], found) for station, found in by_station.items()]


def _plan(station: Station, wanted: Collection[tuple[ShiftKind, date]], now: datetime) -> int:
    days = {on for _, on in wanted}
    known = set(Shift.objects.filter(station=station, on__in=days).values_list("kind", "on"))
    fresh = [
        _shift(station, kind, on, span)
        for kind, on in sorted(wanted, key=lambda one: (one[1], one[0].begins))
        if (kind.pk, on) not in known
        and (span := rules.span_of(kind.hours, on, get_default_timezone())).lasts > timedelta(0)
        and span.ends_at > now
    ]
    # Another may plan the same at this moment: then it is planned, which is all that is wanted.
    Shift.objects.bulk_create(fresh, ignore_conflicts=True)
    return len(fresh)


def _shift(station: Station, kind: ShiftKind, on: date, span: Span) -> Shift:
    return Shift(
        station=station,
        kind=kind,
        on=on,
        begins_at=span.begins_at,
        ends_at=span.ends_at,
        reserve=kind.reserve,
    )


def _fill(shifts: list[Shift]) -> Filling:
    if not shifts:
        return Filling()
    rotations = _rotations(shifts)
    officers = {rotation.officer_id for rotation in rotations}
    by_shift = {shift.pk: shift for shift in shifts}
    officers |= set(_patterned(by_shift).values_list("officer", flat=True))
    # Whoever changes these officers' duties by hand waits, or has finished.
    list(Officer.objects.select_for_update(no_key=True).filter(pk__in=officers).order_by("pk"))
    present = {(duty.shift_id, duty.officer_id): duty for duty in _patterned(by_shift)}
    wanted = {
        (one.shift, one.officer): one
        for one in rules.given(
            [_turn(rotation) for rotation in rotations],
            [_slot(shift) for shift in shifts],
            left_off=set(
                TakenOff.objects.filter(shift__in=by_shift).values_list("shift", "officer")
            ),
            held=_held(officers, shifts, but=[duty.pk for duty in present.values()]),
        )
    }
    gone = [
        duty.pk
        for key, duty in present.items()
        if key not in wanted or (wanted[key].span, wanted[key].unit) != (duty.span, duty.unit)
    ]
    Duty.objects.filter(pk__in=gone).delete()
    kept = {key for key, duty in present.items() if duty.pk not in set(gone)}
    fresh = [
        Duty(
            shift_id=one.shift,
            officer_id=one.officer,
            unit=one.unit,
            begins_at=one.span.begins_at,
            ends_at=one.span.ends_at,
            source=DutySource.PATTERN,
        )
        for key, one in wanted.items()
        if key not in kept
    ]
    with in_sentences():
        Duty.objects.bulk_create(fresh, batch_size=1000)
    return Filling(added=len(fresh), removed=len(gone))


def _rotations(shifts: list[Shift]) -> list[Rotation]:
    first, last = min(shift.on for shift in shifts), max(shift.on for shift in shifts)
    return list(
        Rotation.objects.filter(
            Q(last_on=None) | Q(last_on__gte=first),
            first_on__lte=last,
            officer__active=True,
            officer__station__in={shift.station_id for shift in shifts},
        )
        .select_related("officer", "pattern")
        .order_by("officer__badge_number", "first_on")
    )


def _patterned(by_shift: Collection[int]) -> Any:
    return Duty.objects.filter(shift__in=by_shift, source=DutySource.PATTERN)


def _held(
    officers: Collection[int], shifts: list[Shift], *, but: list[int]
) -> dict[int, list[Span]]:
    """The times these officers have by other means."""
    first = min(shift.begins_at for shift in shifts)
    last = max(shift.ends_at for shift in shifts)
    duties = Duty.objects.filter(officer__in=officers, begins_at__lt=last, ends_at__gt=first)
    held: dict[int, list[Span]] = defaultdict(list)
    for duty in duties.exclude(pk__in=but):
        held[duty.officer_id].append(duty.span)
    return held


def _turn(rotation: Rotation) -> Turn:
    return Turn(
        officer=rotation.officer_id,
        kind=rotation.kind_id,
        station=rotation.officer.station_id,
        days=rotation.pattern.days,
        first_on=rotation.first_on,
        last_on=rotation.last_on,
        unit=rotation.unit or rotation.officer.unit,
    )


def _slot(shift: Shift) -> Slot:
    return Slot(shift.pk, shift.station_id, shift.kind_id, shift.on, shift.span)
