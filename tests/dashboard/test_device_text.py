"""What devices say of themselves is refused at the wire or shown as text, never acted on."""

from datetime import UTC, datetime
from http import HTTPStatus

import pytest
from django.test import Client
from django.utils.html import escape

from devices.access.models import Quarantined, QuarantineKind
from devices.health.models import CameraHealth, Reading
from devices.inventory.models import Bay
from devices.roles import Role
from tests.gateway.faulty import RTL, SURPRISE, ZERO_WIDTH
from tests.gateway.words import batch, carry, event, report, sender_of
from tests.rows import a_camera, a_dock, a_station, person

pytestmark = pytest.mark.django_db

PAGES = ["/", "/wall/", "/cameras/", "/cameras/417/", "/docks/", "/docks/D01/"]
MARKS = {
    "markup": f"<script>alert('{SURPRISE}')</script>",
    "an attribute": f'" onmouseover="{SURPRISE}',
    "a link": f"javascript:{SURPRISE}",
    "backwards": f"{RTL}{SURPRISE}",
    "unseen": f"{ZERO_WIDTH}{SURPRISE}",
    "in colour": f"\x1b[31m{SURPRISE}\x1b[0m",
    "a new line": f"{SURPRISE}\n{SURPRISE}",
    "a formula": f"=HYPERLINK({SURPRISE})",
    "10,000 letters": SURPRISE * 1_000,
}
IN_A_ROW = "<b>&\"'x"  # what the rows themselves would hold


@pytest.fixture
def dock(db):
    return a_dock("D01", a_station())


@pytest.fixture
def camera(dock):
    """In the first bay, and just heard."""
    now = datetime.now(UTC)
    bay = Bay.objects.get(dock=dock, position=1)
    return a_camera(417, dock.station, now, home_bay=bay, health={"bay": bay})


@pytest.fixture
def it(camera):
    client = Client()
    client.force_login(person(Role.IT))
    return client


@pytest.mark.parametrize("text", MARKS.values(), ids=MARKS)
def test_no_page_ever_shows_what_the_wire_refuses(it, dock, text):
    said = {"boot": 2, "firmware_version": text}
    records = [
        report("BWC-000417", **said),
        report("BWC-000417", **{**said, "firmware_version": "4", "faults": [text]}),
        report("BWC-000417", **{**said, "firmware_version": "4", "profile_version": text}),
        report(text),
    ]

    answer = carry(sender_of(dock), batch(*records, events=[event(text)]), datetime.now(UTC))

    refused = {(one.result, one.code) for one in (*answer.reports, *answer.events)}
    assert refused == {("refused", "invalid")}
    assert not Quarantined.objects.exists()
    assert SURPRISE not in "".join(it.get(page).content.decode() for page in PAGES)


def in_the_rows(camera, dock):
    """Text that no door lets in, as if it had come in all the same."""
    now = datetime.now(UTC)
    told = {"firmware_version": IN_A_ROW, "faults": [IN_A_ROW]}
    CameraHealth.objects.update(profile_version=IN_A_ROW, **told)
    common = {"mode": "off", "docked": True, "battery_percent": 50, "battery_state": "full"}
    Reading.objects.create(
        camera=camera,
        at=now,
        received_at=now,
        device_time=now,
        clock_wrong=False,
        boot=1,
        sequence=1,
        storage_free_mb=1,
        bytes_waiting=0,
        offload="complete",
        **common,
        **told,
    )
    Quarantined.objects.create(
        kind=QuarantineKind.UNKNOWN_SERIAL, serial=IN_A_ROW, dock=dock, first_at=now, last_at=now
    )


@pytest.mark.parametrize("page", PAGES)
def test_what_is_in_the_rows_all_the_same_is_shown_as_text(it, camera, dock, page):
    in_the_rows(camera, dock)

    response = it.get(page)

    assert response.status_code == HTTPStatus.OK
    assert IN_A_ROW not in response.content.decode()


@pytest.mark.parametrize("page", ["/cameras/417/", "/cameras/", "/docks/"])
def test_and_it_is_shown(it, camera, dock, page):
    in_the_rows(camera, dock)

    assert escape(IN_A_ROW) in it.get(page).content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_browser_acts_on_none_of_it(open_page, transactional_db):
    dock = a_dock("D01", a_station())
    bay = Bay.objects.get(dock=dock, position=1)
    camera = a_camera(417, dock.station, datetime.now(UTC), home_bay=bay, health={"bay": bay})
    in_the_rows(camera, dock)
    page = open_page(person(Role.IT))

    for path in ("/", "/wall/", "/cameras/", "/cameras/417/", "/docks/"):
        page.goto(path)

        assert page.locator("b", has_text="&\"'x").count() == 0
