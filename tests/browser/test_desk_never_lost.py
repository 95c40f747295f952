"""The desk's own page against a real server, with the browser killed and the network cut: what the
page told as good is in the history of custody, each exactly once."""

import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils.timezone import now
from playwright.sync_api import Browser, BrowserContext, Error, Page, Route, expect

from devices.custody import actions as custody
from devices.custody.actions import Terms, Told
from devices.custody.models import CustodyEvent, CustodyVerb
from devices.desk.models import DeskConflict, DeskRequest
from devices.inventory.models import Camera, Officer
from tests import rows
from tests.browser.at_desk import (
    CLOCK,
    Opened,
    Post,
    heard,
    nobody_reads,
    ready,
    says,
    scan,
    stands,
)
from tests.browser.chromium import CHROMIUM, QUIETLY
from tests.browser.serving import Server, wait_until

pytest_plugins = ["tests.browser.at_desk"]
pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)
SENTENCES = {
    CustodyVerb.CHECKED_OUT: "Issued {camera} to {officer}.",
    CustodyVerb.CHECKED_IN: "Returned {camera} from {officer}.",
}
KEPT = """async () => {
  const opened = (asked) => new Promise((done) => (asked.onsuccess = () => done(asked.result)));
  const database = await opened(indexedDB.open("fleet-desk"));
  const kept = await opened(database.transaction("scans").objectStore("scans").getAll());
  database.close();
  return kept.map(({ event_id, told }) => [event_id, told]);
}"""


@dataclass
class Rush:
    """Officers who come one after the other, and a camera for each."""

    officers: list[Officer]
    cameras: list[Camera]


@pytest.fixture
def rush(post: Post) -> Rush:
    station, at = post.desk.station, now()
    badges = [str(700 + n) for n in range(10)]
    return Rush(
        [Officer.objects.create(badge_number=badge, station=station) for badge in badges],
        [rows.a_camera(600 + n, station, at, health=rows.heard(at)) for n in range(10)],
    )


def history() -> Counter[str]:
    """How often each scan is in the history of custody."""
    return Counter(str(one.scan) for one in CustodyEvent.objects.filter(via="desk"))


def sentences() -> Counter[str]:
    """The history in the words in which a desk tells of it."""
    events = CustodyEvent.objects.filter(via="desk").select_related("camera", "officer")
    return Counter(
        SENTENCES[CustodyVerb(one.verb)].format(camera=one.camera, officer=one.officer)
        for one in events
    )


# ---- the browser is killed


class Browsing:
    """A browser with a profile on the disk, in which somebody is signed in, a day slow."""

    def __init__(self, chromium: Browser, profile: Path, server: Server, cookie: str) -> None:
        self._chromium, self._profile = chromium, profile
        self._server, self._cookie = server, cookie
        self._context: BrowserContext | None = None

    def opens(self, path: str) -> Page:
        self._context = self._chromium.browser_type.launch_persistent_context(
            self._profile, executable_path=CHROMIUM, args=QUIETLY, base_url=self._server.address
        )
        signed_in = {"name": "sessionid", "value": self._cookie, "url": self._server.address}
        self._context.add_cookies([signed_in])  # type: ignore[list-item]
        page = self._context.pages[0]
        page.add_init_script(f"({CLOCK})({-DAY // timedelta(milliseconds=1)})")
        page.goto(path)
        ready(page)
        return page

    def killed(self) -> None:
        """As by a power cut: nothing is said to the page, nothing is written any more."""
        assert self._context is not None
        with self._context.expect_event("close"):
            for one in self._processes():
                os.kill(one, signal.SIGKILL)
        wait_until(lambda: not self._processes())
        self._context = None

    def ends(self) -> None:
        if self._context is not None:
            self._context.close()

    def _processes(self) -> list[int]:
        """The numbers of the browser and of the script that started it; not its helpers'."""
        ours, found = f"--user-data-dir={self._profile}".encode(), []
        for told in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):  # it ended meanwhile
                words = told.read_bytes().split(b"\0")
                if ours in words and not any(one.startswith(b"--type=") for one in words):
                    found.append(int(told.parent.name))
        return found


