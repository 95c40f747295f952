"""The board in a browser: live, honest when it is not, usable by keyboard and for everybody."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from django.contrib.auth.models import User
from django.utils.timezone import now
from playwright.sync_api import Page, expect

from devices.access.models import Quarantined, QuarantineKind
from devices.inventory.models import Camera, Dock, Station
from devices.roles import Role
from tests import rows
from tests.browser.serving import NOWHERE, NewPage, Server
from tests.browser.usable import faults
from tests.gateway.words import batch, report, token_of

SCREENSHOT = Path(__file__).parents[2] / "docs" / "screenshots" / "board.png"


@pytest.fixture
def fleet(transactional_db: None) -> rows.Fleet:
    return rows.a_fleet(now())


@pytest.fixture
def quartermaster(fleet: rows.Fleet) -> User:
    return rows.person(Role.QUARTERMASTER, *Station.objects.all())


@pytest.fixture
def docked(fleet: rows.Fleet) -> Camera:
    """A camera that sits charged in its bay."""
    return Camera.objects.filter(
        service_state="in_service",
        health__docked=True,
        health__hearing="heard",
        health__battery_state="full",
        home_bay__dock__kind="multi",
    ).select_related("home_bay__dock")[0]


def speak(server: Server, camera: Camera, **said: Any) -> None:
    """The dock's report about this camera, through the devices' own door."""
    dock: Dock = camera.home_bay.dock  # type: ignore[union-attr]
    told = report(camera.serial, bay=camera.home_bay.position, boot=2, **said)  # type: ignore[union-attr]
    asked = Request(
        f"{server.address}/gateway/v1/reports",
        data=json.dumps(batch(told)).encode(),
        headers={
            "Content-Type": "application/json",
            "Authorization": f"Bearer {token_of(dock, now())}",
        },
    )
    with urlopen(asked) as answer:
        assert json.load(answer)["reports"][0]["result"] == "stored"


def tile(page: Page, camera: Camera) -> Any:
    return page.locator(f"#c{camera.pk} .tile")


def live(page: Page) -> None:
    expect(page.locator("html.live")).to_be_attached()


def test_somebody_signs_in_and_sees_the_fleet(open_page: NewPage, quartermaster: User) -> None:
    quartermaster.set_password(rows.PASSWORD)
    quartermaster.save()
    page = open_page()

    page.goto("/")
    page.get_by_label("Name").fill("quartermaster")
    page.get_by_label("Password").fill(rows.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Board", exact=True).click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("140 cameras:")
    live(page)


def test_a_report_changes_its_tile_and_the_sentence(
    open_page: NewPage, server: Server, quartermaster: User, docked: Camera
) -> None:
    page = open_page(quartermaster)
    page.goto("/")
    live(page)
    charging = int(page.locator("[data-part=charging] b").inner_text())

    speak(server, docked, battery_percent=41, battery_state="charging")

    expect(tile(page, docked)).to_have_attribute("data-bucket", "charging")
    expect(tile(page, docked)).to_contain_text("Charging")
    expect(page.locator("[data-part=charging] b")).to_have_text(str(charging + 1))


def test_a_lost_feed_is_told_and_heals(
    open_page: NewPage, server: Server, quartermaster: User, docked: Camera
) -> None:
    page = open_page(quartermaster)
    page.goto("/")
    live(page)

    server.stop()
    expect(page.locator("html.not-live")).to_be_attached()
    expect(page.locator("#live")).to_contain_text(re.compile(r"NOT LIVE since \d\d:\d\d:\d\d"))
    server.start()
    speak(server, docked, battery_percent=41, battery_state="charging")

    expect(page.locator("html.live")).to_be_attached()
    expect(tile(page, docked)).to_have_attribute("data-bucket", "charging")


def test_a_number_in_the_sentence_lists_what_it_counts(
    open_page: NewPage, quartermaster: User
) -> None:
    page = open_page(quartermaster)
    page.goto("/")
    number = int(page.locator("[data-part=out] b").inner_text())

    page.locator("[data-part=out]").click()

    expect(page).to_have_url(re.compile(r"\?bucket=out$"))
    expect(page.locator(".tile:visible")).to_have_count(number)
    live(page)
    expect(page.locator("[data-part=out]")).to_have_attribute("aria-current", "true")


def test_a_sentence_that_stays_true_stays_the_same_place_to_click(
    open_page: NewPage, server: Server, quartermaster: User, docked: Camera
) -> None:
    page = open_page(quartermaster)
    page.goto("/")
    live(page)
    speak(server, docked, battery_percent=90, battery_state="full")
    expect(tile(page, docked)).to_contain_text("90")
    part = page.locator("[data-part=out]")
    part.evaluate("part => (part.same = true)")

    speak(server, docked, sequence=2, battery_percent=89, battery_state="full")

    expect(tile(page, docked)).to_contain_text("89")
    assert part.evaluate("part => part.same")


def test_a_tile_that_no_longer_fits_the_filter_leaves_it(
    open_page: NewPage, server: Server, quartermaster: User, docked: Camera
) -> None:
    page = open_page(quartermaster)
    page.goto("/?bucket=docked")
    live(page)
    expect(tile(page, docked)).to_be_visible()

    speak(server, docked, battery_percent=41, battery_state="charging")

    expect(tile(page, docked)).to_be_hidden()


def test_searching_sifts_at_once_and_is_kept_in_the_address(
    open_page: NewPage, quartermaster: User
) -> None:
    page = open_page(quartermaster)
    page.goto("/")
    live(page)

    page.keyboard.press("/")
    page.keyboard.type("c0012")

    expect(page.locator(".tile:visible")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"\?q=c0012$"))
    page.reload()
    expect(page.locator(".tile:visible")).to_have_count(1)
    page.keyboard.press("/")
    page.keyboard.type("nothing")
    expect(page.locator("#none")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".tile:visible")).to_have_count(140)


def test_everything_is_reached_by_keys(open_page: NewPage, quartermaster: User) -> None:
    page = open_page(quartermaster)
    page.goto("/")
    live(page)

    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
    for key in "jjjk":
        page.keyboard.press(key)
    focused = page.locator(":focus")
    expect(focused.locator("b")).to_have_text("C0002")
    expect(focused.locator(".why")).to_be_visible()
    page.keyboard.press("Escape")
    expect(focused.locator(".why")).to_be_hidden()
    page.keyboard.press("Control+k")
    page.keyboard.type("wall")
    expect(page.get_by_role("dialog", name="Go to").get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/wall/$"))


def test_a_replaced_tile_keeps_the_focus(
    open_page: NewPage, server: Server, quartermaster: User, docked: Camera
) -> None:
    page = open_page(quartermaster)
    page.goto("/")
    live(page)
    tile(page, docked).focus()

    speak(server, docked, battery_percent=41, battery_state="charging")

    expect(tile(page, docked)).to_have_attribute("data-bucket", "charging")
    expect(tile(page, docked)).to_be_focused()


def test_the_look_is_chosen_and_remembered(open_page: NewPage, quartermaster: User) -> None:
    page = open_page(quartermaster)
    page.goto("/")

    page.locator(".bar-end .menu summary").click()
    page.get_by_role("button", name="Dark").click()
    page.get_by_role("button", name="Comfortable").click()

    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("html")).to_have_attribute("data-density", "comfortable")


def test_the_whole_fleet_fits_a_desk_without_scrolling(
    open_page: NewPage, quartermaster: User, fleet: rows.Fleet
) -> None:
    Quarantined.objects.create(
        kind=QuarantineKind.UNKNOWN_SERIAL,
        serial="ZX-000031",
        dock=fleet.docks[3],
        first_at=now(),
        last_at=now(),
    )
    page = open_page(quartermaster)

    page.goto("/")
    live(page)

    assert page.locator(".tile:visible").count() == 140
    assert page.evaluate("document.documentElement.scrollHeight") <= 900
    if not SCREENSHOT.exists():
        SCREENSHOT.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SCREENSHOT)


def test_the_board_works_without_script(
    open_page: NewPage, server: Server, quartermaster: User
) -> None:
    page = open_page(quartermaster)
    page.route("**/*.js", lambda route: route.abort())

    page.goto("/")
    page.get_by_role("searchbox").fill("c0012")
    page.get_by_role("button", name="Show", exact=True).click()

    expect(page.locator(".tile:visible")).to_have_count(1)
    expect(page.locator("#live")).to_contain_text("as of")


@pytest.mark.parametrize("address", ["/", "/wall/", "/sign-in/", NOWHERE])
def test_everybody_can_use_it(open_page: NewPage, quartermaster: User, address: str) -> None:
    page = open_page(None if address == "/sign-in/" else quartermaster)
    page.goto(address)
    if address in ("/", "/wall/"):
        live(page)

    assert faults(page, 1440, 1024, 390) == []
