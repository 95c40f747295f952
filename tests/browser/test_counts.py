"""A count in a browser: several scan, the lists follow, and a crash loses nothing."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils.timezone import now
from playwright.sync_api import Page, expect

from devices.desk.counts import actions
from devices.desk.counts.models import Count
from devices.inventory.models import Camera
from devices.roles import Role
from tests import rows
from tests.browser.at_desk import HEARD, heard
from tests.browser.serving import NewPage, Server
from tests.browser.usable import faults

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def by() -> User:
    fleet = rows.a_fleet(now())
    return rows.person(Role.QUARTERMASTER, fleet.stations[0])


@pytest.fixture
def count(by: User) -> Count:
    return actions.start(by.postings.get().station, by=by, now=now())  # type: ignore[attr-defined]


def looked_for(count: Count) -> list[Camera]:
    rows = count.expected.filter(out=False).select_related("camera").order_by("camera__number")
    return [one.camera for one in rows]


def counting(open_page: NewPage, by: User, count: Count, **fields: Any) -> Page:
    page = open_page(by, **fields)
    page.goto(f"/counts/{count.pk}/")
    page.locator("html.live").wait_for()
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


def test_what_one_scans_the_other_sees(open_page: NewPage, by, count) -> None:
    first, second = counting(open_page, by, count), counting(open_page, by, count)
    camera, other = looked_for(count)[:2]

    scan(first, camera.label)
    expect(first.locator("#said")).to_have_text(f"{camera} found.")
    scan(second, other.label)

    for page in (first, second):
        expect(page.locator(".found .many")).to_have_text("2")
        expect(page.locator(".found")).to_contain_text(str(camera))
    assert first.evaluate("localStorage.length") == 1
    assert first.evaluate(f"localStorage.getItem('count-{count.pk}')") == "[]"


def test_a_number_is_typed_where_there_is_no_scanner(open_page: NewPage, by, count) -> None:
    page = counting(open_page, by, count)
    camera = looked_for(count)[0]

    page.get_by_label("Scan, or type").press_sequentially(str(camera.number).zfill(3), delay=120)
    page.keyboard.press("Enter")

    expect(page.locator("#said")).to_have_text(f"{camera} found.")


def test_it_reads_as_the_desk_of_this_browser_and_each_result_is_heard(
    open_page: NewPage, by, count
) -> None:
    page = counting(open_page, by, count)
    page.evaluate("localStorage.setItem('scanner', JSON.stringify({ prefix: 'X9' }))")
    page.add_init_script(f"({HEARD})()")
    page.reload()
    page.locator("html.live").wait_for()
    camera = looked_for(count)[0]

    scan(page, "X9" + camera.label)
    expect(page.locator("#said")).to_have_text(f"{camera} found.")
    scan(page, "X9RUBBISH")
    expect(page.locator("#said")).to_have_attribute("data-result", "unknown")
    scan(page, "X9" + camera.label)
    expect(page.locator("#said")).to_have_text(f"{camera} was scanned already.")

    assert heard(page) == ["out", "error", "repeat"]


@pytest.mark.parametrize("where", ["body", "#code"])
def test_a_label_that_a_slow_scanner_cut_counts_for_no_other_camera(
    open_page: NewPage, by, count, where: str
) -> None:
    page = counting(open_page, by, count)
    camera = looked_for(count)[0]
    page.locator(where).focus()

    page.keyboard.type(f"C{camera.number}", delay=120)
    page.keyboard.press("Enter")

    expect(page.locator("#said")).to_have_attribute("data-result", "unknown")
    expect(page.locator(".found .many")).to_have_text("0")


def test_a_scan_that_is_nothing_of_ours_is_said_and_the_next_one_works(
    open_page: NewPage, by, count
) -> None:
    page = counting(open_page, by, count)
    camera = looked_for(count)[0]

    scan(page, "RUBBISH")
    expect(page.locator("#said")).to_have_attribute("data-result", "unknown")
    page.keyboard.type(camera.label)
    page.keyboard.press("Control+j")

    expect(page.locator("#said")).to_have_text(f"{camera} found.")


def test_a_crash_in_the_middle_loses_no_scan(open_page: NewPage, server: Server, by, count) -> None:
    page = counting(open_page, by, count)
    cameras = looked_for(count)[:5]
    scan(page, cameras[0].label)
    expect(page.locator(".found .many")).to_have_text("1")

    server.stop()
    for camera in cameras[1:]:
        scan(page, camera.label)
    expect(page.locator("#waiting")).to_contain_text("4 not sent yet")
    page.evaluate("window.stop()")
    context = page.context
    page.close()
    server.start()
    again = context.new_page()
    again.goto(f"/counts/{count.pk}/")

    expect(again.locator(".found .many")).to_have_text("5")
    expect(again.locator("#waiting")).to_be_hidden()


def test_scans_wait_while_the_count_is_paused(open_page: NewPage, by, count) -> None:
    page = counting(open_page, by, count)
    camera = looked_for(count)[0]
    beside(actions.pause, count, by=by, now=now())

    scan(page, camera.label)
    expect(page.locator("#waiting")).to_contain_text("This count is paused")
    beside(actions.resume, count, by=by, now=now())

    expect(page.locator("#said")).to_have_text(f"{camera} found.")


def test_nobody_is_kept_out_of_it(open_page: NewPage, by, count) -> None:
    page = counting(open_page, by, count)
    scan(page, looked_for(count)[0].label)
    expect(page.locator(".found .many")).to_have_text("1")

    for address in (None, "/counts/", f"/counts/{count.pk}/close/"):
        if address:
            page.goto(address)
        assert faults(page, 1920, 1024) == [], address
