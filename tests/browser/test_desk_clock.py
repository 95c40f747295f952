"""A desk's clocks: what is told of time stays true while one is set and the other stops."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.bench import bench, module

S, DAY = 1_000, 86_400_000
NOON = 1_800_000_000_000  # by the server's clock

# Two clocks that a test sets: [steady, wall] in ms, one after the other.
BEGIN = """
  const set = ([steady, wall]) => { performance.now = () => steady; Date.now = () => wall; };
  const own = [performance.now, Date.now];
  const end = (said) => { [performance.now, Date.now] = own; return said; };
"""
AGO = f"""({{ Clock }}, wrong, then, later) => {{{BEGIN}
  set([0, wrong]);
  const clock = new Clock();
  let moment = clock.moment();
  for (const [steady, wall] of [then, later]) {{
    set([steady, wrong + wall]);
    moment = clock.settled(moment);
  }}
  return end(clock.since(moment));
}}"""
RELOADED = f"""({{ Clock }}, kept, opened, later) => {{{BEGIN}
  set(opened);
  const clock = new Clock();
  const moment = clock.recalled(kept);
  set(later);
  const ago = clock.since(clock.settled(moment));
  return end(Number.isFinite(ago) ? ago : null);
}}"""
TOLD = f"""({{ Clock }}, heard, asked) => {{{BEGIN}
  set([0, 0]);
  const clock = new Clock();
  for (const [at, ...when] of heard) clock.hear(new Date(at).toISOString(), when);
  set(asked);
  return end(clock.now());
}}"""


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context()
    yield bench(context)
    context.close()


@pytest.mark.parametrize("wrong", [NOON, NOON - DAY, NOON + DAY])
@pytest.mark.parametrize(
    ("then", "later", "ago"),
    [
        ([60 * S, 60 * S], [90 * S, 90 * S], 90 * S),
        ([60 * S, 60 * S - DAY], [90 * S, 90 * S - DAY], 90 * S),  # set back
        ([60 * S, 60 * S + DAY], [90 * S, 90 * S + DAY], 90 * S + DAY),  # set on, or did it sleep?
        ([60 * S, 28_800 * S], [90 * S, 28_830 * S], 28_830 * S),  # it slept for a shift
        ([60 * S, 28_800 * S], [90 * S, 90 * S - DAY], 28_830 * S),  # and then was set back
    ],
)
def test_how_long_ago_something_was(
    page: Page, wrong: int, then: list[int], later: list[int], ago: int
) -> None:
    assert module(page, "clock.js", AGO, wrong, then, later) == ago


@pytest.mark.parametrize(
    ("kept", "opened", "later", "ago"),
    [
        (NOON, [0, NOON + 60 * S], [5 * S, NOON + 65 * S], 65 * S),
        (NOON - DAY, [0, NOON + 60 * S - DAY], [5 * S, NOON + 65 * S - DAY], 65 * S),
        (NOON + DAY, [0, NOON + 60 * S + DAY], [5 * S, NOON + 65 * S + DAY], 65 * S),
        (NOON, [0, NOON + 60 * S], [5 * S, NOON - DAY], 65 * S),  # set back after the reload
        (NOON, [0, NOON - 1], [5 * S, NOON + 5 * S], None),  # before it: nobody can tell
        (NOON + DAY, [0, NOON + 60 * S], [5 * S, NOON + DAY], None),
    ],
)
def test_over_a_reload_the_desks_own_clock_tells_unless_it_was_set_back(
    page: Page, kept: int, opened: list[int], later: list[int], ago: int | None
) -> None:
    assert module(page, "clock.js", RELOADED, kept, opened, later) == ago


@pytest.mark.parametrize(
    ("heard", "asked", "time"),
    [
        ([[NOON, 0, 40]], [1_020, NOON - DAY], NOON + S),
        ([[NOON, 0, 40], [NOON + S + 300, 0, 2_040]], [2_020, NOON], NOON + 2 * S),  # a slow answer
        ([[NOON, 0, 40], [NOON + S, 1_000, 1_020]], [1_510, NOON + DAY], NOON + S + 500),
        ([[NOON, 0, 40], [NOON + DAY, 1_000, 1_400]], [1_200, NOON], NOON + DAY),  # it slept
    ],
)
def test_the_servers_time_is_told_by_the_quickest_answer_that_can_be_true(
    page: Page, heard: list[list[int]], asked: list[int], time: int
) -> None:
    assert module(page, "clock.js", TOLD, heard, asked) == time
