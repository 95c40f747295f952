"""What the roster costs at West Hartford. Its figures have no goal of their own."""

import json
from collections.abc import Iterator

from tests.bench import inside
from tests.bench.lines import Line
from tests.bench.stage import Stage, database

WHAT = {
    "fill_ms": "four weeks of the roster filled from rotations",
    "refill_ms": "the same when all is there already",
    "week_ms": "the roster's page of a week",
    "import_1000_ms": "1,000 duties brought in",
}


def figures(stage: Stage) -> Iterator[Line]:
    """Measured inside Django, on a database of its own."""
    with database("fleet_bench_roster") as url:
        told = json.loads(inside.said("rostering", str(stage.asked.runs), url=url))
    for name, what in WHAT.items():
        yield Line(what, "", f"{told[name]:.3g} ms")
