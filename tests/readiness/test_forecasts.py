"""Hours foretold for rostered duties, and held against what the camera then did."""

from datetime import timedelta

import pytest

from devices.battery import actions as battery
from devices.battery.models import Forecast
from devices.health.models import CameraHealth, Reading
from devices.inventory.models import ServiceState
from devices.policy import Policy
from devices.readiness import forecasts
from tests import rows
from tests.battery.test_actions import a_duty, days
from tests.readiness.test_shifts import FLAT, HOUR, a_shift, a_spare, on

pytestmark = pytest.mark.django_db
POLICY = Policy()


@pytest.fixture
def station():
    return rows.a_station()


def foretell(now):
    return forecasts.foretell_next_duties(now=now, policy=POLICY)


def test_each_officers_own_camera_is_foretold_once_for_its_coming_duty(station, noon):
    shift = a_shift(station, noon + 9 * HOUR)
    cameras = [on(shift, 1, noon, {}), on(shift, 2, noon, FLAT)]
    on(shift, 3, noon)
    a_spare(801, station, noon)

    made = [foretell(noon + n * HOUR) for n in range(9)]

    assert made == [0, 2, 0, 0, 0, 0, 0, 0, 0]
    told = {one.camera_id: one for one in Forecast.objects.all()}
    assert told.keys() == {one.pk for one in cameras}
    assert {one.for_at for one in told.values()} == {shift.begins_at}
    assert all(one.made_at < one.for_at for one in told.values())
    assert told[cameras[0].pk].hours > told[cameras[1].pk].hours


def test_it_is_for_when_the_officer_comes_and_not_for_staying_on(station, noon):
    evening = a_shift(station, noon + 2 * HOUR)
    night = a_shift(station, noon + 8 * HOUR, name="Night")
    late = noon + 3 * HOUR
    on(evening, 1, noon, {}, begins_at=late, ends_at=night.begins_at)
    on(night, 1, noon)

    foretell(noon)

    assert Forecast.objects.get().for_at == late


def test_a_camera_that_is_out_is_foretold_once_it_is_back(station, noon):
    camera = on(a_shift(station, noon + 8 * HOUR), 1, noon, {"docked": False})

    assert foretell(noon) == 0
    CameraHealth.objects.filter(camera=camera).update(docked=True)
    assert foretell(noon + 3 * HOUR) == 1


def test_a_camera_that_cannot_go_out_is_not_foretold(station, noon):
    shift = a_shift(station, noon + 2 * HOUR)
    camera = on(shift, 2, noon, {})
    type(camera).objects.update(service_state=ServiceState.IN_REPAIR)

    assert foretell(noon) == 0


def test_what_was_foretold_is_held_against_the_duty_that_came(station, noon):
    shift = a_shift(station, noon + 8 * HOUR)
    camera = on(shift, 1, noon, {})
    foretell(noon)
    Reading.objects.bulk_create(a_duty(camera, shift.begins_at - timedelta(minutes=10)))

    battery.learn_all(now=shift.begins_at + 12 * HOUR, policy=POLICY)

    forecast = Forecast.objects.get()
    assert forecast.actual_hours == pytest.approx(12.5)


def test_habit_speaks_only_for_cameras_that_nobody_rosters(station, noon):
    shift = a_shift(station, noon + 60 * HOUR)
    rostered, free = on(shift, 1, noon, {}), a_spare(801, station, noon)
    for camera in (rostered, free):
        days(camera, noon, 2)
    battery.learn_all(now=noon, policy=POLICY)

    for n in range(24):
        foretell(noon + n * HOUR)

    assert {one.camera for one in Forecast.objects.all()} == {free}


@pytest.mark.parametrize("people", [2, 30])
def test_any_number_of_duties_costs_the_same(station, noon, django_assert_num_queries, people):
    shift = a_shift(station, noon + 8 * HOUR)
    for badge in range(people):
        on(shift, badge + 1, noon, {})

    with django_assert_num_queries(6):
        assert foretell(noon) == people
