"""Codes that a desk does not know, or that somebody typed: what the page says, sends and offers."""

import pytest
from django.utils.timezone import now
from playwright.sync_api import expect

from devices.custody import actions as custody
from devices.custody.actions import Terms, Told
from devices.desk.models import DeskRequest
from devices.inventory import codes
from devices.inventory.models import Camera, Officer
from tests import rows
from tests.browser.at_desk import Opened, Post, french_scan, heard, ready, says, scan
from tests.browser.serving import wait_until

pytest_plugins = ["tests.browser.at_desk"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stray(post: Post) -> Camera:
    """A camera of another station, in an officer's hand."""
    camera = rows.a_camera(900, rows.a_station("N", "North"), now(), health={"docked": False})
    officer = Officer.objects.get(badge_number="1031")
    custody.check_out(camera, officer, Terms(), told=Told(by=post.quartermaster, now=now()))
    return camera


def test_a_camera_of_another_station_is_typed(open_desk: Opened, post: Post, stray: Camera) -> None:
    page = open_desk()

    page.keyboard.type("900", delay=70)
    page.keyboard.press("Enter")

    says(page, "RETURNED", "C0900")
    wait_until(lambda: post.holder(stray) == "")


def test_cut_off_a_number_that_the_desk_does_not_know_is_not_promised(
    open_desk: Opened, post: Post, stray: Camera
) -> None:
    page = open_desk()
    page.context.set_offline(True)

    page.keyboard.type("900", delay=70)
    page.keyboard.press("Enter")
    says(page, "REFUSED", "scan its label")
    page.context.set_offline(False)

    assert post.holder(stray) == "1031"


def test_the_label_of_a_bay_offers_no_badge(open_desk: Opened, post: Post) -> None:
    page = open_desk()
    bay = post.own.home_bay

    scan(page, codes.label(bay.pk, codes.BAY))

    says(page, "ERROR", f"That is a bay, {bay}: scan the camera.")
    expect(page.locator("#band a")).to_have_count(0)
    assert heard(page) == ["error"]


def test_a_second_scan_says_the_same_before_and_after_the_server_does(
    open_desk: Opened, post: Post
) -> None:
    page = open_desk()
    scan(page, "1017", post.spares[0].label)
    says(page, "ISSUED")
    page.wait_for_timeout(1_300)  # sooner, it is a bounce

    scan(page, post.spares[0].label)

    says(page, "AGAIN", "Scanned again: nothing changed. Given to 1017")
    wait_until(DeskRequest.objects.filter(result="repeat").exists)
    told = DeskRequest.objects.get(result="repeat").answer["message"]
    expect(page.locator("#band")).to_contain_text(told)


def test_labels_run_together_offer_no_badge(open_desk: Opened, post: Post) -> None:
    page = open_desk()

    scan(page, post.spares[0].label + post.spares[1].label)

    says(page, "ERROR", "Not a whole label")
    expect(page.locator("#band a")).to_have_count(0)


def test_a_badge_of_digits_on_a_french_keyboard_is_not_passed_over(
    open_desk: Opened, post: Post
) -> None:
    page = open_desk()

    french_scan(page, "1017")

    says(page, "ERROR", "are digits of another keyboard than this computer's")
    learn = page.locator("#band").get_by_role("link", name="Set up scanner")
    expect(learn).to_have_attribute("href", f"/desk/{post.desk.pk}/set-up/")
    assert heard(page) == ["error"]
    expect(page.locator("#officer .badge")).to_have_count(0)
    assert not DeskRequest.objects.exists()

    type(post.desk).objects.filter(pk=post.desk.pk).update(scanner={"layout": "us"})
    page.reload()
    ready(page)
    french_scan(page, "1017")
    expect(page.locator("#officer .badge")).to_have_text("1017")
