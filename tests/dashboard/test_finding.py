"""Somebody looks for a camera: where it is, where it was last, who has it."""

import json
import re

import pytest
from django.test import Client

from devices.custody import actions as custody
from devices.custody.actions import Terms, Told
from devices.health.models import CameraHealth, Placement
from devices.inventory.models import Officer
from devices.roles import Role
from tests.rows import a_camera, a_dock, a_model, a_station, person

pytestmark = pytest.mark.django_db


class House:
    def __init__(self, noon):
        self.now, self.station = noon, a_station()
        self.bays = list(a_dock("D03", self.station).bays.order_by("position"))
        here = {"bay": self.bays[4]}
        self.camera = a_camera(417, self.station, noon, home_bay=self.bays[0], health=here)
        self.client = Client()
        self.client.force_login(person(Role.QUARTERMASTER, self.station))

    def page(self):
        return self.client.get("/cameras/417/").content.decode()

    def goes_out(self, **health):
        told = {"docked": False, "bay": None, "mode": "buffering", **health}
        CameraHealth.objects.filter(camera=self.camera).update(**told)
        Placement.objects.create(
            camera=self.camera, docked=False, bay=self.bays[4], at=self.now, received_at=self.now
        )

    def go(self, typed):
        found = self.client.get("/go.json", {"q": typed}).json()["destinations"]
        return {one["label"]: (one["hint"], one["href"]) for one in found}


@pytest.fixture
def house(db, noon):
    return House(noon)


def test_a_docked_camera_is_shown_on_the_wall(house):
    page = house.page()

    assert "C0417 is in D03-5." in page
    assert 'href="/wall/?near=D03#D03-5"' in page
    assert 'id="D03-5" tabindex="-1"' in house.client.get("/wall/?near=D03").content.decode()


def test_one_that_is_out_says_who_has_it_and_where_it_was_last(house):
    officer = Officer.objects.create(badge_number="1031", station=house.station)
    told = Told(by=None, now=house.now, via="import")
    custody.check_out(house.camera, officer, Terms(), told=told)
    house.goes_out()

    assert "C0417 is out with 1031; it was last in D03-5." in house.page()

    it = Client()
    it.force_login(person(Role.IT))
    seen = it.get("/cameras/417/").content.decode()
    assert "C0417 is out; it was last in D03-5." in seen
    assert not re.search(r"\b1031\b", seen)


def test_what_was_never_seen_belongs_somewhere(house):
    CameraHealth.objects.all().delete()

    assert "C0417 was never seen. It belongs in D03-1." in house.page()


def test_a_few_letters_find_it_wherever_one_is(house):
    found = house.go("C0417")

    assert found["C0417"][1] == "/cameras/417/"
    assert found["Find C0417"] == ("C0417 is in D03-5.", "/wall/?near=D03#D03-5")


def test_a_badge_finds_what_its_officer_has(house):
    officer = Officer.objects.create(badge_number="1031", station=house.station)
    told = Told(by=None, now=house.now, via="import")
    custody.check_out(house.camera, officer, Terms(), told=told)

    assert "Find C0417" in house.go("1031")

    house.client.force_login(person(Role.IT))
    assert house.go("1031") == {}


def test_it_is_asked_to_show_itself_with_one_press(house):
    assert "Blink and beep" in house.page()

    answer = house.client.post("/cameras/417/locate/", follow=True).content.decode()
    assert "is asked to blink and beep" in answer
    again = house.client.post("/cameras/417/locate/", follow=True).content.decode()
    assert "less than half a minute ago" in again


def test_what_nobody_can_tell_has_no_button(house):
    type(house.camera).objects.update(model=a_model(radio=False))
    house.goes_out()

    assert "Blink and beep" not in house.page()


def test_a_wall_of_many_pages_begins_with_the_dock_that_is_looked_for(house):
    for n in range(40, 70):
        a_dock(f"D{n}", house.station)

    page = house.client.get("/wall/?near=D65").content.decode()

    assert 'id="D65-1"' in page
    assert 'id="D03-5"' not in page


class TestEvidence:
    @pytest.fixture
    def commander(self, house):
        client = Client()
        client.force_login(person(Role.COMMANDER, house.station))
        return client

    def test_it_is_held_and_released_with_words_that_stay(self, house, commander):
        said = {"reason": "Shooting, 26-10417"}
        page = commander.post("/cameras/417/hold/", said, follow=True).content.decode()

        assert "Shooting, 26-10417" in page
        assert "Its footage has to be public by" in page
        assert 'class="left"' in page
        assert "Evidence" in commander.get("/").content.decode()

        released = commander.post("/cameras/417/release/", {"reason": "Sealed 26-1"}, follow=True)
        assert "C0417 is not held any more." in released.content.decode()

    def test_without_a_reason_nothing_is_held(self, house, commander):
        commander.post("/cameras/417/hold/", {"reason": " "}, follow=True)

        house.camera.refresh_from_db()
        assert house.camera.held_at is None

    def test_the_form_is_the_commanders(self, house, commander):
        assert "Hold as evidence" in commander.get("/cameras/417/").content.decode()
        assert "Hold as evidence" not in house.page()

    def test_the_api_says_so(self, house, commander):
        commander.post("/cameras/417/hold/", {"reason": "Shooting, 26-10417"})

        told = json.loads(commander.get("/api/v1/cameras/C0417/").content)

        assert told["held_for"] == "Shooting, 26-10417"
        assert told["public_by"] > told["held_at"]
        assert told["readiness"]["reasons"][0]["blocker"] == "held"
