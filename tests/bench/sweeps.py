"""What the sweeps cost among 140 and among 100,000 cameras. They have no goal of their own."""

import json
from collections.abc import Iterator

from tests.bench import inside
from tests.bench.lines import Line
from tests.bench.stage import LARGE, SMALL, Stage


def figures(stage: Stage) -> Iterator[Line]:
    for cameras in (SMALL, LARGE):
        said = inside.said("sweeping", str(stage.asked.runs), url=stage.fleet(cameras).url)
        for what, took in json.loads(said).items():
            yield Line(f"a look {what}, {cameras:,} cameras", "", f"{took:.3g} ms")
