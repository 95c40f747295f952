"""A shift that will lack cameras calls in time to do something about it."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from time import monotonic

import psycopg
import pytest
from django.db import connection

from devices.alerts import actions
from devices.alerts.catalogue import CATALOGUE, Pace
from devices.alerts.models import Alert
from devices.health.models import CameraHealth, DockHealth
from devices.inventory.models import Officer
from devices.roles import Role
from devices.roster.models import Duty, Shift, ShiftKind
from tests import rows
from tests.patience import PATIENCE_S
from tests.rows import a_camera, a_dock, a_station, person, set_clocks_wrong

pytestmark = pytest.mark.django_db

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
FLAT = {"battery_percent": 20, "battery_state": "discharging"}


def a_shift(begins_at, *, officers=2):
    """An evening shift whose officers' own cameras are all well at ``begins_at`` less 3 h."""
    station = a_station()
    kind = ShiftKind.objects.create(code="E", name="Evening", begins="15:00", ends="23:00")
    ends_at = begins_at + 8 * HOUR
    shift = Shift.objects.create(
        station=station, kind=kind, on=begins_at.date(), begins_at=begins_at, ends_at=ends_at
    )
    for number in range(1, officers + 1):
        officer = Officer.objects.create(badge_number=str(number), station=station)
        Duty.objects.create(
            shift=shift, officer=officer, source="by_hand", begins_at=begins_at, ends_at=ends_at
        )
        a_camera(number, station, begins_at - 3 * HOUR, officer=officer, health={})
    return shift


def calling():
    return [one.words for one in Alert.objects.calling()]


def look(since, *minutes):
    """The cameras speak, and alerts are looked at, so many minutes later."""
    for minute in minutes:
        CameraHealth.objects.update(heard_at=since + minute * MINUTE)
        actions.sweep(now=since + minute * MINUTE)


def test_a_shift_with_enough_cameras_calls_for_nobody(noon):
    a_shift(noon + 3 * HOUR)

    look(noon, 0, 10, 20)

    assert not Alert.objects.exists()


def test_a_short_shift_calls_after_its_patience_and_is_over_when_it_has_enough(noon):
    a_shift(noon + 3 * HOUR)
    CameraHealth.objects.update(**FLAT)

    look(noon, 0, 9)
    assert calling() == []
    look(noon, 10)
    assert calling() == ["Evening shift at Headquarters will have 0 ready for the 2 on duty."]

    CameraHealth.objects.update(battery_percent=100, battery_state="full")
    look(noon, 11, 20)
    assert calling()
    look(noon, 21)
    assert calling() == []


def test_a_spare_makes_up_for_a_camera(noon):
    shift = a_shift(noon + 3 * HOUR)
    CameraHealth.objects.filter(camera__number=1).update(**FLAT)
    a_camera(9, shift.station, noon, health={})

    look(noon, 0, 10)

    assert calling() == []


def test_a_spare_makes_up_for_a_camera_of_one_of_two_shifts_at_once(noon):
    day = a_shift(noon + 3 * HOUR)
    CameraHealth.objects.filter(camera__number=1).update(**FLAT)
    power = ShiftKind.objects.create(code="P", name="Power", begins="17:00", ends="01:00")
    shift = Shift.objects.create(
        station=day.station,
        kind=power,
        on=day.on,
        begins_at=day.begins_at + 2 * HOUR,
        ends_at=day.ends_at + 2 * HOUR,
    )
    without = Officer.objects.create(badge_number="99", station=day.station)
    rows.a_duty(shift, without)
    a_camera(9, day.station, noon, health={})

    look(noon, 0, 10)

    assert calling() == ["Power shift at Headquarters will have 0 ready for the 1 on duty."]


def test_every_shift_within_its_hours_is_looked_at(noon):
    kind = a_shift(noon + HOUR).kind
    station = kind.shifts.get().station
    for hours in (2, 3, 4):
        begins_at = noon + hours * HOUR
        other = ShiftKind.objects.create(
            code=f"S{hours}", name=f"S{hours}", begins="0:00", ends="8:00"
        )
        shift = Shift.objects.create(
            station=station,
            kind=other,
            on=begins_at.date(),
            begins_at=begins_at,
            ends_at=begins_at + 8 * HOUR,
        )
    without = Officer.objects.create(badge_number="99", station=station)
    rows.a_duty(shift, without)

    look(noon, 0, 10)

    assert calling() == ["S4 shift at Headquarters will have 0 ready for the 1 on duty."]


def test_a_reserve_that_is_being_used_is_no_alarm_and_whole_again_ends_one(noon):
    shift = a_shift(noon + 3 * HOUR)
    Shift.objects.update(reserve=1)
    look(noon, 0, 11)
    assert calling() == []

    CameraHealth.objects.filter(camera__number=1).update(**FLAT)
    look(noon, 12, 23)
    assert calling() == ["Evening shift at Headquarters will have 1 ready for the 2 on duty."]

    a_camera(3, shift.station, noon, health={})
    look(noon, 24, 35)
    assert calling() == ["Evening shift at Headquarters will have 2 ready for the 2 on duty."]

    a_camera(4, shift.station, noon, health={})
    look(noon, 36, 47)
    assert calling() == []


