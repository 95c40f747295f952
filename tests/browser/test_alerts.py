"""Alerts in a real browser: from the cause to the screen, and what can be done there."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.utils.timezone import now

from devices.alerts import actions
from devices.alerts.models import Alert
from devices.health.models import CameraHealth, DockHealth
from devices.inventory.models import Camera
from devices.roles import Role
from tests.browser.conftest import NewPage
from tests.browser.usable import faults
from tests.rows import a_fleet, person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def commander():
    at = now()
    fleet = a_fleet(at)
    right = {"device_time": F("measured_at"), "clock_wrong": False}
    CameraHealth.objects.update(**right, faults=[], hearing="heard", heard_at=at)
    DockHealth.objects.update(hearing="heard")
    Camera.objects.update(service_state="in_service")
    return person(Role.COMMANDER, *fleet.stations)


def goes_down(*codes):
    """In a thread of its own, as a worker would: the browser's thread counts as asynchronous."""
    with ThreadPoolExecutor(1) as worker:
        worker.submit(_goes_down, codes).result()


def _goes_down(codes):
    at = now()
    DockHealth.objects.filter(dock__code__in=codes).update(
        hearing="silent", heard_at=at - timedelta(minutes=41)
    )
    actions.sweep(now=at)
    connection.close()


def test_an_alert_reaches_every_page_and_is_answered(open_page: NewPage, commander):
    page = open_page(commander)
    page.goto("/cameras/")
    page.locator("#bell .bell-count:empty").wait_for(state="attached")

    goes_down("D03", "D04")

    page.locator('#bell[data-worst="major"] .bell-count', has_text="2").wait_for()
    page.locator("#bell").click()
    page.get_by_text("2 docks do not report at Headquarters.").first.wait_for()
    page.get_by_label("Note on").fill("Looking")
    page.get_by_role("button", name="I have it").click()
    page.get_by_text("Nothing new. 1 thing is in hand.").wait_for()
    assert Alert.objects.filter(note="Looking").count() == 2
    page.locator("#bell .bell-count:empty").wait_for(state="attached")


def test_an_open_page_shows_a_new_alert_by_itself(open_page: NewPage, commander):
    page = open_page(commander)
    page.goto("/alerts/")
    page.get_by_text("Nothing calls for anybody.").wait_for()
    page.locator("html.live").wait_for()

    goes_down("D03")

    page.get_by_text("1 thing calls for somebody: Dock D03 does not report.").wait_for()


def test_nobody_is_kept_out_of_the_pages(open_page: NewPage, commander):
    goes_down("D03", "D04")
    CameraHealth.objects.filter(camera__number=60).update(offload="failed", docked=True)
    actions.sweep(now=now() + timedelta(hours=2))
    actions.sweep(now=now() + timedelta(hours=4))
    it = person(Role.IT)
    for user, address in (
        (commander, "/alerts/"),
        (it, "/alerts/rules/"),
        (it, "/alerts/rules/storage_low/"),
        (it, "/alerts/channels/"),
    ):
        page = open_page(user)
        page.goto(address)
        assert faults(page) == [], address
