"""Scanners at their worst: a sound, a sentence, nothing changed, and the next scan works."""

from itertools import cycle, islice, zip_longest

import pytest
from playwright.sync_api import Page, expect

from devices.custody.models import CustodyEvent
from devices.desk.models import DeskRequest
from tests.browser.at_desk import CARD, Opened, Post, heard, says, scan
from tests.browser.serving import wait_until

pytest_plugins = ["tests.browser.at_desk"]
pytestmark = pytest.mark.django_db(transaction=True)

FIFTY = 50  # scans a second
APART_MS = 100  # `listener.js` takes what is 150 apart for two pulls of the trigger
# Typed by the page itself: no wire to a browser is that quick on a busy machine. It says for how
# long the machine held it up between two codes, at the most.
TYPED = """async ([codes, every]) => {
  let longest = 0, last = performance.now();
  const press = (key) => document.body.dispatchEvent(
    new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  for (const code of codes) {
    for (const key of [...code, "Enter"]) press(key);
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
    await new Promise((next) => setTimeout(next, every));
  }
  return longest;
}"""


def types(page: Page, *codes: str) -> float:
    """Fifty scans in a second: these codes, again and again; the longest pause between two."""
    longest: float = page.evaluate(TYPED, [list(islice(cycle(codes), FIFTY)), 1000 / FIFTY])
    return longest


def types_at_once(page: Page, *codes: str) -> None:
    """Fifty in one pull of the trigger. Where the machine held the page up it was more than one:
    what came of those is cancelled, and they are typed again."""
    for _ in range(20):
        if types(page, *codes) < APART_MS:
            return
        page.wait_for_timeout(2000)  # no code is a bounce of them, or of the same pull
        scan(page, CARD["CANCEL"])
        wait_until(lambda: heard(page)[-1:] == ["repeat"])
        page.evaluate("window.heard.length = 0")
        page.wait_for_timeout(2000)
    raise AssertionError("the machine held the page up each time")


def next_works(page: Page, post: Post) -> None:
    camera = post.spares[0]
    scan(page, "04A1B2C3")
    expect(page.locator("#officer .badge")).to_have_text("1031")
    scan(page, camera.label)
    says(page, "ISSUED", f"Issued {camera.name} to 1031.")
    assert CustodyEvent.objects.filter(via="desk").count() == 1


def test_fifty_cameras_a_second_are_none(open_desk: Opened, post: Post) -> None:
    page = open_desk()

    types_at_once(page, *(one.label for one in post.spares))

    newest = page.locator("#results li").first
    expect(newest).to_contain_text("None was taken: scan one label at a time.")
    assert "error" in heard(page)
    assert not CustodyEvent.objects.filter(via="desk").exists()
    next_works(page, post)


def test_fifty_badges_a_second_are_fifty_scans_that_change_nothing(
    open_desk: Opened, post: Post
) -> None:
    page = open_desk()

    types(page, "1017", "1044")

    expect(page.locator("#pending")).to_have_text("Nothing waits")
    expect(page.locator("#results li").first).to_contain_text("1044: scan a camera.")
    assert DeskRequest.objects.count() == FIFTY
    told = [one for one in heard(page) if one != "error"]  # a busy disk says that it is slow
    assert told == ["badge"] * FIFTY  # each has its own, though the next had followed
    assert not CustodyEvent.objects.filter(via="desk").exists()
    next_works(page, post)


def test_a_badge_and_a_camera_typed_key_by_key_are_neither(open_desk: Opened, post: Post) -> None:
    """Two readers on one computer, both at once."""
    page = open_desk()
    badge, camera = ([*code, "Enter"] for code in ("04A1B2C3", post.spares[0].label))

    for keys in zip_longest(badge, camera):
        for key in filter(None, keys):
            page.keyboard.press(key)

    says(page, "ERROR", "Not a code of ours")
    assert set(heard(page)) == {"error"}
    expect(page.locator("#officer .badge")).to_have_count(0)
    assert not CustodyEvent.objects.filter(via="desk").exists()
    next_works(page, post)
