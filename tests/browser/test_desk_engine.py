"""What a clerk is told of a scan while its answer is awaited, and when it comes."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page

from devices.desk import rules
from devices.desk.cards import CARDS
from devices.inventory import codes
from tests.browser.bench import EMPTY, bench
from tests.browser.serving import wait_until

# A desk without its page: an officer, two spares, a server that answers when the test says what.
# `busy` keeps the disk from writing until what it returns is called.
TIMES = {name: span // timedelta(milliseconds=1) for name, span in rules.TIMES.items()}
BEGIN = """async ([cards, times]) => {
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
  Object.assign(window, { told: [], stalls: [], messages: [], looks: [], stale: 0, asked: [] });
  window.store = await Store.open();
  window.engine = new Engine({
    known, clock, cards, texts: {}, desk: 3, times, usable: 900_000, within: 30,
    on: {
      result: (result) => (messages.push(result.message),
        (result.code === "keeping" ? stalls : told).push(state(result) + result.act)),
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
    opened.evaluate(BEGIN, [cards, TIMES])
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


def test_a_repeat_says_nothing_of_what_is_not_answered(page: Page) -> None:
    """Then as the record has it: what is known before that is what was before it."""
    stands(page)
    page.evaluate("engine.texts['repeat.again'] = '{camera}: again. {already}'")
    page.evaluate("engine.within = 60_000")
    page.evaluate("(camera) => scan(camera)", SPARE)
    page.evaluate("(camera) => scan(camera)", SPARE)
    assert told(page, 1) == ["repeat"]
    assert page.evaluate("messages.at(-1)") == "C0531: again."

    page.evaluate("answer('issued')")
    wait_until(lambda: page.evaluate("known.camera('C0531').holder") == "1031")
    page.evaluate("(camera) => scan(camera)", SPARE)

    wait_until(lambda: "Given to 1031" in page.evaluate("messages.at(-1)"))


def test_a_disk_that_stalls_is_told_and_what_it_keeps_at_last_goes_on(page: Page) -> None:
    stands(page)

    page.evaluate("(camera) => { window.free = busy(); scan(camera); }", SPARE)
    wait_until(lambda: page.evaluate("stalls.length"))
    assert page.evaluate("messages.at(-1)") == "Not kept yet: wait, do not hand it out."
    assert (page.evaluate("stalls"), page.evaluate("told")) == (["error"], [])
    page.evaluate("free()")

    assert told(page, 1) == ["PENDING issued"]
    page.evaluate("answer('issued')")
    assert told(page, 2)[-1] == "quiet issued"


def test_what_cannot_be_kept_as_told_is_not_promised(page: Page) -> None:
    stands(page)
    page.evaluate("() => { store.change = () => Promise.reject(new Error('Full')); }")

    page.evaluate("(camera) => scan(camera)", SPARE)

    assert told(page, 1) == ["refused"]
    page.evaluate("answer('issued')")
    assert told(page, 2)[-1] == "issued"


def test_of_a_code_it_does_not_know_a_desk_says_no_more_than_that(page: Page) -> None:
    page.evaluate("scan('98EE58AD')")

    assert told(page, 1) == ["refused"]
    wanted = "The server has not answered, and this desk does not know 98EE58AD: wait."
    assert page.evaluate("messages") == [wanted]


@pytest.mark.parametrize("code", ["C041", codes.label(12, codes.BAY), codes.card("GONE")])
def test_of_what_is_no_badge_and_no_camera_nothing_is_to_be_handed_out(
    page: Page, code: str
) -> None:
    page.evaluate("(code) => scan(code)", code)

    assert told(page, 1) == ["refused"]
    wanted = f"The server has not answered, and this desk does not know {code}: wait."
    assert page.evaluate("messages") == [wanted]


def test_of_a_card_that_is_about_nothing_only_the_answer_is_awaited(page: Page) -> None:
    page.evaluate("(fault) => scan(fault)", CARD["FLENS"])

    assert told(page, 1) == ["refused"]
    assert page.evaluate("messages") == ["The server has not answered: wait."]


@pytest.mark.parametrize(
    ("result", "state", "looks"),
    [("fault", "quiet fault", []), ("refused", "refused", [["fault noted", "refused"]])],
)
def test_a_fault_that_was_noted_alone_and_is_refused_later_is_told(
    page: Page, result: str, state: str, looks: list[list[str]]
) -> None:
    page.evaluate("engine.queue.set('down')")
    page.evaluate("(camera) => scan(camera)", SPARE)
    wait_until(lambda: page.evaluate("asked.length") == 1)
    page.evaluate("(fault) => scan(fault)", CARD["FLENS"])
    assert told(page, 2)[-1] == "fault"

    page.evaluate("answer('held')")
    wait_until(lambda: page.evaluate("asked.length") == 1)
    page.evaluate("(result) => answer(result)", result)

    assert told(page, 4)[-1] == state
    assert page.evaluate("looks") == looks


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


@pytest.mark.parametrize("pending", [False, True])
def test_an_answer_that_was_lost_and_comes_later_is_of_its_own_time(
    page: Page, pending: bool
) -> None:
    """A newer snapshot knows better, whatever was told; and what the server said then is not its
    time now."""
    stands(page)
    page.evaluate("(ms) => { engine.within = ms; }", 30 if pending else 60_000)
    page.evaluate("(camera) => scan(camera).then(() => draw('2026-01-01T07:05:00Z'))", SPARE)
    wait_until(lambda: page.evaluate("asked.length") == 1)
    if pending:
        assert told(page, 1) == ["PENDING issued"]
        assert page.evaluate("known.camera('C0531').holder") == "1031"  # until it is answered

    page.evaluate("answer('issued')")

    wait_until(lambda: told(page, 1)[-1] == ("quiet issued" if pending else "issued"))
    assert page.evaluate("known.camera('C0531').holder") == ""
    assert page.evaluate("known.done") == []
    assert page.evaluate("stale") == 1
    assert page.evaluate("Math.round((clock.now() - Date.now()) / 60_000)") == 0


def test_what_was_told_and_is_refused_is_known_no_longer(page: Page) -> None:
    stands(page)
    page.evaluate("(camera) => scan(camera)", SPARE)
    assert told(page, 1) == ["PENDING issued"]

    page.evaluate("answer('refused')")  # before it had heard what was told: it is asked again
    wait_until(lambda: page.evaluate("asked.length") == 1)
    page.evaluate("answer('conflict')")

    wait_until(lambda: page.evaluate("stale > 0"))
    assert page.evaluate("known.camera('C0531').holder") == ""


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
