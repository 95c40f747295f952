"""144 cameras that download half a gigabyte each, and a desk that scans meanwhile.

The downloads are taken by a process of their own, as by cameras, and the scans by this one.
"""

import asyncio
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import cycle, islice
from multiprocessing import get_context
from statistics import median, quantiles
from time import monotonic
from typing import Any

from fleet import settings
from tests.bench import inside, processes
from tests.bench.ddi import request
from tests.bench.desk import scanning
from tests.bench.driver import HOST
from tests.bench.lines import Line, at_most
from tests.bench.stage import SMALL, Fleet, Stage, database, made, served
from tests.desk.clerk import Clerk

DOWNLOADS = 144
SIZE = 500_000_000  # bytes of the image
PACE = 25_000_000 // 8  # bytes a second that a bay takes (field.md)
LASTS_S = 30.0
SLICE_S = 0.1
P99_MS = 100
REACHED_MB = 150  # what 144 downloads may add: a piece each, and what the kernel was not yet given


def figures(stage: Stage) -> Iterator[Line]:
    folder = stage.folder()
    var = str(folder)
    with database("fleet_bench_downloads") as url:
        fleet = made(SMALL, url, 0, VAR_DIR=var)
        work = json.loads(inside.said("desk_work", "made", url=url))
        offer = json.loads(inside.said("downloads", url=url, VAR_DIR=var))
        with (folder / "releases" / offer["key"]).open("wb") as image:
            image.truncate(SIZE)
        with served(fleet, VAR_DIR=var, REDIS_URL=settings.REDIS_URL) as (port, process):
            yield from _measured(fleet, port, process, work, _asked(fleet, offer))


def _asked(fleet: Fleet, offer: Any) -> list[bytes]:
    """Each camera's request for the image; some ask twice, as SWUpdate does."""
    tokens = {serial: dock.token for dock in fleet.docks for serial in dock.serials}
    path = "/DEFAULT/controller/v1/{}/softwaremodules/{release}/artifacts/{name}"
    asking = cycle(request(path.format(one, **offer), tokens[one]) for one in offer["serials"])
    return list(islice(asking, DOWNLOADS))


def _measured(
    fleet: Fleet, port: int, process: int, work: Any, asked: Sequence[bytes]
) -> Iterator[Line]:
    clerk = Clerk(port, work["desks"][0], fleet.cookie)
    for label in work["leaving"]:
        clerk.scan(label)
    scans = scanning(clerk, work)
    alone = list(islice(scans, 150))
    before = most = processes.memory_mb([process])
    took = []
    with ProcessPoolExecutor(1, get_context("spawn")) as elsewhere:
        taking = elsewhere.submit(taken, port, asked, LASTS_S)
        until = monotonic() + LASTS_S
        while monotonic() < until:
            took.append(next(scans))
            most = max(most, processes.memory_mb([process]))
        rate = taking.result() * 8 / LASTS_S / 1e6
    name = f"{DOWNLOADS} downloads of {SIZE // 10**6} MB at once, at a bay's pace"
    yield Line(name, "", f"{rate:,.0f} Mbit/s in all")
    more = f"p50 {median(took):.3g}; before them p50 {median(alone):.3g}, p99 {_p99(alone):.3g}"
    yield at_most("… a scan at the desk meanwhile: p99", _p99(took), P99_MS, "ms", more=more)
    yield at_most("… memory of the web process meanwhile", most - before, REACHED_MB, "MB more")


def _p99(took: Sequence[float]) -> float:
    return quantiles(took, n=100)[-1]


# --- The cameras ---------------------------------------------------------------------------------


def taken(port: int, asked: Sequence[bytes], seconds: float) -> int:
    """Bytes that these took in so long, each at its pace."""
    return asyncio.run(_taken(port, asked, seconds))


async def _taken(port: int, asked: Sequence[bytes], seconds: float) -> int:
    counts = [0] * len(asked)
    lines = [asyncio.create_task(_download(port, one, counts, n)) for n, one in enumerate(asked)]
    await asyncio.sleep(seconds)
    if broken := [one.exception() for one in lines if one.done()]:
        raise RuntimeError(f"{len(broken)} downloads ended before their time: {broken[0]}")
    for one in lines:
        one.cancel()
    await asyncio.gather(*lines, return_exceptions=True)
    return sum(counts)


async def _download(port: int, asked: bytes, counts: list[int], place: int) -> None:
    reader, writer = await asyncio.open_connection(HOST, port)
    writer.write(asked)
    head = await reader.readuntil(b"\r\n\r\n")
    if b" 200 " not in head[:20]:
        raise RuntimeError(head.decode())
    while piece := await reader.read(int(PACE * SLICE_S)):
        counts[place] += len(piece)
        await asyncio.sleep(len(piece) / PACE)


# --- Inside Django -------------------------------------------------------------------------------


def main() -> str:
    """Offers an image to every camera that nobody holds; says, as JSON, where it is."""
    from devices.custody.models import Custody
    from devices.inventory.models import Camera
    from tests.ddi import offers

    held = Custody.objects.filter(closed_at=None).values("camera")
    free = Camera.objects.filter(home_bay__isnull=False).exclude(pk__in=held)
    release = offers.a_release(b"", size=SIZE)
    for camera in free:
        offers.a_turn(camera, release=release)
    told = {"release": release.pk, "key": release.key, "name": release.file_name}
    return json.dumps({**told, "serials": [one.serial for one in free]})
