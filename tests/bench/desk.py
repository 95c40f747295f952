"""A desk at shift change: what a scan costs the server while all cameras report, when every dock
comes back at once, how soon its page reacts, and what two desks at human speed take for sixty
officers in and sixty out."""

import asyncio
import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import chain, cycle, islice
from queue import Queue
from statistics import mean, median, quantiles
from time import perf_counter, sleep
from typing import Any

from tests.bench import desk_page, driver, inside
from tests.bench.driver import Dock
from tests.bench.lines import Line, at_most
from tests.bench.pages import EMPTY, Visitor
from tests.bench.stage import SMALL, Fleet, Stage, database, made, web
from tests.desk.clerk import Clerk

EVERY_S = 10.0  # as the demonstration reports, six times as often as in life
BACKLOG = 20  # batches that a dock brings when it comes back
SCANS = 300
P50_MS, P99_MS, STORM_P99_MS, HISTORY_MS = 20, 100, 500, 50

TAP_S, SCAN_S = 0.8, 1.2  # how long people take, by desk.md's arithmetic
OFFICER_S, SOFTWARE_S = 3.0, 0.3


def figures(stage: Stage) -> Iterator[Line]:
    with database("fleet_bench_desk") as url:
        fleet = made(SMALL, url, 0)
        work = json.loads(inside.said("desk_work", "made", url=url))
        raw_ms = float(inside.said("desk_work", "floor", url=url))
        with web(fleet) as port:
            reacted = desk_page.reactions(fleet, port, work)
            yield from desk_page.lines(reacted)
            yield from _drill(fleet, port, work, reacted.own_s)
            yield from _scans(fleet, port, work, raw_ms)
        yield from _history(url)


# --- Scans -----------------------------------------------------------------------------------


