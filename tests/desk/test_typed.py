"""Numbers that somebody types by hand, where no scanner is or none reads."""

import pytest

from devices.inventory.models import Officer
from tests.api.callers import browser
from tests.desk.test_door import scan_of, send
from tests.rows import a_camera, a_station


@pytest.fixture
def stray(house, lend):
    """A camera of another station, in an officer's hand."""
    camera = a_camera(900, a_station("N", "North"), house.desk.now)
    lend(camera, "1031")
    return camera


@pytest.mark.parametrize("raw", ["900", "0900", "C0900"])
def test_a_camera_of_another_station_comes_back_by_its_number(house, stray, raw):
    answer = house.desk.scan(raw, typed=True)

    assert (answer["result"], answer["camera"]) == ("returned", "C0900")
    assert house.holder(stray) == ""


def test_what_was_scanned_is_no_number(house, stray):
    assert house.desk.scan("900")["code"] == "unknown"
    assert house.holder(stray) == "1031"


def test_a_badge_is_typed_as_well(house):
    Officer.objects.create(badge_number="2207", station=a_station("N", "North"))

    answer = house.desk.scan("2207", typed=True)

    assert (answer["result"], answer["officer"]) == ("shown", "2207")


def test_a_number_that_is_a_camera_and_a_badge_is_neither(house, stray):
    Officer.objects.create(badge_number="900", station=stray.station)

    answer = house.desk.scan("900", typed=True)

    assert (answer["result"], answer["code"]) == ("error", "two")
    assert answer["message"].startswith("C0900 is a camera and a badge has this number")
    assert house.holder(stray) == "1031"


@pytest.mark.parametrize("raw", ["0", "999999999", "9999999999", "٩٠٠", "9e2", "9-00"])
def test_a_number_of_no_camera_changes_nothing(house, stray, raw):
    answer = house.desk.scan(raw, typed=True)

    assert answer["result"] == "error"
    assert house.holder(stray) == "1031"


def test_the_door_takes_it_as_typed(house, stray):
    answer = send(browser(house.desk.by), scan_of(house, "900", typed=True))

    assert answer.json()["result"] == "returned"
