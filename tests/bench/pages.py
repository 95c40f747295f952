"""What pages cost the server: over one kept connection, signed in, with nobody else about."""

import gzip
import http.client
from collections.abc import Iterator
from statistics import median
from time import perf_counter

from tests.bench import inside
from tests.bench.lines import Line, at_most
from tests.bench.stage import LARGE, SMALL, Fleet, Stage, web

EMPTY = "/health/live"  # a view that asks nothing of anybody
VISITS = 10
BOARD_MS, BOARD_QUERIES, TABLE_MS = 30, 6, 60

TABLE = {
    "first page": "/cameras/",
    "sorted by battery": "/cameras/?sort=battery",
    "battery below 20": "/cameras/?battery_below=20",
    "unknown": "/cameras/?bucket=unknown",
    "charging": "/cameras/?bucket=charging",
    "one station": "/cameras/?station=S2",
    "search, a number": "/cameras/?q=C54321",
    "search, part of a serial": "/cameras/?q=0543",
    "search, nothing found": "/cameras/?q=nowhere",
}


class Visitor:
    """Somebody signed in, with one connection."""

    def __init__(self, port: int, cookie: str) -> None:
        self._line = http.client.HTTPConnection("127.0.0.1", port)
        self._headers = {"Host": "localhost", "Cookie": cookie, "Accept-Encoding": "gzip"}

    def get(self, path: str) -> bytes:
        self._line.request("GET", path, headers=self._headers)
        answer = self._line.getresponse()
        body = answer.read()
        if answer.status != http.client.OK:
            raise RuntimeError(f"{path} answers {answer.status}")
        return gzip.decompress(body) if answer.headers["Content-Encoding"] else body

    def milliseconds(self, path: str) -> float:
        """The median of several visits, after one that nobody counts."""
        self.get(path)
        return median(self._one(path) for _ in range(VISITS))

    def _one(self, path: str) -> float:
        began = perf_counter()
        self.get(path)
        return (perf_counter() - began) * 1000


def figures(stage: Stage) -> Iterator[Line]:
    for cameras in (SMALL, LARGE):
        yield from _board(stage, stage.fleet(cameras))
    yield from _table(stage, stage.fleet(LARGE))


def _board(stage: Stage, fleet: Fleet) -> Iterator[Line]:
    with web(fleet) as port:
        visitor = Visitor(port, fleet.cookie)
        empty, ours = zip(
            *(
                (visitor.milliseconds(EMPTY), visitor.milliseconds("/"))
                for _ in range(stage.asked.runs)
            ),
            strict=True,
        )
    ratio = median(page / nothing for page, nothing in zip(ours, empty, strict=True))
    name = f"board, {fleet.cameras:,} cameras"
    yield at_most(name, median(ours), BOARD_MS, "ms", more=f"{ratio:.0f} times an empty view")
    yield at_most(f"{name}: queries", _queries(fleet, "/"), BOARD_QUERIES, "queries")


def _table(stage: Stage, fleet: Fleet) -> Iterator[Line]:
    with web(fleet) as port:
        visitor = Visitor(port, fleet.cookie)
        for name, path in TABLE.items():
            took = median(visitor.milliseconds(path) for _ in range(stage.asked.runs))
            what = f"cameras table, {LARGE:,} cameras, {stage.asked.history:,} readings: {name}"
            yield at_most(what, took, TABLE_MS, "ms")


def _queries(fleet: Fleet, path: str) -> int:
    return int(inside.said("queries", path, fleet.cookie, url=fleet.url))
