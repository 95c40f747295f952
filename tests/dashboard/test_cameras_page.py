"""The table of cameras: what it shows to whom, in which order, and what leaves as CSV."""

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils.timezone import now

from dashboard.views.cameras import safe
from devices.access.people import Visible
from devices.board import table
from devices.board.rules import Bucket
from devices.board.table import Order, Page, Wanted
from devices.health.models import CameraHealth
from devices.inventory.models import Camera, Dock, Officer
from devices.ledger import LedgerEntry
from devices.policy import Policy
from devices.roles import Role
from tests import rows

pytestmark = pytest.mark.django_db


def client_of(role, *stations, **fields):
    client = Client()
    client.force_login(rows.person(role, *stations, **fields))
    return client


def names(html: bytes) -> list[str]:
    return re.findall(r'data-step href="/cameras/(C\d+)/"', html.decode())


def shown(client, **asked) -> list[str]:
    response = client.get(f"/cameras/?{urlencode(asked, doseq=True)}")
    assert response.status_code == 200
    return names(response.content)


@pytest.fixture
def hq(noon):
    return rows.a_station()


@pytest.fixture
def it():
    return client_of(Role.IT)


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.QUARTERMASTER, 200),
        (Role.IT, 200),
        (Role.COMMANDER, 200),
        (Role.OFFICER, 403),
        (Role.AUDITOR, 200),
        (Role.ADMINISTRATOR, 403),
        (None, 403),
    ],
)
def test_the_table_opens_to_the_roles_of_the_matrix(role, status):
    assert client_of(role).get("/cameras/").status_code == status


def test_nobody_sees_the_table_without_signing_in():
    assert Client().get("/cameras/")["Location"] == "/sign-in/?next=/cameras/"


def test_a_quartermaster_sees_the_cameras_of_the_own_stations_alone(hq, noon):
    north = rows.a_station("N", "North")
    rows.a_camera(1, hq, noon)
    rows.a_camera(2, north, noon)

    assert shown(client_of(Role.QUARTERMASTER, north)) == ["C0002"]


def test_an_officer_sees_the_own_camera_alone(hq, noon):
    officer = Officer.objects.create(badge_number="212", station=hq)
    rows.a_camera(1, hq, noon, officer=officer)
    rows.a_camera(2, hq, noon)

    assert shown(client_of(Role.OFFICER, officer=officer)) == ["C0001"]


def test_an_empty_fleet_says_what_will_appear(it):
    assert "as soon as they are imported" in it.get("/cameras/").content.decode()


def test_filters_that_match_nothing_offer_the_way_back(it, hq, noon):
    rows.a_camera(1, hq, noon)

    html = it.get("/cameras/?q=nothing").content.decode()

    assert "No camera matches." in html
    assert "Show all" in html


