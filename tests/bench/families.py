"""The families of figures, in the order they are measured. One more is a module and a line here."""

from collections.abc import Callable, Iterator

from tests.bench import (
    alerts,
    backwards,
    battery,
    ddi,
    desk,
    downloads,
    drill,
    gateway,
    growth,
    killed,
    pages,
    pushing,
    races,
    readiness,
    rollouts,
    roster,
    screen,
    shifts,
    short,
    start,
    sweeps,
    week,
)
from tests.bench.lines import Line
from tests.bench.stage import Stage

LONG = frozenset(
    {"week", "races", "killed", "drill"}
)  # minutes to half an hour: measured when named

FAMILIES: dict[str, Callable[[Stage], Iterator[Line]]] = {
    "gateway": gateway.figures,
    "ddi": ddi.figures,
    "downloads": downloads.figures,
    "push": pushing.figures,
    "growth": growth.figures,
    "pages": pages.figures,
    "screen": screen.figures,
    "alerts": alerts.figures,
    "start": start.figures,
    "readiness": readiness.figures,
    "roster": roster.figures,
    "rollouts": rollouts.figures,
    "short": short.figures,
    "sweeps": sweeps.figures,
    "shift": shifts.figures,
    "past": backwards.figures,
    "hours": battery.figures,
    "week": week.figures,
    "desk": desk.figures,
    "drill": drill.figures,
    "races": races.figures,
    "killed": killed.figures,
}
