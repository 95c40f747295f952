"""A station with its three shifts and its people, for tests of the roster."""

from datetime import date, time, timedelta

from django.utils.timezone import get_default_timezone

from devices.inventory.models import Officer
from devices.roster import rules
from devices.roster.models import Pattern, Rotation, Shift, ShiftKind

KINDS = {"DAY": (7, 15), "EVENING": (15, 23), "NIGHT": (23, 7)}
A_DAY = timedelta(days=1)


def the_kinds():
    return [
        ShiftKind.objects.create(
            code=code, name=code.capitalize(), begins=time(begins), ends=time(ends), reserve=2
        )
        for code, (begins, ends) in KINDS.items()
    ]


def shifts_of(station, first, days=1):
    """Day, evening and night of each day."""
    kinds = list(ShiftKind.objects.all()) or the_kinds()
    made = []
    for n in range(days):
        for kind in kinds:
            span = rules.span_of(kind.hours, first + n * A_DAY, get_default_timezone())
            made.append(
                Shift.objects.create(
                    station=station,
                    kind=kind,
                    on=first + n * A_DAY,
                    begins_at=span.begins_at,
                    ends_at=span.ends_at,
                    reserve=kind.reserve,
                )
            )
    return made


def an_officer(badge, station, **fields):
    return Officer.objects.create(badge_number=badge, station=station, **fields)


def a_rotation(officer, code="DAY", written="5-2-4-2", first_on=date(2029, 12, 31), **fields):
    pattern, _ = Pattern.objects.get_or_create(
        name=written, defaults={"days": rules.pattern_days(written)}
    )
    return Rotation.objects.create(
        officer=officer,
        kind=ShiftKind.objects.get(code=code),
        pattern=pattern,
        first_on=first_on,
        **fields,
    )