@pytest.fixture
def browsing(chromium: Browser, server: Server, post: Post, tmp_path: Path) -> Iterator[Browsing]:
    client = Client()
    client.force_login(post.quartermaster)
    one = Browsing(chromium, tmp_path, server, client.cookies["sessionid"].value)
    yield one
    one.ends()
    if server.process is None:
        server.start()
    wait_until(nobody_reads)


def test_a_browser_killed_with_five_pending_sends_each_of_them_once(
    browsing: Browsing, post: Post, rush: Rush, server: Server
) -> None:
    *out, free = rush.cameras[:5]
    told = Told(by=post.quartermaster, now=now() - timedelta(hours=8))
    for camera, officer in zip(out, rush.officers, strict=False):
        custody.check_out(camera, officer, Terms(), told=told)
    page = browsing.opens(f"/desk/{post.desk.pk}/")
    scan(page, rush.officers[4].badge_number)
    stands(page, rush.officers[4].badge_number)
    server.stop()
    expect(page.locator("#line[data-state=down]")).to_be_visible()
    for n, camera in enumerate([free, *out]):
        scan(page, camera.label)
        says(page, f"PENDING {n + 1}", camera.name)
    kept = page.evaluate(KEPT)

    browsing.killed()
    server.start()
    page = browsing.opens(f"/desk/{post.desk.pk}/")

    expect(page.locator("#pending")).to_have_text("Nothing waits")
    assert [told for _, told in kept] == ["issued", *["returned"] * 4]
    assert history() == Counter(name for name, _ in kept)
    assert [post.holder(one) for one in (*out, free)] == ["", "", "", "", "704"]
    wait_until(lambda: page.evaluate(KEPT) == [])
    expect(page.locator("#attention")).to_be_hidden()


# ---- the network is cut


def loses(route: Route) -> None:
    """The scan arrives, its answer does not."""
    route.fetch()
    with suppress(Error):  # the page has given up waiting by itself: it is lost all the same
        route.abort("connectionreset")


def cut(page: Page) -> dict[int, Callable[[], None]]:
    """What happens to the network in a burst, before which officer."""
    address = "**/api/v1/desk/scans/"
    return {
        3: lambda: page.route(address, loses),
        5: lambda: (page.unroute_all(behavior="wait"), page.context.set_offline(True))[1],
        8: lambda: page.context.set_offline(False),
    }


def test_a_network_cut_in_a_burst_of_twenty_scans_loses_none(
    open_desk: Opened, post: Post, rush: Rush
) -> None:
    """At a desk whose clock is a day fast. The first two officers of the cut are on record before
    anybody hears of it."""
    page, began, told = open_desk(ahead=DAY), datetime.now(UTC), []
    happens = cut(page)

    for n, (officer, camera) in enumerate(zip(rush.officers, rush.cameras, strict=True)):
        happens.get(n, lambda: None)()
        scan(page, officer.badge_number)
        expect(page.locator("#officer .badge")).to_have_text(officer.badge_number)
        scan(page, camera.label)
        latest = page.locator("#results li:is([data-tone=good], [data-tone=pending])").first
        expect(latest).to_contain_text(f"{camera.name} · {officer.badge_number}")
        told.append(latest.locator(".message").inner_text())
    expect(page.locator("#pending")).to_have_text("Nothing waits")

    assert sentences() == Counter(told)
    assert sum(one in ("out", "pending") for one in heard(page)) == len(told) == 10
    assert set(history().values()) == {1}
    assert DeskRequest.objects.count() == 20
    assert CustodyEvent.objects.filter(provisional=True).exists()
    for event in CustodyEvent.objects.filter(via="desk"):
        assert event.scanned_at is not None
        assert began <= event.scanned_at <= event.at <= datetime.now(UTC)
    assert not DeskConflict.objects.exists()
    expect(page.locator("#attention")).to_be_hidden()
