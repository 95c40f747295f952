"""The families of figures, in the order they are measured. One more is a module and a line here."""

from collections.abc import Callable, Iterator

from tests.bench import (
    alerts,
    backwards,
    battery,
    gateway,
    growth,
    pages,
    readiness,
    roster,
    screen,
    shifts,
    start,
    sweeps,
    week,
)
from tests.bench.lines import Line
from tests.bench.stage import Stage

LONG = frozenset({"week"})  # most of half an hour: measured when it is named

FAMILIES: dict[str, Callable[[Stage], Iterator[Line]]] = {
    "gateway": gateway.figures,
    "growth": growth.figures,
    "pages": pages.figures,
    "screen": screen.figures,
    "alerts": alerts.figures,
    "start": start.figures,
    "readiness": readiness.figures,
    "roster": roster.figures,
    "sweeps": sweeps.figures,
    "shift": shifts.figures,
    "past": backwards.figures,
    "hours": battery.figures,
    "week": week.figures,
}
