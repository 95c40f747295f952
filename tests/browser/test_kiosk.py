"""A kiosk in a browser: a badge, a camera, nothing else; honest when the server is away."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from time import sleep
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils.timezone import now
from playwright.sync_api import Page, expect

from devices.custody.models import Custody, Desk
from devices.department.actions import decide
from devices.department.current import BELIEVED_FOR_S
from devices.desk.kiosk import actions
from devices.desk.kiosk.models import KioskPin
from devices.health.models import CameraHealth
from devices.inventory import codes
from devices.inventory.models import Camera, Credential, Officer, Station
from devices.policy import Policy
from devices.roles import Role
from tests import rows
from tests.browser.at_desk import french_scan
from tests.browser.serving import NewPage, Server, wait_until
from tests.browser.test_desk_set_up import scan as three_codes
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
    open_page: NewPage,
    station: Station,
    *,
    width: int = 1920,
    height: int = 1080,
    **scanner: Any,
) -> Page:
    by = rows.person(Role.QUARTERMASTER, station)
    desk, link = actions.make("Kiosk 1", station, by=by, now=now())
    Desk.objects.filter(pk=desk.pk).update(scanner=scanner)
    page = open_page(width=width, height=height)
    page.goto(f"/kiosk/open/#{link}")
    page.wait_for_url("**/kiosk/")
    expect(page.locator("#say")).to_have_text(IDLE)
    return page


def test_its_scanner_is_set_up_and_read_so_at_once(open_page: NewPage, station: Station) -> None:
    """By a scanner that plays an American keyboard, at a computer whose keyboard is French."""
    kiosk = at_kiosk(open_page, station)
    made = Desk.objects.get()
    french_scan(kiosk, codes.label(533))
    expect(kiosk.locator("#say")).to_contain_text("Not a badge or a camera of ours")
    setting = open_page(User.objects.get())
    setting.goto("/kiosks/")
    setting.get_by_role("link", name=f"Not set up: set up the scanner of {made}").click()
    expect(setting.locator("[aria-current=step]")).to_have_count(1)
    assert broken(setting) == []

    three_codes(setting, french=True)
    setting.get_by_role("button", name="Keep this for the kiosk").click()
    expect(setting.locator("#kept")).to_contain_text("The kiosk reads this scanner so")

    expect(kiosk.locator("#say")).to_have_text(IDLE)
    wait_until(lambda: '"us"' in (kiosk.locator("#kiosk-settings").text_content() or ""))
    french_scan(kiosk, "1031")
    expect(kiosk.locator("#say")).to_contain_text("Take C0533")


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
def pins(station: Station) -> Iterator[None]:
    """The department asks for PINs; the server has heard of it, and of its end afterwards."""
    by = rows.person(Role.COMMANDER, station)
    decide({"kiosk_pin_digits": 4}, reason="Anybody carries a badge", based_on=0, by=by, now=now())
    officer = Officer.objects.get(badge_number="1031")
    actions.set_pin(officer, "2580", by=by, now=now(), policy=Policy(kiosk_pin_digits=4))
    sleep(BELIEVED_FOR_S)
    yield
    decide({"kiosk_pin_digits": 0}, reason="As before", based_on=1, by=by, now=now())
    sleep(BELIEVED_FOR_S)


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


@pytest.mark.parametrize(
    ("badge", "scanner"), [("04A1B2C3", {}), ("1044", {"ms_per_key": 100})], ids=str
)
def test_the_next_badge_from_a_slow_reader_is_no_wrong_pin(
    open_page: NewPage, pins, station, badge: str, scanner: dict[str, Any]
) -> None:
    by, another = User.objects.get(), Officer.objects.get(badge_number="1044")
    actions.set_pin(another, "1470", by=by, now=now(), policy=Policy(kiosk_pin_digits=4))
    Credential.objects.create(officer=another, kind="rfid", value="04A1B2C3")
    page = at_kiosk(open_page, station, **scanner)
    scan(page, "1031")
    expect(page.locator("#say")).to_have_text("Type your PIN.")

    page.keyboard.type(badge, delay=80)
    with page.expect_response("**/kiosk/scan/"):
        page.keyboard.press("Enter")
    page.keyboard.type("1470", delay=300)
    page.keyboard.press("Enter")

    expect(page.locator("#say")).to_have_text("Take C0533 from D02-3.")
    assert KioskPin.objects.get(officer__badge_number="1031").wrong_at == []


def test_what_its_scanner_sends_around_a_code_is_taken_off(open_page: NewPage, station) -> None:
    page = at_kiosk(open_page, station, prefix="X9")

    scan(page, "X91031")

    expect(page.locator("#say")).to_have_text("Take C0533 from D02-3.")


def test_a_kiosk_that_was_told_of_no_scanner_has_that_of_its_browser(
    open_page: NewPage, station
) -> None:
    page = at_kiosk(open_page, station)
    page.evaluate("localStorage.setItem('scanner', JSON.stringify({ prefix: 'X9' }))")
    page.reload()
    expect(page.locator("#say")).to_have_text(IDLE)

    scan(page, "X91031")

    expect(page.locator("#say")).to_have_text("Take C0533 from D02-3.")


def test_nobody_is_kept_out_of_it(open_page: NewPage, pins, station) -> None:
    page = at_kiosk(open_page, station)

    for code, said in (("", IDLE), ("1031", "Type your PIN."), ("NONE", "Not a badge")):
        if code:
            scan(page, code)
        expect(page.locator("#say")).to_contain_text(said)
        for theme, rules in (("light", WCAG), ("dark", COLOURS)):
            page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
            assert broken(page, rules) == [], theme
        for width, height in ((1024, 768), (1920, 1080)):
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate("document.documentElement.scrollHeight <= innerHeight + 1")
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
