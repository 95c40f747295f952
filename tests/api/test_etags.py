from datetime import timedelta

import pytest

from devices.health.models import CameraHealth
from devices.inventory.models import Camera, Officer, Station
from devices.roles import Role
from tests.api.callers import browser
from tests.rows import a_camera, a_fleet, a_station, person

pytestmark = pytest.mark.django_db

ADDRESSES = [
    "stations/",
    "stations/HQ/",
    "docks/",
    "docks/D01/",
    "cameras/",
    "cameras/1/",
    "cameras/1/history/",
    "officers/",
]


@pytest.fixture
def auditor():
    return browser(person(Role.AUDITOR))


@pytest.mark.parametrize("address", [*ADDRESSES, "schema/"])
def test_who_has_the_answer_is_not_sent_it_again(auditor, noon, address):
    a_fleet(noon)
    tag = auditor.get(f"/api/v1/{address}")["ETag"]

    again = auditor.get(f"/api/v1/{address}", headers={"If-None-Match": tag})

    assert tag.startswith('W/"')
    assert again.status_code == 304
    assert again.content == b""
    assert again["ETag"] == tag
    assert again.get("Content-Type") is None


@pytest.mark.parametrize("held", ['"{}"', 'W/"x", W/"{}"', "*"])
def test_a_tag_is_found_however_it_is_written(auditor, noon, held):
    a_camera(1, a_station(), noon)
    tag = auditor.get("/api/v1/cameras/1/")["ETag"].removeprefix('W/"').removesuffix('"')

    again = auditor.get("/api/v1/cameras/1/", headers={"If-None-Match": held.format(tag)})

    assert again.status_code == 304


@pytest.mark.parametrize("held", ["", "W/", '"', 'W/"other"', "\xff", ",," * 1000])
def test_another_tag_or_none_is_answered_in_full(auditor, noon, held):
    a_camera(1, a_station(), noon)

    answer = auditor.get("/api/v1/cameras/1/", headers={"If-None-Match": held})

    assert answer.status_code == 200


def _a_battery_falls():
    CameraHealth.objects.filter(camera__number=7).update(battery_percent=3)


def _one_goes_and_one_comes():
    Camera.objects.filter(number=7).delete()
    station = Station.objects.get(code="HQ")
    a_camera(7, station, Camera.objects.first().enrolled_at, serial="OTHER")


def _a_station_is_renamed():
    Station.objects.filter(code="HQ").update(code="HQ2")


def _an_officer_is_renumbered():
    Officer.objects.filter(badge_number="200").update(badge_number="999")


def _a_row_joins_the_next_page():
    a_camera(500, Station.objects.first(), Camera.objects.first().enrolled_at)


CHANGES = [
    _a_battery_falls,
    _one_goes_and_one_comes,
    _a_station_is_renamed,
    _an_officer_is_renumbered,
    _a_row_joins_the_next_page,
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__.strip("_"))
def test_whatever_changes_what_is_shown_changes_the_tag(auditor, noon, change):
    a_fleet(noon)
    address = "/api/v1/cameras/?page_size=140"
    before = auditor.get(address)

    change()

    assert auditor.get(address)["ETag"] != before["ETag"]


def test_what_is_not_shown_does_not_change_the_tag(auditor, noon):
    a_fleet(noon)
    before = auditor.get("/api/v1/cameras/?page_size=5")["ETag"]

    CameraHealth.objects.filter(camera__number=100).update(battery_percent=3)

    assert auditor.get("/api/v1/cameras/?page_size=5")["ETag"] == before


def test_a_tag_tells_nothing_of_a_badge_number_that_is_not_shown(noon):
    a_fleet(noon)
    client = browser(person(Role.IT))
    before = client.get("/api/v1/cameras/1/")["ETag"]

    Officer.objects.filter(badge_number="200").update(badge_number="999")

    assert client.get("/api/v1/cameras/1/")["ETag"] == before


def test_a_loss_of_rights_changes_the_tag(noon):
    fleet = a_fleet(noon)
    somebody = person(Role.COMMANDER, *fleet.stations)
    client = browser(somebody)
    before = client.get("/api/v1/stations/")["ETag"]

    somebody.postings.first().delete()

    assert client.get("/api/v1/stations/")["ETag"] != before


def test_a_silence_that_ends_in_the_same_moment_changes_the_tag(auditor, noon):
    from devices.health.models import Silence

    camera = a_camera(1, a_station(), noon)
    silence = Silence.objects.create(camera=camera, began_at=noon, detected_at=noon)
    before = auditor.get("/api/v1/cameras/1/silences/")["ETag"]

    Silence.objects.filter(pk=silence.pk).update(ended_at=noon + timedelta(0))

    assert auditor.get("/api/v1/cameras/1/silences/")["ETag"] != before


def test_answers_are_kept_by_nobody_but_who_asked(auditor, noon):
    a_camera(1, a_station(), noon)

    answer = auditor.get("/api/v1/cameras/1/")

    assert answer["Cache-Control"] == "private, no-cache"
    assert {"Authorization", "Cookie"} <= set(answer["Vary"].split(", "))
