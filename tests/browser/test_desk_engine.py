"""What a clerk is told of a scan while its answer is awaited, and when it comes."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from devices.desk.cards import CARDS
from devices.inventory import codes
from tests.browser.bench import EMPTY, bench
from tests.browser.conftest import wait_until

# A desk without its page: an officer, two spares, a server that answers when the test says what.
# `busy` keeps the disk from writing until what it returns is called.
BEGIN = """async (cards) => {
  const desk = (name) => import(`/static/dashboard/desk/${name}.js`);
  const [{ Clock }, { Engine }, { Known }, { Queue }, { Store }] =
    await Promise.all(["clock", "engine", "known", "queue", "store"].map(desk));
  const clock = (window.clock = new Clock());
  const camera = (name) => ({ name, codes: [], holder: "", custody: "", since: null });
  const cameras = ["C0531", "C0532"].map(camera);
  cameras[1].soft = true;
  const officers = [{ badge: "1031", credentials: [], holds: [], own: null }];
  window.known = new Known(cards);
  window.draw = (at) => known.take({ at, cameras, officers, order: [] }, clock.moment());
  draw("2026-01-01T07:00:00Z");
  const state = ({ pending, quiet }) => (pending ? "PENDING " : quiet ? "quiet " : "");
  Object.assign(window, { told: [], looks: [], stale: 0, asked: [] });
  window.store = await Store.open();
  window.engine = new Engine({
    known, clock, cards, texts: {}, desk: 3, usable: 900_000, within: 30,
    on: {
      result: (result) => told.push(state(result) + result.act),
      attention: (item) => looks.push([item.told, item.message]),
      stale: () => (stale += 1),
      waiting: () => {}, context: () => {}, last: () => {},
    },
  });
  engine.queue = new Queue({
    store, desk: 3,
    post: () => new Promise((answered) => asked.push(answered)),
    on: { answered: (...said) => engine.answered(...said) },
  });
  window.scan = async (raw) => { await engine.scan(raw); };
  const before = { officer: null, camera: null, info: false, transfer: false, reason: "" };
  window.answer = (result, { context = {}, ...more } = {}) => asked.shift()(Response.json({
    result, code: "done", message: result, camera: "C0531", officer: "1031",
    server_time: "2026-01-01T07:00:10Z", ...more,
    context: { ...before, at: null, ...context },
  }));
  window.late = () => new Promise((done) => setTimeout(done, 60));
  window.busy = () => {
    const scans = store.database.transaction("scans", "readwrite").objectStore("scans");
    let busy = true;
    const read = () => busy && (scans.count().onsuccess = read);
    read();
    return () => (busy = false);
  };
}"""
HTML = EMPTY.replace("<body>", '<body><div id="desk" data-zone="UTC"></div>')


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context()
    opened = bench(context, HTML)
    cards = [
        {"code": one.code, "title": one.title, "order": one.card.order, "word": one.card.word}
        for one in CARDS
    ]
    opened.evaluate(BEGIN, cards)
    yield opened
    context.close()


def told(page: Page, times: int) -> list[str]:
    """What was told, once it is so much."""
    wait_until(lambda: page.evaluate("told.length") >= times)
    found: list[str] = page.evaluate("told")
    return found


def stands(page: Page) -> None:
    """The officer, by the server's word."""
    page.evaluate(
        "scan('1031').then(() => answer('shown', { code: 'badge', context: { officer: '1031' } }))"
    )
    assert told(page, 2) == ["shown", "quiet shown"]
    page.evaluate("told.length = 0")


def settled(page: Page) -> None:
    """All was answered, and the disk has heard of it."""
    wait_until(lambda: page.evaluate("store.scans(3).then((all) => all.length === 0)"))


