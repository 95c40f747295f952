"""What is due at a desk, in a browser: for all, by keyboard, never closed on scans that wait."""

from datetime import timedelta

import pytest
from django.utils.timezone import localtime, now
from playwright.sync_api import expect

from devices.custody import actions as custody
from devices.custody.actions import Terms, Told
from devices.custody.models import CustodyEvent
from devices.desk.closing import actions as closing
from devices.desk.closing.actions import Waiting
from devices.desk.models import DeskClosing
from devices.policy import Policy
from devices.roster.models import Reservation, Shift, ShiftKind
from devices.roster.reservations import actions as reservations
from devices.roster.reservations.actions import Reserving
from devices.roster.rules import Span
from tests.browser.serving import NewPage
from tests.browser.usable import faults
from tests.dashboard.test_dues_pages import Scene, asked

HOUR = timedelta(hours=1)
# As desk/store.js keeps it.
KEEP = """async ([desk, states]) => {
    const asked = indexedDB.open("fleet-desk", 1);
    asked.onupgradeneeded = () => {
        const scans = asked.result.createObjectStore("scans", { keyPath: "event_id" });
        scans.createIndex("desk", ["desk", "seq"]);
        asked.result.createObjectStore("kept");
    };
    const database = await new Promise((done) => (asked.onsuccess = () => done(asked.result)));
    const writing = database.transaction("scans", "readwrite");
    const scans = writing.objectStore("scans");
    states.forEach((state, seq) => scans.add({ event_id: `${seq}`, desk, seq, state }));
    await new Promise((done) => (writing.oncomplete = done));
    database.close();
}"""


@pytest.fixture
def scene(transactional_db: None) -> Scene:
    """A camera overdue, one missing, one reserved; a shift closed and one to come."""
    scene = Scene()
    first, second, third, _ = scene.spares
    begins_at = scene.now + 24 * HOUR
    kind = ShiftKind.objects.create(code="D", name="Day", begins="07:00", ends="15:00")
    Shift.objects.create(
        station=scene.station,
        kind=kind,
        on=begins_at.date(),
        begins_at=begins_at,
        ends_at=begins_at + 8 * HOUR,
        reserve=2,
    )
    by = {"by": scene.user, "now": scene.now}
    closing.close(scene.desk, Waiting(0, 0), after=None, policy=Policy(), **by)
    scene.lend(first, ago=9 * HOUR, due_ago=HOUR)
    terms = Terms(due_at=scene.now - 30 * HOUR, extra=True)
    told = Told(by=scene.user, now=scene.now - 40 * HOUR)
    custody.check_out(second, scene.officer, terms, told=told)
    parade = Reserving(Span(begins_at, begins_at + HOUR), title="Memorial Day", reason="Parade")
    reservations.reserve([third], parade, **by)
    return scene


def addresses(scene: Scene) -> list[str]:
    wanted = asked(scene, number="3")
    query = "&".join(f"{name}={value}" for name, value in wanted.items())
    closed = DeskClosing.objects.get().pk
    desk = f"/desk/{scene.desk.pk}/close/"
    return [
        "/overdue/",
        f"/reservations/?{query}",
        "/desk/conflicts/",
        desk,
        f"/desk/closings/{closed}/",
        "/desk/?all",
    ]


def test_every_page_is_for_all_and_fits(scene: Scene, open_page: NewPage) -> None:
    scene.conflict(scene.spares[0])
    page = open_page(scene.user)

    for address in addresses(scene):
        page.goto(address)

        assert faults(page, 1440, 390) == [], address


def test_a_camera_is_let_be_due_later_by_keyboard(scene: Scene, open_page: NewPage) -> None:
    page = open_page(scene.user)
    page.goto("/overdue/")

    page.get_by_label("Let C0531 be due later").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    row = page.get_by_role("row").filter(has_text="C0531")
    later = f"{localtime(now() + 3 * HOUR):%Y-%m-%dT%H:%M}"
    row.get_by_label("Due instead").fill(later)
    row.get_by_label("Reason").fill("Court runs late")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("1 camera is overdue, 1 missing.")
    assert CustodyEvent.objects.get(verb="extended").reason == "Court runs late"


def test_cameras_are_reserved_in_two_steps(scene: Scene, open_page: NewPage) -> None:
    page = open_page(scene.user)
    page.goto("/reservations/")

    for label, value in (
        ("Cameras", "1"),
        ("From", f"{localtime(scene.now + 24 * HOUR):%Y-%m-%dT%H:%M}"),
        ("To", f"{localtime(scene.now + 30 * HOUR):%Y-%m-%dT%H:%M}"),
        ("Event", "Court"),
        ("Reason", "Town against Smith"),
    ):
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_role("button", name="See which").click()
    page.get_by_role("button", name="Reserve these").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("2 cameras are reserved.")
    assert Reservation.objects.filter(title="Court").count() == 1


def test_no_shift_is_closed_on_scans_that_wait(scene: Scene, open_page: NewPage) -> None:
    page = open_page(scene.user)
    address = f"/desk/{scene.desk.pk}/close/"
    page.goto(address)
    page.evaluate(KEEP, [scene.desk.pk, ["pending", "pending", "failed"]])
    page.evaluate(KEEP.replace("`${seq}`", "`other ${seq}`"), [scene.desk.pk + 1, ["pending"]])

    page.reload()
    expect(page.get_by_text("This browser still keeps 3 scans")).to_be_visible()
    page.get_by_role("button", name="Close the shift").click()

    expect(page.get_by_role("alert")).to_contain_text("2 not sent, 1 not done")
    assert faults(page) == []
    assert DeskClosing.objects.count() == 1


def test_no_shift_is_closed_on_scans_that_came_since(scene: Scene, open_page: NewPage) -> None:
    """The desk's page goes on in another tab, or was gone back to."""
    page = open_page(scene.user)
    page.goto(f"/desk/{scene.desk.pk}/close/")
    waits = page.locator("[data-waiting]")
    expect(waits).to_have_text("This browser keeps no scan that waits.")
    page.evaluate(KEEP, [scene.desk.pk, ["pending"]])

    page.get_by_role("button", name="Close the shift").click()

    expect(page.get_by_role("alert")).to_contain_text("This browser still keeps 1 scan:")
    assert DeskClosing.objects.count() == 1
    page.evaluate(KEEP.replace("`${seq}`", "`again ${seq}`"), [scene.desk.pk, ["failed"]])
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    expect(waits).to_contain_text("1 not sent, 1 not done")


def test_a_shift_is_closed_when_nothing_waits(scene: Scene, open_page: NewPage) -> None:
    page = open_page(scene.user)
    page.goto(f"/desk/{scene.desk.pk}/close/")
    expect(page.get_by_text("This browser keeps no scan that waits.")).to_be_visible()

    page.get_by_role("button", name="Close the shift").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("0 issued, 0 returned, 2 overdue.")
    assert DeskClosing.objects.count() == 2
