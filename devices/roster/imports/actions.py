"""Writing what a file of the roster says, within the transaction that judged it."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.timezone import get_default_timezone

from devices.inventory.imports import importing
from devices.inventory.imports.importing import Import
from devices.inventory.imports.judging import Added, Changed, Plan
from devices.inventory.imports.reading import Source
from devices.inventory.imports.sheet import Key
from devices.inventory.models import Officer, Station
from devices.once import actions as once
from devices.roster import actions as roster
from devices.roster import rules
from devices.roster.actions import Definition
from devices.roster.filling import actions as filling
from devices.roster.imports.duties import not_named, some, span_told
from devices.roster.imports.present import hours_told, known
from devices.roster.imports.sheets import SHEETS, Kind
from devices.roster.models import (
    Duty,
    DutySource,
    Pattern,
    Rotation,
    Shift,
    ShiftKind,
    TakenOff,
)
from devices.roster.refusing import in_sentences
from devices.roster.rules import Hours

Values = dict[str, Any]
Change = Added | Changed


def at(kind: Kind, now: datetime, *, whole: bool = False, names_officers: bool = False) -> Import:
    """What a file of this kind is at this moment: what is over by then is not changed.

    ``whole``: a file of the roster is the whole of the shifts it names, and takes off who is on
    them and not in it. ``names_officers`` as in `Import`.
    """
    sheet = SHEETS[kind]
    if whole and kind is Kind.ROSTER:
        sheet = replace(sheet, removes=not_named)
    write = {
        Kind.SHIFTS: _write_shifts,
        Kind.ROTATIONS: _write_rotations,
        Kind.ROSTER: _write_roster,
    }
    found = partial(known, kind, now)
    return Import(kind, sheet, found, write[kind], names_officers=names_officers)


@dataclass(frozen=True)
class Asked:
    """What a program asks: these duties, with the digest of the preview it saw, if it saw one;
    ``whole`` and ``names_officers`` as in `at`."""

    source: Source
    expected: str | None = None
    whole: bool = False
    names_officers: bool = False

    @property
    def digest(self) -> str:
        """What names officers is another question than what does not: no answer is both's."""
        how = {"whole": self.whole, "unnamed": not self.names_officers}
        return once.digest(self.source, self.expected, *(word for word, so in how.items() if so))


def apply_once(
    asked: Asked,
    answer: Callable[[Plan], dict[str, Any]],
    *,
    key: str,
    by: Any,
    now: datetime,
    stations: Collection[int] | None = None,
) -> dict[str, Any]:
    """Import these duties, and answer; asked again with the same key, only answer the same.

    Refuses a key that came with something else before, and whatever `importing.apply` refuses.
    """

    def apply() -> dict[str, Any]:
        what = at(Kind.ROSTER, now, whole=asked.whole, names_officers=asked.names_officers)
        done = importing.apply(
            what, asked.source, by=by, now=now, expected=asked.expected, stations=stations
        )
        return answer(done)

    return once.once(apply, asked=asked.digest, key=key, by=by, now=now)


@transaction.atomic
def follows(found: Plan, *, now: datetime, names_officers: bool = False) -> list[str]:
    """What importing this would do besides what its rows say, in sentences. Nothing is changed.

    ``names_officers`` as in `Import`: to others nobody is said to be suspended, because a file of
    one officer would tell of whom that is. Refuses what the import would.
    """
    match found.kind:
        case Kind.SHIFTS:
            return list(_moved(found, now))
        case Kind.ROTATIONS:
            said = _filled(found, now)
            transaction.set_rollback(True)
            return [said]
        case Kind.ROSTER:
            again = _put_on_again(found, names_officers=names_officers)
            return [*again, *(_suspended(found) if names_officers else ())]
    return []


def _put_on_again(found: Plan, *, names_officers: bool) -> Iterator[str]:
    """Whom somebody took off by hand, and this file names all the same."""
    named = {one.key for one in found.added}
    off = TakenOff.objects.filter(
        shift__on__in={on for on, *_ in named},
        officer__badge_number__in={badge for *_, badge in named},
    ).select_related("shift__kind", "shift__station", "officer")
    again = [
        f"{one.officer.badge_number} ({one.shift.kind.code} {one.shift.on:%-d %b})"
        for one in off.order_by("shift__begins_at", "officer__badge_number")
        if _key(one.shift, one.officer) in named
    ]
    if again:
        who = some(again) if names_officers else f"{len(again):,}"
        yield f"Taken off by hand before, and on again by this file: {who}."


