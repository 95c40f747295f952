"""Sixty officers in and sixty out at two desks, with the network away for a minute in the middle.

Two pages in Chromium, each scanned at by real key events as fast as people are: what beeped well
there is held against the record. `--minutes 10` spreads the officers over ten of them, as they come
in life; without it one steps up as soon as the one before has gone.
"""

import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from statistics import mean, quantiles
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.bench import inside
from tests.bench.desk import EVERY_S, SCAN_S, SOFTWARE_S, TAP_S, speaking
from tests.bench.desk_page import A_KEY_MS, opened
from tests.bench.lines import Line, at_most
from tests.bench.stage import SMALL, Fleet, Stage, database, made, web
from tests.browser.chromium import CHROMIUM, QUIETLY

AWAY_S = 60.0
HEALS_S = 120.0  # the longest wait between two tries is 15 s, and then all in order
LOOK_S, SETTLES_S = 0.5, 2.0
GIVEN = {"out": "issued", "back": "returned"}
WELL = frozenset({*GIVEN, "pending"})

# Each Enter is a scan, and the first sound after it that is no mere acknowledgement is its own.
NOTE_SOUNDS = """
window.scanned = [];
addEventListener("keydown", ({ key, timeStamp }) => {
    if (key === "Enter") window.scanned.push({ at: timeStamp, sounds: [] });
}, { capture: true });
document.addEventListener("sound", ({ detail }) => {
    window.scanned.at(-1)?.sounds.push([detail, performance.now() - window.scanned.at(-1).at]);
});
"""
WAITING = "() => Number.parseInt(document.getElementById('pending').textContent) || 0"


@dataclass
class Scan:
    """One scan of the drill: whose, and what should come of it."""

    raw: str
    expected: str = ""  # of a camera: issued, returned
    badge: str = ""
    away: bool = False  # scanned while the network was away

    @property
    def acts(self) -> tuple[str, str, str]:
        """As the record says it."""
        return self.raw, self.badge, self.expected


@dataclass
class AtDesk:
    """One desk: its page, who still comes, what was scanned, and when the next scan is due."""

    page: Page
    coming: list[list[Scan]]
    due: float
    apart_s: float  # from one officer's first scan to the next one's
    scans: list[Scan] = field(default_factory=list)
    steps: list[tuple[float, Scan]] = field(default_factory=list)
    longest: int = 0

    def __post_init__(self) -> None:
        at = self.due
        for officer in self.coming:
            began = at
            for n, scan in enumerate(officer):
                at += SCAN_S if n + 1 == len(officer) else TAP_S
                self.steps.append((at, scan))
            at = max(at, began + self.apart_s)

    def step(self, *, away: bool) -> None:
        """The next scan, by keys."""
        _, scan = self.steps.pop(0)
        scan.away = away
        self.page.keyboard.type(scan.raw, delay=A_KEY_MS)
        self.page.keyboard.press("Enter")
        self.scans.append(scan)
        self.longest = max(self.longest, self.page.evaluate(WAITING))

    def beeps(self) -> "Beeps":
        """What was heard of each scan of a camera, and how long after its last key.

        A beep that comes after the next scan's last key is the oldest's of which nothing was heard.
        """
        heard = self.page.evaluate("window.scanned")
        found, silent = Beeps(), []
        for scan, told in zip(self.scans, heard, strict=True):
            well = [(name, ms / 1000) for name, ms in told["sounds"] if name in WELL]
            found.others += Counter(name for name, _ in told["sounds"] if name not in WELL)
            if scan.expected and well:
                name, after_s = well.pop(0)
                found.well.append(Beep(scan, name, after_s))
            elif scan.expected:
                (found.otherwise if told["sounds"] else silent).append(scan)
            for name, _ in well:
                found.late += 1
                if silent:
                    found.well.append(Beep(silent.pop(0), name, None))
        found.silent = silent
        return found


@dataclass(frozen=True)
class Beep:
    """A scan's beep; ``after_s`` None: it came only after the next scan."""

    scan: Scan
    name: str
    after_s: float | None


@dataclass
class Beeps:
    well: list[Beep] = field(default_factory=list)
    silent: list[Scan] = field(default_factory=list)
    otherwise: list[Scan] = field(default_factory=list)  # another sound was heard of them
    late: int = 0  # beeps that came after the next scan
    others: Counter[str] = field(default_factory=Counter)  # refusals, errors, repeats

    def __add__(self, other: "Beeps") -> "Beeps":
        return Beeps(
            self.well + other.well,
            self.silent + other.silent,
            self.otherwise + other.otherwise,
            self.late + other.late,
            self.others + other.others,
        )


def figures(stage: Stage) -> Iterator[Line]:
    with database("fleet_bench_drill") as url:
        fleet = made(SMALL, url, 0)
        work = json.loads(inside.said("desk_work", "made", url=url))
        work["cards"] = json.loads(inside.said("drill_work", "cards", url=url))
        with web(fleet) as port, speaking(port, fleet.docks, EVERY_S), _browser() as browser:
            desks = _desks(browser, fleet, port, work, stage.asked.minutes)
            took, heals_s = _run(desks)
            beeps = sum((desk.beeps() for desk in desks), Beeps())
            waited = [desk.longest for desk in desks]
        record = json.loads(inside.said("drill_work", "record", url=url))
    yield from _lines(work, took, beeps, record)
    queue = " and ".join(f"{one}" for one in waited)
    more = f"empty {heals_s:.3g} s after the network was back"
    yield Line("… the longest queue at each desk", "", f"{queue} scans ({more})")


