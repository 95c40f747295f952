"""The desk in a browser: two scans issue, one returns, nothing is clicked, nothing is lost."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin

import pytest
from django.utils.timezone import now
from playwright.sync_api import APIResponse, Page, Route, expect

from devices.custody import actions as custody
from devices.custody.actions import Told
from devices.custody.models import CustodyEvent, Desk
from devices.desk.models import DeskConflict, DeskRequest
from devices.health.models import CameraHealth
from devices.inventory.models import Credential, Officer
from tests import rows
from tests.browser.at_desk import (
    CARD,
    HEARD,
    Opened,
    Post,
    dialogs,
    french_scan,
    heard,
    ready,
    says,
    scan,
    set_clock,
    stands,
    tab_to,
)
from tests.browser.serving import Server, wait_until
from tests.browser.usable import faults

pytest_plugins = ["tests.browser.at_desk"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_a_badge_that_nobody_has_shows_where_to_add_one(open_desk: Opened, post: Post) -> None:
    page = open_desk()
    add = page.locator("#band").get_by_role("link", name="Add a badge")

    scan(page, "98EE58AD")
    says(page, "ERROR", "A new badge is added on its officer's page.")
    expect(add).to_have_attribute("href", "/officers/")

    scan(page, "C0531")  # a label that was cut off
    says(page, "ERROR", "Not a whole label")
    expect(page.locator("#band")).to_contain_text("scan it again")
    expect(add).to_have_count(0)


SENT = [
    ({"prefix": "F1"}, "F198EE58AD"),
    ({"prefix": "]E0"}, "]e098ee58ad"),
    ({}, "%98EE58AD?"),
    ({}, "https://badges.example/open?id=98EE58AD"),
    ({"layout": "us"}, "98EE58AD"),  # on a French keyboard
    ({"noise": ["GONE"]}, "98EE58AD"),  # said first, as another card leaves the reader
]


@pytest.mark.parametrize(("scanner", "sent"), SENT)
def test_a_badge_is_added_as_the_desk_reads_it(
    open_desk: Opened, post: Post, scanner: dict[str, Any], sent: str
) -> None:
    Desk.objects.filter(pk=post.desk.pk).update(scanner=scanner)
    page = open_desk()
    reads = french_scan if "layout" in scanner else scan
    reads(page, sent)
    says(page, "ERROR", "Not a code of ours")

    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Add a badge").click()
    officers = opened.value
    officers.get_by_role("link", name="1044").click()
    officers.wait_for_url("**/officers/1044/")
    officers.get_by_text("Badges", exact=True).click()
    officers.get_by_label("Scan the badge").click()
    reads(officers, *scanner.get("noise", ()), sent)

    expect(officers.get_by_text("names 1044 from now on.")).to_be_visible()
    assert Credential.objects.get(officer__badge_number="1044").value == "98EE58AD"
    page.bring_to_front()
    scan(page, CARD["CANCEL"])  # else the badge again may come within a bounce of the first time
    reads(page, sent)
    expect(page.locator("#officer .badge")).to_have_text("1044")


def test_two_scans_issue_and_one_returns(open_desk: Opened, post: Post) -> None:
    spare = post.spares[0]
    page = open_desk()

    scan(page, "04A1B2C3")
    expect(page.locator("#officer .badge")).to_have_text("1031")
    expect(page.locator("#say")).to_contain_text("Scan a camera: take D01-")
    scan(page, spare.label)
    says(page, "ISSUED", f"Issued {spare.name} to 1031.")
    assert post.holder(spare) == "1031"
    scan(page, CARD["CANCEL"], spare.label)

    says(page, "RETURNED", f"Returned {spare.name} from 1031.")
    assert post.holder(spare) == ""
    assert heard(page) == ["badge", "out", "repeat", "back"]
    expect(page.locator("#told")).to_contain_text(f"Returned {spare.name}")


READINGS = """() => {
  window.readings = [];
  const typed = document.getElementById("typed");
  const look = () => typed.dataset.read === "yes" && readings.push(typed.textContent);
  new MutationObserver(look).observe(typed, { childList: true });
}"""


def test_what_was_read_is_shown_at_once(open_desk: Opened, post: Post) -> None:
    spare = post.spares[0]
    page = open_desk()
    page.evaluate(READINGS)

    scan(page, "04A1B2C3", spare.label)
    says(page, "ISSUED")
    scan(page, "NOTHING")

    says(page, "ERROR")
    expect(page.locator("#typed")).to_be_hidden()
    assert page.evaluate("readings") == [
        "Read 04A1B2C3: badge 1031",
        f"Read {spare.label}: camera {spare.name}",
        "Read NOTHING",
    ]


def test_the_order_of_badge_and_camera_does_not_matter(open_desk: Opened, post: Post) -> None:
    page = open_desk()

    scan(page, post.spares[0].label)
    expect(page.locator("#say")).to_have_text("Scan a badge")
    scan(page, "1044")

    says(page, "ISSUED")
    assert post.holder(post.spares[0]) == "1044"


def test_the_officers_own_camera_is_named_and_taken(open_desk: Opened, post: Post) -> None:
    page = open_desk()

    scan(page, "1017")
    expect(page.locator("#say")).to_contain_text("C0417")
    find = page.get_by_role("link", name="Find C0417")
    expect(find).to_have_attribute("href", "/cameras/417/#find")
    scan(page, post.own.label)

    says(page, "TAKEN", "1017 takes C0417, their own.")


def test_a_reason_card_sets_a_soft_rule_aside(open_desk: Opened, post: Post) -> None:
    page = open_desk()

    scan(page, "1044", post.weak.label)
    says(page, "REFUSED", f"{post.weak.name} is not ready.")
    expect(page.locator("#hint")).to_contain_text("or take D01-")
    scan(page, CARD["RSHORT"])

    says(page, "ISSUED", "against a rule")
    assert heard(page)[-2:] == ["refused", "out"]


def test_undo_is_a_card_a_key_and_a_button(open_desk: Opened, post: Post) -> None:
    first, second, third = post.spares
    page = open_desk()

    scan(page, "1017", first.label)
    says(page, "ISSUED")
    tab_to(page, page.get_by_role("button", name=f"Undo: Issued {first.name}"))
    page.keyboard.press("Enter")
    says(page, "UNDONE")
    assert post.holder(first) == ""
    expect(page.locator("#results")).to_be_focused()
    scan(page, "1031", second.label)
    says(page, "ISSUED", second.name)
    page.keyboard.press("/")
    page.keyboard.type("53", delay=70)
    page.evaluate("new Promise((pause) => setTimeout(pause, 300))")  # no scanner's keys any more
    page.keyboard.press("Control+z")  # of what was typed, not of what was scanned
    page.keyboard.press("Escape")
    page.keyboard.press("Control+z")
    says(page, "UNDONE", second.name)
    scan(page, "1044", third.label)
    says(page, "ISSUED", third.name)
    scan(page, CARD["UNDO"])
    says(page, "UNDONE", third.name)

    assert DeskRequest.objects.filter(raw=CARD["UNDO"]).count() == 3
    assert {post.holder(one) for one in post.spares} == {""}
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)


def test_what_is_no_code_is_told_and_stays(open_desk: Opened, post: Post) -> None:
    page = open_desk()

    scan(page, post.spares[0].label + post.spares[1].label)

    says(page, "ERROR", "Not a whole label")
    assert heard(page) == ["error"]
    scan(page, "1017")
    expect(page.locator("#band")).to_be_hidden()


def test_without_a_scanner_numbers_are_typed(open_desk: Opened, post: Post) -> None:
    page = open_desk()

    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.type("104", delay=70)
    page.keyboard.press("Enter")
    expect(page.locator("#found [aria-selected=true]")).to_contain_text("1044")
    usable(page)
    page.keyboard.press("Enter")
    expect(page.locator("#officer .badge")).to_have_text("1044")
    page.keyboard.type("531", delay=70)
    page.keyboard.press("Enter")

    says(page, "ISSUED", "C0531 to 1044")
    expect(page.locator("#search")).not_to_be_focused()


def test_a_number_that_is_a_camera_and_a_badge_is_asked_for_aloud(
    open_desk: Opened, post: Post
) -> None:
    Officer.objects.create(badge_number="531", station=post.desk.station)
    page = open_desk()

    page.keyboard.type("531", delay=70)
    page.keyboard.press("Enter")

    expect(page.locator("#found")).to_contain_text("C0531")
    assert heard(page) == ["refused"]
    expect(page.locator("#officer .badge")).to_have_count(0)
    usable(page)


AFTER_MS = 200  # what comes sooner is of the same pull of the trigger (listener.js)


@pytest.mark.parametrize("ms", [60, 120, 300])
@pytest.mark.parametrize("known", [True, False])
def test_a_label_that_a_slow_scanner_cut_is_no_other_camera(
    open_desk: Opened, post: Post, ms: int, known: bool
) -> None:
    """As slow as a person, learnt by the desk or not: of C0531P came C053."""
    other = rows.a_camera(53, post.desk.station, now(), health=rows.heard(now()))
    Desk.objects.filter(pk=post.desk.pk).update(scanner={"ms_per_key": ms} if known else {})
    page = open_desk()
    scan(page, "1031")
    stands(page, "1031")

    for cut in ["C053", "053"] if known else ["C053"]:
        page.keyboard.type(cut, delay=ms)
        page.keyboard.press("Enter")
        told = page.locator("#results .mono").first
        expect(told).to_have_text(cut)
        says(page, "ERROR", "Not a whole label" if cut == "C053" else "Not a code of ours")
        page.wait_for_timeout(AFTER_MS)

    assert set(heard(page)[1:]) == {"error"}
    assert post.holder(other) == ""


def test_two_desks_at_once_do_not_both_issue(open_desk: Opened, post: Post) -> None:
    spare = post.spares[0]
    here, there = open_desk(), open_desk(post.other)
    scan(here, "1017")
    scan(there, "1031")
    expect(there.locator("#officer .badge")).to_have_text("1031")

    scan(here, spare.label)
    says(here, "ISSUED")
    scan(there, spare.label)

    says(there, "REFUSED", f"{spare.name} was issued")
    says(there, "REFUSED", "s ago at Desk 1 to 1017.")
    expect(there.locator("#band")).to_have_attribute("data-tone", "bad")
    assert heard(there)[-1] == "error"
    expect(there.locator("#officer .badge")).to_have_text("1031")
    assert post.holder(spare) == "1017"


def test_offline_scans_are_kept_told_and_sent_in_order(
    open_desk: Opened, post: Post, server: Server
) -> None:
    first, second, _ = post.spares
    page = open_desk()
    scan(page, "1017", first.label)
    says(page, "ISSUED")
    server.stop()

    expect(page.locator("#line")).to_contain_text("No answer from the server")
    scan(page, "1031")
    expect(page.locator("#officer .badge")).to_have_text("1031")
    scan(page, second.label)
    says(page, "PENDING 2", f"Issued {second.name} to 1031.")
    scan(page, first.label)
    says(page, "PENDING 3", f"Returned {first.name} from 1017.")
    scan(page, "1044", post.weak.label)
    says(page, "REFUSED")
    scan(page, CARD["RSHORT"])
    says(page, "REFUSED", "nothing is issued against a rule")
    assert heard(page)[-5:] == ["pending", "pending", "badge", "refused", "refused"]
    expect(page.locator("#pending")).to_contain_text("waiting")
    server.start()

    expect(page.locator("#pending")).to_have_text("Nothing waits")
    expect(page.locator("#line")).to_have_text("Connected")
    assert (post.holder(first), post.holder(second), post.holder(post.weak)) == ("", "1031", "")
    sent = DeskRequest.objects.order_by("received_at").values_list("seq", flat=True)
    assert list(sent) == sorted(sent)
    expect(page.locator("#attention")).to_be_hidden()


class Slow:
    """The server takes the first scan from now on and answers it when it is told to."""

    def __init__(self, page: Page) -> None:
        self._page, self._waits = page, list[tuple[Route, APIResponse]]()
        page.route(SCANS, self._takes)

    def _takes(self, route: Route) -> None:
        if self._waits:
            route.continue_()
        else:
            self._waits.append((route, route.fetch()))

    def answers(self) -> None:
        [(route, answer)] = self._waits
        route.fulfill(response=answer)


SCANS = "**/api/v1/desk/scans/"


def test_what_a_slow_server_refuses_after_it_was_told_is_a_conflict(
    open_desk: Opened, post: Post
) -> None:
    spare = post.spares[0]
    page = open_desk()
    with old_facts(page):
        officer = Officer.objects.get(badge_number="1044")
        told = Told(by=post.quartermaster, now=now())
        custody.check_out(spare, officer, custody.Terms(), told=told)
        scan(page, "1031")
        stands(page, "1031")
        slow = Slow(page)

        scan(page, spare.label)
        says(page, "PENDING", f"Issued {spare.name} to 1031.")
        slow.answers()

        says(page, "CONFLICT")
    kept = DeskConflict.objects.get()
    assert (kept.told, kept.camera, str(kept.officer)) == ("issued", spare, "1031")
    expect(page.locator("#attention-list")).to_contain_text("You were told: issued")
    settle = page.locator("#attention-list").get_by_role("link", name="Settle")
    expect(settle).to_have_attribute("href", f"/desk/conflicts/#told-{kept.pk}")
    to_settle = page.get_by_role("link", name="1 to settle")
    expect(to_settle).to_have_attribute("href", "/desk/conflicts/")
    usable(page)
    DeskConflict.objects.update(settled_at=now())
    expect(to_settle).to_be_hidden()
    assert post.holder(spare) == "1044"


def test_what_a_slow_server_did_as_it_was_told_is_pending_no_more(
    open_desk: Opened, post: Post
) -> None:
    spare = post.spares[0]
    page = open_desk()
    scan(page, "1031")
    stands(page, "1031")
    slow = Slow(page)

    scan(page, spare.label)
    says(page, "PENDING", f"Issued {spare.name} to 1031.")
    sounds = heard(page)
    slow.answers()

    says(page, "ISSUED", f"Issued {spare.name} to 1031.")
    assert heard(page) == sounds  # it was told already
    assert post.holder(spare) == "1031"


def test_what_a_slow_server_did_against_a_rule_is_told_to_who_went_on(
    open_desk: Opened, post: Post
) -> None:
    page = open_desk()
    scan(page, "1044", post.weak.label)
    says(page, "REFUSED", f"{post.weak.name} is not ready.")
    slow = Slow(page)

    scan(page, CARD["RSHORT"])
    says(page, "REFUSED", "do not hand it out yet")
    scan(page, "1031")
    expect(page.locator("#officer .badge")).to_have_text("1031")
    slow.answers()

    looks = page.locator("#attention-list")
    expect(looks).to_contain_text("You were told: do not hand it out yet.")
    expect(looks).to_contain_text(f"Issued {post.weak.name} to 1044, against a rule")
    usable(page)


@contextmanager
def old_facts(page: Page) -> Iterator[None]:
    """No younger snapshot than the first arrives."""
    address = "**/snapshot.json"
    drawn = page.request.get(f"{page.url}snapshot.json").text()
    page.route(address, lambda route: route.fulfill(body=drawn))
    yield
    page.unroute(address)


def test_a_refresh_while_the_server_is_away_loses_nothing(
    open_desk: Opened, post: Post, server: Server
) -> None:
    """Nor does it forget: what it told counts after the refresh as it did before."""
    first, second, third = post.spares
    page = open_desk()
    wait_until(lambda: page.evaluate(KEPT_PARTS) > 10)
    with old_facts(page):
        scan(page, "1044", second.label)
        says(page, "ISSUED", second.name)
        scan(page, "1017")
        stands(page, "1017")
    page.clock.set_fixed_time(now())  # however long a refresh takes here
    server.stop()
    scan(page, first.label)
    says(page, "PENDING 1")

    page.reload()
    assert dialogs == ["beforeunload"]
    assert page.evaluate(SHELL) == [True, True]
    ready(page)
    expect(page.locator("#pending")).to_have_text("1 waiting to be sent")
    scan(page, first.label)  # a bounce, over the refresh
    says(page, "AGAIN")
    scan(page, "1031")
    expect(page.locator("#say")).to_contain_text(third.name)
    for camera, badge in ((first, "1017"), (second, "1044")):
        scan(page, camera.label)
        says(page, "REFUSED", f"{badge} holds {camera.name}")
    scan(page, CARD["CANCEL"], first.label)
    says(page, "PENDING", f"Returned {first.name} from 1017.")
    server.start()

    expect(page.locator("#pending")).to_have_text("Nothing waits")
    assert [post.holder(one) for one in post.spares] == ["", "1044", ""]
    expect(page.locator("#attention")).to_be_hidden()


# What is kept of the facts, as another release may have kept it under the same name.
OTHERWISE = """async ([name, shape]) => {
  const opened = (asked) => new Promise((done) => (asked.onsuccess = () => done(asked.result)));
  const database = await opened(indexedDB.open("fleet-desk"));
  const kept = database.transaction("kept", "readwrite").objectStore("kept");
  const facts = await opened(kept.get(name));
  const bare = facts?.snapshot;
  if (bare) await opened(kept.put(shape === "bare" ? bare : { ...facts, snapshot: {} }, name));
  database.close();
  return Boolean(bare);
}"""


@pytest.mark.parametrize("shape", ["bare", "unknown"])
def test_facts_that_another_release_kept_cost_no_scan(
    open_desk: Opened, post: Post, shape: str
) -> None:
    first, second, _ = post.spares
    page = open_desk()
    desk = page.url
    scan(page, "1017")
    stands(page, "1017")
    page.route(SCANS, lambda route: route.abort())
    scan(page, first.label)
    says(page, "PENDING 1")
    page.goto("/officers/")
    assert page.evaluate(OTHERWISE, [f"snapshot:{post.desk.pk}", shape])
    page.unroute_all()

    page.goto(desk)

    ready(page)
    expect(page.locator("#pending")).to_have_text("Nothing waits")
    assert post.holder(first) == "1017"
    scan(page, "1031", second.label)
    says(page, "ISSUED", f"Issued {second.name} to 1031.")


# What is kept of when the facts were asked for, by the desk's own clock.
NOT_IN_THE_FUTURE = """async (name) => {
  const opened = (asked) => new Promise((done) => (asked.onsuccess = () => done(asked.result)));
  const database = await opened(indexedDB.open("fleet-desk"));
  const facts = await opened(database.transaction("kept").objectStore("kept").get(name));
  database.close();
  return facts.asked <= Date.now();
}"""


@pytest.mark.parametrize("wrong", [timedelta(days=1), -timedelta(days=1)])
def test_a_wrong_clock_makes_no_facts_younger_and_none_older(
    open_desk: Opened, post: Post, server: Server, wrong: timedelta
) -> None:
    first, second, _ = post.spares
    page = open_desk(ahead=wrong)
    wait_until(lambda: page.evaluate(KEPT_PARTS) > 10)
    server.stop()
    page.reload()

    ready(page)
    scan(page, "1017", first.label)
    says(page, "PENDING", f"Issued {first.name} to 1017.")
    set_clock(page, wrong + timedelta(minutes=20))  # which is what twenty minutes of sleep do too
    page.reload()
    expect(page.locator("#age")).to_have_text("Facts 20 min old")
    scan(page, "1031", second.label)
    says(page, "REFUSED", "20 min old")
    set_clock(page, wrong - timedelta(hours=1))
    wait_until(lambda: page.evaluate(NOT_IN_THE_FUTURE, f"snapshot:{post.desk.pk}"))
    page.reload()
    expect(page.locator("#age")).to_have_text("Facts 20 min old")
    scan(page, first.label)
    says(page, "PENDING", f"Returned {first.name} from 1017.")
    server.start()

    expect(page.locator("#pending")).to_have_text("Nothing waits")
    expect(page.locator("#age")).to_contain_text("s old")
    assert [post.holder(one) for one in post.spares] == ["", "", ""]
    assert CustodyEvent.objects.filter(provisional=True).count() == 2


def test_signing_out_pauses_and_signing_in_again_goes_on(
    open_desk: Opened, post: Post, server: Server
) -> None:
    spare = post.spares[0]
    page = open_desk()
    kept = page.context.cookies()
    scan(page, "1017")
    stands(page, "1017")
    page.context.clear_cookies()

    scan(page, spare.label)
    expect(page.locator("#line")).to_contain_text("You are signed out")
    says(page, "PENDING 1")
    usable(page)
    tab_to(page, page.get_by_role("link", name="Sign in in another tab"))
    for _ in range(2):  # asked again meanwhile, the page keeps the focus where it is
        page.wait_for_event("response", lambda answer: answer.url.endswith("/desk/scans/"))
    expect(page.get_by_role("link", name="Sign in in another tab")).to_be_focused()
    page.context.add_cookies(kept)

    expect(page.locator("#line")).to_have_text("Connected")
    wait_until(lambda: post.holder(spare) == "1017")
    expect(page.locator("#results li").first).to_contain_text("ISSUED")


def test_a_desk_that_is_no_more_loses_no_scan(
    open_desk: Opened, post: Post, server: Server
) -> None:
    spare, desk = post.spares[0], Desk.objects.filter(pk=post.desk.pk)
    page = open_desk()
    scan(page, "1031")
    stands(page, "1031")
    server.stop()
    scan(page, spare.label)
    says(page, "PENDING", f"Issued {spare.name} to 1031.")
    desk.update(ended_at=now())
    server.start()

    line = page.locator("#line")
    expect(line).to_have_text("This desk is not yours, or was ended: scans are kept here.")
    expect(page.locator("#pending")).to_have_text("1 waiting to be sent")
    expect(page.locator("#attention")).to_be_hidden()
    desk.update(ended_at=None)

    expect(page.locator("#pending")).to_have_text("Nothing waits")
    assert post.holder(spare) == "1031"


def test_what_was_told_and_could_not_be_taken_stays_until_the_record_says_it(
    open_desk: Opened, post: Post
) -> None:
    first, second, _ = post.spares
    page = open_desk()
    scan(page, "1031")
    stands(page, "1031")
    page.route(SCANS, lambda route: route.abort())
    for camera, badge in ((first, "1031"), (second, "1044")):
        scan(page, badge, camera.label)
        says(page, "PENDING", f"Issued {camera.name} to {badge}.")
    page.unroute_all()
    page.route(SCANS, _takes_none)

    looks = page.locator("#attention-list")
    expect(looks).to_contain_text(f"{first.name}")
    again = page.get_by_role("button", name="Send again")
    expect(again).to_have_count(2)
    custody.check_out(
        first,
        Officer.objects.get(badge_number="1031"),
        custody.Terms(),
        told=Told(by=post.quartermaster, now=now()),
    )
    expect(again).to_have_count(1)
    usable(page)
    page.unroute_all()
    again.click()

    expect(page.locator("#pending")).to_have_text("Nothing waits")
    assert post.holder(second) == "1044"
    expect(again).to_have_count(0)


def _takes_none(route: Route) -> None:
    """A fault of ours: it can take no scan that changes custody."""
    scanned = json.loads(route.request.post_data or "")
    if scanned["told"]:
        route.fulfill(status=422, json={"detail": "Out of order."})
    else:
        route.continue_()


def test_what_the_record_says_otherwise_is_to_be_looked_at(
    open_desk: Opened, post: Post, server: Server
) -> None:
    spare = post.spares[0]
    page = open_desk()
    scan(page, "1031")
    stands(page, "1031")
    server.stop()
    scan(page, spare.label)
    says(page, "PENDING")
    officer = Officer.objects.get(badge_number="1044")
    told = Told(by=post.quartermaster, now=now())
    custody.check_out(spare, officer, custody.Terms(), told=told)
    server.start()

    expect(page.locator("#band b")).to_have_text("CONFLICT")
    assert post.holder(spare) == "1044"
    assert heard(page)[-1] == "error"
    expect(page.locator("#attention-list")).to_contain_text("You were told: issued")
    usable(page)
    tab_to(page, page.get_by_role("button", name="Seen"))
    page.keyboard.press("Enter")
    expect(page.locator("#attention")).to_be_hidden()
    expect(page.locator("#results")).to_be_focused()


def test_a_return_of_what_was_reported_lost_since_is_nothing_to_be_looked_at(
    open_desk: Opened, post: Post, server: Server
) -> None:
    spare = post.spares[0]
    page = open_desk()
    scan(page, "1017", spare.label)
    says(page, "ISSUED")
    server.stop()
    scan(page, "1017", spare.label)
    says(page, "PENDING", f"Returned {spare.name} from 1017")
    told = Told(by=post.quartermaster, now=now(), reason="Left in a taxi")
    custody.report_lost(spare, told=told)
    server.start()

    expect(page.locator("#pending")).to_have_text("Nothing waits")
    assert post.holder(spare) == ""
    assert DeskRequest.objects.filter(result="found").count() == 1
    expect(page.locator("#attention")).to_be_hidden()


def test_one_tab_works_a_desk_and_another_takes_it_over(open_desk: Opened, post: Post) -> None:
    first = open_desk()
    second = first.context.new_page()
    second.add_init_script(f"({HEARD})()")
    second.goto(first.url)
    ready(second)
    expect(second.locator("#asleep")).to_be_visible()
    scan(second, "1017")
    says(second, "ERROR", "does not work the desk")
    usable(second)

    tab_to(second, second.get_by_role("button", name="Work here"))
    second.keyboard.press("Enter")

    expect(first.locator("#asleep")).to_be_visible()
    expect(second.locator("#asleep")).to_be_hidden()
    scan(second, "1031")
    expect(second.locator("#officer .badge")).to_have_text("1031")


def test_a_desk_that_slept_wakes_up_as_it_was(
    open_desk: Opened, post: Post, server: Server
) -> None:
    """While a computer sleeps only its wall clock goes on, and the line is gone when it wakes."""
    page = open_desk(ahead=timedelta())
    server.stop()
    set_clock(page, timedelta(hours=8))
    page.evaluate(AWAKE)

    expect(page.locator("#age")).to_have_text("Facts 8 h old")
    expect(page.locator("#line[data-state=down]")).to_be_visible()
    scan(page, "1017", post.spares[0].label)
    says(page, "REFUSED", "What this desk knows is 480 min old")
    server.start()
    page.evaluate(AWAKE)
    expect(page.locator("#age")).to_contain_text("s old")
    expect(page.locator("#line")).to_have_text("Connected")
    expect(page.locator("#pending")).to_have_text("Nothing waits")
    scan(page, "1017", post.spares[0].label)
    says(page, "ISSUED")
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.locator("#asleep")).to_be_visible()


AWAKE = "document.dispatchEvent(new Event('visibilitychange'))"


def test_the_desk_installs_as_an_app_of_its_own(open_desk: Opened) -> None:
    page = open_desk()
    line = page.context.new_cdp_session(page)

    found = line.send("Page.getAppManifest")

    assert found["errors"] == []
    told = json.loads(found["data"])
    assert (told["start_url"], told["scope"], told["display"]) == ("/desk/", "/desk/", "standalone")
    for icon in told["icons"]:
        assert page.request.get(urljoin(found["url"], icon["src"])).ok
    assert [one["sizes"] for one in told["icons"]] == ["any"]
    scope = page.evaluate("navigator.serviceWorker.ready.then((one) => one.scope)")
    assert scope == urljoin(found["url"], told["scope"])


KEPT_PARTS = "caches.open('desk-shell').then((one) => one.keys()).then((all) => all.length)"
# What is kept is the desk's page and what it is made of, and nothing else.
SHELL = """async () => {
  const names = await caches.keys();
  const kept = await (await caches.open("desk-shell")).keys();
  const ours = (path) => path === location.pathname || path.startsWith("/static/");
  return [names.length === 1, kept.every(({ url }) => ours(new URL(url).pathname))];
}"""
DESK, TABLET = (1440, 900), (1024, 768)


def test_everybody_can_use_it_in_every_state(open_desk: Opened, post: Post, server: Server) -> None:
    page = open_desk()
    states = [
        (["1017"], "#officer .badge"),
        ([post.spares[0].label], "#band[data-tone=good]"),
        (["1031", post.spares[0].label], "#band[data-tone=amber]"),
        (["NOTHING"], "#band[data-tone=bad]"),
        ([CARD["CANCEL"], CARD["INFO"]], "#band[data-tone=note]"),
        ([CARD["CANCEL"], "1044"], "#officer[data-state=stopped]"),
    ]

    Officer.objects.filter(badge_number="1044").update(suspended_because="Under inquiry")
    usable(page)
    for codes, shows in states:
        scan(page, *codes)
        expect(page.locator(shows)).to_be_visible()
        usable(page)
    server.stop()
    scan(page, CARD["CANCEL"], "1031")
    expect(page.locator("#line[data-state=down]")).to_be_visible()
    scan(page, post.spares[1].label)
    says(page, "PENDING")
    usable(page)
    server.start()
    expect(page.locator("#line[data-state=up]")).to_be_visible()


def test_everybody_can_use_it_whatever_it_asks_for(open_desk: Opened, post: Post) -> None:
    held, faulty, _ = post.spares
    CameraHealth.objects.filter(camera=faulty).update(faults=["lens_fault"])
    page = open_desk()
    scan(page, "1031", held.label)
    says(page, "ISSUED")
    asks = [
        ([post.weak.label], "CAMERA", "is in and not ready"),
        (["1017", held.label], "REFUSED", f"1031 holds {held.name}"),
        ([CARD["TRANSFER"]], "NEXT", "Scan a reason card"),
        ([CARD["CANCEL"], "1044", faulty.label], "REFUSED", faulty.name),
        ([CARD["RNOOTHER"]], "NEXT", "scan a supervisor's badge"),
    ]

    for codes, word, sentence in asks:
        scan(page, *codes)
        says(page, word, sentence)
        usable(page)


def test_everybody_can_use_it_whatever_was_done(open_desk: Opened, post: Post) -> None:
    first, second, third = post.spares
    page = open_desk()

    scan(page, "1031", first.label)
    says(page, "ISSUED")
    page.evaluate("new Promise((pause) => setTimeout(pause, 1300))")  # else it is a bounce
    scan(page, first.label)
    says(page, "AGAIN")
    usable(page)
    scan(page, "1044", second.label)
    says(page, "ISSUED", second.name)
    scan(page, CARD["UNDO"])
    says(page, "UNDONE")
    usable(page)
    told = Told(by=post.quartermaster, now=now(), reason="Left in a taxi")
    custody.report_lost(third, told=told)
    scan(page, third.label)
    says(page, "FOUND")
    usable(page)
    scan(page, first.label, CARD["FLENS"])
    says(page, "FAULT NOTED")
    usable(page)


def test_everybody_can_use_it_cut_off_with_scans_that_failed(open_desk: Opened, post: Post) -> None:
    first, second, _ = post.spares
    page = open_desk()
    scan(page, "1031")
    stands(page, "1031")
    page.route(SCANS, lambda route: route.abort())
    scan(page, "1031", first.label)
    says(page, "PENDING")
    page.unroute_all()
    page.route(SCANS, _takes_none)
    expect(page.get_by_role("button", name="Send again")).to_be_visible()

    page.unroute_all()
    page.route(SCANS, lambda route: route.abort())
    scan(page, "1044", second.label)
    says(page, "PENDING")
    expect(page.locator("#line[data-state=down]")).to_be_visible()
    usable(page)
    scan(page, "1044", post.weak.label)
    says(page, "REFUSED")
    usable(page)
    page.unroute_all()
    expect(page.locator("#pending")).to_have_text("Nothing waits")


def usable(page: Page) -> None:
    for width, height in (DESK, TABLET):
        page.set_viewport_size({"width": width, "height": height})
        assert faults(page, width) == []
        assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
        assert page.evaluate(SMALL) == []


# What is pressed at the desk is large enough for a thumb.
SMALL = """() => [...document.querySelectorAll(".desk button, .desk a, .desk input")]
  .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 44)
  .map((one) => one.outerHTML)"""