@pytest.fixture
def fleet(hq, noon):
    """Five cameras that differ in everything a filter asks."""
    dock, north = rows.a_dock("D01", hq), rows.a_station("N", "North")
    bays = list(dock.bays.all())
    officer = Officer.objects.create(badge_number="212", station=hq)
    rows.a_camera(1, hq, noon, home_bay=bays[0], officer=officer, health={"bay": bays[0]})
    rows.a_camera(
        2, hq, noon, serial="X-77", asset_tag="WH-5", tags=["bench", "k9"],
        health={"battery_state": "charging", "battery_percent": 15, "bay": bays[1]},
    )  # fmt: skip
    rows.a_camera(3, north, noon, health={"docked": False, "mode": "buffering"})
    rows.a_camera(4, hq, noon, service_state="lost", health={"firmware_version": "9.9"})
    rows.a_camera(5, hq, noon, service_state="retired", model=rows.a_model(radio=False))
    return dock


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["C0001", "C0002", "C0003", "C0004"]),
        ({"bucket": "charging"}, ["C0002"]),
        ({"bucket": "out"}, ["C0003"]),
        ({"bucket": "lost"}, ["C0004"]),
        ({"station": "N"}, ["C0003"]),
        ({"firmware": "9.9"}, ["C0004"]),
        ({"service": "retired"}, ["C0005"]),
        ({"dock": "D01"}, ["C0001", "C0002"]),
        ({"standing": "personal"}, ["C0001"]),
        ({"standing": "spare"}, ["C0002", "C0003", "C0004"]),
        ({"hearing": "never"}, []),
        ({"battery_below": "20"}, ["C0002"]),
        ({"tag": "Bench"}, ["C0002"]),
        ({"tag": "ben"}, []),
        ({"q": "C0003"}, ["C0003"]),
        ({"q": "3"}, ["C0003"]),
        ({"q": "C0005"}, ["C0005"]),
        ({"q": "x-7"}, ["C0002"]),
        ({"q": "wh-5"}, ["C0002"]),
        ({"q": "%"}, []),
        ({"sort": "-number"}, ["C0004", "C0003", "C0002", "C0001"]),
        ({"sort": "battery"}, ["C0002", "C0001", "C0003", "C0004"]),
        ({"sort": "nonsense"}, ["C0001", "C0002", "C0003", "C0004"]),
        ({"bucket": "nonsense", "battery_below": "x"}, ["C0001", "C0002", "C0003", "C0004"]),
        ({"q": "\0", "after": "\0~1"}, ["C0001", "C0002", "C0003", "C0004"]),
    ],
)
def test_a_filter_shows_exactly_what_it_says(it, fleet, asked, found):
    assert shown(it, **asked) == found


def test_a_badge_finds_a_camera_only_for_who_may_see_badges(it, fleet, hq):
    assert shown(it, q="212") == []
    assert shown(client_of(Role.QUARTERMASTER, hq), q="212") == ["C0001"]


def test_badges_are_a_column_only_for_who_may_see_them(it, fleet, hq):
    address = "/cameras/?columns=badge&columns=state"

    assert not re.search(r"\b212\b", it.get(address).content.decode())
    html = client_of(Role.QUARTERMASTER, hq).get(address).content.decode()
    assert '<td class="">212</td>' in html


def test_chosen_columns_are_remembered(it, fleet):
    it.get("/cameras/?columns=serial")

    html = it.get("/cameras/").content.decode()
    heads = re.findall(r'<th scope="col"[^>]*>(?:<a [^>]*>)?([^<]+)', html)
    assert heads == ["Camera", "Serial"]


@pytest.mark.parametrize("bucket", list(Bucket))
def test_a_buckets_filter_agrees_with_the_boards_rule(noon, bucket):
    rows.a_fleet(noon, cameras=140)
    contested = CameraHealth.objects.exclude(bay=None).order_by("pk")[:2]
    CameraHealth.objects.filter(pk=contested[0].pk).update(
        bay=contested[1].bay, placed_at=noon - timedelta(days=9)
    )
    CameraHealth.objects.order_by("-pk")[0].delete()  # it was enrolled and never spoke

    every, _ = table.page(Visible(), Wanted(), Page(size=200), Policy())
    filtered, _ = table.page(Visible(), Wanted(bucket=bucket), Page(size=200), Policy())

    assert [row.number for row in filtered] == [row.number for row in every if row.bucket == bucket]


@pytest.mark.parametrize("order", list(Order))
@pytest.mark.parametrize("descending", [False, True])
def test_pages_show_every_camera_once_in_every_order(noon, order, descending):
    rows.a_fleet(noon, cameras=60)

    seen, after, more = [], None, True
    while more:
        page = Page(order, descending, after, size=7)
        found, more = table.page(Visible(), Wanted(), page, Policy())
        seen += [row.number for row in found]
        after = found[-1].key

    assert sorted(seen) == list(range(1, 61))


@pytest.mark.parametrize(("most", "said"), [(1000, 60), (20, 21)])
def test_the_first_page_says_how_many_there_are_up_to_a_limit(noon, monkeypatch, most, said):
    monkeypatch.setattr("devices.board.table.MOST_COUNTED", most)
    rows.a_fleet(noon, cameras=60)

    shown, total = table.first_page(Visible(), Wanted(), Page(size=7), Policy())

    assert [row.number for row in shown] == [*range(1, 8)]
    assert total == said


