"""A camera that recorded a critical incident stays as it is."""

from datetime import timedelta

import pytest

from devices.custody import actions as custody
from devices.custody.actions import Terms, Told
from devices.errors import Refused
from devices.inventory import actions as inventory
from devices.inventory.models import Camera, Officer, ServiceState
from devices.ledger import LedgerEntry
from tests.gateway.words import batch, carry, report, sender_of
from tests.rows import a_camera, a_dock, a_station

pytestmark = pytest.mark.django_db


@pytest.fixture
def camera(noon):
    return a_camera(417, a_station(), noon)


@pytest.fixture
def held(camera, noon):
    inventory.hold(camera, "Shooting, 26-10417", by=None, now=noon)
    return camera


def test_it_is_held_for_a_reason_since_a_moment_and_in_the_ledger(held, noon):
    row = Camera.objects.get(pk=held.pk)

    assert (row.held_for, row.held_at) == ("Shooting, 26-10417", noon)
    assert row.public_by == noon + timedelta(hours=96)
    entry = LedgerEntry.objects.get(verb="held as evidence")
    assert (entry.subject, entry.facts["reason"]) == ("C0417", "Shooting, 26-10417")


@pytest.mark.parametrize("reason", ["", "   "])
def test_holding_and_releasing_want_a_reason(camera, held, noon, reason):
    with pytest.raises(Refused, match="Say where"):
        inventory.release_hold(held, reason, by=None, now=noon)
    inventory.release_hold(held, "Copied, sealed 26-1", by=None, now=noon)

    with pytest.raises(Refused, match="Say what happened"):
        inventory.hold(camera, reason, by=None, now=noon)


def test_it_is_held_once_and_released_once(held, noon):
    with pytest.raises(Refused, match="C0417 is held as evidence already"):
        inventory.hold(held, "Again", by=None, now=noon)

    inventory.release_hold(held, "Copied, sealed 26-1", by=None, now=noon)

    with pytest.raises(Refused, match="C0417 is not held"):
        inventory.release_hold(held, "Copied", by=None, now=noon)
    ended = LedgerEntry.objects.get(verb="evidence hold ended")
    assert ended.facts["was_held_for"] == "Shooting, 26-10417"


def test_it_goes_to_nobody_but_comes_back(camera, noon):
    officer = Officer.objects.create(badge_number="1031", station=camera.station)
    told = Told(by=None, now=noon, via="import", reason="Ordered")
    custody.check_out(camera, officer, Terms(), told=told)
    inventory.hold(camera, "Shooting, 26-10417", by=None, now=noon)

    custody.check_in(camera, told=told)

    with pytest.raises(Refused, match="held as evidence: it goes to nobody"):
        custody.check_out(camera, officer, Terms(), told=told)


def test_it_leaves_for_no_workshop(held, noon):
    with pytest.raises(Refused, match="it stays here"):
        inventory.change_service(held, ServiceState.IN_REPAIR, reason="Lens", by=None, now=noon)


def test_nothing_is_installed_on_it(camera, noon):
    type(camera.model).objects.update(firmware_version="4.3.0", profile_version="9")
    dock = sender_of(a_dock("D01", camera.station))

    def orders(sequence):
        return carry(dock, batch(report(sequence=sequence)), noon).orders.cameras

    assert [one.firmware_version for one in orders(1)] == ["4.3.0"]

    inventory.hold(camera, "Shooting, 26-10417", by=None, now=noon)
    assert orders(2) == ()