def test_a_shift_far_off_calls_for_nobody_yet(noon):
    a_shift(noon + 13 * HOUR)
    CameraHealth.objects.update(**FLAT)

    look(noon, 0, 30)
    assert calling() == []
    look(noon, 60, 70)
    assert calling()


@pytest.mark.parametrize("gone", [False, True])
def test_a_shift_that_began_or_is_no_more_stops_calling(noon, gone):
    shift = a_shift(noon + HOUR)
    CameraHealth.objects.update(**FLAT)
    look(noon, 0, 10)
    assert calling()

    if gone:
        shift.duties.all().delete()
        shift.delete()
    look(noon, 60, 70)

    assert calling() == []


def test_shifts_are_looked_at_by_a_clock_of_their_own(noon):
    a_shift(noon + 3 * HOUR)
    CameraHealth.objects.update(**FLAT)
    set_clocks_wrong()

    actions.sweep(now=noon, pace=Pace.SLOW)
    assert {one.rule for one in Alert.objects.all()} == {"shift_short"}

    actions.sweep(now=noon + 3 * HOUR - MINUTE, pace=Pace.QUICK)
    assert {one.rule for one in Alert.objects.all()} == {"shift_short", "clock_wrong"}
    assert calling() == []

    actions.sweep(now=noon + 3 * HOUR - MINUTE, pace=Pace.SLOW)
    assert calling() == ["Evening shift at Headquarters will have 0 ready for the 2 on duty."]


def test_a_shift_that_lacks_only_what_a_silent_dock_holds_is_the_docks_alert(noon):
    shift, dock = a_shift(noon + 3 * HOUR), a_dock("D01", a_station("N", "North"))
    DockHealth.objects.create(dock=dock, heard_at=noon, hearing="silent")
    CameraHealth.objects.update(heard_at=noon, hearing="silent")
    each_in_a_bay_of(dock)

    for minute in (6, 12, 18):
        actions.sweep(now=noon + minute * MINUTE, pace=Pace.QUICK)
        actions.sweep(now=noon + minute * MINUTE, pace=Pace.SLOW)
    assert calling() == ["Dock D01 does not report."]

    CameraHealth.objects.filter(camera__number=1).update(**FLAT)
    for minute in (20, 31):
        actions.sweep(now=noon + minute * MINUTE, pace=Pace.SLOW)
    assert f"shift:{shift.pk}" in {one.subject for one in Alert.objects.calling()}


def test_a_shift_that_lacks_what_no_dock_there_tells_is_explained_by_that(noon):
    shift = a_shift(noon + 3 * HOUR)
    docks = [a_dock(code, shift.station) for code in ("D01", "D02", "D03")]
    for dock in docks:
        DockHealth.objects.create(dock=dock, heard_at=noon, hearing="silent")
    CameraHealth.objects.update(heard_at=noon, hearing="silent")
    each_in_a_bay_of(docks[0])

    for minute in (6, 12, 18):
        actions.sweep(now=noon + minute * MINUTE, pace=Pace.QUICK)
        actions.sweep(now=noon + minute * MINUTE, pace=Pace.SLOW)

    assert calling() == ["No dock of Headquarters is heard: 3 docks."]


def each_in_a_bay_of(dock):
    for health, bay in zip(CameraHealth.objects.order_by("camera"), dock.bays.all(), strict=False):
        CameraHealth.objects.filter(pk=health.pk).update(bay=bay)


def test_what_waits_the_least_is_looked_at_quickly():
    slow = [rule for rule in CATALOGUE.values() if rule.pace is Pace.SLOW]

    assert [rule.code for rule in slow] == [
        "battery_drop",
        "shift_short",
        "own_missing",
        "rollout_still",
    ]
    assert all(rule.opens_after >= 10 * MINUTE for rule in slow)


@pytest.mark.django_db(transaction=True)
def test_who_takes_it_in_hand_while_a_look_lasts_is_not_written_over(noon):
    shift = a_shift(noon + 3 * HOUR)
    CameraHealth.objects.update(**FLAT)
    look(noon, 0, 10)
    (alert,) = Alert.objects.calling()
    CameraHealth.objects.filter(camera__number=1).update(battery_percent=100, battery_state="full")

    with ThreadPoolExecutor(1) as pool, somebody_elses_pen() as pen:
        looking = pool.submit(look_and_hang_up, noon + 11 * MINUTE)
        wait_for_the_pen(pen)
        by = person(Role.COMMANDER, shift.station)
        actions.acknowledge([alert], note="On it", by=by, now=noon + 11 * MINUTE)
        pen.rollback()
        looking.result(20)

    alert.refresh_from_db()
    assert alert.words.endswith("will have 1 ready for the 2 on duty.")
    assert (alert.acknowledged_by, alert.note) == (by, "On it")


def somebody_elses_pen():
    """Another sweep that is writing just now."""
    told = connection.get_connection_params()
    told = {
        name: told[name] for name in ("dbname", "user", "password", "host", "port") if name in told
    }
    line = psycopg.connect(**told)
    line.execute("SELECT pg_advisory_xact_lock(%s)", [actions._PEN])
    return closing(line)


def wait_for_the_pen(pen):
    """Until the sweep has looked, and waits to write."""
    waits = "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)"
    until = monotonic() + PATIENCE_S
    while not pen.execute(waits).fetchone()[0]:
        assert monotonic() < until


def look_and_hang_up(now):
    try:
        return actions.sweep(now=now)
    finally:
        connection.close()
