"""What a report and a page cost among 100,000 cameras, over what they cost among 140."""

import asyncio
from collections.abc import Iterator
from statistics import median

from tests.bench import driver
from tests.bench.lines import Line, at_most
from tests.bench.pages import Visitor
from tests.bench.stage import LARGE, SMALL, Stage, web

MOST = 1.2


def figures(stage: Stage) -> Iterator[Line]:
    small, large = stage.fleet(SMALL), stage.fleet(LARGE)
    reports, boards = [], []
    with web(small) as port, web(large) as port_of_large:
        visitors = Visitor(port, small.cookie), Visitor(port_of_large, large.cookie)
        for _ in range(stage.asked.runs):
            few, many = (
                asyncio.run(
                    driver.stored_a_second(
                        driver.websocket, at, fleet.docks[: SMALL // 8], stage.asked.seconds
                    )
                )
                for at, fleet in ((port, small), (port_of_large, large))
            )
            reports.append(few / many)
            few, many = (visitor.milliseconds("/") for visitor in visitors)
            boards.append(many / few)
    yield at_most("cost of a report, 100,000 cameras over 140", median(reports), MOST, "x")
    yield at_most("cost of the board, 100,000 cameras over 140", median(boards), MOST, "x")
