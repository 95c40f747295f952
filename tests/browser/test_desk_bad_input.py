"""Scanners at their worst: a sound, a sentence, nothing changed, and the next scan works."""

from itertools import cycle, islice, zip_longest

import pytest
from playwright.sync_api import Page, expect

from devices.custody.models import CustodyEvent
from devices.desk.models import DeskRequest
from tests.browser.at_desk import Opened, Post, heard, says, scan

pytest_plugins = ["tests.browser.at_desk"]
pytestmark = pytest.mark.django_db(transaction=True)

FIFTY = 50  # scans a second
# Typed by the page itself: no wire to a browser is that quick on a busy machine.
TYPED = """async ([codes, every]) => {
  const press = (key) => document.body.dispatchEvent(
    new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  for (const code of codes) {
    for (const key of [...code, "Enter"]) press(key);
    await new Promise((next) => setTimeout(next, every));
  }
}"""


def types(page: Page, *codes: str) -> None:
    """Fifty scans in a second: these codes, again and again."""
    page.evaluate(TYPED, [list(islice(cycle(codes), FIFTY)), 1000 / FIFTY])


def next_works(page: Page, post: Post) -> None:
    camera = post.spares[0]
    scan(page, "04A1B2C3")
    expect(page.locator("#officer .badge")).to_have_text("1031")
    scan(page, camera.label)
    says(page, "ISSUED", f"Issued {camera.name} to 1031.")
    assert CustodyEvent.objects.filter(via="desk").count() == 1


def test_fifty_cameras_a_second_are_none(open_desk: Opened, post: Post) -> None:
    page = open_desk()

    types(page, *(one.label for one in post.spares))

    expect(page.locator("#results")).to_contain_text("None was taken: scan one label at a time.")
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
