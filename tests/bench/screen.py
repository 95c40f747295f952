"""From a report that is sent to the tile that is painted, with 140 cameras and 50 open boards.

One board is open in Chromium, whose painting is measured; 49 are sockets that hear the same.
The stack is the one `make run` starts, and its processor time is counted meanwhile.
"""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median, quantiles

from playwright.async_api import Page, async_playwright
from websockets.asyncio.client import connect

from tests.bench import driver, processes
from tests.bench.driver import Dock
from tests.bench.lines import Line, at_most
from tests.bench.stage import Fleet, Stack, Stage
from tests.browser.chromium import CHROMIUM, QUIETLY

BOARDS, EVERY_S, ROUNDS = 50, 10.0, 4
LAST_PAINT_S = 3.0
P50_MS, P99_MS, CORE_PERCENT, WEIGHT_KB, MEMORY_MB = 100, 300, 30, 100, 400

# Notes each new tile as (camera's page, what it says of the battery, when it was painted): the
# message is heard after the frame in which the tile was drawn.
NOTE_PAINTS = """
window.painted = [];
const battery = (tile) => /Battery ([0-9]+ %)/.exec(tile.querySelector(".why")?.textContent)?.[1];
const facts = (tile) => [tile.getAttribute("href"), battery(tile)];
addEventListener("DOMContentLoaded", () => new MutationObserver((changes) => {
    const nodes = changes.flatMap((change) => [...change.addedNodes]);
    const seen = nodes.filter((node) => node.matches?.(".tile")).map(facts);
    requestAnimationFrame(() => {
        const after = new MessageChannel();
        after.port1.onmessage = () => {
            const at = performance.timeOrigin + performance.now();
            window.painted.push(...seen.map((tile) => [...tile, at]));
        };
        after.port2.postMessage(0);
    });
}).observe(document.getElementById("board"), { childList: true, subtree: true }));
"""
WEIGHT = """() => performance.getEntries()
    .filter((one) => ["navigation", "link", "script", "css"].includes(one.initiatorType))
    .reduce((bytes, one) => bytes + one.encodedBodySize, 0)"""


@dataclass
class Seen:
    """What was found while the fleet reported."""

    milliseconds: list[float]
    lost: int
    core_percent: float
    bytes: int


def figures(stage: Stage) -> Iterator[Line]:
    stack = stage.stack()
    seen = asyncio.run(_watch(stack))
    p99 = quantiles(seen.milliseconds, n=100)[-1]
    what = f"change to screen, {BOARDS} boards, {stack.fleet.cameras} cameras every {EVERY_S:g} s"
    many = f"{len(seen.milliseconds)} changes, {seen.lost} never seen"
    yield at_most(f"{what}: p50", median(seen.milliseconds), P50_MS, "ms", more=many)
    yield at_most(f"{what}: p99", p99, P99_MS, "ms")
    yield at_most("the whole stack meanwhile, of one core", seen.core_percent, CORE_PERCENT, "%")
    yield at_most(
        "first load: page, styles and script, compressed", seen.bytes / 1000, WEIGHT_KB, "kB"
    )
    time.sleep(LAST_PAINT_S)
    memory = processes.memory_mb(_pids(stack))
    yield at_most("whole stack idle, 140 cameras (PSS)", memory, MEMORY_MB, "MB")


async def _watch(stack: Stack) -> Seen:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIETLY)
        page = await _board(await browser.new_page(), stack)
        weight = await page.evaluate(WEIGHT)
        sockets = [asyncio.create_task(_listen(stack)) for _ in range(BOARDS - 1)]
        await _report(stack.fleet, stack.machine.port, rounds=1)  # the first finds nothing warm
        began, used = time.monotonic(), processes.cpu_seconds(_pids(stack))
        sent = await _report(stack.fleet, stack.machine.port, rounds=ROUNDS)
        used = processes.cpu_seconds(_pids(stack)) - used
        percent = 100 * used / (time.monotonic() - began)
        await asyncio.sleep(LAST_PAINT_S)
        painted = {(href, charge): at for href, charge, at in await page.evaluate("painted")}
        await _close(sockets)
        await browser.close()
    waits = [painted[change] - at for change, at in sent.items() if change in painted]
    return Seen(waits, len(sent) - len(waits), percent, weight)


async def _board(page: Page, stack: Stack) -> Page:
    address = f"http://127.0.0.1:{stack.machine.port}"
    name, _, value = stack.fleet.cookie.partition("=")
    await page.context.add_cookies([{"name": name, "value": value, "url": address}])
    await page.add_init_script(NOTE_PAINTS)
    await page.goto(address)
    return page


async def _listen(stack: Stack) -> None:
    """A board without a browser."""
    host = f"127.0.0.1:{stack.machine.port}"
    shown = "[" + ",".join(map(str, stack.fleet.camera_ids)) + "]"
    cookie = {"Cookie": stack.fleet.cookie}
    async with connect(
        f"ws://{host}/live/board", origin=f"http://{host}", additional_headers=cookie
    ) as socket:
        await socket.send(f'{{"showing":{shown}}}')
        async for _ in socket:
            pass


async def _close(sockets: list[asyncio.Task[None]]) -> None:
    """One that ended before was turned away, and nothing was measured."""
    for socket in sockets:
        if socket.done():
            socket.result()
            raise RuntimeError("a board's socket was closed")
        socket.cancel()
    await asyncio.gather(*sockets, return_exceptions=True)


async def _report(fleet: Fleet, port: int, rounds: int) -> dict[tuple[str, str], float]:
    """Every camera reports in turn, as often as told; when each change was sent."""
    sent: dict[tuple[str, str], float] = {}
    began = asyncio.get_running_loop().time()

    async def talk(place: int, dock: Dock) -> None:
        say = await driver.websocket(port, dock)
        for turn in range(rounds):
            due = began + EVERY_S * (turn + place / len(fleet.docks))
            await asyncio.sleep(due - asyncio.get_running_loop().time())
            body, at = dock.batch(), time.time() * 1000
            for serial in dock.serials:
                number = int(serial.removeprefix("BWC-")) + 1
                sent[f"/cameras/{number}/", f"{dock.battery} %"] = at
            await say(body)

    await asyncio.gather(*(talk(place, dock) for place, dock in enumerate(fleet.docks)))
    return sent


def _pids(stack: Stack) -> list[int]:
    """The supervisor and everything below it."""
    assert stack.machine.process
    return [stack.machine.process.pid, *stack.machine.children()]
