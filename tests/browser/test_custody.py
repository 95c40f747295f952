"""Custody's pages in a browser: read, corrected and found by keyboard, in both looks and widths."""

from datetime import timedelta

import pytest
from django.utils.timezone import localtime
from playwright.sync_api import expect

from devices.inventory import actions as inventory
from devices.roles import Role
from tests import rows
from tests.browser.serving import NewPage
from tests.browser.usable import faults
from tests.held import House, a_house


@pytest.fixture
def house(transactional_db: None) -> House:
    """A camera that was corrected, went on and is overdue; somebody who left still holds it."""
    made = a_house()
    one = made.gives("1017", 10, reason="No other camera is ready", authority="1044")
    made.takes_back(60)
    made.corrects(one, "1031", (10, 50), at=70)
    made.gives("1031", 100, due_at=made.at(600), provisional=True)
    why = "Under inquiry"
    inventory.suspend(made.officers["1031"], why, by=made.commander, now=made.at(700))
    return made


def test_no_page_of_custody_has_a_fault(open_page: NewPage, house: House) -> None:
    page = open_page(house.quartermaster)
    at = localtime(house.begin + timedelta(minutes=20))

    for where in (
        "/cameras/C0417/",
        "/cameras/C0417/custody/",
        "/officers/",
        "/officers/1031/",
        "/custody/",
        f"/custody/?camera=C0417&at={at:%Y-%m-%dT%H:%M}",
    ):
        page.goto(where)
        assert faults(page, 1440, 1024) == [], where


def test_a_custody_is_corrected_by_keyboard(open_page: NewPage, house: House) -> None:
    page = open_page(house.quartermaster)
    page.goto("/cameras/C0417/custody/")

    page.get_by_role("link", name="no. ").last.press("Enter")
    page.get_by_label("Who really held it").fill("1044")
    page.get_by_label("Reason").fill("Seen on video")
    page.get_by_label("Reason").press("Enter")

    expect(page.get_by_text("The correction stands beside the record.")).to_be_visible()
    expect(page.get_by_text("1044 held it from")).to_be_visible()
    expect(page.get_by_text("1031 held it from")).to_be_visible()


def test_ctrl_k_leads_to_an_officer(open_page: NewPage, house: House) -> None:
    page = open_page(house.commander)
    page.goto("/officers/")

    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Page, camera, serial or badge").fill("1031")
    page.get_by_role("option", name="1031").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("1031 is suspended")


def test_an_officer_is_led_to_where_they_say_that_their_camera_is_lost(
    open_page: NewPage, house: House
) -> None:
    page = open_page(rows.person(Role.OFFICER, officer=house.officers["1031"]))
    page.goto("/me/")

    page.get_by_role("link", name="Report C0417 lost").press("Enter")

    expect(page.locator("#lost summary")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type("Left in a taxi")
    page.keyboard.press("Enter")
    expect(page.get_by_text("C0417 is lost.")).to_be_visible()
