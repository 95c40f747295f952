"""What a desk knows between two snapshots of its station."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.bench import bench, module

HELD = """({ Known }, drawn) => {
  const camera = { name: "C0531", codes: [], holder: "", custody: "", since: null };
  const snapshot = (at) => ({
    at, cameras: [camera], order: ["C0531"],
    officers: [{ badge: "1031", credentials: [], holds: [], own: null }],
  });
  const known = new Known([]);
  known.take(snapshot("2026-01-01T07:00:00Z"), null);
  const at = Date.parse("2026-01-01T07:00:10Z");
  known.note({ at, act: "issued", code: "issued", camera: "C0531", officer: "1031" });
  known.take(snapshot(drawn), null);
  return [known.camera("C0531").holder, known.officer("1031").holds];
}"""


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context()
    yield bench(context)
    context.close()


@pytest.mark.parametrize("drawn", ["2026-01-01T07:00:09Z", "2026-01-01T07:00:11.500Z"])
def test_a_snapshot_drawn_before_or_during_the_commit_takes_no_act_back(
    page: Page, drawn: str
) -> None:
    assert module(page, "known.js", HELD, drawn) == ["1031", ["C0531"]]


def test_a_later_snapshot_is_believed(page: Page) -> None:
    assert module(page, "known.js", HELD, "2026-01-01T07:00:13Z") == ["", []]


SUSPENDED = """({ Known }, act) => {
  const nobody = { holder: "", custody: "", since: null, holder_left: false };
  const camera = { ...nobody, name: "C0531", codes: [], holder: "1031", holder_suspended: true };
  const known = new Known([]);
  known.take({ at: "2026-01-01T07:00:00Z", cameras: [camera], order: [], officers: [] }, null);
  known.apply(act);
  return known.camera("C0531").holder_suspended;
}"""


def test_a_camera_that_came_back_is_no_suspended_officers_any_more(page: Page) -> None:
    assert module(page, "known.js", SUSPENDED, BACK) is False


SIGNS = """({ Known }, badges, codes) => {
  const camera = { name: "C0531", codes: ["SN-1"], holder: "", custody: "", since: null };
  const officer = (badge) => ({ badge, credentials: [], holds: [], own: null });
  const snapshot = { at: null, cameras: [camera], order: [], officers: badges.map(officer) };
  const known = new Known([]);
  known.take(snapshot, null);
  return codes.map((code) => known.find(code).officer?.badge ?? null);
}"""


def test_a_badge_number_is_known_whatever_signs_the_keyboard_makes(page: Page) -> None:
    badges = ["AX_12.3", "B_1", "B.1", "SN_1"]
    scanned = ["AX-12-3", "AX_12.3", "AX-123", "B-1", "B_1", "SN-1"]

    found = module(page, "known.js", SIGNS, badges, scanned)

    assert found == ["AX_12.3", "AX_12.3", None, None, "B_1", None]


# What is waited for by one who holds a camera's issue and its return in the queue.
WAITS = """({ Known }, waits) => {
  const camera = { name: "C0531", codes: [], holder: "1044", custody: "shift", since: null };
  const officer = (badge) => ({ badge, credentials: [], holds: [], own: null });
  const officers = ["1031", "1044"].map(officer);
  const snapshot = { at: "2026-01-01T07:00:00Z", cameras: [camera], order: ["C0531"], officers };
  const known = new Known([]);
  known.take(snapshot, null, waits);
  return known.camera("C0531").holder;
}"""
BACK = {"act": "returned", "code": "done", "camera": "C0531", "officer": None}
OUT = {"act": "issued", "code": "done", "camera": "C0531", "officer": "1031"}


@pytest.mark.parametrize(
    ("waits", "holder"), [([], "1044"), ([BACK], ""), ([BACK, OUT], "1031"), ([OUT, BACK], "")]
)
def test_what_waits_to_be_answered_counts_in_its_order(
    page: Page, waits: list[dict[str, object]], holder: str
) -> None:
    assert module(page, "known.js", WAITS, waits) == holder
