"""What a desk's page does by itself: from a scanner's last key to what the clerk sees of it.

In Chromium, by real key events. When a key was pressed the browser says; what came of it is painted
when the message after its frame is heard.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import Any

from playwright.sync_api import Page, expect, sync_playwright

from tests.bench.lines import Line, at_most
from tests.bench.stage import Fleet
from tests.browser.chromium import CHROMIUM, QUIETLY

REACTS_MS = 50
A_KEY_MS, A_PAUSE_S = 5, 0.5
WAIT_MS = 150  # of a camera's code, for another that the same pull of the trigger read

# Notes when each part of the page was first painted after the last Enter, in ms.
NOTE_PAINTS = """
window.scanned = { at: 0, seen: {} };
addEventListener("keydown", ({ key, timeStamp }) => {
    if (key !== "Enter") return;
    performance.clearResourceTimings();
    window.scanned = { at: timeStamp, seen: {} };
}, { capture: true });
const partOf = ({ target }) => (target.closest ? target : target.parentElement)
    ?.closest("#typed, #officer, #band")?.id;
addEventListener("DOMContentLoaded", () => new MutationObserver((changes) => {
    const parts = new Set(changes.map(partOf).filter(Boolean));
    const { at, seen } = window.scanned;
    requestAnimationFrame(() => {
        const after = new MessageChannel();
        after.port1.onmessage = () => {
            for (const one of parts) seen[one] ??= performance.now() - at;
        };
        after.port2.postMessage(0);
    });
}).observe(document.getElementById("desk"),
    { childList: true, subtree: true, attributes: true, characterData: true }));
"""
SEEN = """(part) => {
    const { seen } = window.scanned;
    const [asked] = performance.getEntriesByType("resource")
        .filter(({ name }) => name.includes("/desk/scans/"));
    return part in seen && (part !== "band" || asked) ? [seen, asked?.duration ?? 0] : null;
}"""


@dataclass
class Reactions:
    """Milliseconds after the last key, of each scan."""

    read: dict[str, list[float]] = field(default_factory=lambda: {"badge": [], "camera": []})
    card: list[float] = field(default_factory=list)
    answer: list[float] = field(default_factory=list)  # without what the server took

    @property
    def own_s(self) -> float:
        """The page's own part of a camera's answer."""
        return median(self.answer) / 1000


def reactions(fleet: Fleet, port: int, work: Any) -> Reactions:
    """Of as many issues as there are officers and cameras that the drill does not need."""
    found = Reactions()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIETLY)
        page = browser.new_page()
        page.add_init_script(NOTE_PAINTS)
        opened(page, fleet, port, work["desks"][0])
        for badge, label in zip(work["others"], work["spare"], strict=True):
            seen, _ = _scanned(page, badge, "officer")
            found.read["badge"].append(seen["typed"])
            found.card.append(seen["officer"])
            seen, server = _scanned(page, label, "band")
            found.read["camera"].append(seen["typed"])
            found.answer.append(seen["band"] - server)
            expect(page.locator("#band b")).to_have_text("ISSUED")
        browser.close()
    return found


def opened(page: Page, fleet: Fleet, port: int, desk: int) -> Page:
    """This desk's page, ready to be scanned at, with its facts."""
    address = f"http://127.0.0.1:{port}"
    name, _, value = fleet.cookie.partition("=")
    page.context.add_cookies([{"name": name, "value": value, "url": address}])
    page.goto(f"{address}/desk/{desk}/")
    expect(page.locator("html[data-ready=yes]")).to_be_attached()
    expect(page.locator("#age")).to_contain_text("s old")
    return page


def _scanned(page: Page, code: str, shows: str) -> tuple[dict[str, float], float]:
    """When each part was painted, and how long the server took."""
    time.sleep(A_PAUSE_S)
    page.keyboard.type(code, delay=A_KEY_MS)
    page.keyboard.press("Enter")
    found: tuple[dict[str, float], float] = page.wait_for_function(SEEN, arg=shows).json_value()
    return found


def lines(found: Reactions) -> Iterator[Line]:
    for what, took in found.read.items():
        yield _reacts(f"a scanner's last key to what was read, painted: a {what}", took)
    yield _reacts("… to the officer's card", found.card)
    own = f"p95 {_p95(found.answer):.3g}; {WAIT_MS} ms of it wait for a second label"
    what = "… to a camera's answer, without the server's part"
    yield Line(what, "", f"{median(found.answer):.3g} ms ({own})")


def _reacts(what: str, took: Sequence[float]) -> Line:
    return at_most(f"{what}: p95", _p95(took), REACTS_MS, "ms", more=f"p50 {median(took):.3g}")


def _p95(took: Sequence[float]) -> float:
    return quantiles(took, n=20)[-1]
