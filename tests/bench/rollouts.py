"""What rollouts cost: the sweep and the dry run."""

import json
from collections.abc import Iterator

from tests.bench import inside
from tests.bench.lines import Line, at_most
from tests.bench.stage import LARGE, SMALL, Stage

SWEEP_MS = {SMALL: 50.0, LARGE: 2000.0}
DRY_RUN_MS = 2000.0


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