@pytest.mark.parametrize("result", ["refused", "issued"])
def test_an_answer_that_comes_before_pending_is_told_is_told_instead(
    page: Page, result: str
) -> None:
    stands(page)

    page.evaluate(
        "async ([camera, result]) => {"
        " await scan(camera); window.free = busy(); await late(); answer(result); }",
        [codes.label(531), result],
    )
    assert told(page, 1) == [result]
    page.evaluate("free()")
    settled(page)

    assert page.evaluate("told") == [result]
    assert page.evaluate("looks") == []


def test_what_is_pending_is_told_once(page: Page) -> None:
    stands(page)

    page.evaluate("(camera) => scan(camera)", codes.label(531))
    assert told(page, 1) == ["PENDING issued"]
    page.evaluate("answer('issued')")

    assert told(page, 2) == ["PENDING issued", "quiet issued"]


def test_of_a_camera_it_does_not_know_a_desk_says_only_that_it_came_back(page: Page) -> None:
    page.evaluate("(camera) => scan(camera)", codes.label(8888))

    assert told(page, 1) == ["PENDING returned"]


SPARE, WEAK = codes.label(531), codes.label(532)
CARD = {one.word: one.code for one in CARDS}


def test_what_was_not_to_be_handed_out_and_is_recorded_later_is_to_be_looked_at(
    page: Page,
) -> None:
    stands(page)
    page.evaluate("(camera) => scan(camera)", WEAK)
    wait_until(lambda: page.evaluate("asked.length") == 1)
    page.evaluate("answer('refused', { context: { officer: '1031', camera: 'C0532' } })")
    settled(page)
    page.evaluate("told.length = 0")

    page.evaluate("(reason) => scan(reason)", CARD["RSHORT"])
    assert told(page, 1) == ["refused"]  # no answer yet: it is not to be handed out
    page.evaluate("scan('1031')")
    page.evaluate("answer('issued', { message: 'Issued C0532 to 1031.' })")

    wait_until(lambda: page.evaluate("looks.length"))
    assert page.evaluate("looks") == [["do not hand it out yet", "Issued C0532 to 1031."]]


@pytest.mark.parametrize(("goes_on", "looks"), [(True, 1), (False, 0)])
def test_an_undo_that_comes_late_is_told_to_who_waits_and_kept_for_who_went_on(
    page: Page, goes_on: bool, looks: int
) -> None:
    page.evaluate("(undo) => scan(undo)", CARD["UNDO"])
    assert told(page, 1) == ["refused"]
    if goes_on:
        page.evaluate("scan('1031')")

    page.evaluate("answer('undone')")

    assert told(page, 3 if goes_on else 2)[-1] == "undone"
    assert len(page.evaluate("looks")) == looks


def test_an_answer_that_was_lost_and_comes_later_is_of_its_own_time(page: Page) -> None:
    """A newer snapshot knows better; and what the server said then is not its time now."""
    stands(page)
    page.evaluate("(camera) => scan(camera)", SPARE)
    wait_until(lambda: page.evaluate("asked.length") == 1)
    page.evaluate("draw('2026-01-01T07:05:00Z')")

    page.evaluate("answer('issued')")

    assert "issued" in told(page, 1)[-1]
    assert page.evaluate("known.camera('C0531').holder") == ""
    assert page.evaluate("known.done") == []
    assert page.evaluate("stale") == 1
    assert page.evaluate("Math.round((clock.now() - Date.now()) / 60_000)") == 0


def test_what_was_undone_at_once_is_not_done_again_to_the_next_snapshot(page: Page) -> None:
    stands(page)
    page.evaluate("(camera) => scan(camera)", SPARE)
    wait_until(lambda: page.evaluate("asked.length") == 1)
    page.evaluate("answer('issued')")
    wait_until(lambda: page.evaluate("known.camera('C0531').holder") == "1031")
    settled(page)

    page.evaluate("(undo) => scan(undo)", CARD["UNDO"])
    wait_until(lambda: page.evaluate("asked.length") == 1)
    page.evaluate("answer('undone')")
    wait_until(lambda: page.evaluate("stale") == 1)
    page.evaluate("draw('2026-01-01T07:00:11Z')")

    assert page.evaluate("known.camera('C0531').holder") == ""
