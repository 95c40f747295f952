"""What is there, in the words of the files: a handful of queries, whatever a file's length."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, time, timedelta

from django.utils.timezone import get_default_timezone

from devices.department import current
from devices.inventory.imports.reading import Table
from devices.inventory.imports.sheet import Key, Known, Values
from devices.inventory.models import Officer, Station
from devices.roster.imports.facts import Facts, KindOf, Person
from devices.roster.imports.sheets import SHEETS, Kind
from devices.roster.models import Duty, Rotation, Shift, ShiftKind
from devices.roster.rules import Held

NEARBY = timedelta(days=2)  # no duty is longer, so none from further away meets one of the file


def known(kind: Kind, now: datetime, table: Table, stations: Collection[int] | None) -> Known:
    """The rows of this kind, and everything its rows may name."""
    sheet, reach = SHEETS[kind], None
    if stations is not None:
        reach = set(Station.objects.filter(pk__in=stations).values_list("code", flat=True))
    if kind is Kind.SHIFTS:
        rows: Iterable[Values] = ShiftKind.objects.values(*(one.name for one in sheet.columns))
        return Known(rows={sheet.named(row): row for row in rows}, names={}, stations=reach)
    kinds = {one.code: KindOf(one.name, one.hours) for one in ShiftKind.objects.all()}
    badges = {row.values["badge_number"] for row in table.rows}
    people = _people(badges)
    rows = _rotations() if kind is Kind.ROTATIONS else _duties(table)
    by_key = {sheet.named(row): row for row in rows}
    others = _others(badges, table, by_key) if kind is Kind.ROSTER else {}
    handover = current.policy().handover
    return Known(
        rows=by_key,
        names={
            "shift": kinds,
            "officer": set(Officer.objects.values_list("badge_number", flat=True)),
            "station": set(Station.objects.values_list("code", flat=True)),
        },
        stations=reach,
        more=Facts(now, get_default_timezone(), kinds, people, others, handover),
    )


def _people(badges: Collection[str]) -> dict[str, Person]:
    found = Officer.objects.filter(badge_number__in=badges).values_list(
        "badge_number", "station__code", "unit", "active"
    )
    return {badge: Person(*told) for badge, *told in found}


def _rotations() -> Iterable[Values]:
    named = Rotation.objects.values_list(
        "officer__badge_number", "kind__code", "pattern__name", "first_on", "last_on", "unit"
    )
    columns = [column.name for column in SHEETS[Kind.ROTATIONS].columns]
    for told in named:
        yield dict(zip(columns, told, strict=True))


def _duties(table: Table) -> Iterable[Values]:
    """Those of the days that the file names; ``span`` and ``shift_ends_at`` are beside what a file
    could say."""
    days = {row.values["date"] for row in table.rows}
    duties = Duty.objects.filter(shift__on__in=days)
    for duty in duties.select_related("shift__kind", "shift__station", "officer"):
        yield {
            "date": duty.shift.on,
            "shift": duty.shift.kind.code,
            "station": duty.shift.station.code,
            "badge_number": duty.officer.badge_number,
            "unit": duty.unit,
            **hours_told(duty, duty.shift),
            "span": duty.span,
            "shift_ends_at": duty.shift.ends_at,
        }


def hours_told(duty: Duty, shift: Shift) -> dict[str, time | None]:
    """The times of day of a duty; those that are the shift's are None."""
    return {
        "begins": _told(duty.begins_at, shift.begins_at),
        "ends": _told(duty.ends_at, shift.ends_at),
    }


def _told(at: datetime, usual: datetime) -> time | None:
    return None if at == usual else at.astimezone(get_default_timezone()).time()


def _others(badges: Collection[str], table: Table, rows: Collection[Key]) -> dict[str, list[Held]]:
    """Duties of these officers on the days around the file's that are not among its rows."""
    days = [row.values["date"] for row in table.rows]
    if not days:
        return {}
    near = Duty.objects.filter(
        officer__badge_number__in=badges,
        shift__on__gte=min(days) - NEARBY,
        shift__on__lte=max(days) + NEARBY,
    ).select_related("shift__kind", "shift__station", "officer")
    sheet = SHEETS[Kind.ROSTER]
    others: dict[str, list[Held]] = defaultdict(list)
    for duty in near:
        badge, shift = duty.officer.badge_number, duty.shift
        told = {"date": shift.on, "shift": shift.kind.code, "station": shift.station.code}
        if sheet.named({**told, "badge_number": badge}) not in rows:
            others[badge].append(Held(duty.span, str(shift)))
    return others
