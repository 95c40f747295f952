"""Spares promised for a shift, and inspections as records."""

from datetime import date, timedelta

import pytest

from devices.errors import Refused
from devices.faults.models import Fault
from devices.inventory.models import ServiceState
from devices.ledger import LedgerEntry
from devices.roster import actions
from devices.roster.models import Inspection, StandIn
from devices.roster.roll_call import actions as roll_call
from tests.roster.setting import an_officer, shifts_of
from tests.rows import a_camera, a_station

pytestmark = pytest.mark.django_db


@pytest.fixture
def shift(noon):
    shift = shifts_of(a_station(), date(2030, 1, 2))[0]
    for badge in ("217", "218"):
        actions.put_on(an_officer(badge, shift.station), shift, by=None, now=noon)
    return shift


@pytest.fixture
def spare(shift, noon):
    return a_camera(9, shift.station, noon)


def officers(shift):
    return [duty.officer for duty in shift.duties.order_by("officer__badge_number")]


def promise(shift, officer, camera, noon):
    return roll_call.promise_spare(shift, officer, camera, by=None, now=noon)


def test_a_spare_is_promised_and_freed(shift, spare, noon):
    made = promise(shift, officers(shift)[0], spare, noon)
    roll_call.end_promise(made, by=None, now=noon)
    promise(shift, officers(shift)[1], spare, noon)

    assert StandIn.objects.filter(ended_at=None).get().officer.badge_number == "218"
    verbs = LedgerEntry.objects.filter(subject="C0009").order_by("seq")
    assert [entry.verb for entry in verbs] == ["spare promised", "spare freed", "spare promised"]


def test_a_spare_is_promised_because_of_a_fault(shift, spare, noon):
    officer = officers(shift)[0]
    own = a_camera(217, shift.station, noon, officer=officer)
    fault = Fault.objects.create(
        camera=own, code="lens", severity="critical", opened_at=noon, acknowledge_by=noon
    )

    made = roll_call.promise_spare(shift, officer, spare, by=None, now=noon, fault_id=fault.pk)

    assert made.fault == fault
    assert LedgerEntry.objects.get(verb="spare promised").facts["fault"] == fault.pk


def test_a_camera_promised_to_another_is_refused_with_the_name(shift, spare, noon):
    promise(shift, officers(shift)[0], spare, noon)

    with pytest.raises(Refused, match="C0009 is promised to 217 for Day of Wed 2 Jan"):
        promise(shift, officers(shift)[1], spare, noon)


def test_an_officer_with_a_spare_gets_no_second_one(shift, spare, noon):
    promise(shift, officers(shift)[0], spare, noon)
    other = a_camera(10, shift.station, noon)

    with pytest.raises(Refused, match="has a spare for this shift already"):
        promise(shift, officers(shift)[0], other, noon)


def test_ending_twice_is_refused(shift, spare, noon):
    made = promise(shift, officers(shift)[0], spare, noon)
    roll_call.end_promise(made, by=None, now=noon)

    with pytest.raises(Refused, match="has ended already"):
        roll_call.end_promise(made, by=None, now=noon)


def test_only_a_spare_of_the_station_in_service_is_promised(shift, noon):
    own = a_camera(1, shift.station, noon, officer=officers(shift)[1])
    away = a_camera(2, a_station("N", "North"), noon)
    broken = a_camera(3, shift.station, noon, service_state=ServiceState.IN_REPAIR)

    for camera, said in (
        (own, "C0001 is 218's own camera"),
        (away, "C0002 is at North"),
        (broken, "C0003 is in repair"),
    ):
        with pytest.raises(Refused, match=said):
            promise(shift, officers(shift)[0], camera, noon)
    assert not StandIn.objects.exists()


def test_who_is_not_on_the_shift_gets_no_spare_for_it(shift, spare, noon):
    with pytest.raises(Refused, match="219 is not on Day"):
        promise(shift, an_officer("219", shift.station), spare, noon)


def test_a_shift_that_is_over_needs_no_spare_and_no_inspection(shift, spare, noon):
    later = noon + timedelta(days=3)

    with pytest.raises(Refused, match="is over"):
        promise(shift, officers(shift)[0], spare, later)
    with pytest.raises(Refused, match="is over"):
        roll_call.inspect(shift, {"said": "2 rostered"}, by=None, now=later)


def test_an_inspection_keeps_what_the_screen_said(shift, noon):
    found = {"sentence": "2 rostered, 1 ready", "ready": ["C0001"]}

    roll_call.inspect(shift, found, by=None, now=noon)
    found["ready"].append("C0002")

    assert Inspection.objects.get().found == {
        "sentence": "2 rostered, 1 ready",
        "ready": ["C0001"],
    }
    assert LedgerEntry.objects.latest("seq").verb == "shift inspected"


def test_an_inspection_of_nothing_is_refused(shift, noon):
    with pytest.raises(Refused, match="nothing to record"):
        roll_call.inspect(shift, {}, by=None, now=noon)
