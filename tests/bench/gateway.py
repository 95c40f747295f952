"""Reports stored a second at either door, in turn with the floor, so that noise cancels."""

import asyncio
from collections.abc import Iterator
from statistics import median

from tests.bench import driver, floor
from tests.bench.lines import Line, at_least
from tests.bench.stage import LARGE, Stage, web

DOCKS = 128  # that talk at once
DOORS = {"websocket": (driver.websocket, 1 / 3), "HTTP": (driver.http, 1 / 5)}


def figures(stage: Stage) -> Iterator[Line]:
    fleet, seconds = stage.fleet(LARGE), stage.asked.seconds
    grounds: list[float] = []
    rates: dict[str, list[float]] = {name: [] for name in DOORS}
    with web(fleet) as port:
        for _ in range(stage.asked.runs):
            grounds.append(floor.reports_a_second(fleet.url, LARGE, seconds))
            for name, (door, _) in DOORS.items():
                told = driver.stored_a_second(door, port, fleet.docks[:DOCKS], seconds)
                rates[name].append(asyncio.run(told))
    yield Line("raw SQL: reports a second, the floor", "", f"{median(grounds):,.0f}")
    for name, (_, goal) in DOORS.items():
        ratio = median(ours / ground for ours, ground in zip(rates[name], grounds, strict=True))
        yield at_least(
            f"reports over {name}, {LARGE:,} cameras, of the floor",
            ratio,
            goal,
            more=f"{median(rates[name]):,.0f} a second",
        )
