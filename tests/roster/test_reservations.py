"""Cameras kept for events and court days, and what they are to promises."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from devices.errors import Refused
from devices.inventory.models import ServiceState
from devices.ledger import LedgerEntry
from devices.roles import Role
from devices.roster import actions
from devices.roster.models import Reservation
from devices.roster.reservations import actions as reservations
from devices.roster.reservations.actions import Reserving
from devices.roster.roll_call import actions as roll_call
from devices.roster.rules import Span
from tests.roster.setting import an_officer, shifts_of
from tests.rows import a_camera, a_station, person

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def station():
    return a_station()


@pytest.fixture
def quartermaster(station):
    return person(Role.QUARTERMASTER, station)


@pytest.fixture
def spares(station, noon):
    return [a_camera(number, station, noon) for number in (531, 532)]


def parade(noon, begins=DAY, lasts=6 * HOUR, **fields):
    span = Span(noon + begins, noon + begins + lasts)
    return Reserving(**{"span": span, "title": "Parade", "reason": "Memorial Day", **fields})


def reserve(cameras, wanted, by, noon):
    return reservations.reserve(cameras, wanted, by=by, now=noon)


def test_cameras_are_reserved_together_and_freed_one_by_one(spares, quartermaster, noon):
    made = reserve(spares, parade(noon), quartermaster, noon)
    reservations.end(made[0], by=quartermaster, now=noon + HOUR)

    assert [one.camera.name for one in Reservation.objects.filter(ended_at=None)] == ["C0532"]
    told = LedgerEntry.objects.filter(subject="C0531").order_by("seq")
    assert [(one.verb, one.facts["title"]) for one in told] == [
        ("camera reserved", "Parade"),
        ("reservation ended", "Parade"),
    ]
    with pytest.raises(Refused, match="over already"):
        reservations.end(made[0], by=quartermaster, now=noon + HOUR)


def test_one_that_is_reserved_already_keeps_the_others_free(spares, quartermaster, noon):
    reserve(spares[:1], parade(noon), quartermaster, noon)

    with pytest.raises(Refused, match="C0531 is reserved already in that time"):
        reserve(spares, parade(noon, DAY + HOUR, title="Court"), quartermaster, noon)

    assert Reservation.objects.count() == 1
    reserve(spares, parade(noon, DAY + 6 * HOUR, title="Court"), quartermaster, noon)
    assert Reservation.objects.count() == 3


def test_the_database_refuses_a_second_reservation_of_a_camera(spares, quartermaster, noon):
    reserve(spares[:1], parade(noon), quartermaster, noon)
    begins_at = noon + DAY
    told = {"title": "x", "reason": "x", "made_at": noon, "made_by": quartermaster}

    with pytest.raises(IntegrityError, match="no_camera_reserved_twice"), transaction.atomic():
        Reservation.objects.create(
            camera=spares[0], begins_at=begins_at, ends_at=begins_at + HOUR, **told
        )


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"lasts": -HOUR}, "end before it begins"),
        ({"begins": -DAY}, "That time is over"),
        ({"lasts": 32 * DAY}, "At most 31 days"),
        ({"begins": 400 * DAY}, "more than a year away"),
        ({"title": ""}, "Say for whom"),
        ({"title": "  "}, "Say for whom"),
        ({"title": "x" * 61}, "at most 60 characters"),
        ({"title": "a\u202eb"}, "A title is a text"),
        ({"reason": " "}, "Say why"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(spares, quartermaster, noon, fields, sentence):
    with pytest.raises(Refused, match=sentence):
        reserve(spares, parade(noon, **fields), quartermaster, noon)

    assert not Reservation.objects.exists()


def test_no_camera_an_own_camera_and_one_in_repair_are_refused(station, quartermaster, noon):
    own = a_camera(417, station, noon, officer=an_officer("217", station))
    repair = a_camera(418, station, noon, service_state=ServiceState.IN_REPAIR)

    with pytest.raises(Refused, match="Choose at least one camera"):
        reserve([], parade(noon), quartermaster, noon)
    with pytest.raises(Refused, match=r"C0417 is an officer's own camera. C0418 is in repair."):
        reserve([own, repair], parade(noon), quartermaster, noon)


def test_a_promise_and_a_reservation_stand_against_each_other(station, spares, quartermaster, noon):
    shift = shifts_of(station, date(2030, 1, 2))[0]
    on_it = an_officer("217", station)
    actions.put_on(on_it, shift, by=None, now=noon)
    lasts = {"begins": shift.begins_at - noon, "lasts": HOUR}
    roll_call.promise_spare(shift, on_it, spares[0], by=None, now=noon)
    reserve(spares[1:], parade(noon, **lasts), quartermaster, noon)

    with pytest.raises(Refused, match="C0531 is promised for"):
        reserve(spares[:1], parade(noon, **lasts), quartermaster, noon)
    with pytest.raises(Refused, match="C0532 is reserved during"):
        roll_call.promise_spare(shift, on_it, spares[1], by=None, now=noon)

    court = {"officer": on_it, "title": "", "reason": "Court"}
    reserve(spares[:1], parade(noon, **lasts, **court), quartermaster, noon)
