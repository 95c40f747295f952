"""An own camera that is in no dock for days after its duty calls; an ordinary week does not."""

from datetime import timedelta

import pytest

from devices.access import actions as access
from devices.alerts import actions
from devices.alerts.catalogue import CATALOGUE
from devices.alerts.models import Alert
from devices.custody import actions as custody
from devices.custody.actions import Told
from devices.health.models import CameraHealth, DockHealth
from devices.inventory.models import Camera, Dock, Officer, ServiceState
from devices.roles import Role
from tests.rows import a_camera, a_dock, a_duty_at, a_station, person

pytestmark = pytest.mark.django_db
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
HANDOVER = 15 * MINUTE
CALLS = HANDOVER + 72 * HOUR + 10 * MINUTE
WORDS = "C0417, an own camera, was due in its dock 72 h ago and is not back."


@pytest.fixture
def station():
    return a_station()


@pytest.fixture
def officer(station):
    return Officer.objects.create(badge_number="1017", station=station)


@pytest.fixture
def told(station, noon):
    by = person(Role.QUARTERMASTER, station)
    return lambda after=timedelta(), **fields: Told(by=by, now=noon + after, **fields)


@pytest.fixture
def own(station, officer, told, noon):
    """It left its bay for a duty from 04:00 to noon, and has not been docked since."""
    dock = a_dock("D01", station)
    DockHealth.objects.create(dock=dock, hearing="heard", heard_at=noon)
    camera = a_camera(
        417,
        station,
        noon - 30 * HOUR,
        home_bay=dock.bays.get(position=1),
        health={},
    )
    custody.assign(camera, officer, told=told(-20 * HOUR, reason="Standing issue"))
    a_duty_at(station, officer, noon - 8 * HOUR, noon)
    moves(docked=False, at=noon - 8 * HOUR)
    return camera


def moves(*, docked, at):
    CameraHealth.objects.update(docked=docked, placed_at=at, moved_at=at)


def look(noon, *after):
    """What calls after the last of these looks."""
    for span in after:
        actions.sweep(now=noon + span)
    return [one.words for one in Alert.objects.calling().order_by("rule")]


def test_one_that_is_in_no_dock_three_days_after_its_duty_calls(own, noon):
    assert look(noon, 45 * MINUTE, 24 * HOUR, CALLS - MINUTE) == []
    assert look(noon, CALLS) == [WORDS]

    alert = Alert.objects.get(rule="own_missing")
    assert (alert.severity, alert.limit, alert.value) == ("major", "72 hours", "72 h ago")
    assert alert.began_at == noon + CALLS - 10 * MINUTE
    assert (alert.address, alert.station) == ("/cameras/417/", own.station)


def test_only_its_dock_ends_it_however_often_its_officer_is_on_duty_again(
    own, station, officer, noon
):
    look(noon, CALLS)
    a_duty_at(station, officer, noon + CALLS, noon + CALLS + 8 * HOUR)

    assert look(noon, CALLS + HOUR, CALLS + 2 * HOUR)
    assert look(noon, CALLS + 10 * HOUR) == [
        "C0417, an own camera, was due in its dock 82 h ago and is not back."
    ]

    moves(docked=True, at=noon + CALLS + 11 * HOUR)

    assert look(noon, CALLS + 11 * HOUR)
    assert look(noon, CALLS + 11 * HOUR + 5 * MINUTE) == []


def test_an_officer_who_is_back_on_duty_within_three_days_calls_for_nobody(
    own, station, officer, noon
):
    for day in (2, 5):
        begins_at = noon + timedelta(days=day)
        a_duty_at(station, officer, begins_at, begins_at + 8 * HOUR)

    look(noon, *(hour * HOUR for hour in range(0, 6 * 24, 8)))

    assert not Alert.objects.filter(rule="own_missing").exists()


