"""A wall screen in a browser: paired by its link, read at three metres, honest, back by itself."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils.timezone import now
from playwright.sync_api import Page, expect

from devices import feed
from devices.access.models import Screen, ScreenTheme
from devices.access.screens import actions
from devices.inventory.models import Camera, Station
from tests import rows
from tests.browser.serving import NewPage, Server
from tests.browser.usable import broken
from tests.readiness.test_shifts import a_shift, on

pytestmark = pytest.mark.django_db(transaction=True)

AWAY_MM = 3000.0
WIDE_MM = 951.9  # of a screen of 43 inches, 16 by 9
ARC_MINUTES = 3437.75  # of a radian
WORDS, NUMBERS, LABELS = 16.0, 20.0, 9.5  # minutes of arc; the last is read from half as far

# Each text that is shown, with its size and the height of a capital of its own font.
LETTERS = """() => {
  const pen = document.createElement("canvas").getContext("2d");
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const text = walk.currentNode.textContent.trim(), where = walk.currentNode.parentElement;
    if (!text || !where.checkVisibility()) continue;
    const look = getComputedStyle(where);
    pen.font = `${look.fontWeight} ${look.fontSize} ${look.fontFamily}`;
    found.push({
      text, far: where.matches(".far, .far *"),
      number: /^[^a-z:]+$/i.test(text), px: parseFloat(look.fontSize),
      capital: pen.measureText("H").actualBoundingBoxAscent,
    });
  }
  return found;
}"""

# Texts that are cut off, or lie outside the screen.
CUT = """() => [...document.querySelectorAll("body *")].filter((one) => {
  if (one.closest("svg") || one.closest(".what") || !one.innerText?.trim()) return false;
  const at = one.getBoundingClientRect(), inline = getComputedStyle(one).display === "inline";
  const outside = at.right > innerWidth + 1 || at.bottom > innerHeight + 1 || at.left < -1;
  const low = one.matches("main, section, article") && one.scrollHeight > one.clientHeight + 2;
  const cut = one.scrollWidth > one.clientWidth + 2 || low;
  return outside || (cut && !inline);
}).map((one) => `${one.tagName} ${one.className}: ${one.innerText}`)"""


@pytest.fixture
def fleet() -> rows.Fleet:
    """140 cameras, three shifts to come of which the second is short, and things that are wrong."""
    at = now()
    made = rows.a_fleet(at)
    station = Station.objects.order_by("code").first()
    owners = Camera.objects.filter(station=station, officer__isnull=False, health__docked=True)
    badges = list(owners.values_list("officer__badge_number", flat=True))
    for n, (name, many, reserve) in enumerate(
        (("Evening", 16, 2), ("Midnight", 14, 9), ("Day", 15, 2))
    ):
        shift = a_shift(station, at + timedelta(hours=2 + 8 * n), name=name, reserve=reserve)
        for badge in badges[16 * n : 16 * n + many]:
            on(shift, int(badge), at)
    dock = rows.an_alert("dock_silent", "D07", "major", station=station)
    for n in range(3):
        rows.an_alert(
            "camera_silent", f"C000{n}", "minor", station=station, cause=dock if n else None
        )
    rows.an_alert("fault_critical", "C0061", "critical", station=station)
    rows.an_alert("shift_short", "Midnight shift at Headquarters", "major", station=station)
    rows.an_alert("repair_long", "C0101", "minor", station=station)
    return made


def a_link(theme: ScreenTheme = ScreenTheme.LIGHT) -> str:
    every = list(Station.objects.all())
    return actions.make_screen("Roll call room", every, theme, by=None, now=now())[1]


def hung(open_page: NewPage, link: str, *, width: int = 1920, height: int = 1080) -> Page:
    page = open_page(width=width, height=height)
    page.clock.install()
    page.goto(f"/wallboard/open/#{link}")
    page.wait_for_url("**/wallboard/")
    page.locator("html.live").wait_for()
    return page


def beside(act: Any, *said: Any) -> None:
    with ThreadPoolExecutor(1) as worker:
        worker.submit(_closing, act, *said).result()


def _closing(act: Any, *said: Any) -> None:
    act(*said)
    connection.close()


def _lose(camera_id: int) -> None:
    with transaction.atomic():
        Camera.objects.filter(pk=camera_id).update(service_state="lost")
        feed.touch([camera_id])


def _take_away() -> None:
    actions.revoke_screen(Screen.objects.get(), by=None, now=now())


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1280, 720)])
def test_it_is_read_at_three_metres(open_page: NewPage, fleet, width, height) -> None:
    page = hung(open_page, a_link(), width=width, height=height)

    letters = page.evaluate(LETTERS)

    mm, scale = WIDE_MM / width, width / 1920
    for one in letters:
        arc = one["capital"] * mm / AWAY_MM * ARC_MINUTES
        least = (NUMBERS if one["number"] else WORDS) if one["far"] else LABELS
        assert arc >= least, one
        assert one["px"] >= (40 if one["far"] else 24) * scale, one
    assert sum(one["far"] for one in letters) > 30
    assert page.evaluate(CUT) == []


def test_the_buckets_add_up_and_nobody_is_named(open_page: NewPage, fleet) -> None:
    page = hung(open_page, a_link())

    total, *parts = [int(one) for one in page.locator(".bucket b").all_inner_texts()]

    assert total == sum(parts) == 140
    assert not re.search(r"badge|officer", page.locator("body").inner_text(), re.IGNORECASE)
    assert page.locator("[title]").count() == 0
    assert "screen" not in page.evaluate("document.cookie")


def test_a_change_is_shown_without_being_asked_for(open_page: NewPage, fleet) -> None:
    page = hung(open_page, a_link())
    lost = page.locator(".bucket.lost b")
    before = int(lost.inner_text())
    camera = Camera.objects.filter(service_state="in_service").first()

    beside(_lose, camera.pk)

    expect(lost).to_have_text(str(before + 1))


def test_a_lost_line_is_said_and_heals_by_itself(open_page: NewPage, server: Server, fleet) -> None:
    page = hung(open_page, a_link())

    server.stop()
    page.clock.fast_forward(15_000)
    page.locator("html.not-live").wait_for()
    said = page.locator("#live")
    expect(said).to_have_text(re.compile(r"NOT LIVE since \d\d:\d\d:\d\d"))
    size = said.evaluate("one => parseFloat(getComputedStyle(one).fontSize)")
    grey = page.locator("main").evaluate("one => getComputedStyle(one).filter")
    server.start()

    page.locator("html.live").wait_for()
    expect(said).to_have_text(re.compile(r"as of"))
    assert size >= 40
    assert "grayscale(1)" in grey


def test_a_screen_taken_away_shows_nothing_any_more(open_page: NewPage, fleet) -> None:
    page = hung(open_page, a_link())

    beside(_take_away)

    page.get_by_text("This browser is no wall screen").wait_for()
    assert page.locator(".bucket").count() == 0


@pytest.mark.parametrize("theme", [ScreenTheme.LIGHT, ScreenTheme.DARK])
def test_nobody_is_kept_out_of_it(open_page: NewPage, fleet, theme) -> None:
    page = hung(open_page, a_link(theme))

    assert page.locator("html").get_attribute("data-theme") == theme.value
    assert broken(page) == []
