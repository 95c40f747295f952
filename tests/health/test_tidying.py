"""Readings past their time become one row a camera and day; nothing is lost or doubled."""

from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import OperationalError, connection, connections, transaction

from devices.health.actions import tidy_history
from devices.health.models import Reading, ReadingDay
from devices.policy import Policy
from tests import rows
from tests.browser.serving import wait_until

pytestmark = pytest.mark.django_db
committed = pytest.mark.django_db(transaction=True)
POLICY = Policy()  # two readings up to 20 minutes apart prove what lies between; one proves 5
DAY = datetime(2030, 1, 1, tzinfo=UTC)
LATER = DAY + POLICY.keep_readings + timedelta(days=10, hours=3)


@pytest.fixture
def station(db):
    return rows.a_station()


@pytest.fixture
def camera(station):
    return rows.a_camera(417, station, DAY)


def at(hour, minute=0, *, day=0):
    return DAY + timedelta(days=day, hours=hour, minutes=minute)


def reading(camera, when, *, docked=True, mode="off", percent=50, temperature=None):
    return Reading.objects.create(
        camera=camera,
        at=when,
        received_at=when,
        device_time=when,
        clock_wrong=False,
        boot=1,
        sequence=1,
        mode=mode,
        docked=docked,
        battery_percent=percent,
        battery_state="charging",
        storage_free_mb=1000,
        bytes_waiting=0,
        offload="complete",
        firmware_version="1",
        temperature_c=temperature,
    )


def a_whole_day(camera, day=0):
    """A reading every quarter of an hour, in its dock."""
    for quarter in range(96):
        reading(camera, at(0, 15 * quarter, day=day))


def tidy():
    return tidy_history(now=LATER, policy=POLICY)


def days():
    columns = ("camera__number", "day", "readings", "docked_minutes", "recording_minutes")
    return list(ReadingDay.objects.order_by("day", "camera").values_list(*columns))


NEW_YEAR, THE_SECOND = date(2030, 1, 1), date(2030, 1, 2)


def test_a_day_is_rolled_up_as_by_hand(camera):
    # at, docked, mode, percent, temperature     what it adds: docked, recording
    for when, docked, mode, percent, temperature in (
        (at(0, 10), True, "off", 80, 20.0),  # to the next: 15, 0
        (at(0, 25), True, "off", 85, 22.0),  # just proven: 20, 0
        (at(0, 45), True, "off", 90, None),  # then unknown until seven: 5, 0
        (at(7, 0), False, "recording", 88, 31.5),  # to the next: 0, 10
        (at(7, 10), False, "recording", 86, 30.0),  # 21 minutes prove nothing: 0, 5
        (at(7, 31), False, "buffering", 84, None),  # 0, 0
        (at(23, 50), True, "recording", 60, None),  # to midnight: 10, 10
        (at(0, 4, day=1), True, "off", 61, None),  # the next day's
    ):
        reading(camera, when, docked=docked, mode=mode, percent=percent, temperature=temperature)

    assert tidy() == 8

    first, second = ReadingDay.objects.order_by("day")
    assert (first.day, first.readings) == (NEW_YEAR, 7)
    assert (first.docked_minutes, first.recording_minutes) == (50, 25)
    assert (first.battery_lowest, first.battery_highest) == (60, 90)
    assert first.temperature_highest == 31.5
    assert (second.day, second.readings, second.docked_minutes) == (THE_SECOND, 1, 5)
    assert second.temperature_highest is None


def test_a_whole_day_in_its_dock_is_a_whole_day(camera):
    a_whole_day(camera)
    reading(camera, at(0, 0, day=1))

    tidy()

    assert days()[0] == (417, NEW_YEAR, 96, 24 * 60, 0)


def test_each_camera_has_its_own_day(camera, station):
    reading(camera, at(9))
    reading(rows.a_camera(418, station, DAY), at(9, 10))

    tidy()

    assert days() == [(417, NEW_YEAR, 1, 5, 0), (418, NEW_YEAR, 1, 5, 0)]


def test_what_is_younger_stays(camera):
    kept = reading(camera, LATER - POLICY.keep_readings)
    reading(camera, at(9))

    assert tidy() == 1

    assert list(Reading.objects.all()) == [kept]


def test_readings_that_come_for_a_day_already_rolled_up_are_added_to_it(camera):
    reading(camera, at(9), percent=40)
    tidy()
    reading(camera, at(15), percent=30, mode="recording", temperature=40.0)

    tidy()

    assert days() == [(417, NEW_YEAR, 2, 10, 5)]
    day = ReadingDay.objects.get()
    assert (day.battery_lowest, day.battery_highest) == (30, 40)
    assert day.temperature_highest == 40.0


def test_a_second_run_finds_nothing_to_do(camera):
    a_whole_day(camera)
    tidy()
    before = days()

    assert tidy() == 0

    assert days() == before


def test_a_day_costs_one_statement(camera, django_assert_num_queries):
    a_whole_day(camera)
    a_whole_day(camera, day=1)

    with django_assert_num_queries(3):  # which days there are, then each of them
        tidy()


def in_another_worker() -> tuple[Future[int], int]:
    """A run in a connection of its own, and the process that serves it."""
    backend: Future[int] = Future()

    def work():
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                backend.set_result(cursor.fetchone()[0])
            return tidy()
        finally:
            connections.close_all()

    return ThreadPoolExecutor(1).submit(work), backend.result(10)


def waits_for_a_lock(backend):
    with connection.cursor() as cursor:
        asked = "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = %s"
        cursor.execute(asked, [backend])
        return cursor.fetchone() == (True,)


@committed
def test_two_workers_at_once_count_a_day_once(camera):
    a_whole_day(camera)

    with transaction.atomic():
        told = tidy()
        other, backend = in_another_worker()
        wait_until(lambda: waits_for_a_lock(backend))

    assert (told, other.result(10)) == (96, 0)
    assert [day[2] for day in days()] == [96]


@committed
def test_a_run_that_is_ended_midway_loses_nothing_and_the_next_goes_on(camera):
    a_whole_day(camera)
    a_whole_day(camera, day=1)

    with transaction.atomic():
        Reading.objects.select_for_update().get(at=at(12, day=1))
        ended, backend = in_another_worker()
        wait_until(lambda: waits_for_a_lock(backend))
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [backend])
        with pytest.raises(OperationalError):
            ended.result(10)

    assert [day[1:3] for day in days()] == [(NEW_YEAR, 96)]
    assert Reading.objects.count() == 96
    assert tidy() == 96
    assert [day[1:3] for day in days()] == [(NEW_YEAR, 96), (THE_SECOND, 96)]
