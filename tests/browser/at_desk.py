"""A desk in a browser, for tests: who is at its station, and what one does and sees at it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils.timezone import now
from playwright.sync_api import CDPSession, Locator, Page, expect

from devices.custody import actions as custody
from devices.custody.actions import Told
from devices.custody.models import Custody, Desk
from devices.desk.cards import CARDS
from devices.desk.models import DeskRequest
from devices.inventory.models import Camera, Credential, Officer
from devices.roles import Role
from tests import rows
from tests.browser.serving import NewPage, wait_until

CARD = {printed.word: printed.code for printed in CARDS}
HEARD = (
    "() => { window.heard = []; document.addEventListener('sound', (e) => heard.push(e.detail)); }"
)
# On a French keyboard a scanner that plays an American one types other letters.
FRENCH = str.maketrans("AZQWM1234567890", "QWAZ,&\u00e9\"'(-\u00e8_\u00e7\u00e0")
# The desk's own clock is as wrong as this browser is told it is, over a reload too.
CLOCK = """(ahead) => {
  const Right = Date;
  window.setClock = (ms) => localStorage.setItem("ahead", ms);
  globalThis.Date = class extends Right {
    constructor(...given) { given.length ? super(...given) : super(Date.now()); }
    static now() { return Right.now() + Number(localStorage.getItem("ahead") ?? ahead); }
  };
}"""


@dataclass
class Post:
    """A desk with a quartermaster, three officers, an own camera and three spares."""

    desk: Desk
    other: Desk
    quartermaster: User
    own: Camera
    spares: list[Camera]
    weak: Camera

    def holder(self, camera: Camera) -> str:
        held = Custody.objects.filter(camera=camera, closed_at=None).first()
        return str(held.officer) if held else ""


@pytest.fixture
def post(transactional_db: None) -> Post:
    at = now()
    station = rows.a_station()
    bays = list(rows.a_dock("D01", station).bays.order_by("position"))
    officers = [
        Officer.objects.create(badge_number=badge, station=station, unit="Patrol")
        for badge in ("1017", "1031", "1044")
    ]
    Credential.objects.create(officer=officers[1], kind="rfid", value="04A1B2C3")
    own, *spares = [
        rows.a_camera(number, station, at, health={"bay": bay}, home_bay=bay)
        for number, bay in zip((417, 531, 532, 533), bays, strict=False)
    ]
    low = {"bay": bays[4], "battery_percent": 20, "battery_state": "charging"}
    weak = rows.a_camera(540, station, at, health=low, home_bay=bays[4])
    quartermaster = rows.person(Role.QUARTERMASTER, station)
    told = Told(by=quartermaster, now=at - timedelta(days=9), reason="Standing issue")
    custody.assign(own, officers[0], told=told)
    desks = [Desk.objects.create(station=station, name=name) for name in ("Desk 1", "Desk 2")]
    return Post(desks[0], desks[1], quartermaster, own, spares, weak)


Opened = Callable[..., Page]
dialogs: list[str] = []  # what the browser asked


@pytest.fixture
def open_desk(open_page: NewPage, post: Post) -> Iterator[Opened]:
    pages: list[Page] = []
    dialogs.clear()

    def opened(desk: Desk | None = None, *, ahead: timedelta | None = None, **look: object) -> Page:
        page = open_page(post.quartermaster, **look)
        pages.append(page)
        page.on("dialog", lambda dialog: (dialogs.append(dialog.type), dialog.accept()))
        page.add_init_script(f"({HEARD})()")
        if ahead is not None:
            page.add_init_script(f"({CLOCK})({_ms(ahead)})")
        page.goto(f"/desk/{(desk or post.desk).pk}/")
        ready(page)
        return page

    yield opened
    for page in pages:
        page.context.close()
    wait_until(nobody_reads)  # a desk reads by itself, and tables in use cannot be emptied


def set_clock(page: Page, ahead: timedelta) -> None:
    """Somebody sets the clock of a desk that was opened with one: so far ahead of what is right."""
    page.evaluate("(ms) => setClock(ms)", _ms(ahead))


def _ms(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)


def nobody_reads() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND state <> 'idle'"
        )
        return bool(cursor.fetchone()[0] == 0)


def ready(page: Page) -> None:
    expect(page.locator("html[data-ready=yes]")).to_be_attached()
    expect(page.locator("#age")).to_contain_text("s old")


def scan(page: Page, *codes: str) -> None:
    for code in codes:
        page.keyboard.type(code)
        page.keyboard.press("Enter")


def french_scan(page: Page, code: str) -> None:
    """By a scanner that plays an American keyboard, on a computer whose keyboard is French."""
    line = page.context.new_cdp_session(page)
    for place in code:
        press(line, place, place.translate(FRENCH))
    page.keyboard.press("Enter")


def press(line: CDPSession, place: str, key: str) -> None:
    """The key that is at this place of an American keyboard, and is ``key`` here."""
    code = f"Digit{place}" if place.isdigit() else f"Key{place}"
    pressed = {"type": "keyDown", "key": key, "code": code, "text": key}
    line.send("Input.dispatchKeyEvent", pressed)


def alt_code(page: Page, number: str) -> None:
    """Alt held, and a letter's number on the number pad."""
    page.keyboard.down("Alt")
    for digit in number:
        page.keyboard.press(f"Numpad{digit}")
    page.keyboard.up("Alt")


def stands(page: Page, badge: str) -> None:
    """The officer's card is there, by the server's word: it comes before the scan has gone."""
    expect(page.locator("#officer .badge")).to_have_text(badge)
    wait_until(DeskRequest.objects.filter(raw=badge).exists)
    expect(page.locator("#pending")).to_have_text("Nothing waits")


def says(page: Page, word: str, sentence: str = "") -> None:
    expect(page.locator("#band b")).to_contain_text(word)
    expect(page.locator("#band")).to_contain_text(sentence)


def tab_to(page: Page, wanted: Locator) -> None:
    """By the keyboard alone, as whoever has no mouse."""
    expect(wanted).to_be_visible()
    for _ in range(40):
        page.keyboard.press("Tab")
        if wanted.evaluate("(one) => one === document.activeElement"):
            return
    raise AssertionError("no key leads there")


def heard(page: Page) -> list[str]:
    found: list[str] = page.evaluate("window.heard")
    return found