def _scans(fleet: Fleet, port: int, work: Any, raw_ms: float) -> Iterator[Line]:
    empty = Visitor(port, fleet.cookie).milliseconds(EMPTY)
    with speaking(port, fleet.docks, EVERY_S):
        took = _scanned(fleet, port, work, SCANS)
    ratio = f"{median(took) / (raw_ms + empty):.1f} times its statements in raw SQL, {raw_ms:.3g}"
    more = f"{ratio}, and an empty view, {empty:.3g} ms"
    name = f"a scan, {SMALL} cameras reporting every {EVERY_S:g} s"
    yield at_most(f"{name}: p50", median(took), P50_MS, "ms", more=more)
    yield at_most(f"{name}: p99", _p99(took), P99_MS, "ms")
    with speaking(port, fleet.docks, 0.0, batches=BACKLOG):
        storm = _scanned(fleet, port, work, SCANS // 3)
    name = f"a scan while {len(fleet.docks)} docks come back at once with {BACKLOG} batches each"
    yield at_most(f"{name}: p99", _p99(storm), STORM_P99_MS, "ms", more=f"p50 {median(storm):.3g}")


def _p99(took: Sequence[float]) -> float:
    return quantiles(took, n=100)[-1]


def _scanned(fleet: Fleet, port: int, work: Any, scans: int) -> list[float]:
    return list(islice(scanning(Clerk(port, work["desks"][0], fleet.cookie), work), scans))


def scanning(clerk: Clerk, work: Any) -> Iterator[float]:
    """Milliseconds of each scan: badge, camera, and the camera's return, again and again."""
    for badge, label in cycle(zip(work["left"], work["leaving"], strict=True)):
        for raw, result in ((badge, "shown"), (label, "issued"), (label, "returned")):
            clerk.ahead += timedelta(seconds=11 * (result == "returned"))  # so none is a repeat
            began = perf_counter()
            answer = clerk.scan(raw)
            took = (perf_counter() - began) * 1000
            if answer is None or answer["result"] != result:
                raise RuntimeError(f"{raw} was not {result}: {answer and answer['message']}")
            yield took


@contextmanager
def speaking(
    port: int, docks: Sequence[Dock], every_s: float, batches: int | None = None
) -> Iterator[None]:
    """Every dock opens its line and speaks so often, for as long as the block lasts; one that
    comes back has so many ``batches`` to tell, and then speaks as it did."""
    over = threading.Event()

    async def talk(dock: Dock, place: int) -> None:
        say = await driver.websocket(port, dock)
        if batches is None:
            await asyncio.sleep(every_s * place / len(docks))
        for _ in range(batches or 0):
            await say(dock.charged())
        while not over.is_set():
            await say(dock.charged())
            for _ in range(round((every_s or EVERY_S) / 0.1)):
                if over.is_set():
                    return
                await asyncio.sleep(0.1)

    async def all_of_them() -> None:
        await asyncio.gather(*(talk(dock, place) for place, dock in enumerate(docks)))

    thread = threading.Thread(target=asyncio.run, args=(all_of_them(),))
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


# --- The drill -------------------------------------------------------------------------------


@dataclass
class Counter:
    """A desk, its clerk, and the page's queue: people go on while scans are on their way. A page
    adds ``page_s`` to each, as was measured in a browser."""

    clerk: Clerk
    page_s: float
    waiting: Queue[tuple[str, str, float] | None] = field(default_factory=Queue)
    answered_after: list[float] = field(default_factory=list)  # of an officer's last scan
    officer_s: list[float] = field(default_factory=list)
    longest: int = 0
    wrong: list[str] = field(default_factory=list)

    def serve(self, officers: Sequence[tuple[str, ...]]) -> None:
        """One officer after the other: two scans for who comes, one for who goes."""
        sender = threading.Thread(target=self._send)
        sender.start()
        for scans in officers:
            began = perf_counter()
            for n, raw in enumerate(scans):
                sleep(TAP_S if n + 1 < len(scans) else SCAN_S)
                last = "" if n + 1 < len(scans) else ("issued" if len(scans) > 1 else "returned")
                self.waiting.put((raw, last, began))
                self.longest = max(self.longest, self.waiting.qsize())
        self.waiting.put(None)
        sender.join()

    def _send(self) -> None:
        while (one := self.waiting.get()) is not None:
            raw, last, began = one
            scanned = perf_counter()
            answer = self.clerk.scan(raw)
            if last:
                self.answered_after.append(perf_counter() - scanned + self.page_s)
                self.officer_s.append(perf_counter() - began + self.page_s)
                if answer is None or answer["result"] != last:
                    self.wrong.append(f"{raw}: {answer and answer['message']}")


def _drill(fleet: Fleet, port: int, work: Any, page_s: float) -> Iterator[Line]:
    coming = list(zip(work["arriving"], work["free"], strict=True))
    going = [(label,) for label in work["leaving"]]
    turns: list[list[tuple[str, ...]]] = [list(one) for one in zip(coming, going, strict=True)]
    counters = [Counter(Clerk(port, desk, fleet.cookie), page_s) for desk in work["desks"]]
    began = perf_counter()
    with speaking(port, fleet.docks, EVERY_S):
        desks = [
            threading.Thread(target=one.serve, args=([*chain(*turns[n::2])],))
            for n, one in enumerate(counters)
        ]
        for one in desks:
            one.start()
        for one in desks:
            one.join()
    took = perf_counter() - began
    if wrong := [said for one in counters for said in one.wrong]:
        raise RuntimeError(f"the drill went wrong: {wrong[0]}")
    each = [s for one in counters for s in one.officer_s]
    software = [s for one in counters for s in one.answered_after]
    name = f"{len(coming)} officers in, {len(going)} out, two desks at human speed"
    yield Line(f"{name}: all of it", "", f"{took:.0f} s")
    yield at_most("… an officer", mean(each), OFFICER_S, "s", more=f"p99 {_p99(each):.3g} s")
    share = f"p99 {_p99(software):.3g} s, of which {page_s:.2g} s the page's own, as measured"
    yield at_most("… the software's share of it", mean(software), SOFTWARE_S, "s", more=share)
    yield at_most("… scans that waited behind another", max(c.longest for c in counters) - 1, 0, "")


# --- History ---------------------------------------------------------------------------------


def _history(url: str) -> Iterator[Line]:
    told = json.loads(inside.said("desk_work", "history", url=url))
    name = f"custody of a camera, ten years ({told['events']:,} events)"
    yield at_most(f"{name}: a page of its history", told["page"], HISTORY_MS, "ms")
    yield at_most("… a page of the first years", told["late_page"], HISTORY_MS, "ms")
    yield at_most("… who held it at a moment", told["moment"], HISTORY_MS, "ms")
