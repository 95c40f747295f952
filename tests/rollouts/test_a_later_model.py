"""A profile is for every camera model, those too that came after its approval."""

from typing import Any

import pytest

from devices.errors import Refused
from devices.health.models import CameraHealth
from devices.inventory.models import Camera, CameraModel
from devices.policy import Policy
from devices.releases import actions as releases
from devices.releases.profiles.actions import Target, assign, make_version
from devices.releases.profiles.schema import USUAL
from devices.rollouts.rules import Turn
from devices.rollouts.sweeping import sweep
from tests.api.callers import browser, results
from tests.rollouts.setting import docked, drafted, firmware, put, started, states

pytestmark = pytest.mark.django_db


@pytest.fixture
def cameras(noon) -> Any:
    return docked(2, noon)


@pytest.fixture
def patrol(cameras, it, colleague, noon):
    """A profile that was approved while there was one model."""
    version = make_version("patrol", USUAL, based_on=0, by=it, now=noon)
    releases.approve(version.release, by=colleague, now=noon)
    return version.release


@pytest.fixture
def later(patrol, cameras) -> Any:
    """A model that came since; the second camera is of it."""
    model = CameraModel.objects.create(maker="Example", name="R9", battery_hours=12)
    Camera.objects.filter(pk=cameras[1].pk).update(model=model)
    return model


def test_a_rollout_of_it_goes_to_cameras_of_that_model_too(patrol, later, it, colleague, noon):
    assign(patrol.profile_version.profile, Target(model=later), by=it, now=noon)

    rollout = started(it, colleague, noon, patrol, wanted={"models": [later.pk]})

    assert states(rollout) == {"C0002": "planned"}
    with pytest.raises(Refused, match=r"Firmware 4\.3\.0 is not for Example R9"):
        drafted(it, noon, firmware(), wanted={"models": [later.pk]})


def test_at_its_end_it_is_what_they_should_run(patrol, later, cameras, it, colleague, noon):
    assign(patrol.profile_version.profile, Target(model=later), by=it, now=noon)
    CameraHealth.objects.update(profile_version="factory-1")
    rollout = started(it, colleague, noon, patrol)
    put(rollout, Turn.SUCCEEDED, *cameras, ended_at=noon)
    CameraHealth.objects.update(profile_version="patrol-1")

    for _ in range(4):
        sweep(now=noon, policy=Policy())

    rollout.refresh_from_db()
    later.refresh_from_db()
    assert (rollout.state, later.profile_version) == ("finished", "patrol-1")


def test_the_next_version_counts_as_good_for_them_and_firmware_of_others_does_not(
    patrol, later, it, colleague, noon
):
    version = make_version("patrol", {**USUAL, "led": False}, based_on=1, by=it, now=noon)

    releases.approve(version.release, by=colleague, now=noon)

    later.refresh_from_db()
    assert later.profile_accepted == ["patrol-1", "patrol-2"]
    assert later.firmware_accepted == []


def test_the_api_names_them(patrol, later, it):
    firmware("4.3.0")

    told = {
        row["version"]: [model["name"] for model in row["fits"]]
        for row in results(browser(it), "/api/v1/releases/")
    }

    assert told == {"patrol-1": ["R2", "R9"], "4.3.0": ["R2"]}
