"""The desk in a browser: two scans issue, one returns, nothing is clicked, nothing is lost."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils.timezone import now
from playwright.sync_api import Page, expect

from devices.custody import actions as custody
from devices.custody.actions import Told
from devices.custody.models import Custody, Desk
from devices.desk.cards import CARDS
from devices.desk.models import DeskRequest
from devices.inventory.models import Camera, Credential, Officer
from devices.roles import Role
from tests import rows
from tests.browser.conftest import NewPage, Server, wait_until
from tests.browser.usable import faults

pytestmark = pytest.mark.django_db(transaction=True)

HEALS_WITHIN_MS = 20_000  # the longest wait between two tries is 15 s
CARD = {printed.word: printed.code for printed in CARDS}
HEARD = (
    "() => { window.heard = []; document.addEventListener('sound', (e) => heard.push(e.detail)); }"
)


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

    def opened(desk: Desk | None = None, **look: object) -> Page:
        page = open_page(post.quartermaster, **look)
        pages.append(page)
        page.on("dialog", lambda dialog: (dialogs.append(dialog.type), dialog.accept()))
        page.add_init_script(f"({HEARD})()")
        page.goto(f"/desk/{(desk or post.desk).pk}/")
        ready(page)
        return page

    yield opened
    for page in pages:
        page.context.close()
    wait_until(_nobody_reads)  # a desk reads by itself, and tables in use cannot be emptied


def _nobody_reads() -> bool:
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


def stands(page: Page, badge: str) -> None:
    """The officer's card is there, by the server's word: it comes before the scan has gone."""
    expect(page.locator("#officer .badge")).to_have_text(badge)
    wait_until(DeskRequest.objects.filter(raw=badge).exists)
    expect(page.locator("#pending")).to_have_text("Nothing waits")


def says(page: Page, word: str, sentence: str = "") -> None:
    expect(page.locator("#band b")).to_contain_text(word)
    expect(page.locator("#band")).to_contain_text(sentence)


def heard(page: Page) -> list[str]:
    found: list[str] = page.evaluate("window.heard")
    return found


def test_two_scans_issue_and_one_returns(open_desk: Opened, post: Post) -> None:
    spare = post.spares[0]
    page = open_desk()

    scan(page, "04A1B2C3")
    expect(page.locator("#officer .badge")).to_have_text("1031")
    expect(page.locator("#say")).to_contain_text("Scan a camera: take D01-")
    scan(page, spare.label)
    says(page, "ISSUED", f"Issued {spare.name} to 1031.")
    assert post.holder(spare) == "1031"
    scan(page, CARD["CANCEL"], spare.label)

    says(page, "RETURNED", f"Returned {spare.name} from 1031.")
    assert post.holder(spare) == ""
    assert heard(page) == ["badge", "out", "repeat", "back"]
    expect(page.locator("#told")).to_contain_text(f"Returned {spare.name}")


def test_the_order_of_badge_and_camera_does_not_matter(open_desk: Opened, post: Post) -> None:
    page = open_desk()

    scan(page, post.spares[0].label)
    expect(page.locator("#say")).to_have_text("Scan a badge")
    scan(page, "1044")

    says(page, "ISSUED")
    assert post.holder(post.spares[0]) == "1044"


def test_the_officers_own_camera_is_named_and_taken(open_desk: Opened, post: Post) -> None:
    page = open_desk()

    scan(page, "1017")
    expect(page.locator("#say")).to_contain_text("C0417")
    find = page.get_by_role("link", name="Find C0417")
    expect(find).to_have_attribute("href", "/cameras/417/#find")
    scan(page, post.own.label)

    says(page, "TAKEN", "1017 takes C0417, their own.")


def test_a_reason_card_sets_a_soft_rule_aside(open_desk: Opened, post: Post) -> None:
    page = open_desk()

    scan(page, "1044", post.weak.label)
    says(page, "REFUSED", f"{post.weak.name} is not ready.")
    expect(page.locator("#hint")).to_contain_text("or take D01-")
    scan(page, CARD["RSHORT"])

    says(page, "ISSUED", "against a rule")
    assert heard(page)[-2:] == ["refused", "out"]


def test_undo_is_a_card_a_key_and_a_button(open_desk: Opened, post: Post) -> None:
    first, second, third = post.spares
    page = open_desk()

    scan(page, "1017", first.label)
    says(page, "ISSUED")
    page.get_by_role("button", name=f"Undo: Issued {first.name}").click()
    says(page, "UNDONE")
    assert post.holder(first) == ""
    scan(page, "1031", second.label)
    says(page, "ISSUED", second.name)
    page.keyboard.press("Control+z")
    says(page, "UNDONE", second.name)
    scan(page, "1044", third.label)
    says(page, "ISSUED", third.name)
    scan(page, CARD["UNDO"])
    says(page, "UNDONE", third.name)

    assert {post.holder(one) for one in post.spares} == {""}
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)


def test_what_is_no_code_is_told_and_stays(open_desk: Opened, post: Post) -> None:
    page = open_desk()

    scan(page, post.spares[0].label + post.spares[1].label)

    says(page, "ERROR", "Not a code of ours")
    assert heard(page) == ["error"]
    scan(page, "1017")
    expect(page.locator("#band")).to_be_hidden()


def test_without_a_scanner_numbers_are_typed(open_desk: Opened, post: Post) -> None:
    page = open_desk()

    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.type("104", delay=70)
    page.keyboard.press("Enter")
    expect(page.locator("#found [aria-selected=true]")).to_contain_text("1044")
    page.keyboard.press("Enter")
    expect(page.locator("#officer .badge")).to_have_text("1044")
    page.keyboard.type("531", delay=70)
    page.keyboard.press("Enter")

    says(page, "ISSUED", "C0531 to 1044")
    expect(page.locator("#search")).not_to_be_focused()


def test_two_desks_at_once_do_not_both_issue(open_desk: Opened, post: Post) -> None:
    spare = post.spares[0]
    here, there = open_desk(), open_desk(post.other)
    scan(here, "1017")
    scan(there, "1031")
    expect(there.locator("#officer .badge")).to_have_text("1031")

    scan(here, spare.label)
    says(here, "ISSUED")
    scan(there, spare.label)

    says(there, "REFUSED", f"1017 holds {spare.name}")
    expect(there.locator("#officer .badge")).to_have_text("1031")
    assert post.holder(spare) == "1017"


def test_offline_scans_are_kept_told_and_sent_in_order(
    open_desk: Opened, post: Post, server: Server
) -> None:
    first, second, _ = post.spares
    page = open_desk()
    scan(page, "1017", first.label)
    says(page, "ISSUED")
    server.stop()

    expect(page.locator("#line")).to_contain_text("No answer from the server")
    scan(page, "1031")
    expect(page.locator("#officer .badge")).to_have_text("1031")
    scan(page, second.label)
    says(page, "PENDING 2", f"Issued {second.name} to 1031.")
    scan(page, first.label)
    says(page, "PENDING 3", f"Returned {first.name} from 1017.")
    scan(page, "1044", post.weak.label)
    says(page, "REFUSED")
    scan(page, CARD["RSHORT"])
    says(page, "REFUSED", "nothing is issued against a rule")
    assert heard(page)[-5:] == ["pending", "pending", "badge", "refused", "refused"]
    expect(page.locator("#pending")).to_contain_text("waiting")
    server.start()

    expect(page.locator("#pending")).to_have_text("Nothing waits", timeout=HEALS_WITHIN_MS)
    expect(page.locator("#line")).to_have_text("Connected", timeout=HEALS_WITHIN_MS)
    assert (post.holder(first), post.holder(second), post.holder(post.weak)) == ("", "1031", "")
    sent = DeskRequest.objects.order_by("received_at").values_list("seq", flat=True)
    assert list(sent) == sorted(sent)
    expect(page.locator("#attention")).to_be_hidden()


def test_a_refresh_while_the_server_is_away_loses_nothing(
    open_desk: Opened, post: Post, server: Server
) -> None:
    spare = post.spares[0]
    page = open_desk()
    wait_until(lambda: page.evaluate(KEPT_PARTS) > 10)
    scan(page, "1017")
    stands(page, "1017")
    server.stop()
    scan(page, spare.label)
    says(page, "PENDING 1")

    page.reload()
    assert dialogs == ["beforeunload"]
    assert page.evaluate(SHELL) == [True, True]
    ready(page)
    expect(page.locator("#pending")).to_have_text("1 waiting to be sent")
    scan(page, "1031")
    expect(page.locator("#officer .badge")).to_have_text("1031")
    server.start()

    expect(page.locator("#pending")).to_have_text("Nothing waits", timeout=HEALS_WITHIN_MS)
    assert post.holder(spare) == "1017"


def test_signing_out_pauses_and_signing_in_again_goes_on(
    open_desk: Opened, post: Post, server: Server
) -> None:
    spare = post.spares[0]
    page = open_desk()
    kept = page.context.cookies()
    scan(page, "1017")
    stands(page, "1017")
    page.context.clear_cookies()

    scan(page, spare.label)
    expect(page.locator("#line")).to_contain_text("You are signed out")
    says(page, "PENDING 1")
    page.context.add_cookies(kept)

    expect(page.locator("#line")).to_have_text("Connected", timeout=HEALS_WITHIN_MS)
    wait_until(lambda: post.holder(spare) == "1017")
    expect(page.locator("#results li").first).to_contain_text("ISSUED")


def test_what_the_record_says_otherwise_is_to_be_looked_at(
    open_desk: Opened, post: Post, server: Server
) -> None:
    spare = post.spares[0]
    page = open_desk()
    scan(page, "1031")
    stands(page, "1031")
    server.stop()
    scan(page, spare.label)
    says(page, "PENDING")
    officer = Officer.objects.get(badge_number="1044")
    told = Told(by=post.quartermaster, now=now())
    custody.check_out(spare, officer, custody.Terms(), told=told)
    server.start()

    expect(page.locator("#band b")).to_have_text("CONFLICT", timeout=HEALS_WITHIN_MS)
    assert post.holder(spare) == "1044"
    assert heard(page)[-1] == "error"
    page.get_by_role("button", name="Seen").click()
    expect(page.locator("#attention")).to_be_hidden()


def test_one_tab_works_a_desk_and_another_takes_it_over(open_desk: Opened, post: Post) -> None:
    first = open_desk()
    second = first.context.new_page()
    second.add_init_script(f"({HEARD})()")
    second.goto(first.url)
    ready(second)
    expect(second.locator("#asleep")).to_be_visible()
    scan(second, "1017")
    says(second, "ERROR", "does not work the desk")

    second.get_by_role("button", name="Work here").click()

    expect(first.locator("#asleep")).to_be_visible()
    expect(second.locator("#asleep")).to_be_hidden()
    scan(second, "1031")
    expect(second.locator("#officer .badge")).to_have_text("1031")


KEPT_PARTS = "caches.open('desk-shell').then((one) => one.keys()).then((all) => all.length)"
# What is kept is the desk's page and what it is made of, and nothing else.
SHELL = """async () => {
  const names = await caches.keys();
  const kept = await (await caches.open("desk-shell")).keys();
  const ours = (path) => path === location.pathname || path.startsWith("/static/");
  return [names.length === 1, kept.every(({ url }) => ours(new URL(url).pathname))];
}"""
DESK, TABLET = (1440, 900), (1024, 768)


def test_everybody_can_use_it_in_every_state(open_desk: Opened, post: Post, server: Server) -> None:
    page = open_desk()
    states = [
        (["1017"], "#officer .badge"),
        ([post.spares[0].label], "#band[data-tone=good]"),
        (["1031", post.spares[0].label], "#band[data-tone=amber]"),
        (["NOTHING"], "#band[data-tone=bad]"),
        ([CARD["CANCEL"], CARD["INFO"]], "#band[data-tone=note]"),
    ]

    usable(page)
    for codes, shows in states:
        scan(page, *codes)
        expect(page.locator(shows)).to_be_visible()
        usable(page)
    server.stop()
    scan(page, CARD["CANCEL"], "1044")
    expect(page.locator("#line[data-state=down]")).to_be_visible()
    scan(page, post.spares[1].label)
    says(page, "PENDING")
    usable(page)
    server.start()
    expect(page.locator("#line[data-state=up]")).to_be_visible(timeout=HEALS_WITHIN_MS)


def usable(page: Page) -> None:
    for width, height in (DESK, TABLET):
        page.set_viewport_size({"width": width, "height": height})
        assert faults(page, width) == []
        assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
        assert page.evaluate(SMALL) == []


# What is pressed at the desk is large enough for a thumb.
SMALL = """() => [...document.querySelectorAll(".desk button, .desk a, .desk input")]
  .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 44)
  .map((one) => one.outerHTML)"""
