from datetime import UTC, datetime, timedelta

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


AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


def clock(version, days, approved=0):
    """Approved so many days after the first, and due so many days after that."""
    at = AT + timedelta(days=approved)
    return rules.Clock(0, version, at, at + timedelta(days=days))


@pytest.mark.parametrize(
    ("reported", "approved", "lacked"),
    [
        ("4.2.1", [clock("4.3.1", 15), clock("4.4.0", 90, 14)], ["4.3.1", "4.4.0"]),
        ("4.2.1", [clock("4.3.1", 15), clock("4.1.1", 90, 14)], ["4.3.1"]),
        ("4.2.1", [clock("4.3.1", 90), clock("4.4.0", 15, 14)], ["4.4.0", "4.3.1"]),
        ("4.3.1", [clock("4.3.1", 15), clock("4.4.0", 90, 14)], ["4.4.0"]),
        ("4.4.0", [clock("4.3.1", 15), clock("4.4.0", 90, 14)], []),
        ("4.5.0", [clock("4.3.1", 15), clock("4.4.0", 90, 14)], []),
        ("", [clock("4.3.1", 15), clock("4.4.0", 90, 14)], ["4.3.1", "4.4.0"]),
        # Nobody can tell which is newer: the approvals do.
        ("2024a", [clock("2024a", 15), clock("2024b", 90, 14)], ["2024b"]),
        ("2024b", [clock("2024a", 15), clock("2024b", 90, 14)], []),
    ],
)
def test_the_earliest_day_of_all_that_it_lacks_comes_first(reported, approved, lacked):
    assert [one.version for one in rules.lacked(reported, approved)] == lacked
    assert [one.version for one in rules.lacked(reported, approved[::-1])] == lacked


def test_the_newest_is_the_one_that_none_follows():
    older, old, new = clock("4.1.1", 90, 14), clock("4.3.1", 15), clock("4.4.0", 90, 3)

    assert rules.newest([older, old, new]) == [new]
    assert rules.newest([clock("2024a", 90), later := clock("2024b", 90, 1)]) == [later]


@pytest.fixture
def cameras(at):
    station = a_station()
    for number, version in enumerate(["4.2.1", "4.2.1", "4.1.7", "4.3.0", "4.4.0"], 1):
        a_camera(number, station, at, health={"firmware_version": version})
    a_camera(9, station, at, health={"firmware_version": "4.1.7"}, service_state="retired")
    a_camera(10, station, at)


@pytest.mark.django_db
@pytest.mark.usefixtures("believed", "cameras")
def test_who_is_behind_is_counted_by_model_and_version(maker, it, colleague, at):
    release = approved(maker, it, colleague, at, urgency="high")

    (one,) = behind(Camera.objects.all(), at + timedelta(days=10))

    assert (one.release, one.days_left) == (release, 20)
    assert (one.behind, one.sooner, one.cameras) == (4, 0, 6)
    assert [(version, count) for _, version, count in one.versions] == [
        ("", 1),
        ("4.1.7", 1),
        ("4.2.1", 2),
    ]


@pytest.mark.django_db
@pytest.mark.usefixtures("believed", "cameras")
@pytest.mark.parametrize(
    ("later", "rows"),
    [
        ("4.5.0", [("4.3.0", 1, 4, 0), ("4.5.0", 90, 2, 4)]),
        ("4.1.1", [("4.3.0", 1, 4, 0)]),
    ],
)
def test_no_later_approval_puts_off_a_day_that_runs(maker, it, colleague, at, later, rows):
    approved(maker, it, colleague, at, urgency="critical")
    moment = at + timedelta(days=14)
    approved(maker, it, colleague, moment, later)

    found = behind(Camera.objects.all(), moment)

    assert [(one.release.version, one.days_left, one.behind, one.sooner) for one in found] == rows


@pytest.mark.django_db
@pytest.mark.usefixtures("believed", "cameras")
def test_it_costs_as_much_for_many_releases_as_for_one(
    maker, it, colleague, at, django_assert_num_queries
):
    for version in ("4.3.0", "4.3.1", "4.4.0"):
        approved(maker, it, colleague, at, version)
        with django_assert_num_queries(3):
            behind(Camera.objects.all(), at)
