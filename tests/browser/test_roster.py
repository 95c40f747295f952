"""The roster's week in a browser: by keys and by mouse, for everybody, on paper as well."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.utils.timezone import localdate, now
from playwright.sync_api import Page, expect

from devices.inventory import imports as inventory
from devices.inventory.imports import importing
from devices.inventory.models import Station
from devices.roles import Role
from devices.roster import imports
from devices.roster.models import Duty, Shift
from tests import rows
from tests.browser.serving import NewPage
from tests.browser.usable import faults

EXAMPLES = Path(__file__).parents[2] / "examples" / "west-hartford"


@pytest.fixture
def department(transactional_db: None) -> Station:
    """West Hartford's officers and roster."""
    at = now()
    for kind in (inventory.Kind.STATIONS, inventory.Kind.OFFICERS):
        raw = (EXAMPLES / f"{kind.value}.csv").read_bytes()
        inventory.apply(kind, raw, by=None, now=at)
    for part in (imports.Kind.SHIFTS, imports.Kind.ROTATIONS):
        raw = (EXAMPLES / f"{part.value}.csv").read_bytes()
        importing.apply(imports.at(part, at), raw, by=None, now=at)
    return Station.objects.get(code="HQ")


@pytest.fixture
def commander(department: Station) -> User:
    return rows.person(Role.COMMANDER, *Station.objects.all())


@pytest.fixture
def next_week() -> str:
    return f"{localdate() + timedelta(days=7):%Y-%m-%d}"


def opened(open_page: NewPage, user: User, next_week: str, **said: object) -> Page:
    page = open_page(user, **said)
    page.goto(f"/roster/?station=HQ&on={next_week}")
    return page


def cell_of(duty: Duty) -> str:
    return f"#c-{duty.officer}-{duty.shift.on:%Y-%m-%d}"


def a_duty(next_week: str, kind: str = "DAY") -> Duty:
    """One that is alone on its officer's day."""
    return Duty.objects.filter(
        shift__on=next_week, shift__kind__code=kind, shift__station__code="HQ"
    ).select_related("officer", "shift")[0]


def test_a_day_is_changed_and_taken_back_by_keys_alone(
    open_page: NewPage, commander: User, next_week: str
) -> None:
    duty = a_duty(next_week)
    page = opened(open_page, commander, next_week)
    page.locator(cell_of(duty)).focus()

    page.keyboard.press("Delete")
    expect(page.get_by_role("status")).to_contain_text("taken off Day")
    expect(page.locator(cell_of(duty))).to_be_focused()
    assert not Duty.objects.filter(pk=duty.pk).exists()

    page.keyboard.press("2")
    expect(page.get_by_role("status")).to_contain_text("put on Evening")
    expect(page.locator(cell_of(duty))).to_contain_text("Evening")

    for _ in range(2):
        page.keyboard.press("u")
        expect(page.get_by_role("status")).to_contain_text("Undone")
        expect(page.locator(cell_of(duty))).to_be_focused()
        page.wait_for_load_state()
    expect(page.locator(cell_of(duty))).to_contain_text("Day")
    again = Duty.objects.get(officer=duty.officer, shift__on=duty.shift.on)
    assert (again.shift, again.source) == (duty.shift, "pattern")


def test_arrows_walk_and_enter_opens(open_page: NewPage, commander: User, next_week: str) -> None:
    page = opened(open_page, commander, next_week)
    cells = page.locator("[data-cell]")
    cells.first.focus()

    for key in ("ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    expect(cells.nth(8)).to_be_focused()
    page.keyboard.press("End")
    expect(cells.nth(13)).to_be_focused()
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile(r"/roster/HQ/officers/\d+/"))


def test_hours_are_extended_by_form_and_a_clash_is_said(
    open_page: NewPage, commander: User, next_week: str
) -> None:
    duty = a_duty(next_week)
    page = opened(open_page, commander, next_week)
    page.locator(cell_of(duty)).click()
    ends = page.get_by_label("Ends")

    ends.fill(f"{next_week}T17:00")
    page.get_by_role("button", name="Set the hours").click()
    expect(page.locator(cell_of(duty))).to_contain_text("07:00 to 17:00")

    page.locator(cell_of(duty)).focus()
    page.keyboard.press("2")
    expect(page.get_by_role("status")).to_contain_text("at once, for 2 h.")


def test_without_script_every_change_is_a_form(
    open_page: NewPage, commander: User, next_week: str
) -> None:
    duty = a_duty(next_week)
    page = opened(open_page, commander, next_week)
    page.route("**/*.js", lambda route: route.abort())
    page.reload()

    page.locator(cell_of(duty)).click()
    page.get_by_role("button", name="Take off Day").click()

    expect(page.get_by_role("status")).to_contain_text("taken off Day")
    page.get_by_role("button", name=re.compile("^Undo")).click()
    expect(page.get_by_role("status")).to_contain_text("Undone")


def test_it_is_printed_whole(open_page: NewPage, commander: User, next_week: str) -> None:
    page = opened(open_page, commander, next_week)
    page.emulate_media(media="print")

    expect(page.get_by_role("button", name="Plan this week")).to_be_hidden()
    frame = page.locator(".week-frame")
    assert frame.evaluate("frame => frame.scrollHeight <= frame.clientHeight + 1")


def test_everybody_can_use_the_roster(open_page: NewPage, commander: User, next_week: str) -> None:
    duty = a_duty(next_week)
    page = open_page(commander)

    for address in (
        f"/roster/?station=HQ&on={next_week}",
        f"/roster/HQ/officers/{duty.officer}/{next_week}/",
        f"/roster/HQ/shifts/DAY/{next_week}/",
        "/roster/kinds/",
    ):
        page.goto(address)
        assert faults(page) == [], address
    assert Shift.objects.exists()


def test_a_rotation_is_ended_by_keyboard_and_its_page_keeps_nobody_out(
    open_page: NewPage, commander: User, next_week: str
) -> None:
    badge = a_duty(next_week).officer.badge_number
    page = open_page(commander)
    page.goto(f"/officers/{badge}/rotations/")
    page.get_by_label("Last day").first.fill(next_week)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Nothing is changed yet")).to_be_visible()

    assert faults(page) == []

    page.get_by_role("button", name="Do it").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"The rotations of {badge} are changed")).to_be_visible()


def test_the_form_of_an_import_keeps_nobody_out(open_page: NewPage, commander: User) -> None:
    page = open_page(commander)
    page.goto("/import/?kind=roster")
    expect(page.get_by_label("The roster is the whole of the shifts it names")).to_be_visible()

    assert faults(page) == []
