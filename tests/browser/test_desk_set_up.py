"""Three codes teach a desk what its scanner sends."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from devices.custody.models import Desk
from devices.desk.scanner import TESTS
from devices.roles import Role
from tests import rows
from tests.browser.at_desk import FRENCH, alt_code, press
from tests.browser.serving import NewPage, wait_until
from tests.browser.usable import broken

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk(transactional_db: None) -> Desk:
    made: Desk = Desk.objects.create(station=rows.a_station(), name="Desk 1")
    return made


@pytest.fixture
def quartermaster(desk: Desk) -> User:
    return rows.person(Role.QUARTERMASTER, desk.station)


@pytest.fixture
def page(open_page: NewPage, desk: Desk, quartermaster: User) -> Page:
    opened = open_page(quartermaster)
    opened.goto(f"/desk/{desk.pk}/set-up/")
    expect(opened.locator("[aria-current=step]")).to_have_count(1)
    return opened


def scan(
    page: Page,
    *,
    end: str = "Enter",
    prefix: str = "",
    suffix: str = "",
    ms: float = 0,
    french: bool = False,
) -> None:
    """Each of the three, when the one before has been read."""
    line = page.context.new_cdp_session(page)
    for number, test in enumerate(TESTS):
        for place in prefix + test.code + suffix:
            press(line, place, place.translate(FRENCH) if french else place)
            if ms:
                page.evaluate("(ms) => new Promise((done) => setTimeout(done, ms))", ms)
        if end:
            page.keyboard.press(end)
        expect(page.locator("[data-said]").nth(number)).to_contain_text("Read")


def learnt(desk: Desk) -> dict[str, object]:
    wait_until(lambda: Desk.objects.get(pk=desk.pk).scanner != {})
    found: dict[str, object] = Desk.objects.get(pk=desk.pk).scanner
    return {name: found[name] for name in ("terminator", "prefix", "layout", "noise")}


def keep(page: Page) -> None:
    page.get_by_role("button", name="Keep this for the desk").click()
    expect(page.locator("#kept")).to_contain_text("Kept.")


def test_a_good_scanner_is_praised_and_kept(page: Page, desk: Desk) -> None:
    page.get_by_label("What a badge reader types for nothing").fill("GONE, BYE")
    page.locator("h1").click()

    scan(page)

    expect(page.locator("#verdict h2")).to_have_text("This scanner works.")
    assert broken(page) == []
    keep(page)
    noise = ["GONE", "BYE"]
    assert learnt(desk) == {"terminator": "enter", "prefix": "", "layout": "", "noise": noise}


@pytest.mark.parametrize(
    ("sends", "terminator", "says"),
    [
        ({"end": "Tab"}, "tab", "ends with Tab"),
        ({"end": "Control+j"}, "enter", "ends with Enter"),
        ({"end": ""}, "none", "No code has an end"),
        ({"prefix": "X9"}, "enter", "“X9” before a code"),
        ({"ms": 60}, "enter", "It is slow"),
    ],
)
def test_what_a_scanner_does_is_found_out(
    page: Page, desk: Desk, sends: dict[str, object], terminator: str, says: str
) -> None:
    scan(page, **sends)  # type: ignore[arg-type]

    expect(page.locator("#verdict")).to_contain_text(says)
    keep(page)
    assert learnt(desk)["terminator"] == terminator
    assert learnt(desk)["prefix"] == sends.get("prefix", "")


def test_a_wrong_layout_is_read_by_the_places_of_keys(page: Page, desk: Desk) -> None:
    scan(page, french=True)

    expect(page.locator("#verdict")).to_contain_text("Its keyboard is another one")
    keep(page)
    assert learnt(desk)["layout"] == "us"


@pytest.mark.parametrize(("ends", "terminator"), [("013", "enter"), ("009", "tab"), ("", "none")])
def test_a_scanner_that_sends_the_numbers_of_letters_is_learnt(
    page: Page, desk: Desk, ends: str, terminator: str
) -> None:
    """With Alt held, on the number pad: on any keyboard the same."""
    for number, test in enumerate(TESTS):
        for one in [*(f"{ord(letter):03}" for letter in test.code), *filter(None, [ends])]:
            alt_code(page, one)
        expect(page.locator("[data-said]").nth(number)).to_have_text("Read")

    expect(page.locator("#verdict h2")).to_have_text("This scanner works.")
    keep(page)
    assert learnt(desk) == {"terminator": terminator, "prefix": "", "layout": "", "noise": []}


def test_a_number_of_no_letter_moves_no_step(page: Page) -> None:
    for number in ("000", "127", "999"):
        alt_code(page, number)
    page.keyboard.press("Alt")

    scan(page)

    expect(page.locator("#verdict h2")).to_have_text("This scanner works.")


def test_what_cannot_be_read_is_told_and_not_kept(page: Page, desk: Desk) -> None:
    for number in range(len(TESTS)):
        page.keyboard.type("QQQQ")
        page.keyboard.press("Enter")
        expect(page.locator("[data-said]").nth(number)).to_contain_text("QQQQ")

    expect(page.locator("#verdict h2")).to_contain_text("It sent “QQQQ” where")
    expect(page.get_by_role("button", name="Keep this for the desk")).to_have_count(0)


def test_what_is_sent_after_a_code_would_make_every_scan_unknown(page: Page, desk: Desk) -> None:
    scan(page, suffix="X")

    expect(page.locator("#verdict h2")).to_contain_text("It sends “X” after a code")
    expect(page.locator("#verdict")).to_contain_text("Set the scanner to send nothing after a code")
    expect(page.get_by_role("button", name="Keep this for the desk")).to_have_count(0)
