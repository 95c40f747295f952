"""What the commander's page costs the server, with a quarter of the officers on each shift."""

from collections.abc import Iterator

from tests.bench import inside
from tests.bench.lines import Line, at_most
from tests.bench.pages import Visitor
from tests.bench.stage import SMALL, Stage, web

PAGE = "/shift/"
GOAL_MS = 50
LARGER = 1_000


def figures(stage: Stage) -> Iterator[Line]:
    """At 140 cameras; how it grows is said beside it."""
    queries = {}
    for cameras in (SMALL, LARGER):
        fleet = stage.fleet(cameras)
        inside.said("on_duty", url=fleet.url)
        with web(fleet) as port:
            took = Visitor(port, fleet.cookie).milliseconds(PAGE)
        queries[cameras] = int(inside.said("queries", PAGE, fleet.cookie, url=fleet.url))
        name = f"the commander's page, {cameras:,} cameras"
        if cameras == SMALL:
            yield at_most(name, took, GOAL_MS, "ms", more=f"{queries[cameras]} queries")
        else:
            yield Line(name, "", f"{took:.3g} ms")
    more = queries[LARGER] - queries[SMALL]
    yield at_most(f"queries it asks more with {LARGER:,} cameras", more, 0, "queries")
