"""The board page: who may see it, what it says, what it costs."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils.timezone import localtime, now

from dashboard.present import present
from devices.access.models import Quarantined, QuarantineKind
from devices.access.people import Visible
from devices.board import cards
from devices.board.rules import Bucket
from devices.department import current
from devices.inventory.models import Camera, Officer, Station
from devices.readiness.rules import Fit
from devices.roles import Role
from devices.roster.models import Duty, Shift, ShiftKind
from tests import rows

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(user: User, address: str = "/") -> str:
    response = signed_in(user).get(address)
    assert response.status_code == 200
    return response.content.decode()


def names_shown(html: str) -> list[str]:
    """The tiles that are not hidden, in the order they hang."""
    return re.findall(r'<li id="c\d+" class="[^"]*"><a [^>]*><b>(C\d+)</b>', html)


def test_nobody_sees_the_board_without_signing_in() -> None:
    response = Client().get("/?bucket=out")

    assert response.status_code == 302
    assert response["Location"] == "/sign-in/?next=/%3Fbucket%3Dout"


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.QUARTERMASTER, 200),
        (Role.IT, 200),
        (Role.COMMANDER, 200),
        (Role.OFFICER, 403),  # has the role, but is no officer of this department
        (Role.AUDITOR, 200),
        (Role.ADMINISTRATOR, 403),
        (None, 403),
    ],
)
def test_the_board_opens_to_the_roles_of_the_matrix(role: Role | None, status: int) -> None:
    assert signed_in(rows.person(role)).get("/").status_code == status


def test_a_refusal_says_what_is_not_allowed_and_where_one_may_go() -> None:
    html = signed_in(rows.person(Role.ADMINISTRATOR)).get("/").content.decode()

    assert "Your role does not let you view the board." in html
    assert "Traceback" not in html


def test_the_sentence_counts_every_camera_once() -> None:
    rows.a_fleet(now())

    html = page(rows.person(Role.AUDITOR))

    numbers = [int(number) for number in re.findall(r"<b>(\d+)</b>", html)]
    assert "140 cameras" in html
    assert sum(numbers) == 140
    assert len(names_shown(html)) == 140


def test_tiles_hang_by_station_dock_and_bay_wherever_the_cameras_are() -> None:
    rows.a_fleet(now())

    names = names_shown(page(rows.person(Role.AUDITOR)))

    homes = Camera.objects.order_by("station__code", "-home_bay__dock__kind")
    in_docks = [camera.name for camera in homes.filter(home_bay__dock__code="D02")]
    start = names.index("C0009")
    assert names[start : start + 8] == sorted(in_docks)


def test_the_sentence_says_how_many_are_ready_and_how_many_are_needed_next() -> None:
    fleet = rows.a_fleet(now())
    begins_at = now() + timedelta(hours=2)
    kind = ShiftKind.objects.create(code="E", name="Evening", begins="15:00", ends="23:00")
    for station in fleet.stations:
        shift = Shift.objects.create(
            station=station,
            kind=kind,
            on=begins_at.date(),
            begins_at=begins_at,
            ends_at=begins_at + timedelta(hours=8),
            reserve=40,
        )
    Duty.objects.create(
        shift=shift,
        officer=Officer.objects.all()[0],
        begins_at=shift.begins_at,
        ends_at=shift.ends_at,
        source="by_hand",
    )
    ready = cards.count_standing(Visible(), present())[Fit.YES]

    html = page(rows.person(Role.AUDITOR))

    said = re.sub(r"<[^>]+>", "", html)
    assert f"Ready now {ready}, needed 81 at {localtime(begins_at):%H:%M}" in said
    assert f"{81 - ready} short" in said
    assert len(names_shown(page(User.objects.get(username="auditor"), "/?ready=yes"))) == ready


BEFORE = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("health", "look", "word", "why"),
    [
        ({}, "docked ready", "Ready", "Ready for a usual shift."),
        ({"clock_wrong": True}, "docked not-ready", "Clock", "clock is wrong."),
        (
            {"battery_percent": 60},
            "docked not-ready",
            "Battery",
            "C0001 has 6.5 h of battery; the shift needs 8.8 h.",
        ),
        (
            {"battery_percent": 60, "battery_state": "charging"},
            "charging",
            "Charging",
            "C0001 has 6.5 h of battery; the shift needs 8.8 h.",
        ),
        (
            {"battery_percent": 60, "battery_state": "charging", "faults": ["lens_fault"]},
            "charging not-ready",
            "Fault",
            "C0001 has a critical fault: lens fault.",
        ),
        (
            {"offload": "queued", "clips_waiting": 1},
            "docked not-known",
            "Unknown",
            "Whether C0001 is emptied is not known.",
        ),
        ({"hearing": "silent"}, "unknown not-known", "Unknown", "though its dock speaks"),
        ({"docked": False, "mode": "buffering"}, "out", "Out", "Out since"),
        (
            {"docked": False, "measured_at": BEFORE},
            "out",
            "Out",
            "Battery 100 %, about 10.9 h when it left.",
        ),
    ],
)
def test_a_tile_says_whether_its_camera_is_ready_and_every_reason(
    health: dict[str, Any], look: str, word: str, why: str
) -> None:
    rows.a_camera(1, rows.a_station(), now(), health=health)

    html = page(rows.person(Role.AUDITOR))

    found = re.search(r'<a class="tile ([^"]*)".*?<span>(.*?)</span>.*', html)
    assert found is not None
    assert found[1].removesuffix(" low") == look
    assert found[2] == word
    assert why in unescape(found[0])


@pytest.mark.parametrize("bucket", list(Bucket))
def test_a_number_is_a_link_to_exactly_what_it_counts(bucket: Bucket) -> None:
    rows.a_fleet(now())
    expected = cards.count(Visible(), present())[bucket]

    shown = names_shown(page(rows.person(Role.AUDITOR), f"/?bucket={bucket}"))

    assert len(shown) == expected


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("q=c0012", ["C0012"]),
        ("q=BWC-000012", ["C0012"]),
        ("q=nothing", []),
        ("dock=D02&q=C001", ["C0010", "C0011", "C0012", "C0013", "C0014", "C0015", "C0016"]),
        ("q=%00", None),
        ("bucket=nonsense", None),
        ("station=%00&dock=%00", None),
    ],
)
def test_filters_are_in_the_address_and_nonsense_is_not_asked(
    query: str, shown: list[str] | None
) -> None:
    rows.a_fleet(now())

    names = names_shown(page(rows.person(Role.AUDITOR), f"/?{query}"))

    assert len(names) == 140 if shown is None else names == shown


def test_a_quartermaster_sees_the_stations_of_their_posting() -> None:
    rows.a_fleet(now())
    north = Station.objects.get(code="N")

    html = page(rows.person(Role.QUARTERMASTER, north))

    assert "Headquarters" not in html
    assert len(names_shown(html)) == Camera.objects.filter(station=north).count()


def test_an_officer_sees_their_own_camera_alone() -> None:
    rows.a_fleet(now())
    officer = Officer.objects.get(badge_number="211")

    names = names_shown(page(rows.person(Role.OFFICER, officer=officer)))

    assert names == ["C0012"]


def test_badge_numbers_are_for_those_who_may_see_officers() -> None:
    rows.a_fleet(now())

    assert "badge 211" in page(rows.person(Role.COMMANDER, *Station.objects.all()))
    assert "badge" not in page(rows.person(Role.IT))
    assert names_shown(page(User.objects.get(username="it"), "/?q=211")) == []


def test_a_silent_dock_explains_its_unknown_cameras() -> None:
    rows.a_fleet(now())

    html = re.sub(r"<[^>]+>", "", page(rows.person(Role.AUDITOR)))

    assert re.search(r"D07 silent since .*: its \d cameras are unknown because of the dock", html)


def test_a_serial_nobody_enrolled_is_announced_where_it_spoke(noon: datetime) -> None:
    fleet = rows.a_fleet(noon)
    Quarantined.objects.create(
        kind=QuarantineKind.UNKNOWN_SERIAL,
        serial="<b>X</b>",
        dock=fleet.docks[3],
        first_at=noon,
        last_at=noon,
    )
    north = Station.objects.get(code="N")

    assert "1 serial number nobody enrolled spoke at D04." in page(rows.person(Role.AUDITOR))
    assert "nobody enrolled" not in page(rows.person(Role.COMMANDER, north))


def test_what_a_device_says_is_shown_as_text() -> None:
    station = rows.a_station("X", "<script>alert(1)</script>")
    rows.a_camera(1, station, now(), health={"faults": ["<img>"]})

    html = page(rows.person(Role.AUDITOR))

    assert "<script>alert" not in html
    assert "<img" not in html


def test_an_empty_fleet_says_what_comes_next() -> None:
    html = page(rows.person(Role.AUDITOR))

    assert "No cameras yet." in html
    assert "as soon as they are imported" in html


def test_a_page_carries_no_inline_script_or_style() -> None:
    rows.a_fleet(now())

    html = page(rows.person(Role.AUDITOR))

    assert not re.search(r"<script(?![^>]* src=)|<style| style=| on\w+=\"", html)


@pytest.mark.parametrize("cameras", [140, 400])
def test_the_board_costs_six_queries_at_any_size(
    cameras: int,
    django_assert_max_num_queries,  # type: ignore[no-untyped-def]
) -> None:
    rows.a_fleet(now(), cameras=cameras)
    client = signed_in(rows.person(Role.COMMANDER, *Station.objects.all()))
    client.get("/")  # the first request of a minute also notes that the session is used
    current.policy()  # asked once in five seconds by the whole process

    with django_assert_max_num_queries(6):
        client.get("/")


def test_a_page_weighs_less_than_a_hundred_kilobytes() -> None:
    rows.a_fleet(now())
    client = signed_in(rows.person(Role.AUDITOR))

    response = client.get("/", headers={"Accept-Encoding": "gzip"})

    assert response["Content-Encoding"] == "gzip"
    assert len(response.content) < 25_000
