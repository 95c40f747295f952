"""Faults and pre-shift tests for programs: what was told, with whose badge, narrowed how."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from devices.access.scopes import Scope
from devices.faults import actions
from devices.health.models import CameraHealth
from devices.inventory.models import Officer
from devices.roles import Role
from tests import rows
from tests.api.callers import browser, program, results, token_of
from tests.faults.conftest import POLICY, confirm, report

pytestmark = pytest.mark.django_db


@pytest.fixture
def hq():
    return rows.a_station()


@pytest.fixture
def officer(hq):
    return Officer.objects.create(badge_number="217", station=hq)


@pytest.fixture
def camera(hq, officer):
    return rows.a_camera(417, hq, now(), officer=officer, health={"clock_wrong": True})


@pytest.fixture
def commander(hq):
    return rows.person(Role.COMMANDER, hq)


@pytest.fixture
def test(camera, officer, commander):
    """A test that failed and opened a fault."""
    return confirm(camera, commander, now(), officer=officer, note="dull")


def test_a_test_is_read_with_its_checks_facts_and_officer(test, commander):
    client = browser(commander)

    (row,) = results(client, "/api/v1/tests/")

    assert row == client.get(f"/api/v1/tests/{test.pk}/").json()
    assert (row["camera"], row["station"], row["officer"]) == ("C0417", "HQ", "217")
    assert (row["passed"], row["confirmed"], row["note"]) == (False, "tap", "dull")
    assert {check["name"]: check["passed"] for check in row["checks"]}["clock"] is False
    assert row["facts"]["battery_percent"] == 100


def test_a_fault_is_read_with_its_clocks_and_its_test(test, commander):
    client = browser(commander)

    (row,) = results(client, "/api/v1/faults/?code=clock")

    assert row == client.get(f"/api/v1/faults/{row['id']}/").json()
    assert (row["code"], row["state"], row["told_by"]) == ("clock", "open", "test")
    assert row["test"] == test.pk
    assert row["acknowledged_at"] is None
    assert row["resolution"] is None


@pytest.mark.parametrize("path", ["tests", "faults"])
def test_badges_go_to_those_who_may_see_them(test, commander, path):
    callers = {
        "commander": browser(commander),
        "it": browser(rows.person(Role.IT)),
        "without": program(token_of(rows.person(Role.AUDITOR), [Scope.FAULTS])),
        "with": program(
            token_of(rows.person(Role.AUDITOR, name="b"), [Scope.FAULTS, "officers:read"])
        ),
    }

    seen = {
        name: results(client, f"/api/v1/{path}/")[0].get("officer", "absent")
        for name, client in callers.items()
    }

    assert seen == {"commander": "217", "it": "absent", "without": "absent", "with": "217"}


@pytest.mark.parametrize(
    ("asked", "codes"),
    [
        ("", ["lens", "mount"]),
        ("?camera=C0417", ["lens", "mount"]),
        ("?camera=418", []),
        ("?code=lens", ["lens"]),
        ("?state=acknowledged", ["mount"]),
        ("?severity=critical", ["lens"]),
        ("?told_by=commander", ["lens", "mount"]),
        ("?told_by=camera", []),
        ("?station=HQ", ["lens", "mount"]),
        ("?from=2999-01-01T00:00:00Z", []),
        ("?page_size=1", ["lens", "mount"]),
    ],
)
def test_faults_are_narrowed_newest_first(camera, commander, asked, codes):
    at = now()
    mount = report(camera, commander, at - timedelta(minutes=5), "mount")
    actions.acknowledge(mount, by=commander, now=at)
    report(camera, commander, at, "lens")

    found = results(browser(commander), f"/api/v1/faults/{asked}")

    assert [row["code"] for row in found] == codes


@pytest.mark.parametrize(
    ("asked", "count"), [("", 1), ("?passed=false", 1), ("?passed=true", 0), ("?camera=417", 1)]
)
def test_tests_are_narrowed(test, commander, asked, count):
    assert len(results(browser(commander), f"/api/v1/tests/{asked}")) == count


@pytest.mark.parametrize(
    "path", ["faults/?camera=x", "faults/?state=gone", "tests/?passed=maybe", "tests/?camera=%20"]
)
def test_nonsense_is_refused_by_name(commander, path):
    answer = browser(commander).get(f"/api/v1/{path}")

    assert answer.status_code == 400
    assert answer.json()["faults"][0]["pointer"].startswith("/query/")


@pytest.mark.parametrize("name", ["x", "0", "99999999999999999999", "-1", "C0417"])
@pytest.mark.parametrize("path", ["faults", "tests"])
def test_what_never_was_is_404(test, commander, path, name):
    assert browser(commander).get(f"/api/v1/{path}/{name}/").status_code == 404


def test_a_list_costs_the_same_for_any_number(hq, commander, django_assert_max_num_queries):
    at = now()
    for number in range(500, 520):
        report(rows.a_camera(number, hq, at, health={}), commander, at)
    CameraHealth.objects.update(faults=["battery_worn"])
    actions.follow_cameras(now=at + timedelta(seconds=1), policy=POLICY)
    client = browser(commander)
    client.get("/api/v1/faults/")

    with django_assert_max_num_queries(4):
        answer = client.get("/api/v1/faults/")

    assert len(answer.json()["results"]) == 40
