"""The change of shift at two desks, with no network in the middle of it: what beeped well is on
record once, and nobody has what another has."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import chain

import pytest
from django.utils.timezone import now
from playwright.sync_api import Page, expect

from devices.custody import actions as custody
from devices.custody.actions import Terms, Told
from devices.custody.models import Custody, CustodyEvent, CustodyKind
from devices.desk.models import DeskConflict
from devices.inventory.models import Camera, Officer
from tests import rows
from tests.browser.at_desk import Opened, Post, heard, scan

pytest_plugins = ["tests.browser.at_desk"]
pytestmark = pytest.mark.django_db(transaction=True)

EACH = 9  # come and as many go, at each of two desks; they are cut off for the middle third
WELL = {"out", "back", "pending"}


@pytest.fixture
def change(post: Post) -> tuple[list[tuple[Officer, Camera]], list[tuple[Officer, Camera]]]:
    """Who comes, with the camera they will take; and who goes, with the one they have."""
    at, station = now(), post.desk.station
    bays = list(
        chain(*(rows.a_dock(f"D2{n}", station).bays.order_by("position") for n in range(6)))
    )[: 4 * EACH]
    officers = [
        Officer.objects.create(badge_number=str(2000 + n), station=station) for n in range(4 * EACH)
    ]
    cameras = [
        rows.a_camera(3000 + n, station, at, health={"bay": bay}, home_bay=bay)
        for n, bay in enumerate(bays)
    ]
    pairs = list(zip(officers, cameras, strict=True))
    coming, going = pairs[: 2 * EACH], pairs[2 * EACH :]
    told = Told(by=post.quartermaster, now=at - timedelta(hours=8))
    due = Terms(CustodyKind.SHIFT, due_at=at + timedelta(hours=1))
    for officer, camera in going:
        custody.check_out(camera, officer, due, told=told)
    return coming, going


def test_what_beeped_well_at_two_desks_is_on_record_once(
    open_desk: Opened,
    post: Post,
    change: tuple[list[tuple[Officer, Camera]], list[tuple[Officer, Camera]]],
) -> None:
    coming, going = change
    before = CustodyEvent.objects.count()
    desks = [open_desk(post.desk), open_desk(post.other)]

    for turn, codes in enumerate(one_after_the_other(coming, going)):
        for page in desks:
            page.context.set_offline(EACH // 3 <= turn // 2 < 2 * EACH // 3)
        for page, some in zip(desks, codes, strict=True):
            taken(page, some)

    for page in desks:
        expect(page.locator("#pending")).to_have_text("Nothing waits")
    beeps = [[sound for sound in heard(page) if sound in WELL] for page in desks]
    assert [len(some) for some in beeps] == [2 * EACH, 2 * EACH]
    assert all("pending" in some for some in beeps)
    assert CustodyEvent.objects.count() - before == 4 * EACH
    held = dict(Custody.objects.open().filter(kind="shift").values_list("camera", "officer"))
    assert held == {camera.pk: officer.pk for officer, camera in coming}
    assert not DeskConflict.objects.exists()


def one_after_the_other(
    coming: list[tuple[Officer, Camera]], going: list[tuple[Officer, Camera]]
) -> Iterator[list[list[str]]]:
    """At both desks somebody comes, then somebody goes."""
    for n in range(EACH):
        some = coming[2 * n : 2 * n + 2]
        yield [[officer.badge_number, camera.label] for officer, camera in some]
        yield [[camera.label] for _, camera in going[2 * n : 2 * n + 2]]


def taken(page: Page, codes: list[str]) -> None:
    """These scans, and the sound that says what came of the last."""
    well = "heard.filter((one) => ['out', 'back', 'pending'].includes(one)).length"
    before = page.evaluate(well)
    scan(page, *codes)
    page.wait_for_function(f"(before) => {well} > before", arg=before)
