"""Faults, pre-shift tests and repairs in a browser: on a phone, by scan, by keyboard, for all."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.utils.timezone import now
from playwright.sync_api import expect

from devices.faults import actions
from devices.faults.actions import Confirming, Returning
from devices.faults.models import Confirmation, Fault, PreShiftTest
from devices.health.models import CameraHealth
from devices.inventory.models import Camera, Officer, Station
from devices.policy import Policy
from devices.roles import Role
from tests import rows
from tests.browser.serving import NewPage
from tests.browser.usable import faults
from tests.faults.conftest import leaving, report

POLICY = Policy()
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def camera(transactional_db: None) -> Camera:
    """An officer's own camera, in good order and just heard."""
    hq = rows.a_station()
    officer = Officer.objects.create(badge_number="217", station=hq)
    health = {"storage_free_mb": 60_000, "bay": rows.a_dock("D03", hq).bays.all()[4]}
    return rows.a_camera(417, hq, now(), officer=officer, health=health, asset_tag="WH-0417")


@pytest.fixture
def officer(camera: Camera) -> User:
    return rows.person(Role.OFFICER, officer=camera.officer)


@pytest.fixture
def commander(camera: Camera) -> User:
    return rows.person(Role.COMMANDER, camera.station)


@pytest.fixture
def troubled(camera: Camera, commander: User) -> dict[str, int]:
    """A station with one of everything: faults in every state, a test, a repair and one done."""
    at, hq, it = now(), camera.station, rows.person(Role.IT)
    words = "Dropped on the stairs; the picture is <b>cracked</b> \u202eefas"
    report(camera, commander, at - timedelta(minutes=40), "lens", words)
    actions.escalate_overdue(now=at - timedelta(minutes=20))
    rows.set_clocks_wrong()
    said = Confirming(camera.officer, Confirmation.CAMERA, uuid4(), "lens looks dull")
    test = actions.test_camera(camera, said, by=commander, now=at, policy=POLICY)
    two = rows.a_camera(418, hq, at, health={"faults": ["offload_stuck", "battery_worn"]})
    actions.follow_cameras(now=at, policy=POLICY)
    stuck = Fault.objects.get(camera=two, code="offload_stuck")
    actions.acknowledge(stuck, by=commander, now=at + timedelta(minutes=4))
    three = rows.a_camera(419, hq, at - timedelta(days=40), health={})
    button = report(three, commander, at - timedelta(days=39), "button", "sticks")
    away = actions.send_to_repair(
        three,
        leaving(at - timedelta(days=39)),
        fault=button,
        key=uuid4(),
        by=it,
        now=at - timedelta(days=38),
    )
    four = rows.a_camera(420, hq, at - timedelta(days=40), health={})
    said_of_four = leaving(
        at, sanitised_at=None, sanitised_how="", cannot_sanitise="does not start"
    )
    back = actions.send_to_repair(
        four, said_of_four, fault=None, key=uuid4(), by=it, now=at - timedelta(days=9)
    )
    done = Returning("new board", "board B-2, serial 991", "recorded and played a clip")
    actions.take_back(back, done, by=commander, now=at - timedelta(days=1))
    lens = Fault.objects.get(code="lens")
    return {
        "fault": lens.pk,
        "test": test.pk,
        "away": away.pk,
        "back": back.pk,
        "in_repair": button.pk,
    }


