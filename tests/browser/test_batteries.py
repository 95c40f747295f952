"""Hours and batteries in a browser: for everybody, in both themes, by keyboard."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils.timezone import now
from playwright.sync_api import expect

from devices.battery.models import Forecast
from devices.inventory.models import Camera
from devices.roles import Role
from tests import rows
from tests.browser.serving import NewPage
from tests.browser.usable import faults
from tests.dashboard.test_batteries_page import a_known, a_shift


@pytest.fixture
def it(transactional_db: None) -> User:
    return rows.person(Role.IT)


@pytest.fixture
def camera(transactional_db: None) -> Camera:
    """A worn one that charges, among others, with a week of duties behind it."""
    hq = rows.a_station()
    for n in range(20):
        a_known(n + 1, hq, capacity=72 + 1.5 * n)
    charging = {"battery_percent": 40, "battery_state": "charging"}
    worn = a_known(417, hq, capacity=66, full_hours=9.6, health=charging)
    a_shift(hq, now() + timedelta(hours=5))
    Forecast.objects.bulk_create(
        Forecast(
            camera=worn,
            made_at=now() - timedelta(days=ago, hours=8),
            for_at=now() - timedelta(days=ago),
            hours=9.5,
            low_hours=8.9,
            high_hours=10.1,
            actual_hours=8.6 + 0.2 * ago,
            settled_at=now(),
        )
        for ago in range(1, 8)
    )
    return worn


def test_everybody_can_read_hours_and_batteries(
    open_page: NewPage, it: User, camera: Camera
) -> None:
    page = open_page(it)

    for path in ("/batteries/", "/cameras/C0417/"):
        page.goto(path)
        assert faults(page) == [], path


def test_from_what_to_replace_to_its_hours_and_along_them_by_keyboard(
    open_page: NewPage, it: User, camera: Camera
) -> None:
    page = open_page(it)
    page.goto("/batteries/")
    page.get_by_role("link", name=camera.name).press("Enter")
    expect(page.get_by_role("heading", name="Hours")).to_be_in_viewport()

    hours = page.locator("section[aria-labelledby=hours-title] [data-chart]").first
    hours.locator(".value").first.focus()
    page.keyboard.press("End")

    expect(hours.locator(".value").last).to_be_focused()
    expect(hours.locator(".value").last).to_have_accessible_name(re.compile(r"h \(.* to .*\) at"))
