"""What pages cost the server: over one kept connection, signed in, with nobody else about."""

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
    """Somebody signed in."""

    def __init__(self, port: int, cookie: str) -> None:
        self._port = port
        self._headers = {"Host": "localhost", "Cookie": cookie, "Accept-Encoding": "gzip"}

    def milliseconds(self, path: str) -> float:
        """The median of several visits over one connection, after one that nobody counts."""
        line = http.client.HTTPConnection("127.0.0.1", self._port)
        self._visit(line, path)
        took = median(self._visit(line, path) for _ in range(VISITS))
        line.close()
        return took

    def _visit(self, line: http.client.HTTPConnection, path: str) -> float:
        began = perf_counter()
        line.request("GET", path, headers=self._headers)
        answer = line.getresponse()
        answer.read()
        if answer.status != http.client.OK:
            raise RuntimeError(f"{path} answers {answer.status}")
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