def test_an_officer_tests_the_own_camera_with_one_tap(
    open_page: NewPage, officer: User, camera: Camera
) -> None:
    page = open_page(officer, **PHONE)
    page.goto("/test/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("C0417 is as it must be")
    button = page.get_by_role("button", name="Confirm the test")
    assert button.bounding_box()["height"] >= 72

    button.click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("C0417 passed its test.")
    assert PreShiftTest.objects.get().confirmed == Confirmation.TAP
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_scan_of_the_camera_shows_that_it_is_in_hand(
    open_page: NewPage, officer: User, camera: Camera
) -> None:
    page = open_page(officer, **PHONE)
    page.goto("/test/")

    page.get_by_label("Scan the camera or your badge").fill(camera.label)
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_contain_text("passed its test")
    assert PreShiftTest.objects.get().confirmed == Confirmation.CAMERA


def test_a_failed_test_says_what_to_do_and_is_the_commanders_next_act(
    open_page: NewPage, officer: User, commander: User, camera: Camera
) -> None:
    CameraHealth.objects.update(faults=["lens_blocked"])
    page = open_page(officer, **PHONE)
    page.goto("/test/")
    page.get_by_role("button", name="Confirm: it fails").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("C0417 failed its test.")
    expect(page.locator("main .notice")).to_contain_text("ask for a spare")

    desk = open_page(commander)
    desk.goto("/faults/")
    desk.keyboard.press("j")
    desk.keyboard.press("Enter")
    desk.get_by_role("button", name="Acknowledge").click()

    expect(desk.locator(".timeline")).to_contain_text("Acknowledged")
    assert Fault.objects.get().acknowledged_by == commander


def test_somebody_scans_a_badge_at_the_desk(
    open_page: NewPage, commander: User, camera: Camera
) -> None:
    page = open_page(commander)
    page.goto("/test/")
    expect(page.get_by_label("Camera or badge")).to_be_focused()

    page.keyboard.type("217")
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile(r"/cameras/C0417/test/\?scan=217$"))
    page.get_by_role("button", name="Confirm the test").click()
    expect(page.locator(".facts").first).to_contain_text("badge 217")


def test_a_camera_leaves_with_a_statement_that_prints_on_one_page(
    open_page: NewPage, commander: User, camera: Camera
) -> None:
    page = open_page(commander)
    page.goto("/cameras/C0417/")
    page.get_by_role("link", name="Send to repair").click()
    page.get_by_label("Who repairs it").fill("Example Repairs")
    page.get_by_label("What is to be repaired").fill("lens cracked")
    page.get_by_role("button", name="Approve and send").click()
    expect(page.get_by_role("alert")).to_contain_text("why that cannot be done")

    page.get_by_label("Or: why it cannot be sanitised").fill("does not start")
    page.get_by_role("button", name="Approve and send").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("C0417 is away at Example Repairs")
    page.emulate_media(media="print")
    expect(page.locator(".signatures")).to_be_visible()
    expect(page.get_by_label("What was done to it")).to_be_hidden()
    assert page.pdf(format="A4").count(b"/Type /Page\n") <= 1


ADDRESSES = [
    "/faults/",
    "/faults/?state=resolved",
    "/faults/{fault}/",
    "/faults/{in_repair}/",
    "/cameras/C0417/",
    "/cameras/C0417/report/",
    "/cameras/C0417/test/",
    "/cameras/C0420/repair/",
    "/test/",
    "/test/?scan=nothing",
    "/tests/{test}/",
    "/repairs/",
    "/repairs/{away}/",
    "/repairs/{back}/",
]


def test_everybody_can_use_every_page(
    open_page: NewPage, commander: User, troubled: dict[str, int]
) -> None:
    page = open_page(commander, height=1180)

    found: dict[str, list[str]] = {}
    for address in ADDRESSES:
        page.goto(address.format(**troubled))
        found[address] = faults(page, 1440, 390)

    assert {address: said for address, said in found.items() if said} == {}


def test_it_sees_what_it_alone_may_do(open_page: NewPage, troubled: dict[str, int]) -> None:
    page = open_page(User.objects.get(username="it"))
    page.goto(f"/faults/{troubled['fault']}/")

    page.get_by_label("How it ended").select_option("repaired")
    page.get_by_label("What was done, or how you know").fill("new lens, tested")
    page.get_by_role("button", name="Clear the fault").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("Repaired after")
    assert Station.objects.count() == 1
