"""The board of another time in a browser: by keyboard, for everybody, in both themes."""

import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.contrib.auth.models import User
from django.utils.timezone import now
from playwright.sync_api import expect

from devices.health.models import Interval, Reading
from devices.inventory.models import Camera
from devices.roles import Role
from tests import rows
from tests.browser.serving import NewPage
from tests.browser.usable import faults
from tests.health.test_history import reading

STATES = ["docked", "charging", "out", "recording", "off", "sleep", "unknown", "repair", "lost"]


@pytest.fixture
def it(transactional_db: None) -> User:
    return rows.person(Role.IT)


@pytest.fixture
def fleet(transactional_db: None) -> None:
    """Forty cameras that were out until a day ago, and since then did one thing each."""
    rows.a_fleet(now(), cameras=40)
    day_ago = now() - timedelta(days=1)
    for n, camera in enumerate(Camera.objects.order_by("number")):
        spans = [
            ("out", day_ago - timedelta(days=9), day_ago),
            (STATES[n % len(STATES)], day_ago, None),
        ]
        Interval.objects.bulk_create(
            Interval(
                camera=camera, state=state, from_at=begins, until_at=ends, heard=True,
                cause="report", place="", detected_at=begins,
            )
            for state, begins, ends in spans
        )  # fmt: skip
        Reading.objects.bulk_create([reading(camera, day_ago, battery_percent=20 + 2 * n)])


def test_everybody_can_read_the_past(open_page: NewPage, it: User, fleet: None) -> None:
    page = open_page(it)
    page.goto(f"/?at={quote((now() - timedelta(hours=23, minutes=59)).isoformat())}")

    assert faults(page) == []


def test_the_slider_goes_through_the_past_by_keyboard(
    open_page: NewPage, it: User, fleet: None
) -> None:
    page = open_page(it)
    page.goto("/")
    page.locator(".another-time > summary").press("Enter")
    page.get_by_role("slider").press("ArrowLeft")
    sentence = page.get_by_role("heading", name="As it stood on")
    expect(sentence).to_contain_text("lost")

    slider = page.get_by_role("slider")
    expect(slider).to_be_focused()
    slider.press("Home")

    expect(sentence).to_have_text(re.compile(r"As it stood on .*: 40 out\."))
    assert "at=" in page.url
    page.get_by_role("link", name="−1 h").press("Enter")  # noqa: RUF001 (a minus)
    expect(page.get_by_role("link", name="−1 h")).to_be_focused()  # noqa: RUF001 (a minus)
    page.get_by_role("link", name="Back to now").press("Enter")
    expect(page).to_have_url(re.compile(r"/$"))
