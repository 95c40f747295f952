"""Recalls in a browser: the page counts down while one looks, and nobody is kept out."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import connection
from django.utils.timezone import now
from playwright.sync_api import expect

from devices.recalls import actions
from devices.roles import Role
from tests.browser.serving import NewPage
from tests.recalls.setting import VERSION, Fleet, a_small_fleet
from tests.rows import person

pytestmark = pytest.mark.django_db(transaction=True)
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture
def fleet() -> Fleet:
    return a_small_fleet(now())


def beside(fleet: Fleet) -> None:
    """The sweep, in a process of its own as it were."""

    def closing() -> None:
        fleet.sweep()
        connection.close()

    with ThreadPoolExecutor(1) as worker:
        worker.submit(closing).result()


def test_the_page_counts_down_without_being_loaded(open_page: NewPage, fleet: Fleet) -> None:
    recall = fleet.recall()
    page = open_page(person(Role.QUARTERMASTER, fleet.station, name="q"))
    page.goto(f"/recalls/{recall.pk}/")
    expect(page.locator("html")).to_have_class(re.compile(r"\blive\b"))
    page.evaluate("window.same = true")
    expect(page.locator("#sentence")).to_contain_text("0 of 2 are in; 2 still out.")

    beside(fleet)

    expect(page.locator("#sentence")).to_contain_text("1 of 2 is in; 1 still out.")
    expect(page.get_by_role("row", name="C0002")).to_contain_text("1031")
    assert page.evaluate("window.same")


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 834)])
def test_nobody_is_kept_out(open_page: NewPage, fleet: Fleet, theme: str, width: int) -> None:
    recall, it = fleet.recall(), person(Role.IT, name="it")
    fleet.sweep()
    actions.clear(recall, fleet.away, "New battery", by=it, now=now())
    fleet.recall(VERSION)
    page = open_page(it, theme=theme, width=width)

    for address in ("/recalls/", "/recalls/new/", f"/recalls/{recall.pk}/"):
        page.goto(address)
        if address.endswith("/new/"):
            for label, said in (("What to call it", "X"), ("Why", "Y"), ("Lot", "A-2292")):
                page.get_by_label(label, exact=True).fill(said)
            page.get_by_role("button", name="Look at what it would do").press("Enter")
            expect(page.get_by_role("button", name="Recall 1 camera")).to_be_visible()
        found = Axe().run(page, options={"runOnly": WCAG})
        assert found.violations_count == 0, (address, found.generate_report())
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
