"""What was scanned reaches the server: in order, once, whatever answers on the way."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route

from tests.browser.bench import ADDRESS, bench, module
from tests.browser.serving import wait_until

BEGIN = """async ([stopped, patience]) => {
  const { Queue } = await import("/static/dashboard/desk/queue.js");
  const { Store, newId } = await import("/static/dashboard/desk/store.js");
  const { post } = await import("/static/dashboard/desk/posting.js");
  window.told = [];
  window.store = await Store.open();
  window.queue = new Queue({
    store, desk: 3, post: post({ scans: "/scans/", csrf_cookie: "csrftoken" }),
    times: { answer: patience, again: [30, 60, 90], paused: 60 },
    on: {
      answered: (entry, answer) => told.push(["answered", entry.raw, answer.result]),
      failed: (entry) => told.push(["failed", entry.raw, entry.why]),
      line: (state, why) => told.at(-1)?.[1] === state || told.push(["line", state, why]),
    },
  });
  const scanned_at = "2026-01-01T00:00:00Z";
  window.scan = (raw, does = null) =>
    queue.add({ event_id: newId(), desk: 3, raw, scanned_at, context: {}, does });
  await queue.begin();
  if (stopped) queue.stop();
}"""
DONE = (200, {"result": "issued", "server_time": "2026-01-01T00:00:00Z"})
Answers = list[tuple[int, Any]]


class Desk:
    """A browser at a desk, and a server that answers as it was told: the last answer for ever."""

    def __init__(self, context: BrowserContext) -> None:
        self.context, self.answers, self.sent = context, [DONE], []
        self.answers: Answers
        self.sent: list[dict[str, Any]]
        self.unanswered: list[Route] = []
        self.page: Page = bench(context, answers={"/scans/": self._answer})
        context.add_cookies([{"name": "csrftoken", "value": "from-here", "url": ADDRESS}])
        self.begin()

    def begin(self, *, stopped: bool = False, patience_ms: int = 400) -> None:
        self.page.evaluate(BEGIN, [stopped, patience_ms])

    def _answer(self, route: Route) -> None:
        asked = route.request
        said = json.loads(asked.post_data or "")
        assert asked.headers["idempotency-key"] == said["event_id"]
        assert asked.headers["x-csrftoken"] == "from-here"
        self.sent.append(said)
        status, body = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if status == 0:
            route.abort("connectionrefused")
        elif status == -1:  # which is: no answer, or not yet
            self.unanswered.append(route)
        else:
            route.fulfill(status=status, json=body, content_type="application/json")

    def scan(self, *raws: str) -> None:
        for raw in raws:
            self.page.evaluate("(raw) => scan(raw)", raw)

    def told(self) -> list[list[str]]:
        found: list[list[str]] = self.page.evaluate("window.told")
        return found

    def kept(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.page.evaluate("store.scans(3)")
        return found

    def settles(self) -> None:
        wait_until(lambda: self.page.evaluate("queue.pending.length") == 0)

    def was_asked(self, times: int) -> bool:
        self.page.evaluate("1")  # while this waits, what the page asks is answered
        return len(self.sent) >= times

    def raws(self) -> list[str]:
        return [one["raw"] for one in self.sent]


@pytest.fixture
def desk(chromium: Browser) -> Iterator[Desk]:
    context = chromium.new_context()
    yield Desk(context)
    context.close()


def test_scans_are_sent_in_order_and_forgotten_when_answered(desk: Desk) -> None:
    desk.scan("A", "B", "C")
    desk.settles()

    assert desk.raws() == ["A", "B", "C"]
    assert [one["seq"] for one in desk.sent] == sorted({one["seq"] for one in desk.sent})
    wait_until(lambda: desk.kept() == [])


@pytest.mark.parametrize("trouble", [0, -1, 500, 503])
def test_what_got_no_answer_is_sent_again_under_the_same_name(desk: Desk, trouble: int) -> None:
    desk.answers = [(trouble, {}), (trouble, {}), DONE]

    desk.scan("A", "B")
    desk.settles()

    assert desk.raws() == ["A", "A", "A", "B"]
    assert len({one["event_id"] for one in desk.sent}) == 2
    assert ["line", "down", ""] in desk.told()


@pytest.mark.parametrize(
    ("status", "why"),
    [(401, "signed out"), (403, "not allowed"), (404, "not yours"), (429, "busy")],
)
def test_a_pause_eats_no_scan(desk: Desk, status: int, why: str) -> None:
    desk.answers = [(status, {"detail": "no"})]
    desk.scan("A", "B")
    wait_until(lambda: desk.was_asked(3))
    assert ["line", "paused", why] in desk.told()
    assert set(desk.raws()) == {"A"}

    desk.answers = [DONE]
    desk.settles()

    assert desk.raws()[-2:] == ["A", "B"]


@pytest.mark.parametrize("status", [400, 422])
def test_what_the_server_cannot_take_is_kept_until_it_is_seen(desk: Desk, status: int) -> None:
    desk.answers = [(status, {"detail": "This is no scan."}), DONE]
    desk.scan("A", "B")
    desk.settles()

    assert ["failed", "A", "This is no scan."] in desk.told()
    assert desk.raws() == ["A", "B"]
    wait_until(lambda: [(one["raw"], one["state"]) for one in desk.kept()] == [("A", "failed")])
    desk.page.reload()
    desk.begin()
    assert desk.page.evaluate("queue.failed.map((one) => one.why)") == ["This is no scan."]
    desk.page.evaluate("queue.seen(queue.failed[0].event_id)")

    wait_until(lambda: desk.kept() == [])


def test_what_the_server_could_not_take_is_sent_again_on_asking(desk: Desk) -> None:
    desk.answers = [(422, {"detail": "This is no scan."}), DONE]
    desk.scan("A", "B")
    desk.settles()

    desk.page.evaluate("queue.again(queue.failed[0].event_id)")
    desk.settles()

    assert desk.raws() == ["A", "B", "A"]
    assert len({one["event_id"] for one in desk.sent}) == 2
    assert desk.told()[-1] == ["answered", "A", "issued"]
    wait_until(lambda: desk.kept() == [])


def test_a_page_that_is_gone_leaves_its_scans_to_the_next(desk: Desk) -> None:
    desk.answers = [(0, {})]
    desk.scan("A", "B")
    desk.page.close()
    desk.answers = [DONE]

    desk.page = bench(desk.context, answers={"/scans/": desk._answer})
    desk.begin()
    desk.scan("C")
    desk.settles()

    raws = [one["raw"] for one in desk.sent if one["raw"] != "A"]
    assert raws == ["B", "C"]
    assert len({one["event_id"] for one in desk.sent if one["raw"] == "A"}) == 1


def test_what_a_waiting_scan_may_have_done_is_known_to_the_next_page(desk: Desk) -> None:
    """Whether anybody was told or not: it may be on record by now."""
    desk.answers = [(0, {})]
    done = {"act": "issued", "code": "done", "camera": "C0531", "officer": "1017"}
    desk.page.evaluate("(does) => scan('A', does)", done)
    desk.scan("B")

    desk.page.reload()
    desk.begin(stopped=False)

    assert desk.page.evaluate("queue.done") == [done]


def test_what_the_clerk_was_told_meanwhile_goes_with_the_next_try(desk: Desk) -> None:
    desk.answers = [(0, {})]
    desk.scan("A")
    wait_until(lambda: desk.was_asked(1))
    desk.page.evaluate("queue.tell(queue.pending[0], { act: 'issued', told: 'issued' })")
    desk.answers = [DONE]
    desk.settles()

    assert (desk.sent[0]["told"], desk.sent[-1]["told"]) == ("", "issued")


REFUSED = {"result": "refused", "server_time": "2026-01-01T00:00:00Z"}
CONFLICT = REFUSED | {"result": "conflict"}


@pytest.mark.parametrize(
    ("told", "came", "sent"),
    [
        ("issued", REFUSED, ["", "issued"]),
        ("issued", DONE[1], [""]),
        ("returned", REFUSED | {"result": "held"}, [""]),  # a dock told that it is in
        ("", REFUSED, [""]),
    ],
)
def test_an_answer_to_what_was_sent_before_the_clerk_was_told_otherwise_is_not_the_last(
    desk: Desk, told: str, came: dict[str, Any], sent: list[str]
) -> None:
    """The server has to hear what was told; it then makes a conflict of it."""
    desk.begin(patience_ms=60_000)
    desk.answers = [(-1, {}), (200, CONFLICT)]
    desk.scan("A")
    wait_until(lambda: desk.was_asked(1))

    desk.page.evaluate("(told) => queue.tell(queue.pending[0], { told })", told)
    desk.unanswered[0].fulfill(json=came)
    desk.settles()

    assert [one["told"] for one in desk.sent] == sent
    result = came["result"] if len(sent) == 1 else "conflict"
    assert [one for one in desk.told() if one[0] == "answered"] == [["answered", "A", result]]
    wait_until(lambda: desk.kept() == [])


def test_an_answer_that_the_page_fails_to_show_is_an_answer(desk: Desk) -> None:
    """It is not asked for again, the line is no worse for it, and the next scan is sent."""
    desk.page.evaluate(
        "() => { queue.on.answered = () => { throw new Error('A fault of the page'); }; }"
    )

    desk.scan("A", "B")
    desk.settles()

    assert desk.raws() == ["A", "B"]
    assert ["line", "down", ""] not in desk.told()
    wait_until(lambda: desk.kept() == [])


def test_a_disk_that_keeps_no_change_stops_no_scan(desk: Desk) -> None:
    desk.page.evaluate("() => { store.change = () => Promise.reject(new Error('Full')); }")
    desk.answers = [(422, {"detail": "This is no scan."}), DONE]

    desk.scan("A", "B")
    desk.settles()

    assert desk.raws() == ["A", "B"]
    assert ["failed", "A", "This is no scan."] in desk.told()


def test_another_tab_that_took_over_sends_nothing_from_here(desk: Desk) -> None:
    desk.begin(stopped=True)

    desk.scan("A")

    assert desk.sent == []
    assert [one["raw"] for one in desk.kept()] == ["A"]


def test_a_tab_that_is_taken_over_while_it_begins_takes_nothing_up(desk: Desk) -> None:
    desk.begin(stopped=True)
    desk.scan("A")

    begun = """async () => {
      queue.stopped = false;
      const begins = queue.begin();
      queue.stop();
      await begins;
      return queue.entries;
    }"""

    assert desk.page.evaluate(begun) == []
    assert desk.sent == []


NAMES = "(store, n) => Array.from({ length: n }, (_, at) => store.newId(1_800_000_000_000 + at))"


def test_names_of_scans_are_all_different_and_in_order_of_time(desk: Desk) -> None:
    names = module(desk.page, "store.js", NAMES, 500)

    assert names == sorted(set(names))
    assert {name[14] + name[19] for name in names} <= {"78", "79", "7a", "7b"}


FREE = {"name": "C0417", "holder": "", "custody": "", "soft": False}
ALONE = """(offline, judgement, age) =>
  offline.alone(judgement, { age: age ?? Infinity, usable: 900_000 })"""
YOUNG, OLD = 899_000, 900_000


@pytest.mark.parametrize(
    ("judged", "age", "told"),
    [
        ({"act": "returned", "code": "done"}, None, "returned"),
        ({"act": "issued", "code": "done"}, YOUNG, "issued"),
        ({"act": "taken", "code": "done"}, YOUNG, "taken"),
        ({"act": "issued", "code": "done"}, OLD, None),
        ({"act": "issued", "code": "done"}, None, None),
        ({"act": "issued", "code": "overridden", "reason": "SHORT"}, YOUNG, None),
        ({"act": "transferred", "code": "done", "reason": "SHORT"}, YOUNG, None),
        ({"act": "armed", "code": "wants_reason"}, YOUNG, None),
        ({"act": "armed", "code": "wants_camera"}, None, ""),
        ({"act": "undone", "code": "undo"}, YOUNG, None),
        ({"act": "refused", "code": "held"}, YOUNG, None),
        ({"act": "shown", "code": "badge"}, None, ""),
        ({"act": "held", "code": "in"}, None, ""),
        ({"act": "held", "code": "in", "camera": FREE | {"stranger": True}}, None, "returned"),
    ],
)
def test_what_a_desk_may_do_by_itself(
    desk: Desk, judged: dict[str, Any], age: int | None, told: str | None
) -> None:
    judgement = {"camera": FREE, "reason": ""} | judged

    said = module(
        desk.page,
        "offline.js",
        ALONE,
        judgement,
        age,
    )

    assert (said.get("told") if said["may"] else None) == told
