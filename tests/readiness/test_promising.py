"""Only a spare that is fit is promised, and to an officer who may take one, whatever was shown."""

from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest

from devices.errors import Refused
from devices.faults import actions as faults
from devices.faults.actions import Telling
from devices.faults.models import FaultSource
from devices.health.models import CameraHealth
from devices.inventory import actions as inventory
from devices.inventory.models import Officer, ServiceState
from devices.ledger import LedgerEntry
from devices.policy import Policy
from devices.readiness.promising import Offer, promise_spare
from devices.recalls import actions as recalls
from devices.recalls.rules import Wanted
from devices.roles import Role
from devices.roster.models import Reservation, StandIn
from tests import rows
from tests.racing import race, while_waiting
from tests.readiness.test_shifts import a_shift, a_spare, judged, on, only

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
FLAT = {"battery_percent": 20, "battery_state": "discharging"}


@pytest.fixture
def shift(noon):
    """In an hour; 1's own camera is flat."""
    shift = a_shift(rows.a_station(), noon + HOUR)
    on(shift, 1, noon, FLAT)
    return shift


@pytest.fixture
def spare(shift, noon):
    return a_spare(801, shift.station, noon)


def officer(badge=1):
    return Officer.objects.get(badge_number=str(badge))


@pytest.fixture
def promise(shift, spare, noon):
    return lambda to=1: promise_spare(
        shift, Offer(officer(to), spare), by=None, now=noon, policy=Policy()
    )


def test_the_spare_that_is_offered_is_promised(shift, spare, noon, promise):
    assert only(judged(shift, noon)).todo[0].spare.camera.id == spare.pk

    promise()

    assert only(judged(shift, noon)).ready


def _flat(spare, noon):
    CameraHealth.objects.filter(camera=spare).update(**FLAT)


def _silent(spare, noon):
    """An hour ago it was ready; whether it still is nobody knows."""
    CameraHealth.objects.filter(camera=spare).update(hearing="silent", heard_at=noon - HOUR)


def _recalled(spare, noon):
    wanted = Wanted("Swollen batteries", "They swell.", model_id=spare.model_id)
    recalls.make(wanted, by=None, now=noon)


def _faulty(spare, noon):
    by = rows.person(Role.QUARTERMASTER, spare.station)
    told = Telling("lens", "Cracked", FaultSource.QUARTERMASTER, uuid4())
    faults.report_malfunction(spare, told, by=by, now=noon, policy=Policy())


def _reserved(spare, noon):
    Reservation.objects.create(
        camera=spare, title="Parade", begins_at=noon, ends_at=noon + 3 * HOUR, reason="x",
        made_at=noon,
    )  # fmt: skip


def _lost(spare, noon):
    inventory.change_service(spare, ServiceState.LOST, reason="Gone", by=None, now=noon)


@pytest.mark.parametrize(
    ("happens", "said"),
    [
        (
            _flat,
            r"C0801 has 2\.2 h of battery; the shift needs 8\.8 h\. It is not promised",
        ),
        (_silent, r"C0801 .*It is not promised; choose another spare\."),
        (_recalled, r"C0801 is recalled: Swollen batteries\. It is not promised"),
        (_faulty, r"C0801 .*lens.* It is not promised"),
        (_reserved, "C0801 is reserved during Evening"),
        (_lost, "C0801 is lost"),
    ],
)
def test_one_that_is_not_fit_is_refused_with_why(shift, spare, noon, promise, happens, said):
    happens(spare, noon)

    with pytest.raises(Refused, match=said):
        promise()

    assert not StandIn.objects.exists()
    assert not LedgerEntry.objects.filter(verb="spare promised").exists()


def test_it_must_last_for_a_double_shift_as_the_officers_own_would(shift, spare, noon, promise):
    """It has 11 h or so; the officer stays on for the night."""
    on(a_shift(shift.station, shift.ends_at, name="Night"), 1, noon)

    with pytest.raises(Refused, match=r"C0801 .*battery.*It is not promised"):
        promise()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"active": False}, "1 has left and takes no camera."),
        ({"suspended_because": "Inquiry"}, "1 is suspended and takes no camera."),
    ],
)
def test_who_may_take_no_camera_is_promised_none(promise, fields, said):
    Officer.objects.update(**fields)

    with pytest.raises(Refused, match=said):
        promise()


@pytest.mark.django_db(transaction=True)
def test_a_fault_that_is_being_told_is_waited_for(shift, spare, noon, promise):
    by = rows.person(Role.QUARTERMASTER, spare.station)
    told = Telling("lens", "Cracked", FaultSource.QUARTERMASTER, uuid4())

    def refused():
        with pytest.raises(Refused, match="lens"):
            promise()

    while_waiting(
        partial(faults.report_malfunction, spare, told, by=by, now=noon, policy=Policy()),
        refused,
        lambda: None,
    )

    assert not StandIn.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_suspension_under_way_is_waited_for(shift, spare, noon, promise):
    def refused():
        with pytest.raises(Refused, match="is suspended"):
            promise()

    while_waiting(
        partial(inventory.suspend, officer(), "Inquiry", by=None, now=noon), refused, lambda: None
    )

    assert not StandIn.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_are_promised_the_last_spare_at_once_one_has_it(shift, spare, noon, promise):
    on(shift, 2, noon, FLAT)

    said = race(lambda n: promise(n + 1), runners=2)

    assert sum(isinstance(one, Refused) for one in said) == 1
    assert StandIn.objects.count() == 1
