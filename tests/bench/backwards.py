"""What the board of a year ago costs behind a long history."""

import json
from collections.abc import Iterator

from tests.bench import inside
from tests.bench.lines import Line, at_most
from tests.bench.stage import Stage, database

GOAL_MS = 300


def figures(stage: Stage) -> Iterator[Line]:
    """140 cameras; how many rows of history lie behind them is said (`--history`)."""
    with database("fleet_bench_past") as url:
        told = json.loads(inside.said("past", str(stage.asked.history), url=url))
    more = f"{told['rows']:,} rows, the first time {told['first_ms']:.0f} ms"
    yield at_most("the board of a year ago", told["look_ms"], GOAL_MS, "ms", more=more)
