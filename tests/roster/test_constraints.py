"""What the database itself refuses of a roster."""

from datetime import time, timedelta

import pytest
from django.db import IntegrityError, transaction

from devices.inventory.models import Officer
from devices.roster.models import Duty, Shift, ShiftKind
from tests.rows import a_station

pytestmark = pytest.mark.django_db


@pytest.fixture
def shifts(noon):
    """Two shifts, one after the other, at one station."""
    station, made = a_station(), []
    for n, (name, begins, ends) in enumerate([("Day", 7, 15), ("Evening", 15, 23)]):
        kind = ShiftKind.objects.create(code=name, name=name, begins=time(begins), ends=time(ends))
        begins_at = noon + timedelta(hours=8 * n)
        made.append(
            Shift.objects.create(
                station=station,
                kind=kind,
                on=noon.date(),
                begins_at=begins_at,
                ends_at=begins_at + timedelta(hours=8),
            )
        )
    return made


def a_duty(shift, officer, **fields):
    told = {"begins_at": shift.begins_at, "ends_at": shift.ends_at, "source": "by_hand"}
    return Duty.objects.create(shift=shift, officer=officer, **{**told, **fields})


def test_a_double_shift_is_two_duties_in_a_row(shifts):
    officer = Officer.objects.create(badge_number="1017", station=shifts[0].station)

    for shift in shifts:
        a_duty(shift, officer)

    assert officer.duties.count() == 2


def test_an_officer_is_never_on_two_duties_at_once(shifts):
    day, evening = shifts
    officer = Officer.objects.create(badge_number="1017", station=day.station)
    a_duty(day, officer, ends_at=day.ends_at + timedelta(hours=2))

    with pytest.raises(IntegrityError, match="no_officer_on_two_duties_at_once"):
        a_duty(evening, officer)


def test_two_officers_may_work_the_same_hours(shifts):
    for badge in ("1017", "1018"):
        a_duty(shifts[0], Officer.objects.create(badge_number=badge, station=shifts[0].station))

    assert shifts[0].duties.count() == 2


def test_a_duty_ends_after_it_begins(shifts):
    officer = Officer.objects.create(badge_number="1017", station=shifts[0].station)

    with pytest.raises(IntegrityError), transaction.atomic():
        a_duty(shifts[0], officer, ends_at=shifts[0].begins_at)
