"""What calls about custody: overdue, lost, found, with a leaver, told wrongly by a desk."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from devices.alerts import actions, replays
from devices.alerts.actions import InForce
from devices.alerts.catalogue import CATALOGUE
from devices.alerts.models import Alert
from devices.custody import actions as custody
from devices.custody.actions import Terms, Told
from devices.custody.models import Desk, Via
from devices.desk.models import DeskConflict, DeskRequest
from devices.health.models import CameraHealth
from devices.inventory import actions as inventory
from devices.inventory.models import Officer, ServiceState
from devices.roles import Role
from tests.rows import a_camera, a_station, person

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def station():
    return a_station()


@pytest.fixture
def spare(station, noon):
    return a_camera(531, station, noon, health={"storage_free_mb": 60_000})


@pytest.fixture
def officer(station):
    return Officer.objects.create(badge_number="1031", station=station, unit="Patrol A")


@pytest.fixture
def told(station, noon):
    by = person(Role.QUARTERMASTER, station)

    def at(after=timedelta(), **fields):
        return Told(by=by, now=noon + after, **fields)

    return at


def given(spare, officer, told, noon, due=8 * HOUR):
    return custody.check_out(spare, officer, Terms(due_at=noon + due), told=told()).opened


def look(noon, after):
    actions.sweep(now=noon + after)
    return [one.words for one in Alert.objects.calling().order_by("rule")]


def test_a_camera_calls_when_it_is_longer_past_due_than_the_department_allows(
    spare, officer, told, noon
):
    given(spare, officer, told, noon)

    assert look(noon, 8 * HOUR + 29 * MINUTE) == []
    assert look(noon, 8 * HOUR + 30 * MINUTE) == ["C0531 was due back less than an hour ago."]

    alert = Alert.objects.get()
    assert (alert.severity, alert.limit) == ("major", "30 min")
    assert alert.began_at == noon + 8 * HOUR + 30 * MINUTE
    assert alert.address == "/cameras/531/"
    assert look(noon, 33 * HOUR) == ["C0531 was due back 25 h ago and is missing."]


def test_one_that_is_in_hand_calls_again_and_graver_once_it_is_missing(spare, officer, told, noon):
    given(spare, officer, told, noon)
    look(noon, 9 * HOUR)
    by = person(Role.COMMANDER, spare.station)
    actions.acknowledge(Alert.objects.all(), note="Called him", by=by, now=noon + 9 * HOUR)
    assert look(noon, 31 * HOUR) == []

    assert look(noon, 32 * HOUR) == ["C0531 was due back 24 h ago and is missing."]

    alert = Alert.objects.get()
    assert (alert.severity, alert.acknowledged_by, alert.note) == ("critical", None, "")
    actions.acknowledge([alert], note="", by=by, now=noon + 32 * HOUR)
    custody.check_in(spare, told=told(33 * HOUR))
    assert look(noon, 33 * HOUR) == []
    assert Alert.objects.get().severity == "critical"
    look(noon, 34 * HOUR)
    assert Alert.objects.get().resolved_at == noon + 34 * HOUR


def test_as_grave_as_it_grows_it_is_a_step_above_what_the_department_calls_it(
    spare, officer, told, noon
):
    rule = CATALOGUE["custody_overdue"]
    wanted = InForce(rule, replace(rule.terms, severity="minor"), None)
    actions.change_rule(wanted, reason="We call them anyway", by=None, now=noon)
    given(spare, officer, told, noon)

    found = []
    for after in (31 * HOUR, 32 * HOUR, 33 * HOUR):
        look(noon, after)
        found.append(Alert.objects.get().severity)

    assert found == ["minor", "major", "major"]


def test_it_is_over_when_the_camera_comes_back_or_is_due_later(spare, officer, told, noon):
    held = given(spare, officer, told, noon)
    look(noon, 9 * HOUR)

    custody.extend(held, noon + 12 * HOUR, told=told(9 * HOUR, reason="Court runs late"))

    look(noon, 9 * HOUR + MINUTE)
    assert look(noon, 9 * HOUR + 3 * MINUTE) == []

    assert look(noon, 13 * HOUR) == ["C0531 was due back 1 h ago."]
    custody.check_in(spare, told=told(13 * HOUR))

    look(noon, 13 * HOUR + MINUTE)
    assert look(noon, 13 * HOUR + 3 * MINUTE) == []


def test_an_own_camera_is_never_overdue_by_its_custody(spare, officer, told, noon):
    custody.assign(spare, officer, told=told(reason="Standing issue"))

    assert look(noon, timedelta(days=3)) == []


def test_a_camera_that_is_reported_lost_calls_at_once_until_it_is_in_service(spare, told, noon):
    custody.report_lost(spare, told=told(MINUTE, reason="Fell into the river"))

    assert look(noon, MINUTE) == ["C0531 was reported lost."]
    alert = Alert.objects.get()
    assert (alert.severity, alert.began_at) == ("major", noon + MINUTE)

    by = told().by
    inventory.change_service(
        spare, ServiceState.IN_SERVICE, reason="In the car", by=by, now=noon + HOUR
    )
    assert look(noon, HOUR) == []


def test_for_two_weeks_a_lost_camera_calls_and_no_longer(spare, told, noon):
    custody.report_lost(spare, told=told(reason="Fell into the river"))

    assert look(noon, timedelta(days=14) - MINUTE) == ["C0531 was reported lost."]
    assert look(noon, timedelta(days=14)) == []
    assert not Alert.objects.filter(rule="camera_lost", cleared_at=None).exists()


def test_of_a_lost_camera_it_is_not_its_being_overdue_that_calls(spare, officer, told, noon):
    given(spare, officer, told, noon)
    look(noon, 9 * HOUR)

    custody.report_lost(spare, told=told(10 * HOUR, reason="Fell into the river"))

    assert "C0531 was reported lost." in look(noon, 10 * HOUR)
    assert look(noon, 10 * HOUR + 3 * MINUTE) == ["C0531 was reported lost."]
    assert look(noon, 30 * HOUR) == ["C0531 was reported lost."]


def test_a_lost_camera_that_is_scanned_calls_at_once_until_somebody_looked(
    station, spare, told, noon
):
    custody.report_lost(spare, told=told(reason="Fell into the river"))
    desk = Desk.objects.create(station=station, name="Desk 1")
    look(noon, MINUTE)

    custody.found(spare, told=told(HOUR, via=Via.DESK, desk=desk))

    found = "C0531 was lost and has been scanned at Desk 1."
    assert look(noon, HOUR) == [found]
    assert Alert.objects.get(words=found).severity == "critical"
    assert Alert.objects.get(cause__words=found).rule == "camera_lost"

    by = told().by
    inventory.change_service(
        spare, ServiceState.IN_SERVICE, reason="Dry again", by=by, now=noon + 2 * HOUR
    )
    assert look(noon, 2 * HOUR) == []

    inventory.change_service(
        spare, ServiceState.LOST, reason="Lost again", by=by, now=noon + 3 * HOUR
    )
    assert look(noon, 3 * HOUR) == ["C0531 was reported lost."]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"active": False}, "C0531 is with an officer who has left."),
        ({"suspended_because": "Inquiry"}, "C0531 is with an officer who is suspended."),
    ],
)
def test_a_leaver_with_a_camera_calls_and_is_not_named(spare, officer, told, noon, fields, words):
    given(spare, officer, told, noon)
    Officer.objects.filter(pk=officer.pk).update(**fields)

    look(noon, MINUTE)
    assert look(noon, 3 * MINUTE) == [words]

    custody.check_in(spare, told=told(HOUR))

    assert look(noon, HOUR) == []


def test_a_suspended_officers_own_camera_calls_until_it_is_in_a_bay(spare, officer, told, noon):
    custody.assign(spare, officer, told=told(reason="Standing issue"))
    Officer.objects.filter(pk=officer.pk).update(suspended_because="Inquiry")
    health = CameraHealth.objects.filter(camera=spare)
    health.update(docked=False)

    look(noon, MINUTE)
    assert look(noon, 3 * MINUTE) == ["C0531 is with an officer who is suspended."]

    health.update(docked=True)

    assert look(noon, 4 * MINUTE) == []
    assert custody.open_custody(spare).officer == officer


@pytest.mark.parametrize("named", [True, False])
def test_what_a_desk_told_wrongly_calls_when_nobody_settles_it(
    station, spare, officer, told, noon, named
):
    desk = Desk.objects.create(station=station, name="Desk 1")
    request = DeskRequest.objects.create(
        event_id=uuid4(),
        desk=desk,
        by=told().by,
        seq=1,
        asked="x",
        raw="C0531",
        scanned_at=noon,
        received_at=noon,
    )
    conflict = DeskConflict.objects.create(
        request=request,
        camera=spare if named else None,
        officer=officer,
        told="issued",
        sentence="Desk 1 told issued while cut off. 1044 holds it.",
        at=noon,
    )

    assert look(noon, 9 * MINUTE) == []
    said = look(noon, 10 * MINUTE)

    what = "C0531" if named else "a code that names no camera"
    assert said == [f"What Desk 1 told of {what} while it was cut off is not what is on record."]
    assert Alert.objects.get().address == "/desk/conflicts/"

    DeskConflict.objects.filter(pk=conflict.pk).update(settled_at=noon + HOUR)

    assert look(noon, HOUR) == []


def test_what_would_have_called_last_week_can_be_asked(station, spare, officer, told, noon):
    given(spare, officer, told, noon)
    custody.check_in(spare, told=told(9 * HOUR))
    given(spare, officer, lambda: told(10 * HOUR), noon, due=11 * HOUR)
    custody.check_in(spare, told=told(11 * HOUR))
    custody.report_lost(spare, told=told(12 * HOUR, reason="x"))
    custody.found(spare, told=told(13 * HOUR))

    def times(code):
        rule = CATALOGUE[code]
        span = {"since": noon, "until": noon + timedelta(days=1)}
        return replays.replay(InForce(rule, rule.terms, None), **span).times

    asked = ("custody_overdue", "camera_lost", "camera_found", "desk_conflict")
    assert [times(code) for code in asked] == [1, 1, 1, 0]
