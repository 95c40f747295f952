"""Sixty-four desks scan eight cameras as fast as they can, each scan on a real connection."""

import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import Any

from tests.bench import inside
from tests.bench.lines import Line, at_most
from tests.bench.stage import SMALL, Stage

RACERS, PROCESSES = 64, 4


def figures(stage: Stage) -> Iterator[Line]:
    """No camera has two holders, nothing raises, and whoever loses is told who has it."""
    url, each = stage.fleet(SMALL).url, RACERS // PROCESSES
    scans = -(-stage.asked.scans // RACERS)
    inside.said("racing", "made", url=url)

    def race(first: int) -> Any:
        words = ("race", f"{first}", f"{first + each}", f"{scans}")
        return json.loads(inside.said("racing", *words, url=url, DATABASE_POOL=f"{each + 2}"))

    began = perf_counter()
    with ThreadPoolExecutor(PROCESSES) as pool:
        told = list(pool.map(race, range(0, RACERS, each)))
    took = perf_counter() - began
    judged = json.loads(inside.said("racing", "judged", url=url))

    results: Counter[str] = sum((Counter(one["results"]) for one in told), Counter())
    name = f"{results.total():,} contested scans, {RACERS} racers, 8 cameras"
    kinds = ", ".join(f"{number:,} {kind}" for kind, number in results.most_common())
    yield Line(name, "", f"{results.total() / took:,.0f} a second ({kinds})")
    yield at_most("… cameras with two holders at one moment", judged["overlaps"], 0, "")
    yield at_most("… exceptions", _sum(told, "failed"), 0, "", more=_first(told, "exceptions"))
    yield at_most("… losers not told why", _sum(told, "unsaid"), 0, "", more=_first(told, "strays"))
    yield at_most("… events that do not add up to the present", judged["untrue"], 0, "")


def _sum(told: list[Any], name: str) -> int:
    return sum(one[name] for one in told)


def _first(told: list[Any], name: str) -> str:
    return next((str(one[name][0]) for one in told if one[name]), "")
