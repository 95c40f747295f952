"""Two people at one moment, on connections of their own: one wins, the other reads a sentence."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, connections

from devices.errors import Refused
from devices.roster import actions
from devices.roster.filling import actions as filling
from devices.roster.models import Duty, Shift, StandIn
from devices.roster.reservations import actions as reservations
from devices.roster.reservations.actions import Reserving
from devices.roster.roll_call import actions as roll_call
from devices.roster.rules import Span
from tests.roster.setting import a_rotation, an_officer, shifts_of, the_kinds
from tests.rows import a_camera, a_station

pytestmark = pytest.mark.django_db(transaction=True)
ON = date(2030, 1, 2)
ROUNDS = 5


def at_once(*acts: Callable[[], Any]) -> list[str]:
    """What came of each, all begun together."""
    line = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> str:
        try:
            connection.ensure_connection()
            line.wait(20)
            act()
        except Refused as refused:
            return str(refused)
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(run, acts))


def promise(shift, officer, camera, noon):
    return roll_call.promise_spare(shift, officer, camera, by=None, now=noon)


def test_two_who_put_an_officer_on_overlapping_shifts(noon):
    station = a_station()
    shifts = shifts_of(station, ON)
    longer = Span(shifts[1].begins_at - timedelta(hours=1), shifts[1].ends_at)
    for n in range(ROUNDS):
        officer = an_officer(f"21{n}", station)

        said = at_once(
            partial(actions.put_on, officer, shifts[0], by=None, now=noon),
            partial(actions.put_on, officer, shifts[1], span=longer, by=None, now=noon),
        )

        assert "at once, for 1 h" in said[0]
        assert said[1] == "done"
        assert officer.duties.count() == 1


def test_two_who_promise_one_spare(noon):
    station = a_station()
    shift = shifts_of(station, ON)[0]
    officers = [an_officer(badge, station) for badge in ("217", "218")]
    for officer in officers:
        actions.put_on(officer, shift, by=None, now=noon)
    for n in range(ROUNDS):
        camera = a_camera(n + 1, station, noon)

        said = at_once(*(partial(promise, shift, officer, camera, noon) for officer in officers))

        assert "is promised to" in said[0]
        assert said[1] == "done"
        StandIn.objects.all().delete()


def test_two_who_promise_one_officer_two_spares_meet_the_constraint(noon):
    station = a_station()
    shift, officer = shifts_of(station, ON)[0], an_officer("217", station)
    actions.put_on(officer, shift, by=None, now=noon)
    cameras = [a_camera(n, station, noon) for n in (1, 2)]

    said = at_once(*(partial(promise, shift, officer, camera, noon) for camera in cameras))

    assert said == ["The officer has a spare for this shift already; end that first.", "done"]
    assert StandIn.objects.filter(ended_at=None).count() == 1


def test_two_fillings_and_a_hand_leave_one_duty_for_each_shift(noon):
    the_kinds()
    station = a_station()
    officers = [an_officer(f"2{n:02}", station) for n in range(20)]
    for officer in officers:
        a_rotation(officer, first_on=ON)
    by_hand = an_officer("300", station)
    filling.plan_shifts(station, ON, ON + timedelta(days=6), by=None, now=noon)
    evening = Shift.objects.get(kind__code="EVENING", on=ON)

    said = at_once(
        lambda: filling.fill(station, ON, ON + timedelta(days=6), by=None, now=noon),
        lambda: filling.fill(station, ON, ON + timedelta(days=6), by=None, now=noon),
        lambda: actions.put_on(officers[0], evening, by=None, now=noon),
        lambda: actions.put_on(by_hand, evening, by=None, now=noon),
    )

    assert said == ["done"] * 4
    assert Duty.objects.filter(source="pattern").count() == 20 * 5
    assert evening.duties.count() == 2


def test_two_who_plan_the_same_days(noon):
    the_kinds()
    station = a_station()

    said = at_once(
        *[lambda: filling.plan_shifts(station, ON, ON, by=None, now=noon)] * 2,
    )

    assert said == ["done", "done"]
    assert Shift.objects.count() == 3


def test_one_who_promises_and_one_who_reserves_the_same_spare(noon):
    station = a_station()
    shift = shifts_of(station, ON)[0]
    officer = an_officer("217", station)
    actions.put_on(officer, shift, by=None, now=noon)
    parade = Reserving(Span(shift.begins_at, shift.ends_at), title="Parade", reason="x")
    for n in range(ROUNDS):
        spare = a_camera(530 + n, station, noon)
        StandIn.objects.all().delete()

        said = at_once(
            partial(promise, shift, officer, spare, noon),
            partial(reservations.reserve, [spare], parade, by=None, now=noon),
        )

        assert "done" in said
        assert len(set(said)) == 2
