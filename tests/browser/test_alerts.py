"""Alerts in a real browser: from the cause to the screen, and what can be done there."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.utils.timezone import now

from devices import feed
from devices.alerts import actions
from devices.alerts.models import Alert
from devices.health.models import CameraHealth, DockHealth
from devices.inventory.models import Camera
from devices.roles import Role
from tests.browser.serving import NewPage
from tests.browser.usable import faults
from tests.rows import a_fleet, an_alert, looked, person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def commander():
    at = now()
    fleet = a_fleet(at)
    right = {"device_time": F("measured_at"), "clock_wrong": False}
    CameraHealth.objects.update(**right, faults=[], hearing="heard", heard_at=at)
    DockHealth.objects.update(hearing="heard")
    Camera.objects.update(service_state="in_service")
    looked(at + timedelta(hours=1))  # there is no worker
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


FOCUSED = """() => {
    const one = document.activeElement;
    return [one.closest("li")?.querySelector("strong").textContent, one.textContent];
}"""


def test_a_focused_button_keeps_no_news_away_and_stays_the_same_alerts(
    open_page: NewPage, commander
):
    goes_down("D03")
    page = open_page(commander)
    page.goto("/alerts/")
    page.locator("html.live").wait_for()
    page.get_by_role("button", name="I have it").focus()

    no_dock_is_heard()

    page.get_by_text("2 things call for somebody: No dock of any station is heard").wait_for()
    assert page.evaluate(FOCUSED) == ["Dock D03 does not report.", "I have it"]
    assert page.locator("html.live #live", has_text="as of").is_visible()


STANDING = "document.activeElement.querySelector('strong')?.textContent"


def test_alerts_are_walked_by_keys_and_news_leaves_one_standing_there(
    open_page: NewPage, commander
):
    goes_down("D03")
    an_alert("storage_low", "C0009", "minor", words="C0009 is nearly full.")
    page = open_page(commander)
    page.goto("/alerts/")
    page.locator("html.live").wait_for()

    page.keyboard.press("j")
    assert page.evaluate(STANDING) == "Dock D03 does not report."
    page.keyboard.press("j")
    assert page.evaluate(STANDING) == "C0009 is nearly full."
    page.keyboard.press("k")

    no_dock_is_heard()

    page.get_by_text("3 things call for somebody: No dock of any station is heard").wait_for()
    assert page.evaluate(STANDING) == "Dock D03 does not report."
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "D03"


def no_dock_is_heard():
    with ThreadPoolExecutor(1) as worker:
        worker.submit(_no_dock_is_heard).result()


def _no_dock_is_heard():
    an_alert("no_dock_heard", "any station", "critical", words="No dock of any station is heard.")
    feed.alerts_changed()
    connection.close()


def test_a_note_holds_news_back_says_so_and_lets_it_in_when_it_is_empty(
    open_page: NewPage, commander
):
    goes_down("D03")
    page = open_page(commander)
    page.goto("/alerts/")
    page.locator("html.live").wait_for()
    note = page.get_by_label("Note on: Dock D03")
    note.fill("Look")

    no_dock_is_heard()

    page.locator("html.paused:not(.live) #live", has_text="while you write, 1 new").wait_for()
    said = page.locator("#live").text_content()
    assert note.input_value() == "Look"
    assert faults(page) == []
    assert page.locator("#live").text_content() == said

    note.fill("")

    page.get_by_text("2 things call for somebody").wait_for()
    page.locator("html.live:not(.paused) #live", has_text="as of").wait_for()
    assert page.evaluate("document.activeElement.name") == "note"


def test_an_open_menu_holds_news_back_until_it_closes(open_page: NewPage, commander):
    goes_down("D03")
    page = open_page(commander)
    page.goto("/alerts/")
    page.locator("html.live").wait_for()
    page.get_by_text("Silence", exact=True).click()

    no_dock_is_heard()

    page.locator("html.paused #live", has_text="1 new").wait_for()
    page.keyboard.press("Escape")
    page.get_by_text("2 things call for somebody").wait_for()
    assert page.evaluate(FOCUSED) == ["Dock D03 does not report.", "Silence"]


def test_an_open_page_and_every_bell_say_that_nobody_looks(open_page: NewPage, commander):
    page = open_page(commander)
    page.goto("/alerts/")
    page.get_by_text("Nothing calls for anybody.").wait_for()

    looked_at(timedelta(minutes=-5))

    page.locator("html.not-live #live", has_text="NOT LOOKED AT since").wait_for()
    page.locator("#now").get_by_text("NOT LOOKED AT since").wait_for()
    page.locator('#bell[title*="NOT LOOKED AT since"] .bell-count', has_text="?").wait_for()
    assert not page.get_by_text("All quiet.").is_visible()
    assert faults(page) == []

    looked_at(timedelta(hours=1))

    page.locator("html.live #live", has_text="as of").wait_for()
    page.get_by_text("All quiet.").wait_for()


def looked_at(since: timedelta) -> None:
    with ThreadPoolExecutor(1) as worker:
        worker.submit(_looked_at, since).result()


def _looked_at(since):
    looked(now() + since)
    connection.close()


def test_nobody_is_kept_out_of_the_pages(open_page: NewPage, commander):
    goes_down("D03", "D04")
    CameraHealth.objects.filter(camera__number=60).update(offload="failed", docked=True)
    actions.sweep(now=now() + timedelta(hours=2))
    actions.sweep(now=now() + timedelta(hours=4))
    taken, quiet = Alert.objects.filter(name="D03"), Alert.objects.get(name="D04")
    actions.acknowledge(taken, note="Looking", by=person(Role.QUARTERMASTER), now=now())
    until = now() + timedelta(hours=8)
    actions.silence(quiet, until=until, reason="Cable ordered", by=None, now=now())
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
