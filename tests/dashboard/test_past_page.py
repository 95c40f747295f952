"""The board of another time: what it says, and to whom."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localtime, now

from devices.health.models import DockSilence, Interval
from devices.roles import Role
from tests import rows
from tests.dashboard.test_board_page import names_shown, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def then():
    return now().replace(second=0, microsecond=0) - timedelta(days=2)


@pytest.fixture
def hq(then):
    """A camera that charged then, one out, and one of which nothing is known."""
    hq = rows.a_station()
    for number, state in enumerate(["charging", "out"], 1):
        camera = rows.a_camera(number, hq, then - timedelta(days=9), health={})
        Interval.objects.create(
            camera=camera, state=state, from_at=then - timedelta(hours=1), until_at=None,
            heard=True, cause="report", place="D01-1", detected_at=then,
        )  # fmt: skip
    rows.a_camera(3, hq, then - timedelta(days=9), health={})
    return hq


def at(moment):
    return f"/?at={quote(moment.isoformat())}"


def test_it_says_how_the_fleet_stood_and_that_it_is_not_live(hq, then):
    page = signed_in(rows.person(Role.IT)).get(at(then)).content.decode()

    assert names_shown(page) == ["C0001", "C0002", "C0003"]
    assert f"As it stood on {localtime(then):%-d %b %Y %H:%M}" in page
    assert [word in page for word in ("<b>1</b> charging", "<b>1</b> out", "<b>1</b> unknown")]
    assert "This is the past, not live." in page
    assert "By its own report." in page
    assert f"First seen by the fleet {localtime(then):%d %b %H:%M}." in page
    assert "No history reaches here." in page
    assert "data-socket" not in page


def test_it_says_why_a_camera_was_not_heard(hq, then):
    silent = rows.a_dock("D03", hq)
    DockSilence.objects.create(dock=silent, began_at=then - timedelta(minutes=9), detected_at=then)
    for number, place in ((1, "D03-1"), (2, "D04-1")):
        camera = hq.cameras.get(number=number)
        ends = then - timedelta(minutes=8)
        camera.intervals.update(until_at=ends, place=place, state="charging")
        Interval.objects.create(
            camera=camera, state="unknown", from_at=ends, until_at=None, heard=False,
            cause="silence", detected_at=then,
        )  # fmt: skip

    page = signed_in(rows.person(Role.IT)).get(at(then)).content.decode()

    assert page.count("D03 was silent then, and it was last seen there.") == 1
    assert page.count("It said nothing then.") == 1
    assert page.count("Nobody knows.") == 1  # of the one without history


def test_a_time_without_an_offset_is_the_departments(hq, then):
    client = signed_in(rows.person(Role.IT))

    page = client.get(f"/?at={localtime(then):%Y-%m-%dT%H:%M}").content.decode()

    assert f"As it stood on {localtime(then):%-d %b %Y %H:%M}" in page


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("yesterday", "That is no time."),
        ("2026-13-01T00:00", "That is no time."),
        ("0001-01-01T00:00", "so long ago"),
        ("2999-01-01T00:00", "still to come"),
        ("2026-03-08T02:30", "The clocks skipped that time"),
    ],
)
def test_what_is_no_moment_that_has_been_is_refused_with_a_sentence(hq, said, sentence):
    answer = signed_in(rows.person(Role.IT)).get("/", {"at": said})

    assert answer.status_code == 400
    assert sentence in answer.content.decode()


def test_it_says_what_is_of_today_and_leads_to_who_held_what(hq, then):
    client = signed_in(rows.person(Role.IT))

    page = client.get(at(then)).content.decode()
    address = page.split('href="/custody/?at=')[1].split('"')[0]
    form = client.get(f"/custody/?at={address}")

    assert "Cameras hang where they belong today" in page
    assert form.status_code == 200
    assert f'value="{localtime(then):%Y-%m-%dT%H:%M}"' in form.content.decode()


def test_nobody_sees_the_past_of_another_station(hq, then):
    north = rows.a_station("N", "North")
    rows.a_camera(4, north, then - timedelta(days=1))
    client = signed_in(rows.person(Role.QUARTERMASTER, north))

    assert names_shown(client.get(at(then)).content.decode()) == ["C0004"]


def test_a_station_that_was_chosen_stays_chosen(hq, then):
    rows.a_camera(4, rows.a_station("N", "North"), then - timedelta(days=1))

    page = signed_in(rows.person(Role.IT)).get(f"{at(then)}&station=N").content.decode()

    assert names_shown(page) == ["C0004"]
    assert "&amp;station=N" in page


def test_it_costs_as_many_queries_whatever_the_fleet(hq, then):
    client = signed_in(rows.person(Role.IT))
    client.get(at(then))

    def queries():
        with CaptureQueriesContext(connection) as asked:
            client.get(at(then))
        return len(asked)

    few = queries()
    for number in range(10, 60):
        rows.a_camera(number, hq, then - timedelta(days=1), health={})

    assert queries() == few
