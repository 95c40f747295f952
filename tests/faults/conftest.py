"""A camera in good order at a station, and the people who have to do with it."""

from uuid import uuid4

import pytest

from devices.faults import actions
from devices.faults.actions import Confirming, Leaving, Telling
from devices.faults.models import Confirmation, FaultSource
from devices.inventory.models import CameraModel, Officer
from devices.policy import Policy
from devices.roles import Role
from tests import rows

POLICY = Policy()


@pytest.fixture
def hq(db):
    return rows.a_station()


@pytest.fixture
def officer(hq):
    return Officer.objects.create(badge_number="217", station=hq)


@pytest.fixture
def camera(hq, officer, noon):
    CameraModel.objects.filter(pk=rows.a_model().pk).update(
        firmware_version="4.2.1", profile_version="7"
    )
    health = {"profile_version": "7", "storage_free_mb": 60_000}
    return rows.a_camera(417, hq, noon, officer=officer, health=health)


@pytest.fixture
def sam(hq, officer):
    """The officer who wears the camera."""
    return rows.person(Role.OFFICER, officer=officer)


@pytest.fixture
def commander(hq):
    return rows.person(Role.COMMANDER, hq)


@pytest.fixture
def it(hq):
    return rows.person(Role.IT)


def confirm(camera, by, now, *, officer=None, key=None, note=""):
    said = Confirming(officer=officer, how=Confirmation.TAP, key=key or uuid4(), note=note)
    return actions.test_camera(camera, said, by=by, now=now, policy=POLICY)


def telling(code="lens", words="the lens is cracked", *, key=None, **said):
    return Telling(code=code, words=words, source=FaultSource.COMMANDER, key=key or uuid4(), **said)


def report(camera, by, now, *args, **said):
    return actions.report_malfunction(camera, telling(*args, **said), by=by, now=now, policy=POLICY)


def leaving(now, **said):
    usual = {
        "maintainer": "Example Repairs",
        "reason": "lens cracked",
        "rma_number": "RMA-17",
        "sanitised_at": now,
        "sanitised_how": "erased and overwritten",
    }
    return Leaving(**{**usual, **said})
