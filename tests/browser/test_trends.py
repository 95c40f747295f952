"""Trends in a browser: read by everybody, walked with the arrow keys, printed with its tables."""

from datetime import timedelta

import pytest
from django.utils.timezone import localtime, now

from dashboard.trend_charts import monday
from devices.faults.models import Fault
from devices.roles import Role
from tests import rows
from tests.browser.serving import NewPage
from tests.browser.usable import faults
from tests.trending import weeks_of

pytestmark = pytest.mark.django_db(transaction=True)


def a_story(day: int, kind: int):
    """A week that was not kept, and an evening now and then that was short."""
    if 21 <= day < 28:
        return None
    against = (day * 7 + kind * 5) % 6
    spares = 1 if kind == 1 and day % 9 == 4 else 4
    why = {"battery": against // 2, "silent": against % 2, "storage": day % 3 // 2}
    return {
        "rostered": 15,
        "ready": 15 - against // 2,
        "unknown": against % 2,
        "spares": spares,
        "need": 17,
        "reasons": {name: number for name, number in why.items() if number},
    }


@pytest.fixture
def commander():
    at, station = now(), rows.a_station()
    today = localtime(at).date()
    first = monday(today) - timedelta(weeks=51)
    weeks_of(station, first, (today - first).days + 1, a_story)
    for n in range(1, 31):
        model = rows.a_model(radio=n % 3 != 0)
        rows.a_camera(n, station, at - timedelta(days=400), model=model)
    for n in range(7):
        Fault.objects.create(
            camera_id=station.cameras.all()[n * 3].pk,
            code=("lens", "battery", "clock")[n % 3],
            severity="major",
            source="officer",
            opened_at=at - timedelta(days=n),
            acknowledge_by=at,
        )
    return rows.person(Role.COMMANDER, station)


def test_nobody_is_kept_out(open_page: NewPage, commander) -> None:
    page = open_page(commander)
    page.goto("/trends/?weeks=13")

    assert faults(page) == []


def test_the_days_are_walked_with_the_arrow_keys(open_page: NewPage, commander) -> None:
    page = open_page(commander)
    page.goto("/trends/")
    page.locator(".day[tabindex='0']").focus()

    page.keyboard.press("ArrowRight")

    focused = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert "ready" in focused or "no record" in focused
    assert page.locator("[data-said]").inner_text() == focused


def test_what_is_chosen_is_in_the_address(open_page: NewPage, commander) -> None:
    page = open_page(commander)
    page.goto("/trends/")

    page.get_by_label("Back").select_option("A year")
    page.get_by_role("button", name="Show").click()

    page.wait_for_url("**/trends/?weeks=52*")
    assert page.locator("figure.strip").count() == 4


def test_the_table_behind_the_drawing_is_printed(open_page: NewPage, commander) -> None:
    page = open_page(commander)
    page.goto("/trends/")

    page.emulate_media(media="print")

    assert page.get_by_role("button", name="Show").is_hidden()
    assert page.locator(".behind table").first.is_visible()
