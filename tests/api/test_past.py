"""The fleet as it stood at a moment, for programs."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from devices.health.models import DockSilence, Interval, Reading
from devices.roles import Role
from tests import rows
from tests.api.callers import PROBLEM, program, results, token_of
from tests.health.test_history import reading

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor():
    return program(token_of(rows.person(Role.AUDITOR)))


@pytest.fixture
def then():
    return now().replace(microsecond=0) - timedelta(days=400)


def ask(client, moment, more=""):
    said = moment.isoformat().replace("+", "%2B")
    return results(client, f"/api/v1/past/?at={said}{more}")


def test_what_is_proved_and_what_is_unknown(auditor, then):
    hq = rows.a_station()
    known, _ = (rows.a_camera(number, hq, then - timedelta(days=1)) for number in (1, 2))
    rows.a_camera(3, hq, then + timedelta(seconds=1))
    Interval.objects.create(
        camera=known, state="charging", from_at=then, until_at=None, heard=True,
        cause="report", place="D01-1", detected_at=then,
    )  # fmt: skip
    Reading.objects.bulk_create([reading(known, then, battery_percent=71)])

    first, second = ask(auditor, then)

    assert (first["name"], first["state"], first["place"]) == ("C0001", "charging", "D01-1")
    assert (first["heard"], first["cause"], first["battery_percent"]) == (True, "report", 71)
    assert (second["name"], second["state"], second["cause"]) == ("C0002", "unknown", None)
    assert second["since"] is second["battery_percent"] is second["place"] is None


def test_a_dock_that_was_silent_is_named(auditor, then):
    hq = rows.a_station()
    camera = rows.a_camera(1, hq, then - timedelta(days=1))
    hour = timedelta(hours=1)
    Interval.objects.create(
        camera=camera, state="charging", from_at=then, until_at=then + hour, heard=True,
        cause="report", place="D03-1", detected_at=then,
    )  # fmt: skip
    silent = rows.a_dock("D03", hq)
    DockSilence.objects.create(dock=silent, began_at=then + hour, detected_at=then + hour)

    (heard,), (unheard,) = ask(auditor, then), ask(auditor, then + hour)

    assert (heard["state"], heard["silent_dock"]) == ("charging", None)
    assert (unheard["state"], unheard["silent_dock"]) == ("unknown", "D03")


def test_pages_and_stations(auditor, then):
    for station, numbers in (("A", (1, 2, 3)), ("B", (4,))):
        there = rows.a_station(station, station)
        for number in numbers:
            rows.a_camera(number, there, then)

    assert [one["number"] for one in ask(auditor, then, "&page_size=2")] == [1, 2, 3, 4]
    assert [one["number"] for one in ask(auditor, then, "&station=B")] == [4]


@pytest.mark.parametrize(
    ("asked", "detail"),
    [
        ("", "at must be given"),
        ("?at=", "at is empty: leave it out"),
        ("?at=2999-01-01T00:00:00Z", "at must not lie in the future"),
        ("?at=2026-01-01T00:00", "at must be a time with its offset"),
    ],
)
def test_what_is_no_moment_that_has_been_is_refused(auditor, asked, detail):
    answer = auditor.get(f"/api/v1/past/{asked}")

    assert answer.status_code == 400
    assert answer["Content-Type"] == PROBLEM
    assert answer.json()["detail"].startswith(detail)
