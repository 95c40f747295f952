"""A kiosk in a browser: a badge, a camera, nothing else; honest when the server is away."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.utils.timezone import now
from playwright.sync_api import Page, expect

from devices.custody.models import Custody, Desk
from devices.department.actions import decide
from devices.desk.kiosk import actions
from devices.health.models import CameraHealth
from devices.inventory.models import Camera, Officer, Station
from devices.policy import Policy
from devices.roles import Role
from tests import rows
from tests.browser.conftest import NewPage, Server
from tests.browser.usable import COLOURS, WCAG, broken

pytestmark = pytest.mark.django_db(transaction=True)

IDLE = "Scan your badge"


@pytest.fixture
def station() -> Station:
    """A pool of four cameras in a dock of eight bays, and two officers."""
    at = now()
    made = rows.a_station()
    made.pool = True
    made.save()
    bays = list(rows.a_dock("D02", made).bays.order_by("position"))
    for n in range(4):
        health = {"bay": bays[n + 2]}
        rows.a_camera(533 + n, made, at, home_bay=bays[n + 2], health=health)
    for badge in ("1031", "1044"):
        Officer.objects.create(badge_number=badge, station=made)
    return made


def at_kiosk(
    open_page: NewPage, station: Station, *, width: int = 1920, height: int = 1080
) -> Page:
    by = rows.person(Role.QUARTERMASTER, station)
    _, link = actions.make("Kiosk 1", station, by=by, now=now())
    page = open_page(width=width, height=height)
    page.goto(f"/kiosk/open/#{link}")
    page.wait_for_url("**/kiosk/")
    expect(page.locator("#say")).to_have_text(IDLE)
    return page


def scan(page: Page, code: str) -> None:
    page.keyboard.type(code)
    page.keyboard.press("Enter")


def beside(act: Any, *said: Any, **more: Any) -> None:
    def closing() -> None:
        act(*said, **more)
        connection.close()

    with ThreadPoolExecutor(1) as worker:
        worker.submit(closing).result()


def _taken_out() -> None:
    CameraHealth.objects.filter(camera__number=533).update(docked=False, bay=None)


def holder(number: int) -> str:
    held = Custody.objects.filter(camera__number=number, closed_at=None).first()
    return str(held.officer) if held else ""


@pytest.fixture
def pins(station: Station, server: Server) -> Iterator[None]:
    """The department asks for PINs. A server believes a policy for seconds, so it begins anew."""
    by = rows.person(Role.COMMANDER, station)
    decide({"kiosk_pin_digits": 4}, reason="Anybody carries a badge", based_on=0, by=by, now=now())
    officer = Officer.objects.get(badge_number="1031")
    actions.set_pin(officer, "2580", by=by, now=now(), policy=Policy(kiosk_pin_digits=4))
    server.stop()
    server.start()
    yield
    decide({"kiosk_pin_digits": 0}, reason="As before", based_on=1, by=by, now=now())
    server.stop()
    server.start()


def test_a_badge_and_the_lit_bay_is_all_it_takes(open_page: NewPage, station) -> None:
    page = at_kiosk(open_page, station)

    scan(page, "1031")
    expect(page.locator("#say")).to_have_text("Take C0533 from D02-3.")
    expect(page.locator(".bay.lit")).to_have_text("3")
    assert page.locator(".bay").count() == 8
    beside(_taken_out)

    expect(page.locator("#say")).to_have_text("You have C0533.")
    assert holder(533) == "1031"


def test_it_is_taken_and_given_back_by_scanning(open_page: NewPage, station) -> None:
    page = at_kiosk(open_page, station)
    camera = Camera.objects.get(number=534)
    scan(page, "1044")
    expect(page.locator("#say")).to_have_text(re.compile("^Take"))

    scan(page, camera.label)
    expect(page.locator("#say")).to_have_text("You have C0534.")
    scan(page, "RUBBISH")
    expect(page.locator("#say")).to_have_text(re.compile("^Not a badge"))
    scan(page, camera.label)

    expect(page.locator("#say")).to_have_text("C0534 is back. Put it in a bay.")
    assert holder(534) == ""


def test_it_sounds_as_a_desk_does_and_takes_no_label_of_two(open_page: NewPage, station) -> None:
    page = at_kiosk(open_page, station)
    page.evaluate(
        "window.heard = []; document.addEventListener('sound', (e) => heard.push(e.detail))"
    )
    one, two, three = Camera.objects.filter(number__lt=536).order_by("number")

    scan(page, "1031")
    expect(page.locator("#say")).to_have_text(re.compile("^Take"))
    scan(page, one.label)
    expect(page.locator("#say")).to_have_text("You have C0533.")
    page.keyboard.type(f"{two.label}\n{three.label}\n")
    expect(page.locator("#say")).to_have_text("Two labels were read at once: scan one.")

    assert page.evaluate("heard") == ["badge", "out", "error"]
    assert holder(533) == "1031"


def test_the_screen_is_clear_after_ten_seconds(open_page: NewPage, station) -> None:
    page = at_kiosk(open_page, station)
    page.clock.install()
    scan(page, "1031")
    expect(page.locator("#say")).to_have_text(re.compile("^Take"))

    page.clock.run_for(10_100)

    expect(page.locator("#say")).to_have_text(IDLE)
    text = page.locator("body").inner_text()
    assert "C0533" not in text
    assert "1031" not in text


def test_without_the_server_it_says_so_and_comes_back(
    open_page: NewPage, server: Server, station
) -> None:
    page = at_kiosk(open_page, station)

    server.stop()
    expect(page.locator("#say")).to_have_text("Out of order: see the desk")
    scan(page, "1031")
    server.start()

    expect(page.locator("#say")).to_have_text(IDLE)
    assert page.locator("body.out-of-order").count() == 0


def test_a_kiosk_taken_away_is_none_any_more(open_page: NewPage, station) -> None:
    page = at_kiosk(open_page, station)
    by = rows.person(Role.IT)

    beside(actions.revoke, Desk.objects.get(), by=by, now=now())

    page.get_by_text("This browser is no kiosk").wait_for()


def test_a_pin_is_typed_on_the_screen_or_the_keys(open_page: NewPage, pins, station) -> None:
    page = at_kiosk(open_page, station, width=1024, height=768)
    scan(page, "1031")
    expect(page.locator("#say")).to_have_text("Type your PIN.")

    for digit in "0000":
        page.get_by_role("button", name=digit, exact=True).click()
    page.get_by_role("button", name="Enter").click()
    expect(page.locator("#say")).to_have_text("That PIN is wrong: 4 tries left.")
    page.keyboard.type("2580", delay=120)
    page.keyboard.press("Enter")

    expect(page.locator("#say")).to_have_text("Take C0533 from D02-3.")


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1024, 768)])
def test_nobody_is_kept_out_of_it(open_page: NewPage, pins, station, width, height) -> None:
    page = at_kiosk(open_page, station, width=width, height=height)

    for code, said in (("", IDLE), ("1031", "Type your PIN."), ("NONE", "Not a badge")):
        if code:
            scan(page, code)
        expect(page.locator("#say")).to_contain_text(said)
        for theme, rules in (("light", WCAG), ("dark", COLOURS)):
            page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
            assert broken(page, rules) == [], theme
        assert page.evaluate("document.documentElement.scrollHeight <= innerHeight + 1")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
