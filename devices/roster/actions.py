"""Setting the roster by hand: kinds of shifts, who is on, until when, and taking it back.

Whoever changes an officer's duties takes turns by the officer's row; what two people do at the
same moment to different rows is left to the constraints.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.timezone import get_default_timezone

from devices import feed, ledger
from devices.errors import Refused
from devices.inventory.models import Camera, Officer
from devices.roster import rules
from devices.roster.models import Duty, DutySource, Shift, ShiftKind, StandIn, TakenOff
from devices.roster.refusing import in_sentences
from devices.roster.rules import Held, Hours, Span, Wanted

MOST_RESERVE = 99
LONGEST_CODE, LONGEST_NAME, LONGEST_UNIT = 20, 60, 60


# --- Kinds of shifts -----------------------------------------------------------------------


@dataclass(frozen=True)
class Definition:
    """A kind of shift as somebody wants it to be."""

    code: str
    name: str
    hours: Hours
    reserve: int

    @property
    def told(self) -> dict[str, Any]:
        return {"name": self.name, "hours": str(self.hours), "reserve": self.reserve}

    def is_so(self, kind: ShiftKind) -> bool:
        asked = (self.hours, self.name, self.reserve)
        return asked == (kind.hours, kind.name, kind.reserve)


def define_kind(
    code: str, *, name: str, hours: Hours, reserve: int, by: Any, now: datetime
) -> ShiftKind:
    """There is a shift of this code with these times and this reserve: `define_kinds` of one."""
    (kind,) = define_kinds([Definition(code, name, hours, reserve)], by=by, now=now)
    return kind


@transaction.atomic
def define_kinds(wanted: Iterable[Definition], *, by: Any, now: datetime) -> list[ShiftKind]:
    """There are shifts of these codes with these times of day and these reserves.

    Shifts of the kinds that have not begun, and duties as long as those shifts, follow them, all
    at once: only where they end up counts. Refuses times that make no shift, and what would put
    somebody on two at once.
    """
    asked = sorted(map(_definable, wanted), key=lambda one: one.code)
    found = [_kind_of(one) for one in asked]
    changed = [
        (kind, one)
        for (kind, new), one in zip(found, asked, strict=True)
        if not new and not one.is_so(kind)
    ]
    _follow(changed, now)
    for kind, one in changed:
        kind.name, kind.reserve = one.name, one.reserve
        kind.begins, kind.ends = one.hours.begins, one.hours.ends
        kind.save()
    news = [one for (_, new), one in zip(found, asked, strict=True) if new]
    for one in (*news, *(one for _, one in changed)):
        ledger.record("shift defined", one.code, by=by, now=now, **one.told)
    if news or changed:
        feed.touch_all()
    return [kind for kind, _ in found]


def _definable(one: Definition) -> Definition:
    code, name = one.code.strip().upper()[:LONGEST_CODE], one.name.strip()[:LONGEST_NAME]
    if not code or not name:
        raise Refused("A shift has a code and a name.")
    if said := rules.wrong_hours(name, one.hours):
        raise Refused(said)
    _check_reserve(one.reserve)
    return Definition(code, name, one.hours, one.reserve)


def _kind_of(one: Definition) -> tuple[ShiftKind, bool]:
    """The kind of this code, and whether it is new."""
    told = {"begins": one.hours.begins, "ends": one.hours.ends, "reserve": one.reserve}
    with in_sentences():
        return ShiftKind.objects.select_for_update().get_or_create(
            code=one.code, defaults={"name": one.name, **told}
        )


@dataclass(frozen=True)
class Moves:
    """How much of what has not begun other times for a kind of shift would move, and how many
    officers would be on two shifts at once by them."""

    shifts: int = 0
    duties: int = 0
    twice: int = 0

    def __bool__(self) -> bool:
        return bool(self.shifts)

    @property
    def sentence(self) -> str:
        """Without its end: 21 shifts and 1 duty that have not begun would move."""
        shifts = "1 shift" if self.shifts == 1 else f"{self.shifts} shifts"
        duties = "1 duty" if self.duties == 1 else f"{self.duties} duties"
        return f"{shifts} and {duties} that have not begun would move"


def moves(code: str, hours: Hours, *, now: datetime) -> Moves:
    """What `define_kind` would move with these times. Nothing is changed.

    Refuses what that would, but for officers on two shifts at once: those are counted.
    """
    code = code.strip().upper()[:LONGEST_CODE]
    found, twice = moves_of({code: hours}, now=now)
    return replace(found[code], twice=twice)


def moves_of(wanted: Mapping[str, Hours], *, now: datetime) -> tuple[dict[str, Moves], int]:
    """What `define_kinds` would move with these times, by code; and how many officers would be on
    two shifts at once when all have moved. Nothing is changed."""
    kinds = ShiftKind.objects.in_bulk(wanted, field_name="code")
    found = dict.fromkeys(wanted, Moves())
    following, spans = list[Duty](), defaultdict[int, list[Span]](list)
    for code, kind in kinds.items():
        if kind.hours == wanted[code]:
            continue
        coming = list(kind.shifts.filter(begins_at__gt=now))
        after = _moved(kind, coming, wanted[code])
        theirs = _following(coming, Duty.objects.all())
        found[code] = Moves(len(coming), len(theirs))
        following += theirs
        for duty in theirs:
            spans[duty.officer_id].append(after[duty.shift_id])
    others = Duty.objects.filter(officer__in=[*spans], ends_at__gt=now)
    for duty in others.exclude(pk__in=[one.pk for one in following]):
        spans[duty.officer_id].append(duty.span)
    return found, sum(map(rules.meet, spans.values()))


def _moved(kind: ShiftKind, coming: Collection[Shift], hours: Hours) -> dict[int, Span]:
    """When each of these shifts would be."""
    found = {}
    for shift in coming:
        span = rules.span_of(hours, shift.on, get_default_timezone())
        if span.lasts <= timedelta(0):
            raise Refused(f"{kind} would not take place on {rules.day(shift.on)}: clocks skip it.")
        found[shift.pk] = span
    return found


def _following(coming: Collection[Shift], duties: Any) -> list[Duty]:
    """Of these duties, those that are as long as their shift: they go with it."""
    before = {shift.pk: shift.span for shift in coming}
    return [duty for duty in duties.filter(shift__in=before) if duty.span == before[duty.shift_id]]


def _follow(changed: Collection[tuple[ShiftKind, Definition]], now: datetime) -> None:
    """Shifts to come take the new times and, where nobody set another, the new reserve."""
    moved: list[Duty] = []
    for kind, asked in changed:
        coming = list(kind.shifts.select_for_update().filter(begins_at__gt=now))
        after = _moved(kind, coming, asked.hours)
        as_long = _following(coming, Duty.objects.select_for_update())
        for shift in coming:
            shift.begins_at, shift.ends_at = after[shift.pk].begins_at, after[shift.pk].ends_at
            if shift.reserve == kind.reserve:
                shift.reserve = asked.reserve
        Shift.objects.bulk_update(coming, ["begins_at", "ends_at", "reserve"], batch_size=500)
        for duty in as_long:
            span = after[duty.shift_id]
            duty.begins_at, duty.ends_at = span.begins_at, span.ends_at
        moved += as_long
    # Taken away and put back, because row after row would meet those that have yet to move.
    Duty.objects.filter(pk__in=[duty.pk for duty in moved]).delete()
    with in_sentences():
        Duty.objects.bulk_create(moved, batch_size=1000)


# --- Who is on ---------------------------------------------------------------------------------


@transaction.atomic
def put_on(
    officer: Officer,
    shift: Shift,
    *,
    by: Any,
    now: datetime,
    span: Span | None = None,
    unit: str | None = None,
) -> Duty:
    """The officer is on this shift, from its begin to its end or for the span given.

    Refuses, with every reason, an officer who is elsewhere at the time, has left, or belongs to
    another station; a shift that is over; and absurd hours.
    """
    officer = _taking_turns(officer)
    _check_open(shift, now)
    if Duty.objects.filter(shift=shift, officer=officer).exists():
        raise Refused(f"{officer} is on {shift} already.")
    span = span or shift.span
    _check(officer, shift, span, _others(officer, span))
    with in_sentences():
        duty = Duty.objects.create(
            shift=shift,
            officer=officer,
            unit=(officer.unit if unit is None else unit)[:LONGEST_UNIT],
            begins_at=span.begins_at,
            ends_at=span.ends_at,
            source=DutySource.BY_HAND,
        )
    TakenOff.objects.filter(shift=shift, officer=officer).delete()
    _tell("put on", duty, by=by, now=now, **_times(span))
    return duty


@transaction.atomic
def take_off(duty: Duty, *, by: Any, now: datetime) -> None:
    """The officer is not on this shift, whatever a rotation says; a spare promised for it is free.

    Refuses a duty that is over.
    """
    officer = _taking_turns(duty.officer)
    _check_open(duty.shift, now)
    if not Duty.objects.filter(pk=duty.pk).delete()[0]:
        raise Refused(f"{officer} is not on {duty.shift} any more.")
    _keep_off([duty], now)
    _tell("taken off", duty, by=by, now=now)


@transaction.atomic
def take_all_off(duties: Collection[Duty], *, now: datetime) -> None:
    """These officers are not on these shifts, whatever a rotation says. Whoever calls this has
    their rows, knows that no shift is over, and tells who did it."""
    Duty.objects.filter(pk__in=[duty.pk for duty in duties]).delete()
    _keep_off(duties, now)


@transaction.atomic
def set_hours(duty: Duty, span: Span, *, by: Any, now: datetime) -> None:
    """The duty begins and ends at these instants: extended, shortened, or begun earlier.

    Refuses what would meet another duty of the officer, and absurd hours.
    """
    officer = _taking_turns(duty.officer)
    _check_open(duty.shift, now, ends_at=max(duty.ends_at, duty.shift.ends_at))
    _check(officer, duty.shift, span, _others(officer, span, but=duty))
    with in_sentences():
        changed = Duty.objects.filter(pk=duty.pk).update(
            begins_at=span.begins_at, ends_at=span.ends_at, source=DutySource.BY_HAND
        )
    if not changed:
        raise Refused(f"{officer} is not on {duty.shift} any more.")
    before = _times(duty.span)
    duty.refresh_from_db(fields=["begins_at", "ends_at", "source"])
    _tell("duty changed", duty, by=by, now=now, before=before, **_times(span))


@transaction.atomic
def move(duty: Duty, to: Shift, *, by: Any, now: datetime) -> Duty:
    """The officer is on the other shift instead. Refuses what taking off or putting on would."""
    take_off(duty, by=by, now=now)
    return put_on(duty.officer, to, by=by, now=now, unit=duty.unit)


@transaction.atomic
def set_reserve(shift: Shift, reserve: int, *, by: Any, now: datetime) -> None:
    """The shift needs this many spares beside its people."""
    _check_reserve(reserve)
    _check_open(shift, now)
    before = shift.reserve
    Shift.objects.filter(pk=shift.pk).update(reserve=reserve)
    shift.reserve = reserve
    ledger.record("reserve set", shift, by=by, now=now, before=before, after=reserve)
    feed.touch_all()


# --- Taking back -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stand:
    """How an officer stands on one shift, in plain values: a session can keep it."""

    shift: int
    officer: int
    taken_off: bool = False
    begins_at: str | None = None  # None: not on it
    ends_at: str | None = None
    unit: str = ""
    source: str = ""


def stands(officer_id: int, shift_ids: Collection[int]) -> list[Stand]:
    """How the officer stands on these shifts now."""
    duties = {duty.shift_id: duty for duty in _duties(officer_id, shift_ids)}
    off = set(
        TakenOff.objects.filter(officer=officer_id, shift__in=shift_ids).values_list(
            "shift", flat=True
        )
    )
    return [_stand(shift, officer_id, duties.get(shift), shift in off) for shift in shift_ids]


@transaction.atomic
def restore(before: list[Stand], after: list[Stand], *, by: Any, now: datetime) -> None:
    """The officer stands as ``before``. Refuses when the present is not ``after`` any more."""
    officer = Officer.objects.filter(pk=before[0].officer).first()
    if officer is None:
        raise Refused("The officer is not here any more; nothing was undone.")
    _taking_turns(officer)
    shifts = Shift.objects.in_bulk([one.shift for one in before])
    if len(shifts) < len(before) or stands(officer.pk, [one.shift for one in after]) != after:
        raise Refused("Somebody changed this since; nothing was undone.")
    for shift in shifts.values():
        _check_open(shift, now)
    Duty.objects.filter(officer=officer, shift__in=shifts).delete()
    TakenOff.objects.filter(officer=officer, shift__in=shifts).delete()
    wanted = [_duty(one) for one in before if one.begins_at]
    for duty in wanted:
        _check(officer, shifts[duty.shift_id], duty.span, _others(officer, duty.span))
    with in_sentences():
        Duty.objects.bulk_create(wanted)
    TakenOff.objects.bulk_create(
        TakenOff(shift_id=one.shift, officer=officer) for one in before if one.taken_off
    )
    undone = [{**asdict(one), "shift": str(shifts[one.shift])} for one in before]
    ledger.record("roster undone", officer, by=by, now=now, restored=undone)
    feed.touch(_cameras_of(officer))


def _stand(shift: int, officer: int, duty: Duty | None, taken_off: bool) -> Stand:
    if duty is None:
        return Stand(shift, officer, taken_off)
    times = _times(duty.span)
    return Stand(shift, officer, taken_off, **times, unit=duty.unit, source=duty.source)


def _duty(one: Stand) -> Duty:
    assert one.begins_at is not None
    assert one.ends_at is not None
    return Duty(
        shift_id=one.shift,
        officer_id=one.officer,
        begins_at=datetime.fromisoformat(one.begins_at),
        ends_at=datetime.fromisoformat(one.ends_at),
        unit=one.unit,
        source=one.source,
    )


# --- What the verbs have in common ---------------------------------------------------------------


def _taking_turns(officer: Officer) -> Officer:
    """The officer as the row is now; whoever else changes their duties waits."""
    row: Officer = Officer.objects.select_for_update(no_key=True).get(pk=officer.pk)
    return row


def _duties(officer_id: int, shift_ids: Collection[int]) -> Any:
    return Duty.objects.filter(officer=officer_id, shift__in=shift_ids)


def _others(officer: Officer, span: Span, *, but: Duty | None = None) -> list[Held]:
    """The officer's duties that share a moment with this span."""
    found = Duty.objects.filter(
        officer=officer, begins_at__lt=span.ends_at, ends_at__gt=span.begins_at
    ).select_related("shift__kind")
    return [Held(duty.span, str(duty.shift)) for duty in found if but is None or duty.pk != but.pk]