def test_one_that_is_worn_every_day_and_never_docked_calls_after_twice_as_long(
    own, station, officer, noon
):
    """Its officer works on Mondays to Fridays: no duty of theirs is ever three days ago."""
    for day in range(1, 40):
        if day % 7 not in (5, 6):
            at = noon + timedelta(days=day)
            a_duty_at(station, officer, at - 8 * HOUR, at)
    twice = HANDOVER + 144 * HOUR + 10 * MINUTE

    assert look(noon, CALLS, twice - MINUTE) == []
    assert look(noon, twice) == [
        "C0417, an own camera, was due in its dock 144 h ago and is not back."
    ]
    assert Alert.objects.get().began_at == noon + twice - 10 * MINUTE
    assert look(noon, 39 * 24 * HOUR) == [
        "C0417, an own camera, was due in its dock 935 h ago and is not back."
    ]


def test_the_longest_limit_calls_too(own, noon):
    rule = CATALOGUE["own_missing"]
    wanted = actions.InForce(rule, rule.terms, rule.limit.highest)
    actions.change_rule(wanted, reason="They go on courses", by=None, now=noon)
    calls = HANDOVER + 720 * HOUR + 10 * MINUTE

    assert look(noon, calls - MINUTE) == []
    assert look(noon, calls) == [WORDS.replace("72", "720")]


def test_one_that_is_given_while_it_is_out_was_not_taken_on_the_duties_before(
    station, officer, told, noon
):
    """It lay in a drawer for 20 days; today it becomes the own camera of somebody who is off."""
    camera = a_camera(417, station, noon - 30 * DAY, health={})
    moves(docked=False, at=noon - 20 * DAY)
    for days in (12, 11, 10, 5, 4):
        a_duty_at(station, officer, noon - days * DAY, noon - days * DAY + 8 * HOUR)
    custody.assign(camera, officer, told=told(reason="New"))
    CameraHealth.objects.update(heard_at=noon + 3 * DAY)

    assert look(noon, MINUTE, 12 * MINUTE, CALLS) == []

    a_duty_at(station, officer, noon + 4 * DAY, noon + 4 * DAY + 8 * HOUR)

    assert look(noon, 4 * DAY + 8 * HOUR, 4 * DAY + 7 * HOUR + CALLS) == []
    assert look(noon, 4 * DAY + 8 * HOUR + CALLS) == [WORDS]


@pytest.mark.parametrize("why", ["docked in time", "taken after the duty", "taken back", "repair"])
def test_nothing_calls_for_one_that_is_where_it_may_be(own, told, noon, why):
    match why:
        case "docked in time":
            moves(docked=True, at=noon + HOUR)
        case "taken after the duty":
            moves(docked=False, at=noon + HOUR)
        case "taken back":
            custody.assign(own, None, told=told(HOUR, reason="New one"))
        case "repair":
            Camera.objects.update(service_state=ServiceState.IN_REPAIR)

    assert look(noon, CALLS, CALLS + HOUR) == []


def test_one_whose_only_charger_cannot_speak_is_not_asked_for(own, noon):
    """Nobody would hear that it is back; of one whose charger has a key they would."""
    Dock.objects.update(kind="vehicle")
    assert look(noon, CALLS) == []

    access.enrol_dock(Dock.objects.get(), by=None, now=noon)

    assert look(noon, CALLS + MINUTE) == [WORDS]


def test_while_its_dock_is_silent_that_is_what_calls(own, noon):
    DockHealth.objects.update(hearing="silent", heard_at=noon)

    assert look(noon, HOUR, CALLS) == ["Dock D01 does not report."]


def test_of_a_leaver_it_is_that_which_calls_and_after_a_week_nothing_calls_twice(
    own, officer, noon
):
    CameraHealth.objects.update(heard_at=noon - 8 * HOUR)
    assert look(noon, CALLS, 8 * 24 * HOUR) == [
        "C0417, an own camera, was due in its dock 191 h ago and is not back."
    ]

    Officer.objects.update(active=False)
    Alert.objects.all().delete()

    assert look(noon, 9 * 24 * HOUR, 9 * 24 * HOUR + 2 * MINUTE, 9 * 24 * HOUR + HOUR) == [
        "C0417 is with an officer who has left."
    ]
