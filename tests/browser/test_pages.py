"""The camera page, the tables and the forms in a browser: live, by keyboard, for everybody."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.utils.timezone import now
from playwright.sync_api import expect

from devices.access import actions as access
from devices.access.models import QuarantineKind
from devices.health.models import CameraHealth, Reading
from devices.inventory.models import Camera, Station
from devices.roles import Role
from tests import rows
from tests.browser.serving import NewPage, Server
from tests.browser.test_board import speak
from tests.browser.usable import faults
from tests.health.test_history import reading

AN_AGE_MS = 16_000  # a page owns up after 15 s; the board's test waits for them
EXAMPLES = Path(__file__).parents[2] / "examples" / "west-hartford"


@pytest.fixture
def fleet(transactional_db: None) -> rows.Fleet:
    return rows.a_fleet(now())


@pytest.fixture
def it(fleet: rows.Fleet) -> User:
    return rows.person(Role.IT)


@pytest.fixture
def camera(fleet: rows.Fleet) -> Camera:
    """A camera that sits charged in its bay, with a day of history and a hole in it."""
    found = Camera.objects.filter(
        service_state="in_service",
        health__docked=True,
        health__hearing="heard",
        health__battery_state="full",
        home_bay__dock__kind="multi",
    ).select_related("home_bay__dock")[0]
    at = now()
    Reading.objects.bulk_create(
        reading(found, at - timedelta(minutes=15 * n), battery_percent=100 - n % 60)
        for n in range(96)
        if not 40 < n < 60
    )
    return found


def address(camera: Camera) -> str:
    return f"/cameras/{camera.name}/"


def test_the_facts_follow_the_camera_without_loading_the_page(
    server: Server, open_page: NewPage, it: User, camera: Camera
) -> None:
    page = open_page(it)
    page.goto(address(camera))
    expect(page.locator("html")).to_have_class(re.compile(r"\blive\b"))
    page.evaluate("window.same = true")

    speak(server, camera, battery_percent=41, battery_state="charging")

    expect(page.locator("#sentence")).to_contain_text(f"{camera.name} is charging")
    expect(page.locator("#sentence")).to_contain_text("41 %")
    assert page.evaluate("window.same")


def test_the_page_says_not_live_and_comes_back(
    server: Server, open_page: NewPage, it: User, camera: Camera
) -> None:
    page = open_page(it)
    page.clock.install()
    page.goto(address(camera))
    expect(page.locator("html")).to_have_class(re.compile(r"\blive\b"))

    server.stop()
    page.clock.fast_forward(AN_AGE_MS)
    expect(page.locator("#live")).to_contain_text("NOT LIVE since")

    CameraHealth.objects.filter(camera=camera).update(battery_percent=37, battery_state="charging")
    server.start()
    expect(page.locator("#sentence")).to_contain_text("37 %")
    expect(page.locator("#live")).to_contain_text("as of")


def test_arrow_keys_walk_along_a_chart(open_page: NewPage, it: User, camera: Camera) -> None:
    page = open_page(it)
    page.goto(address(camera))
    points = page.locator("[aria-labelledby=history-title] [data-chart]").first.locator(".value")
    points.last.focus()

    page.keyboard.press("ArrowLeft")

    expect(points.nth(points.count() - 2)).to_be_focused()
    page.keyboard.press("Home")
    expect(points.first).to_be_focused()
    expect(points.first.locator("text")).to_have_css("opacity", "1")
    expect(points.first).to_have_accessible_name(re.compile(r"\d+ % at "))


def test_rows_are_walked_and_opened_by_keys(open_page: NewPage, it: User, camera: Camera) -> None:
    page = open_page(it)
    page.goto("/cameras/")

    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="C0002")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile(r"/cameras/C0002/$"))


def test_a_view_is_kept_in_the_address_and_leaves_as_csv(
    open_page: NewPage, it: User, camera: Camera
) -> None:
    page = open_page(it)
    page.goto("/cameras/")
    page.locator("#id_bucket").select_option("charging")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page).to_have_url(re.compile(r"bucket=charging"))
    shown = page.locator("tbody tr").count()

    with page.expect_download() as download:
        page.get_by_role("link", name="CSV of this view").click()

    lines = download.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 1 + shown


def test_a_file_is_looked_at_and_then_imported(open_page: NewPage, transactional_db: None) -> None:
    page = open_page(rows.person(Role.IT))
    page.goto("/import/")

    page.get_by_label("Stations").check()
    page.get_by_label("File").set_input_files(EXAMPLES / "stations.csv")
    page.get_by_role("button", name="Look at what would change").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("would be added")
    page.get_by_role("button", name=re.compile("^Import")).click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("added, 0 changed")
    assert Station.objects.exists()


def test_a_token_is_given_to_a_dock(open_page: NewPage, it: User, fleet: rows.Fleet) -> None:
    page = open_page(it)
    page.goto("/docks/D01/")

    page.get_by_role("button", name="Give it a token").click()

    expect(page.locator("[data-token]")).to_have_text(re.compile(r"^d\.[a-z2-7]{8}\.[a-z2-7]{32}$"))


ADDRESSES = [
    "/cameras/C0003/?window=7d",
    "/cameras/",
    "/cameras/?q=nothing",
    "/docks/",
    "/docks/D01/",
    "/import/",
    "/me/",
]


def test_everybody_can_use_every_page(open_page: NewPage, it: User, fleet: rows.Fleet) -> None:
    access.quarantine(
        QuarantineKind.UNKNOWN_SERIAL,
        ["BWC-990017"],
        dock_id=fleet.docks[0].pk,
        camera_id=None,
        now=now(),
    )
    page = open_page(it)

    for path in ADDRESSES:
        page.goto(path)
        assert faults(page) == [], path
