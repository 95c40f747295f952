"""The commander's page in a real browser: ten questions in ten seconds, live, for everybody."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils.timezone import localtime, now

from devices import feed
from devices.health.models import CameraHealth
from devices.readiness.remedies import HANDING_OUT
from devices.roles import Role
from tests import rows
from tests.browser.serving import NewPage
from tests.browser.usable import faults
from tests.readiness.test_shifts import FLAT, HOUR, a_shift, a_spare, on

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def day():
    """Sixteen rostered, fourteen ready: one is flat, one not emptied; four spares."""
    at, station = now(), rows.a_station()
    dock = rows.a_dock("D01", station, bays=24)
    bays = list(dock.bays.all())
    shift = a_shift(station, at + timedelta(minutes=5), name="Day", reserve=2)
    for n in range(14):
        on(shift, 1001 + n, at, {"bay": bays[n]})
    on(shift, 1015, at, {**FLAT, "bay": bays[14]})
    full = {"offload": "failed", "clips_waiting": 3, "storage_free_mb": 900}
    on(shift, 1016, at, {**full, "bay": bays[15]})
    for n in range(4):
        a_spare(2001 + n, station, at, bay=bays[16 + n])
    for n, name in enumerate(("Evening", "Midnight"), 1):
        later = a_shift(station, at + timedelta(minutes=5) + 8 * n * HOUR, name=name, reserve=2)
        for badge in range(3000 + 100 * n, 3000 + 100 * n + 15):
            on(later, badge, at, {})
    return shift


@pytest.fixture
def commander(day):
    return rows.person(Role.COMMANDER, day.station)


def test_ten_questions_are_answered_by_what_is_shown(open_page: NewPage, commander, day):
    page = open_page(commander)
    page.goto("/shift/")
    said = page.locator("main").inner_text()
    begin_by = localtime(day.begins_at - HANDING_OUT)

    answers = {
        "how many are rostered": "16 rostered",
        "how many are ready": "14 ready",
        "whose battery will not last": "badge 1015",
        "by how much": "C1015 lacks",
        "who is not emptied": "C1016 is not emptied",
        "what to do about it": "Offer spare C2002",
        "by when": f"begin by {begin_by:%d %b %H:%M}",
        "which spare": "Offer C2001",
        "where it is": "D01-17",
        "how many spares there are": "4 spares ready",
        "what comes after": "Evening",
    }
    missing = {question: answer for question, answer in answers.items() if answer not in said}
    assert missing == {}


def test_the_page_follows_a_camera_without_being_asked(open_page: NewPage, commander, day):
    page = open_page(commander)
    page.goto("/shift/")
    page.locator("html.live").wait_for()

    with ThreadPoolExecutor(1) as worker:
        worker.submit(charge, 1015).result()

    page.get_by_text("Day shift: 16 rostered, 15 ready.").wait_for()


def charge(number):
    with transaction.atomic():
        rows_ = CameraHealth.objects.filter(camera__number=number)
        rows_.update(battery_percent=100, battery_state="full")
        feed.touch(list(rows_.values_list("pk", flat=True)))
    connection.close()


def test_it_is_all_done_with_keys(open_page: NewPage, commander, day):
    page = open_page(commander)
    page.goto("/shift/")

    page.get_by_role("button", name="Offer C2001").focus()
    page.keyboard.press("Enter")
    page.get_by_text("16 rostered, 15 ready").wait_for()
    page.get_by_role("button", name="Inspection done").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Inspected").first.wait_for()


def test_nobody_is_kept_out_of_the_page(open_page: NewPage, commander, day):
    page = open_page(commander)
    for address in ("/shift/", f"/shift/{day.pk}/roll-call/"):
        page.goto(address)
        assert faults(page) == [], address


@pytest.mark.parametrize("address", ["/shift/", "/shift/{}/roll-call/"])
def test_paper_shows_what_is_said_and_nothing_to_press(open_page: NewPage, commander, day, address):
    page = open_page(commander)
    page.goto(address.format(day.pk))
    page.emulate_media(media="print", color_scheme="dark")

    for name in ("C1015", "C1016", "1015", "1016"):
        assert page.get_by_text(name).filter(visible=True).count(), name
    assert page.locator("button, .button, nav a, input").filter(visible=True).count() == 0
    ink = page.locator("main").evaluate("main => getComputedStyle(main).color")
    assert max(int(one) for one in re.findall(r"[0-9]+", ink)[:3]) < 90, ink
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0
    assert page.pdf(format="A4").count(b"/Type /Page\n") <= 3
