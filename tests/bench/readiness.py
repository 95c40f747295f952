"""How long readiness takes among 100,000 cameras."""

import json
from collections.abc import Iterator

from tests.bench import inside
from tests.bench.lines import Line, at_most
from tests.bench.stage import LARGE, Stage

GOALS_MS = {
    "140 cameras, every reason": 10.0,
    "100,000 cameras, every reason": 2000.0,
    "100,000 cameras, yes or no": 2000.0,
}


def figures(stage: Stage) -> Iterator[Line]:
    """Judged inside Django, as a page would."""
    fleet, runs = stage.fleet(LARGE), str(stage.asked.runs)
    for what, took, queries in json.loads(inside.said("judging", runs, url=fleet.url)):
        yield at_most(f"readiness of {what}", took, GOALS_MS[what], "ms", more=f"{queries} queries")
