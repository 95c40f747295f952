"""Which versions a camera is told at its contact, and since when it has said the one it runs."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from devices.health.models import CameraHealth
from devices.inventory.models import CameraModel, Officer
from devices.releases import actions as releases
from devices.releases.profiles.actions import Target, assign, make_version
from devices.releases.profiles.schema import USUAL
from devices.roles import Role
from tests.gateway.words import batch, carry, report, sender_of
from tests.rows import a_camera, a_dock, a_model, a_station, person

pytestmark = pytest.mark.django_db
NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def dock(db):
    return a_dock("D01", a_station(), bays=8)


@pytest.fixture
def cameras(dock):
    CameraModel.objects.filter(pk=a_model().pk).update(
        firmware_version="4.2.1", profile_version="patrol-3"
    )
    officer = Officer.objects.create(badge_number="201", station=dock.station, unit="Traffic")
    made = [a_camera(n, dock.station, NOON) for n in range(1, 9)]
    made[0].officer, made[1].tags = officer, ["k9"]
    for one in made:
        one.save()
    return made


@pytest.fixture
def profiles(settings, tmp_path, cameras):
    """Approved profiles by name."""
    settings.VAR_DIR = tmp_path
    it, colleague = person(Role.IT, name="it"), person(Role.IT, name="colleague")

    def made(name):
        version = make_version(name, USUAL, based_on=0, by=it, now=now())
        releases.approve(version.release, by=colleague, now=now())
        return version.profile

    return {name: made(name) for name in ("traffic", "dogs", "bench")}


def spoken(dock, *numbers, at=NOON, sequence=1, **said):
    """What these cameras are told when they say this."""
    words = [
        report(f"BWC-{n:06d}", bay=n, sequence=sequence, device_time=at.isoformat(), **said)
        for n in numbers
    ]
    answer = carry(sender_of(dock), batch(*words, sent_at=at.isoformat()), at)
    return {one.serial: one for one in answer.orders.cameras}


def told(dock, number, **said):
    """The versions that one camera is told; None: it may stay as it is."""
    order = spoken(dock, number, **said).get(f"BWC-{number:06d}")
    return order and (order.firmware_version, order.profile_version)


def test_a_camera_is_told_the_profile_that_was_assigned_to_it_and_not_its_models(
    dock, cameras, profiles
):
    assign(profiles["traffic"], Target(unit="Traffic"), by=None, now=NOON)
    assign(profiles["dogs"], Target(tag="k9"), by=None, now=NOON)
    assign(profiles["bench"], Target(camera=cameras[2]), by=None, now=NOON)

    answers = spoken(dock, 1, 2, 3, 4, profile_version="factory-1")

    assert [one.profile_version for one in answers.values()] == [
        "traffic-1",
        "dogs-1",
        "bench-1",
        "patrol-3",
    ]
    assert told(dock, 1, sequence=2, profile_version="traffic-1") is None
    assert told(dock, 1, sequence=3, profile_version="patrol-3") == (None, "traffic-1")


@pytest.mark.parametrize(
    ("runs", "ordered"),
    [
        ({"firmware_version": "4.1.0"}, ("4.2.1", None)),
        ({"firmware_version": "4.3.0"}, None),
        ({"firmware_version": "V4.3.0"}, None),
        ({"firmware_version": "factory"}, None),
        ({"profile_version": "patrol-2"}, (None, "patrol-3")),
        ({"profile_version": "patrol-4"}, None),
        ({"profile_version": "traffic-9"}, (None, "patrol-3")),
    ],
)
@pytest.mark.usefixtures("cameras")
def test_no_order_tells_a_camera_to_go_back(dock, runs, ordered):
    assert told(dock, 1, **{"profile_version": "patrol-3", **runs}) == ordered


def test_the_orders_of_a_dock_cost_the_same_for_any_number_of_cameras(dock, cameras, profiles):
    assign(profiles["traffic"], Target(unit="Traffic"), by=None, now=NOON)
    for one in cameras:
        assign(profiles["bench"], Target(camera=one), by=None, now=NOON)

    def cost(*numbers, sequence):
        with CaptureQueriesContext(connection) as asked:
            assert len(spoken(dock, *numbers, sequence=sequence)) == len(numbers)
        return len(asked)

    spoken(dock, *range(1, 9))
    assert cost(1, sequence=2) == cost(*range(1, 9), sequence=3)


def test_since_when_a_camera_says_what_it_runs_is_kept(dock):
    a_camera(1, dock.station, NOON)

    def since(minutes, sequence, **said):
        spoken(dock, 1, at=NOON + timedelta(minutes=minutes), sequence=sequence, **said)
        return (CameraHealth.objects.get().profile_since - NOON) / timedelta(minutes=1)

    assert since(0, 1, profile_version="patrol-3") == 0
    assert since(1, 2, profile_version="patrol-3") == 0
    assert since(2, 3, profile_version="factory-1") == 2
    assert since(3, 4, profile_version="factory-1", profile_digest="0" * 64) == 3
    assert since(9, 5, profile_version="factory-1", profile_digest="0" * 64) == 3