def _suspended(found: Plan) -> Iterator[str]:
    badges = {one.key[3] for one in found.added}
    who = Officer.objects.filter(badge_number__in=badges).exclude(suspended_because="")
    if stopped := sorted(who.values_list("badge_number", flat=True)):
        yield f"Suspended, so that no desk gives them a camera: {some(stopped)}."


def _key(shift: Shift, officer: Officer) -> tuple[Any, ...]:
    return (shift.on, shift.kind.code, shift.station.code, officer.badge_number)


def _moved(found: Plan, now: datetime) -> Iterator[str]:
    kinds = {one.code: one for one in _kinds(found)}
    moves, twice = roster.moves_of({code: one.hours for code, one in kinds.items()}, now=now)
    for code, one in kinds.items():
        if moves[code]:
            yield f"{one.name}: {moves[code].sentence} to {one.hours}."
    if twice:
        yield f"So many officers would be on two shifts at once: {twice}."


def _filled(found: Plan, now: datetime) -> str:
    """Done, counted, and to be taken back: what is shown is what would be done.

    Nothing is written into the ledger meanwhile: everybody's acts would wait for it.
    """
    shifts, before = Shift.objects.count(), _given(now)
    _set_rotations(found)
    filling.fill_ahead(now=now)
    planned, after = Shift.objects.count() - shifts, _given(now)
    return (
        f"The four weeks ahead would be filled at once: {planned} shifts planned,"
        f" {len(after - before)} duties given, {len(before - after)} taken away."
    )


def _given(now: datetime) -> set[tuple[int, datetime, datetime]]:
    coming = Duty.objects.filter(source=DutySource.PATTERN, ends_at__gt=now)
    return set(coming.values_list("officer", "begins_at", "ends_at"))


def _write_shifts(found: Plan, by: Any, now: datetime) -> None:
    roster.define_kinds(_kinds(found), by=by, now=now)


def _kinds(found: Plan) -> Iterator[Definition]:
    """Each kind of shift that is new or changes, as it would be."""
    before = ShiftKind.objects.in_bulk([one.key[0] for one in found.changed], field_name="code")
    changes: list[Change] = [*found.added, *found.changed]
    for one in changes:
        kind = before.get(one.key[0])
        was = {"name": kind.name, "begins": kind.begins, "ends": kind.ends} if kind else {}
        told = {**was, "reserve": kind.reserve if kind else 0, **_told(one)}
        hours = Hours(told["begins"], told["ends"])
        yield Definition(one.key[0], told["name"], hours, told["reserve"])


def _write_rotations(found: Plan, _by: Any, now: datetime) -> None:
    """The shifts of the weeks ahead are filled by them at once."""
    _set_rotations(found)
    filling.keep_filled(now=now)


def _set_rotations(found: Plan) -> None:
    changes: list[Change] = [*found.added, *found.changed]
    told = {one.key: _told(one) for one in changes}
    officers = _ids(Officer, "badge_number", {badge for badge, _ in told})
    wanted = Rotation.objects.filter(officer__in=officers.values())
    present = {
        (one.officer.badge_number, one.first_on): one for one in wanted.select_related("officer")
    }
    kinds = _ids(ShiftKind, "code")
    patterns = _patterns({values["pattern"] for values in told.values() if "pattern" in values})
    fresh = []
    for key, values in told.items():
        rotation = present.get(key) or Rotation(officer_id=officers[key[0]], first_on=key[1])
        if "shift" in values:
            rotation.kind_id = kinds[values["shift"]]
        if "pattern" in values:
            rotation.pattern = patterns[values["pattern"]]
        rotation.last_on = values.get("last_on", rotation.last_on)
        rotation.unit = values.get("unit", rotation.unit)
        fresh.append(rotation)
    with in_sentences():
        # Taken away and put back, because row after row would meet those that have yet to change.
        wanted.filter(pk__in=[one.pk for one in fresh if one.pk]).delete()
        Rotation.objects.bulk_create(fresh, batch_size=1000)


