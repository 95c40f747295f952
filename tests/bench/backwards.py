"""What the board of a year ago costs behind a long history."""

import json
from collections.abc import Iterator

from tests.bench import inside
from tests.bench.lines import Line, at_most
from tests.bench.stage import Stage, database

GOAL_MS = 300


def figures(stage: Stage) -> Iterator[Line]:
    """140 cameras; how many intervals lie behind them is said (`--rows`)."""
    with database("fleet_bench_past") as url:
        told = json.loads(inside.said("past", str(stage.asked.rows), url=url))
    more = f"{told['rows']:,} intervals, the first time {told['first_ms']:.0f} ms"
    yield at_most("the board of a year ago", told["look_ms"], GOAL_MS, "ms", more=more)
