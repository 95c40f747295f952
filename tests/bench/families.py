"""The families of figures, in the order they are measured. One more is a module and a line here."""

from collections.abc import Callable, Iterator

from tests.bench import (
    backwards,
    battery,
    gateway,
    growth,
    pages,
    readiness,
    roster,
    screen,
    start,
    sweeps,
)
from tests.bench.lines import Line
from tests.bench.stage import Stage

FAMILIES: dict[str, Callable[[Stage], Iterator[Line]]] = {
    "gateway": gateway.figures,
    "growth": growth.figures,
    "pages": pages.figures,
    "screen": screen.figures,
    "start": start.figures,
    "readiness": readiness.figures,
    "roster": roster.figures,
    "sweeps": sweeps.figures,
    "past": backwards.figures,
    "hours": battery.figures,
}
