"""Somebody looks for a camera: its bay is marked on the wall and has the focus."""

import pytest
from django.contrib.auth.models import User
from django.utils.timezone import now
from playwright.sync_api import expect

from devices.inventory.models import Camera, Station
from devices.roles import Role
from tests import rows
from tests.browser.serving import NewPage
from tests.browser.usable import faults


@pytest.fixture
def commander(transactional_db: None) -> User:
    rows.a_fleet(now())
    return rows.person(Role.COMMANDER, *Station.objects.all())


def test_it_is_one_way_from_ctrl_k_to_the_bay(open_page: NewPage, commander: User):
    camera = Camera.objects.filter(
        health__hearing="heard", health__docked=True, home_bay__dock__kind="multi"
    ).first()
    assert camera is not None
    page = open_page(commander)
    page.goto("/")

    page.keyboard.press("Control+k")
    page.keyboard.type(camera.name)
    page.get_by_role("option", name=f"Find {camera.name}").get_by_role("link").click()

    bay = str(camera.health.bay)
    expect(page).to_have_url(f"{page.url.split('/wall/')[0]}/wall/?near={bay[:3]}#{bay}")
    sought = page.locator("li.sought")
    expect(sought).to_have_count(1)
    expect(sought.locator(".here")).to_have_text("Here")
    expect(sought.locator("a.tile")).to_be_focused()
    assert faults(page) == []


def test_evidence_is_held_and_the_page_says_how_long_there_is(open_page: NewPage, commander: User):
    camera = Camera.objects.filter(service_state="in_service").first()
    assert camera is not None
    page = open_page(commander)
    page.goto(f"/cameras/{camera.number}/")

    page.get_by_label("What happened, and its number").fill("Shooting, 26-10417")
    page.get_by_role("button", name="Hold as evidence").click()

    expect(page.locator("#now")).to_contain_text("Shooting, 26-10417")
    expect(page.locator("#now time.left")).to_have_text("95 h left")
    assert faults(page) == []
