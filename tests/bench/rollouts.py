"""What rollouts cost: the sweep, the dry run, and ten thousand days of stations that never lack."""

import json
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta

from tests.bench import inside
from tests.bench.lines import Line, at_most
from tests.bench.stage import LARGE, SMALL, Stage
from tests.rollouts.stations import DAYS, Lived, lived

SWEEP_MS = {SMALL: 50.0, LARGE: 2000.0}
DRY_RUN_MS = 2000.0
STATIONS = 1430  # of seven days each


def figures(stage: Stage) -> Iterator[Line]:
    """Among 140 cameras one rollout, among 100,000 ten; a quarter of officers on each shift."""
    for cameras in (SMALL, LARGE):
        fleet = stage.fleet(cameras)
        inside.said("on_duty", url=fleet.url)
        rollouts = 1 if cameras == SMALL else 10
        said = inside.said("rolling", str(rollouts), str(stage.asked.runs), url=fleet.url)
        for what, took, queries in json.loads(said):
            name = f"{what}, {cameras:,} cameras, {rollouts} rollouts"
            goal = DRY_RUN_MS if "dry run" in what else SWEEP_MS[cameras]
            if "start" in what or (cameras == LARGE and "dry run" in what):
                yield Line(name, "", f"{took:.3g} ms ({queries} queries)")
            else:
                yield at_most(name, took, goal, "ms", more=f"{queries} queries")
    yield from _never_short()


def _never_short() -> Iterator[Line]:
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        weeks: list[Lived] = list(pool.map(lived, range(STATIONS), chunksize=20))
    days = STATIONS * DAYS
    short = sum(one.short_because for one in weeks)
    yield at_most(f"minutes short because of a rollout, {days:,} days of stations", short, 0, "min")
    ends = [one.done_after or timedelta.max for one in weeks]
    yield at_most("the longest rollout of those", max(ends) / timedelta(days=1), DAYS, "days")
