"""A fault that somebody has seen and nobody mends calls once its time to be mended is over."""

from datetime import timedelta
from uuid import uuid4

import pytest

from devices.alerts import actions
from devices.alerts.catalogue import Pace
from devices.alerts.models import Alert
from devices.department import current
from devices.department.actions import decide
from devices.faults import actions as faults
from devices.faults.models import Fault, Repair, Resolution
from devices.roles import Role
from tests import rows
from tests.faults.conftest import leaving, report

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def hq():
    return rows.a_station()


@pytest.fixture
def commander(hq):
    return rows.person(Role.COMMANDER, hq)


def seen(number, code, hq, commander, noon):
    """A fault of that camera, told at noon and acknowledged at once."""
    camera = rows.a_camera(number, hq, noon, health={})
    fault = report(camera, commander, noon, code)
    if fault.state == "open":
        faults.acknowledge(fault, by=commander, now=noon)
    return fault


def look(at):
    actions.sweep(now=at, pace=Pace.QUICK)
    rows_of_rule = Alert.objects.calling().filter(rule="fault_unmended").order_by("name")
    found = [one.words for one in rows_of_rule]
    assert len(found) == Fault.objects.unmended(current.policy(), at).count()
    return found


def test_each_calls_when_its_own_time_is_over(hq, commander, noon):
    seen(1, "lens", hq, commander, noon)
    seen(2, "storage", hq, commander, noon)
    seen(3, "screen", hq, commander, noon)
    critical = "A fault of C0001 is not mended in time: lens."
    major = "A fault of C0002 is not mended in time: storage."

    assert look(noon + 23 * HOUR) == []
    assert look(noon + 24 * HOUR) == [critical]
    assert look(noon + 7 * DAY - HOUR) == [critical]
    assert look(noon + 7 * DAY) == [critical, major]
    assert len(look(noon + 30 * DAY)) == 3

    alert = Alert.objects.get(name="C0002")
    assert (alert.severity, alert.value, alert.limit) == ("major", "30 days", "7 days")
    assert alert.began_at == noon + 7 * DAY
    assert alert.address.startswith("/faults/")


def test_one_that_nobody_has_seen_has_another_clock(hq, commander, noon):
    camera = rows.a_camera(1, hq, noon, health={})
    report(camera, rows.person(Role.IT), noon, "storage")

    assert look(noon + 8 * DAY) == []


def test_it_is_over_when_somebody_clears_it(hq, commander, noon):
    fault = seen(1, "storage", hq, commander, noon)
    at = noon + 8 * DAY
    assert len(look(at)) == 1

    faults.resolve(fault, Resolution.REPAIRED, words="New card", by=commander, now=at)

    assert look(at + HOUR) == []


def goes_away(fault, by, at):
    faults.send_to_repair(fault.camera, leaving(at), fault=fault, key=uuid4(), by=by, now=at)


def comes_back(fault, by, at):
    said = faults.Returning("New lens", "Lens", "Recorded a minute")
    faults.take_back(Repair.objects.get(returned_at=None), said, by=by, now=at)


def test_the_time_to_mend_begins_anew_when_its_camera_is_back_from_repair(hq, commander, noon):
    fault = seen(1, "lens", hq, commander, noon)
    by = rows.person(Role.QUARTERMASTER, hq)
    goes_away(fault, by, noon + HOUR)
    assert look(noon + 5 * DAY) == []
    back = noon + 6 * DAY

    comes_back(fault, by, back)

    assert look(back) == look(back + 23 * HOUR) == []
    assert len(look(back + 24 * HOUR)) == 1
    alert = Alert.objects.get(rule="fault_unmended")
    assert (alert.value, alert.limit, alert.began_at) == ("24 h", "24 h", back + DAY)


def test_one_that_called_calls_no_more_when_its_camera_comes_back(hq, commander, noon):
    fault = seen(1, "lens", hq, commander, noon)
    by, at = rows.person(Role.QUARTERMASTER, hq), noon + 2 * DAY
    assert len(look(at)) == 1
    goes_away(fault, by, at)
    assert look(at + HOUR) == []

    comes_back(fault, by, at + DAY)

    assert look(at + DAY) == []


def test_a_repair_before_it_was_told_gives_it_no_time(hq, commander, noon):
    fault = seen(1, "lens", hq, commander, noon)
    by = rows.person(Role.QUARTERMASTER, hq)
    goes_away(fault, by, noon + HOUR)
    told_away = report(fault.camera, commander, noon + 2 * HOUR, "microphone")
    comes_back(fault, by, noon + 20 * HOUR)
    faults.acknowledge(told_away, by=commander, now=noon + 21 * HOUR)

    assert look(noon + 26 * HOUR) == ["A fault of C0001 is not mended in time: microphone."]


def test_it_goes_by_the_departments_numbers(
    hq, commander, noon, django_capture_on_commit_callbacks
):
    fault = seen(1, "storage", hq, commander, noon)
    at = noon + 8 * DAY
    assert len(look(at)) == 1

    with django_capture_on_commit_callbacks(execute=True):
        decide({"mend_major_within": 9}, reason="Slow maker", based_on=0, by=None, now=at)

    assert look(at + HOUR) == []
    assert len(look(noon + 9 * DAY)) == 1
    fault.refresh_from_db()
    assert fault.state == "acknowledged"
