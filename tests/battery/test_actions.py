"""Learning and foretelling through the database, on readings laid out by hand."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from devices.battery import actions
from devices.battery.models import Battery, BatteryMonth, BatterySpell, Forecast
from devices.battery.outlook import outlooks
from devices.health.models import Reading
from devices.inventory.models import ServiceState
from devices.policy import Policy
from tests import rows

pytestmark = pytest.mark.django_db
POLICY = Policy()
HOUR = timedelta(hours=1)


@pytest.fixture
def camera(noon):
    return rows.a_camera(417, rows.a_station(), noon, health={"battery_percent": 100})


def said(camera, at, percent, **fields):
    values = {
        "received_at": at,
        "device_time": at,
        "clock_wrong": False,
        "boot": 1,
        "sequence": 1,
        "mode": "buffering",
        "docked": False,
        "battery_state": "discharging",
        "storage_free_mb": 1000,
        "bytes_waiting": 0,
        "offload": "complete",
        "firmware_version": "1",
        **fields,
    }
    return Reading(camera=camera, at=at, battery_percent=percent, **values)


def a_duty(camera, begins, *, percent_h=8, without=(), **fields):
    """Eight hours of buffering from full, a reading every quarter; ``without`` some of them."""
    return [
        said(camera, begins + n * HOUR / 4, 100 - round(percent_h * n / 4), **fields)
        for n in range(33)
        if n not in without
    ]


def a_charge(camera, begins, *, percent_h=32):
    levels = [min(100, 36 + round(percent_h * n / 4)) for n in range(12)]
    return [
        said(
            camera,
            begins + n * HOUR / 4,
            percent,
            mode="off",
            docked=True,
            battery_state="charging" if percent < 100 else "full",
        )
        for n, percent in enumerate(levels)
    ]


def days(camera, noon, count, **fields):
    """A duty and a charge on each of the last days."""
    Reading.objects.bulk_create(
        one
        for day in range(1, count + 1)
        for one in (
            *a_duty(camera, noon - day * 24 * HOUR, boot=100 - day, **fields),
            *a_charge(camera, noon - day * 24 * HOUR + 9 * HOUR),
        )
    )


def everything():
    return [
        list(table.objects.order_by("pk").values_list(*fields))
        for table, fields in (
            (Battery, [f.name for f in Battery._meta.fields if f.name != "learned_at"]),
            (BatteryMonth, ["camera", "month", "capacity_percent", "hours_seen"]),
            (BatterySpell, [f.name for f in BatterySpell._meta.fields if f.name != "id"]),
            (Forecast, [f.name for f in Forecast._meta.fields]),
        )
    ]


def test_a_week_of_readings_teaches_drain_charge_and_capacity(camera, noon):
    days(camera, noon, 7)

    assert actions.learn_all(now=noon, policy=POLICY) == 1

    learnt = Battery.objects.get()
    assert learnt.buffering_percent_h == pytest.approx(8.0)
    assert learnt.duty_percent_h == pytest.approx(8.0)
    assert learnt.recording_percent_h is None
    assert learnt.recording_share == 0
    assert learnt.charge_percent_h == pytest.approx(32)
    assert learnt.capacity_percent == pytest.approx(100 * (100 / 12) / 8), "the maker says 12 h"
    months = BatteryMonth.objects.values_list("hours_seen", flat=True)
    assert sum(months) == pytest.approx(56)


def test_learning_twice_is_learning_once(camera, noon):
    days(camera, noon, 7)
    actions.foretell([(camera.pk, noon + 8 * HOUR)], now=noon)

    actions.learn_all(now=noon, policy=POLICY)
    once = everything()
    actions.learn_all(now=noon, policy=POLICY)

    assert everything() == once


def test_learning_night_by_night_is_learning_at_once(camera, noon):
    days(camera, noon, 7)

    for day in range(7, -1, -1):
        actions.learn_all(now=noon - day * 24 * HOUR, policy=POLICY)
    by_night = everything()
    Battery.objects.all().delete()
    BatterySpell.objects.all().delete()
    BatteryMonth.objects.all().delete()
    actions.learn_all(now=noon, policy=POLICY)

    assert everything() == by_night


@pytest.mark.parametrize("without", [range(3, 20), range(1, 8), {5, 6, 15, 16, 25, 26}])
def test_a_gap_teaches_nothing_and_spoils_nothing(camera, noon, without):
    days(camera, noon, 3, without=without)

    actions.learn_all(now=noon, policy=POLICY)

    assert Battery.objects.get().buffering_percent_h == pytest.approx(8.0, rel=0.03)
    assert all(one.ended_at - one.began_at <= 8 * HOUR for one in BatterySpell.objects.all())
    known = sum(BatterySpell.objects.values_list("buffering_h", flat=True))
    assert known < 3 * 8 - 3, "what lies in the gap is not known"


def test_what_happened_in_a_gap_is_not_counted(camera, noon):
    """It was charged and used elsewhere while nothing was heard."""
    duty = a_duty(camera, noon - 10 * HOUR, without=range(12, 20))
    for one in duty[12:]:
        one.battery_percent += 30
    Reading.objects.bulk_create(duty)

    actions.learn_all(now=noon, policy=POLICY)

    assert Battery.objects.get().buffering_percent_h == pytest.approx(8.0)


def test_a_drain_no_battery_has_is_a_wrong_clock(camera, noon):
    """A day in eight minutes, as when the past is replayed."""
    Reading.objects.bulk_create(
        said(camera, noon - 10 * HOUR + n * HOUR / 60, 100 - 8 * n) for n in range(12)
    )

    actions.learn_all(now=noon, policy=POLICY)

    assert Battery.objects.get().buffering_percent_h is None


def test_a_late_batch_is_learnt_as_if_it_had_come_in_time(camera, noon):
    actions.learn_all(now=noon - 12 * HOUR, policy=POLICY)
    assert Battery.objects.get().buffering_percent_h is None

    days(camera, noon, 2)
    actions.learn_all(now=noon, policy=POLICY)

    assert Battery.objects.get().buffering_hours_seen > 14


def test_a_retired_camera_is_not_learnt(camera, noon):
    camera.service_state = ServiceState.RETIRED
    camera.save()
    days(camera, noon, 2)

    assert actions.learn_all(now=noon, policy=POLICY) == 0


def test_a_model_whose_cameras_say_their_health_needs_no_maker(noon):
    station = rows.a_station()
    for n in range(5):
        camera = rows.a_camera(n + 1, station, noon, health={"battery_health_percent": 80})
        days(camera, noon, 3, percent_h=10 if n else 8)

    actions.learn_all(now=noon, policy=POLICY)

    worn = list(Battery.objects.order_by("camera").values_list("capacity_percent", flat=True))
    assert worn == pytest.approx([100, 80, 80, 80, 80])


def test_a_forecast_is_written_once_and_settled_by_the_duty_that_came(camera, noon):
    for_at = noon + 8 * HOUR
    assert actions.foretell([(camera.pk, for_at)], now=noon) == 1
    actions.foretell([(camera.pk, for_at)], now=noon + HOUR)
    Reading.objects.bulk_create(a_duty(camera, for_at + HOUR / 4))

    actions.learn_all(now=for_at + 12 * HOUR, policy=POLICY)

    forecast = Forecast.objects.get()
    assert forecast.made_at == noon
    assert forecast.low_hours < forecast.hours < forecast.high_hours
    assert forecast.actual_hours == pytest.approx(12.5)
    assert forecast.settled_at == for_at + 12 * HOUR


def test_a_forecast_waits_for_a_duty_still_going_on_and_gives_up_after_days(camera, noon):
    for_at = noon + 8 * HOUR
    actions.foretell([(camera.pk, for_at)], now=noon)

    actions.learn_all(now=for_at + 4 * HOUR, policy=POLICY)
    assert Forecast.objects.get().settled_at is None

    actions.learn_all(now=for_at + 73 * HOUR, policy=POLICY)
    assert Forecast.objects.get().settled_at is not None
    assert Forecast.objects.get().actual_hours is None


def test_nothing_is_foretold_of_a_battery_nobody_knows_or_of_the_past(camera, noon):
    never = rows.a_camera(418, camera.station, noon)
    long_silent = rows.a_camera(419, camera.station, noon, health={"measured_at": noon - 80 * HOUR})

    made = actions.foretell(
        [(never.pk, noon + HOUR), (long_silent.pk, noon + HOUR), (camera.pk, noon)], now=noon
    )

    assert made == 0


def test_a_docked_camera_that_goes_out_daily_is_foretold_eight_hours_before(camera, noon):
    days(camera, noon, 2)
    actions.learn_all(now=noon, policy=POLICY)

    found = [actions.foretell_by_habit(now=noon + n * HOUR) for n in range(24)]

    assert sum(found) == 1
    assert Forecast.objects.get().for_at == noon + 24 * HOUR


def test_by_habit_nothing_is_foretold_of_a_camera_whose_duties_are_known(camera, noon):
    days(camera, noon, 2)
    actions.learn_all(now=noon, policy=POLICY)

    found = [actions.foretell_by_habit(now=noon + n * HOUR, besides={camera.pk}) for n in range(24)]

    assert sum(found) == 0


def test_the_outlook_is_of_the_last_word_and_goes_on_from_there(camera, noon):
    camera.health.battery_percent, camera.health.battery_state = 50, "charging"
    camera.health.save()

    outlook = outlooks([camera.pk])[camera.pk]

    assert outlook.hours_at(noon + HOUR).hours > outlook.hours_at(noon).hours
    assert outlook.hours_at(noon - HOUR) == outlook.hours_at(noon)
    enough_at = outlook.enough_at(needed_h=6.5, lasts_h=6.0)
    assert enough_at is not None
    assert outlook.hours_at(enough_at).hours >= 6.5


def test_a_camera_that_left_after_its_last_word_is_taken_to_be_on_duty(camera, noon):
    camera.health.docked, camera.health.placed_at = False, noon + HOUR / 60
    camera.health.save()

    left = outlooks([camera.pk])[camera.pk]

    assert left.mode is None
    assert not left.charging
    gone = left.hours_at(noon).hours - left.hours_at(noon + 3 * HOUR).hours
    assert gone == pytest.approx(3)


def test_every_clock_that_beat_winds_is_there_to_ring():
    from fleet.celery import app

    app.loader.import_default_modules()

    assert {one["task"] for one in app.conf.beat_schedule.values()} <= set(app.tasks)


def test_queries_do_not_grow_with_cameras(noon):
    station = rows.a_station()
    counts = []
    for some in (range(1), range(1, 10)):
        ids = [rows.a_camera(n, station, noon, health={}).pk for n in some]
        actions.learn_all(now=noon, policy=POLICY)
        with CaptureQueriesContext(connection) as queries:
            actions.learn_all(now=noon, policy=POLICY)
            actions.foretell([(one, noon + HOUR) for one in ids], now=noon)
            outlooks(ids)
        counts.append(len(queries))

    assert counts[0] == counts[1]