@contextmanager
def _browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIETLY)
        yield browser
        browser.close()


def _desks(
    browser: Browser, fleet: Fleet, port: int, work: Any, minutes: float
) -> Sequence[AtDesk]:
    """Both desks; who comes and who goes take turns at each."""
    coming = [
        [Scan(work["cards"][badge]), Scan(label, "issued", badge)]
        for badge, label in zip(work["arriving"], work["free"], strict=True)
    ]
    going = [
        [Scan(label, "returned", badge)]
        for badge, label in zip(work["left"], work["leaving"], strict=True)
    ]
    turns = [list(one) for one in zip(coming, going, strict=True)]
    pages = []
    for desk in work["desks"]:
        page = browser.new_context().new_page()
        page.add_init_script(NOTE_SOUNDS)
        pages.append(opened(page, fleet, port, desk))
    now = time.monotonic()
    each = [list(chain(*turns[n :: len(pages)])) for n in range(len(pages))]
    return [
        AtDesk(page, officers, now, minutes * 60 / len(officers))
        for page, officers in zip(pages, each, strict=True)
    ]


def _run(desks: Sequence[AtDesk]) -> tuple[float, float]:
    """Every scan when it is due, the network away for the minute in the middle; how long that took,
    and how long after the network was back nothing waited any more, to half a second."""
    began = min(desk.due for desk in desks)
    goes = (began + max(desk.steps[-1][0] for desk in desks) - AWAY_S) / 2
    _scanned(desks, until=goes, away=False)
    _offline(desks, True)
    _scanned(desks, until=goes + AWAY_S, away=True)
    _offline(desks, False)
    back, healed_s = time.monotonic(), 0.0
    while any(desk.steps for desk in desks) or not healed_s:
        _scanned(desks, until=time.monotonic() + LOOK_S, away=False)
        since = time.monotonic() - back
        if not healed_s and since > HEALS_S:
            raise RuntimeError("what was kept is not sent")
        if not healed_s and not any(desk.page.evaluate(WAITING) for desk in desks):
            healed_s = since
    took = time.monotonic() - began
    _wait(time.monotonic() + SETTLES_S)  # a camera's code waits a moment for another
    for desk in desks:
        expect(desk.page.locator("#pending")).to_have_text("Nothing waits")
    return took, healed_s


def _scanned(desks: Sequence[AtDesk], *, until: float, away: bool) -> None:
    """Every scan that is due by then, when it is due; and then it is then."""
    while left := [desk for desk in desks if desk.steps and desk.steps[0][0] <= until]:
        following = min(left, key=lambda desk: desk.steps[0][0])
        _wait(following.steps[0][0])
        following.step(away=away)
    _wait(until)


def _offline(desks: Sequence[AtDesk], away: bool) -> None:
    for desk in desks:
        desk.page.context.set_offline(away)


def _wait(until: float) -> None:
    time.sleep(max(0.0, until - time.monotonic()))


def _lines(work: Any, took: float, beeps: Beeps, record: Any) -> Iterator[Line]:
    told = Counter((one["label"], one["badge"], one["verb"]) for one in record["events"])
    times = Counter(told[one.scan.acts] for one in beeps.well)
    scanned = [one.scan for one in beeps.well] + beeps.silent + beeps.otherwise
    beyond = told.total() - sum(told[one.acts] for one in scanned)
    away = sum(one.scan.away for one in beeps.well)
    name = f"{len(work['arriving'])} in, {len(work['leaving'])} out, two desks"
    yield Line(f"{name}, {AWAY_S:.0f} s without network: all of it", "", f"{took:.0f} s")
    heard = f"{len(beeps.well)} of {len(scanned)} beeped well, {away} of them while cut off"
    other = ", ".join(f"{number} {name}" for name, number in beeps.others.most_common())
    yield at_most("… scans of cameras that nothing was heard of", len(beeps.silent), 0, "")
    yield at_most("… of which another sound was", len(beeps.otherwise), 0, "")
    yield Line("… all other sounds", "", f"{other or 'none'} ({beeps.late} beeps after the next)")
    yield at_most("… beeped well and not in the record", times[0], 0, "", more=heard)
    more = sum(number for n, number in times.items() if n > 1)
    yield at_most("… beeped well and in the record more than once", more, 0, "")
    yield at_most("… in the record and nobody's scan", beyond, 0, "")
    yield at_most("… cameras with two holders at one moment", record["overlaps"], 0, "")
    yield at_most("… events that do not add up to the present", record["untrue"], 0, "")
    yield at_most("… to be settled by a person", record["conflicts"], 0, "")
    online = [one.after_s for one in beeps.well if one.after_s and not one.scan.away]
    alone = [one.after_s for one in beeps.well if one.after_s and one.scan.away]
    share = f"p99 {quantiles(online, n=100)[-1]:.3g} s"
    yield at_most("… last key to beep, connected", mean(online), SOFTWARE_S, "s", more=share)
    yield at_most("… last key to beep, cut off", mean(alone), SOFTWARE_S, "s", more=_most(alone))


def _most(took: Sequence[float]) -> str:
    return f"at most {max(took):.3g} s"
