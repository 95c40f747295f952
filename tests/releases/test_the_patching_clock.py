from datetime import timedelta

import pytest

from devices.inventory.models import Camera
from devices.releases import rules
from devices.releases.reading import behind
from tests.releases.shelf import approved
from tests.rows import a_camera, a_station


@pytest.mark.parametrize(
    ("urgency", "days"), [("critical", 15), ("high", 30), ("medium", 60), ("low", 90)]
)
def test_the_clock_runs_from_the_approval(noon, urgency, days):
    by = rules.patch_by(urgency, noon)

    assert rules.days_left(by, noon) == days
    assert rules.days_left(by, noon + timedelta(days=days, hours=-1)) == 1
    assert rules.days_left(by, noon + timedelta(days=days)) == 0
    assert rules.days_left(by, noon + timedelta(days=days + 3)) == -3


@pytest.mark.parametrize(
    ("reported", "is_behind"),
    [("4.3.0", False), ("4.4.0", False), ("4.2.9", True), ("", True), ("odd one", True)],
)
def test_who_runs_something_newer_is_not_behind(reported, is_behind):
    assert rules.is_behind(reported, "4.3.0") is is_behind


@pytest.mark.django_db
def test_who_is_behind_is_counted_by_model_and_version(maker, it, colleague, at, believed):
    station = a_station()
    for number, version in enumerate(["4.2.1", "4.2.1", "4.1.7", "4.3.0", "4.4.0"], 1):
        a_camera(number, station, at, health={"firmware_version": version})
    a_camera(9, station, at, health={"firmware_version": "4.1.7"}, service_state="retired")
    a_camera(10, station, at)
    approved(maker, it, colleague, at, "4.2.1", urgency="critical")
    later = at + timedelta(minutes=1)
    release = approved(maker, it, colleague, later, urgency="high")

    (one,) = behind(Camera.objects.all(), later + timedelta(days=10))

    assert (one.release, one.days_left) == (release, 20)
    assert (one.behind, one.cameras) == (4, 6)
    assert [(version, count) for _, version, count in one.versions] == [
        ("", 1),
        ("4.1.7", 1),
        ("4.2.1", 2),
    ]