def _check(officer: Officer, shift: Shift, span: Span, others: list[Held]) -> None:
    wanted = Wanted(
        badge=officer.badge_number,
        station=shift.station_id,
        officers_station=officer.station_id,
        active=officer.active,
        span=span,
        shift=shift.span,
        says=str(shift),
    )
    if reasons := rules.why_not(wanted, others, extended=True):
        raise Refused(" ".join(reasons))


def _check_open(shift: Shift, now: datetime, *, ends_at: datetime | None = None) -> None:
    if (ends_at or shift.ends_at) <= now:
        raise Refused(f"{shift} is over; what was, stays as it was.")


def _check_reserve(reserve: int) -> None:
    if not 0 <= reserve <= MOST_RESERVE:
        raise Refused(f"A reserve is from 0 to {MOST_RESERVE} cameras.")


def _keep_off(duties: Collection[Duty], now: datetime) -> None:
    """No rotation puts them on again, and a spare promised for it is free."""
    pairs = {(duty.shift_id, duty.officer_id) for duty in duties}
    TakenOff.objects.bulk_create(
        [TakenOff(shift_id=shift, officer_id=officer) for shift, officer in sorted(pairs)],
        ignore_conflicts=True,
    )
    promised = StandIn.objects.filter(shift__in={shift for shift, _ in pairs}, ended_at=None)
    theirs = [one for one in promised if (one.shift_id, one.officer_id) in pairs]
    StandIn.objects.filter(pk__in=[one.pk for one in theirs]).update(ended_at=now)
    feed.touch([one.camera_id for one in theirs])


def _tell(verb: str, duty: Duty, *, by: Any, now: datetime, **facts: Any) -> None:
    said = {"shift": str(duty.shift), "on": duty.shift.on.isoformat(), **facts}
    ledger.record(verb, duty.officer, by=by, now=now, **said)
    feed.touch(_cameras_of(duty.officer))


def _cameras_of(officer: Officer) -> list[int]:
    return list(Camera.objects.filter(officer=officer).values_list("pk", flat=True))


def _times(span: Span) -> dict[str, str]:
    return {"begins_at": span.begins_at.isoformat(), "ends_at": span.ends_at.isoformat()}
