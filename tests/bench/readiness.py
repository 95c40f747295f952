"""How long readiness takes: every reason of 140 cameras, yes or no of 100,000, three shifts."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from statistics import median
from time import perf_counter

from django.db import connection
from django.test.utils import CaptureQueriesContext

from devices.policy import Policy
from devices.readiness import facts
from devices.readiness.rules import Fit

MANY = 140
GOALS_MS = {"140 cameras, every reason": 10.0, "100,000 cameras, yes or no": 2000.0}


def readiness(camera_ids: list[int], runs: int = 5) -> Iterator[tuple[str, float, float, int]]:
    """What was measured, its median in ms, the goal in ms, and how many queries it took."""
    asked: dict[str, Callable[[], object]] = {
        "140 cameras, every reason": lambda: _reasons(camera_ids[:MANY]),
        "100,000 cameras, yes or no": _fits,
    }
    for what, measured in asked.items():
        measured()
        with CaptureQueriesContext(connection) as queries:
            measured()
        took = [_ms(measured) for _ in range(runs)]
        yield what, median(took), GOALS_MS[what], len(queries)


def _reasons(camera_ids: list[int]) -> int:
    now = datetime.now(UTC)
    found = facts.read(camera_ids, now=now).values()
    return sum(one.judged(None, Policy(), now).ready for one in found)


def _fits() -> int:
    fits = facts.fits(policy=Policy(), now=datetime.now(UTC))
    return sum(fit is Fit.YES for fit in fits.values())


def _ms(measured: Callable[[], object]) -> float:
    began = perf_counter()
    measured()
    return (perf_counter() - began) * 1000