def _write_roster(found: Plan, _by: Any, now: datetime) -> None:
    changes: list[Change] = [*found.added, *found.changed]
    badges = {badge for *_, badge in (one.key for one in found.changes)}
    turns = Officer.objects.select_for_update(no_key=True).filter(badge_number__in=badges)
    officers = {one.badge_number: one.pk for one in turns.order_by("pk")}
    _take_off({one.key for one in found.removed}, officers.values(), now)
    shifts = _shifts({one.key[:3] for one in changes})
    present = {
        (duty.shift_id, duty.officer_id): duty
        for duty in Duty.objects.filter(
            officer__in=officers.values(), shift__in=[one.pk for one in shifts.values()]
        )
    }
    changed: list[Duty] = []
    fresh: list[Duty] = []
    for one in changes:
        shift, officer = shifts[one.key[:3]], officers[one.key[3]]
        duty = present.get((shift.pk, officer)) or Duty(shift=shift, officer_id=officer)
        _set(duty, shift, one)
        (changed if duty.pk else fresh).append(duty)
    with in_sentences():
        # Taken away and put back, because row after row would meet those that have yet to change.
        Duty.objects.filter(pk__in=[duty.pk for duty in changed]).delete()
        Duty.objects.bulk_create([*changed, *fresh], batch_size=1000)
    _on_again({(duty.shift_id, duty.officer_id) for duty in fresh})


def _on_again(named: set[tuple[int, int]]) -> None:
    """These are on these shifts: that somebody took them off by hand holds no longer."""
    off = TakenOff.objects.filter(
        shift__in={shift for shift, _ in named}, officer__in={officer for _, officer in named}
    )
    again = [one.pk for one in off if (one.shift_id, one.officer_id) in named]
    TakenOff.objects.filter(pk__in=again).delete()


def _take_off(keys: set[Key], officers: Collection[int], now: datetime) -> None:
    """Who is on a shift that the file is the whole of, and not in it, is off."""
    near = Duty.objects.filter(officer__in=officers, shift__on__in={on for on, *_ in keys})
    duties = near.select_related("shift__kind", "shift__station", "officer")
    off = [duty for duty in duties if _key(duty.shift, duty.officer) in keys]
    if off:
        roster.take_all_off(off, now=now)


def _set(duty: Duty, shift: Shift, one: Change) -> None:
    """The duty is as the file says; hours it does not change stay as they are."""
    told = _told(one)
    if {"begins", "ends"} & told.keys():
        kept = hours_told(duty, shift) if duty.pk else {}
        values = {**kept, **told, "date": shift.on}
        span = span_told(values, shift.kind.hours, get_default_timezone())
        duty.begins_at, duty.ends_at = span.begins_at, span.ends_at
    duty.unit = told.get("unit", duty.unit)
    duty.source = DutySource.IMPORTED


def _shifts(keys: set[tuple[Any, ...]]) -> dict[tuple[Any, ...], Shift]:
    """The shifts of these days, kinds and stations; those not planned yet are planned."""
    kinds = ShiftKind.objects.in_bulk(field_name="code")
    stations = _ids(Station, "code")
    zone = get_default_timezone()
    wanted = []
    for on, code, station in sorted(keys):
        kind, span = kinds[code], rules.span_of(kinds[code].hours, on, zone)
        wanted.append(
            Shift(
                station_id=stations[station],
                kind=kind,
                on=on,
                begins_at=span.begins_at,
                ends_at=span.ends_at,
                reserve=kind.reserve,
            )
        )
    Shift.objects.bulk_create(wanted, ignore_conflicts=True)
    found = Shift.objects.filter(
        on__in={on for on, _, _ in keys}, station__code__in={station for _, _, station in keys}
    ).select_related("kind", "station")
    return {(one.on, one.kind.code, one.station.code): one for one in found}


def _patterns(names: Iterable[str]) -> dict[str, Pattern]:
    Pattern.objects.bulk_create(
        [Pattern(name=name, days=rules.pattern_days(name) or []) for name in sorted(names)],
        ignore_conflicts=True,
    )
    return Pattern.objects.in_bulk(field_name="name")


def _told(one: Change) -> Values:
    """What the row says; of one that changes something, only that."""
    if isinstance(one, Added):
        return dict(one.values)
    return {name: after for name, (_, after) in one.fields.items()}


def _ids(model: Any, name: str, among: Iterable[str] | None = None) -> dict[Any, int]:
    rows = model.objects.all() if among is None else model.objects.filter(**{f"{name}__in": among})
    return dict(rows.values_list(name, "pk"))