def test_the_next_page_follows_the_first(it, noon):
    rows.a_fleet(noon, cameras=60)
    html = it.get("/cameras/?sort=serial").content.decode()
    link = re.search(r'rel="next" href="([^"]+)"', html)

    if link is None:
        pytest.fail("no next page")
    following = names(it.get("/cameras/" + link[1].replace("&amp;", "&")).content)

    assert names(html.encode())[-1] < following[0]


def test_the_page_costs_the_same_for_any_fleet(it, noon, django_assert_max_num_queries):
    rows.a_fleet(noon, cameras=140)
    it.get("/cameras/")  # the first request of a minute also notes that the session is used

    with django_assert_max_num_queries(8):
        it.get("/cameras/?sort=battery")


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.QUARTERMASTER, 200),
        (Role.IT, 200),
        (Role.COMMANDER, 200),
        (Role.OFFICER, 403),
        (Role.AUDITOR, 200),
        (Role.ADMINISTRATOR, 403),
    ],
)
def test_a_csv_goes_to_the_roles_of_the_matrix(role, status, hq):
    officer = Officer.objects.create(badge_number="212", station=hq)

    assert client_of(role, hq, officer=officer).get("/cameras.csv").status_code == status


@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume")
def test_a_csv_is_exactly_the_view_and_is_written_down(it, fleet):
    response = it.get("/cameras.csv?bucket=charging&columns=serial&columns=battery")

    lines = b"".join(response).decode("utf-8-sig").split("\r\n")
    assert lines == ["Number,Battery,Serial", "C0002,15,X-77", ""]
    entry = LedgerEntry.objects.get()
    assert (entry.verb, entry.actor.username) == ("exported cameras", "it")
    assert entry.facts == {"asked": {"bucket": "charging"}, "columns": ["battery", "serial"]}


@pytest.mark.parametrize("asked", ["q=%00", "%00=1", "battery_below=0.5", "station=nowhere"])
def test_what_could_not_be_understood_was_not_asked_for_either(it, fleet, asked):
    assert it.get(f"/cameras.csv?{asked}").status_code == 200

    assert LedgerEntry.objects.get().facts["asked"] == {}


def test_a_csv_longer_than_a_page_is_whole(it, noon, monkeypatch):
    monkeypatch.setattr("dashboard.views.cameras.CSV_PAGE", 7)
    rows.a_fleet(noon, cameras=30)

    lines = b"".join(it.get("/cameras.csv")).decode("utf-8-sig").split("\r\n")

    assert len(lines) == 1 + 30 + 1


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@sum(A1)", "\t=1", "\r=1"])
def test_no_spreadsheet_takes_a_cell_for_a_formula(cell):
    assert safe(cell) == f"'{cell}"


def test_what_people_typed_is_shown_as_text(it, hq, noon):
    camera = rows.a_camera(1, hq, noon, supplier="<script>alert(1)</script>")
    Camera.objects.filter(pk=camera.pk).update(service_note='"><img src=x>')

    html = it.get("/cameras/?columns=supplier&columns=note&q=%22%3E%3Cb%3E").content.decode()
    table_html = it.get("/cameras/?columns=supplier&columns=note").content.decode()

    assert '"><b>' not in html
    assert "<script>alert" not in table_html
    assert "<img src=x>" not in table_html


def test_a_silent_cameras_battery_is_struck_through(it, hq, noon):
    rows.a_camera(1, hq, noon, health={"hearing": "silent", "battery_percent": 63})

    assert '<span class="stale">63 %</span>' in it.get("/cameras/").content.decode()


def test_ages_are_counted_from_the_moment_itself(it, hq):
    rows.a_camera(1, hq, now(), health={})

    assert '<time class="age" datetime="' in it.get("/cameras/").content.decode()


def test_an_address_that_was_never_ours_breaks_nothing(it, noon):
    Dock.objects.all().delete()
    odd = ["after=~", "after=x~99999999999", "sort=heard&after=x~1", "model=9e9", f"q={'x' * 900}"]

    for asked in odd:
        assert it.get(f"/cameras/?{asked}").status_code == 200
