"""Labels in a browser: asks only what matters, shows the sheet, and keeps nobody out."""

import pytest
from django.utils.timezone import now
from playwright.sync_api import expect

from devices.roles import Role
from tests import rows
from tests.browser.serving import NewPage
from tests.browser.usable import faults

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def quartermaster():
    station = rows.a_station()
    rows.a_dock("D03", station)
    for number in range(417, 447):
        rows.a_camera(number, station, now())
    return rows.person(Role.QUARTERMASTER, station)


def test_nobody_is_kept_out(open_page: NewPage, quartermaster) -> None:
    page = open_page(quartermaster)

    for asked in ("", "?what=list&cameras=C0001"):
        page.goto(f"/labels/{asked}")
        assert faults(page) == [], asked


def test_only_what_matters_is_asked(open_page: NewPage, quartermaster) -> None:
    page = open_page(quartermaster)
    page.goto("/labels/")
    expect(page.get_by_label("Station", exact=True)).to_be_visible()
    expect(page.get_by_label("Dock", exact=True)).to_be_hidden()

    page.get_by_label("Some cameras").check()

    expect(page.get_by_label("Station", exact=True)).to_be_hidden()
    expect(page.get_by_label("Cameras", exact=True)).to_be_visible()


def test_the_file_is_of_what_the_form_says_now(open_page: NewPage, quartermaster) -> None:
    page = open_page(quartermaster)
    page.goto("/labels/")
    page.get_by_label("Bays of docks").check()
    page.get_by_label("Printed on").select_option("DK-11209")

    with page.expect_download() as download:
        page.get_by_role("button", name="Download PDF").click()

    assert download.value.suggested_filename == "labels-DK-11209.pdf"
    page.goto("/labels/")
    assert page.get_by_label("Printed on").input_value() == "DK-11209"


def test_a_faulty_form_is_answered_by_the_page(open_page: NewPage, quartermaster) -> None:
    page = open_page(quartermaster)
    page.goto("/labels/")
    page.get_by_label("Labels used on the first sheet").fill("21")

    page.get_by_role("button", name="Download PDF").click()

    expect(page.get_by_text("A sheet of L7160 has 21 labels")).to_be_visible()
    expect(page.get_by_role("button", name="Show")).to_be_visible()
