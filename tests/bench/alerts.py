"""From a report that was acknowledged to the alert on 50 open pages, under the whole stack.

The rule is the one that has no patience of its own: a camera says that its lens is covered. What
is measured is then the machine's alone: beat, the worker that opens fault and alert, and the bell.
"""

import asyncio
import json
import random
import time
from collections.abc import Iterator
from statistics import median, quantiles

from websockets.asyncio.client import ClientConnection, connect

from tests.bench import driver
from tests.bench.lines import Line, at_most
from tests.bench.stage import Stack, Stage

PAGES, CAUSES, A_SECOND = 50, 120, 3.0
PATIENCE_S = 30.0
P99_MS = 1000
FAULT = "lens_blocked"  # critical: it keeps a camera from going out
IN_REPAIR = "BWC-000007"  # what it says of itself calls nobody


def figures(stage: Stage) -> Iterator[Line]:
    stack = stage.stack()
    waits = asyncio.run(_watch(stack))
    what = f"alert from an acknowledged report to {PAGES} pages"
    yield at_most(f"{what}: p50", median(waits), P99_MS, "ms", more=f"{CAUSES} causes")
    yield at_most(f"{what}: p99", quantiles(waits, n=100)[-1], P99_MS, "ms")


async def _watch(stack: Stack) -> list[float]:
    """Milliseconds from each cause to each page."""
    pages = [await _open(stack) for _ in range(PAGES)]
    quiet = [json.loads(await page.recv())["calling"] for page in pages]
    heard = [
        asyncio.create_task(_calls(page, first + CAUSES))
        for page, first in zip(pages, quiet, strict=True)
    ]
    caused = await _complain(stack)
    async with asyncio.timeout(PATIENCE_S):
        rung = await asyncio.gather(*heard)
    for page in pages:
        await page.close()
    return [
        (shown[first + n] - at) * 1000
        for first, shown in zip(quiet, rung, strict=True)
        for n, at in enumerate(caused, 1)
    ]


async def _open(stack: Stack) -> ClientConnection:
    host = f"127.0.0.1:{stack.machine.port}"
    cookie = {"Cookie": stack.fleet.cookie}
    return await connect(
        f"ws://{host}/live/alerts", origin=f"http://{host}", additional_headers=cookie
    )


async def _calls(page: ClientConnection, last: int) -> dict[int, float]:
    """When the bell first said so many, or more, for every number up to the last."""
    shown: dict[int, float] = {}
    while last not in shown:
        calling, at = json.loads(await page.recv())["calling"], time.monotonic()
        for number in range(max(shown, default=0) + 1, calling + 1):
            shown[number] = at
    return shown


async def _complain(stack: Stack) -> list[float]:
    """One camera after the other says so, at moments of chance; when each was acknowledged."""
    chance = random.Random(7)
    cameras = [
        (dock, place)
        for dock in stack.fleet.docks
        for place, serial in enumerate(dock.serials)
        if serial != IN_REPAIR
    ]
    told = []
    for dock, place in chance.sample(cameras, CAUSES):
        await asyncio.sleep(chance.expovariate(A_SECOND))
        say = await driver.websocket(stack.machine.port, dock)
        answer = await say(dock.complaint(place, FAULT))
        told.append(time.monotonic())
        if b'"stored"' not in answer:
            raise RuntimeError(f"a complaint was answered with {answer!r}")
    return told
