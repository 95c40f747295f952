"""Polls with nothing to do, against an empty application."""

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import Iterator, Sequence
from itertools import cycle
from statistics import median
from time import perf_counter

from tests.bench import inside
from tests.bench.driver import HOST, Dock
from tests.bench.lines import Line, at_least
from tests.bench.stage import LARGE, SMALL, Stage, served, wait_for
from tests.operations.machine import free_port

LINES = 64  # that poll at once
END = b"}}}"  # of a poll's answer


def figures(stage: Stage) -> Iterator[Line]:
    seconds, runs = stage.asked.seconds, stage.asked.runs
    rates: dict[int, list[float]] = {SMALL: [], LARGE: []}
    ratios: dict[int, list[float]] = {SMALL: [], LARGE: []}
    with _empty() as ground:
        for size in (SMALL, LARGE):
            fleet = stage.fleet(size)
            requests = polls(fleet.docks)
            inside.said("ddi", url=fleet.url)
            with served(fleet) as (port, _):
                for _ in range(runs):
                    floor = asyncio.run(answered_a_second(ground, requests, seconds))
                    rates[size].append(asyncio.run(answered_a_second(port, requests, seconds)))
                    ratios[size].append(rates[size][-1] / floor)
    for size in (SMALL, LARGE):
        more = f"{median(rates[size]):,.0f} a second"
        what = f"DDI polls with nothing to do, {size:,} cameras, of an empty application"
        yield at_least(what, median(ratios[size]), 1 / 4, more=more)


@contextlib.contextmanager
def _empty() -> Iterator[int]:
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "tests.bench.empty", str(port)])
    try:
        wait_for(f"http://{HOST}:{port}/")
        yield port
    finally:
        process.terminate()
        process.wait()


def polls(docks: Sequence[Dock]) -> list[bytes]:
    """Of every camera of these docks."""
    return [
        request(f"/DEFAULT/controller/v1/{serial}", dock.token)
        for dock in docks
        for serial in dock.serials
    ]


def request(path: str, token: bytes) -> bytes:
    """One that a dock asks for a camera of its own."""
    return (
        b"GET %s HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n"
        b"Authorization: GatewayToken %s\r\n\r\n" % (path.encode(), token)
    )


async def answered_a_second(port: int, requests: Sequence[bytes], seconds: float) -> float:
    """Requests answered a second over lines that ask again at each answer."""
    loop, every = asyncio.get_running_loop(), cycle(requests)
    lines = [
        (await loop.create_connection(lambda: _Asker(every), HOST, port))[1] for _ in range(LINES)
    ]
    began = perf_counter()
    await asyncio.sleep(seconds)
    told = sum(line.answers for line in lines) / (perf_counter() - began)
    for line in lines:
        line.transport.close()
    return told


class _Asker(asyncio.Protocol):
    """Reads as little as it must: an answer is short, and its end is known."""

    transport: asyncio.Transport

    def __init__(self, requests: Iterator[bytes]) -> None:
        self._requests = requests
        self.answers = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(next(self._requests))

    def data_received(self, data: bytes) -> None:
        if data.startswith(b"HTTP/") and not data.startswith(b"HTTP/1.1 200 "):
            raise SystemExit(data.decode())
        if data.endswith(END):
            self.answers += 1
            self.transport.write(next(self._requests))


# --- Inside Django -------------------------------------------------------------------------------


def main() -> str:
    """Every camera has told what it is, so that a poll has nothing to ask of it."""
    from django.utils.timezone import now

    from devices.health.models import CameraAttributes
    from devices.inventory.models import Camera

    rows = (CameraAttributes(camera=one, told_at=now()) for one in Camera.objects.iterator())
    return f"{len(CameraAttributes.objects.bulk_create(rows, 5000, ignore_conflicts=True))}"
