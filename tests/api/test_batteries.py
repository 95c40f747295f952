"""What the API says of a camera's battery."""

from datetime import timedelta

import pytest

from devices.battery.models import Battery
from devices.health.models import CameraHealth
from devices.roles import Role
from tests import rows
from tests.api.callers import program, token_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor():
    return program(token_of(rows.person(Role.AUDITOR)))


def battery(client, number=417):
    return client.get(f"/api/v1/cameras/{number}/").json()["battery"]


def test_a_camera_that_never_spoke_has_no_hours(auditor, noon):
    rows.a_camera(417, rows.a_station(), noon)

    assert battery(auditor) is None


def test_a_new_camera_has_its_models_hours_and_says_that_they_rest_on_nothing(auditor, noon):
    rows.a_camera(417, rows.a_station(), noon, health={})

    said = battery(auditor)

    assert said["hours_low"] < said["hours"] < said["hours_high"]
    assert said["hours"] == said["full_hours"]
    assert said["hours_seen"] == 0
    assert said["capacity_percent"] is None


def test_what_it_has_shown_counts_and_a_charge_says_when_it_is_enough(auditor, noon):
    charging = {"battery_percent": 40, "battery_state": "charging"}
    camera = rows.a_camera(417, rows.a_station(), noon, health=charging)
    Battery.objects.create(
        camera=camera,
        buffering_hours_seen=100,
        buffering_percent_h=7,
        duty_percent_h=8,
        capacity_percent=88.2,
        error_share=0.1,
    )

    said = battery(auditor)

    assert said["hours"] == 5.0
    assert said["capacity_percent"] == 88.2
    assert noon.isoformat() < said["enough_at"] < (noon + timedelta(hours=5)).isoformat()


def test_hours_stay_the_same_until_the_camera_says_something_new(auditor, noon):
    rows.a_camera(417, rows.a_station(), noon, health={"battery_percent": 60})
    first = auditor.get("/api/v1/cameras/")

    again = auditor.get("/api/v1/cameras/", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304

    CameraHealth.objects.update(battery_percent=59)
    changed = auditor.get("/api/v1/cameras/", headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200
