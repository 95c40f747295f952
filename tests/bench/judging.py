"""How long readiness takes, inside Django: every reason of 140 cameras and of all, yes or no."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from statistics import median
from time import perf_counter

from django.db import connection
from django.test.utils import CaptureQueriesContext

from devices.inventory.models import Camera
from devices.policy import Policy
from devices.readiness import facts
from devices.readiness.rules import Fit, Readiness

MANY = 140


def main(runs: str) -> str:
    """Says, as JSON, of each what it was, its median in milliseconds, and how many queries."""
    camera_ids = list(Camera.objects.values_list("pk", flat=True)[:MANY])
    return json.dumps([*_readiness(camera_ids, int(runs))])


def _readiness(camera_ids: list[int], runs: int) -> Iterator[tuple[str, float, int]]:
    asked: dict[str, Callable[[], object]] = {
        "140 cameras, every reason": lambda: _reasons(camera_ids),
        "100,000 cameras, every reason": lambda: _reasons(None),
        "100,000 cameras, yes or no": _fits,
    }
    for what, measured in asked.items():
        measured()
        with CaptureQueriesContext(connection) as queries:
            measured()
        took = [_ms(measured) for _ in range(runs)]
        yield what, median(took), len(queries)


def _reasons(camera_ids: list[int] | None) -> dict[int, Readiness]:
    now, policy = datetime.now(UTC), Policy()
    return {pk: one.judged(None, policy, now) for pk, one in facts.read(camera_ids, now=now)}


def _fits() -> int:
    fits = facts.fits(policy=Policy(), now=datetime.now(UTC))
    return sum(fit is Fit.YES for fit in fits.values())


def _ms(measured: Callable[[], object]) -> float:
    began = perf_counter()
    measured()
    return (perf_counter() - began) * 1000
