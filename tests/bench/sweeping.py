"""What the sweeps cost beside the gateway: one look over the whole fleet, inside Django."""

import json
from collections.abc import Callable
from statistics import median
from time import perf_counter

from django.utils.timezone import now

from devices.alerts import actions as alerts
from devices.faults import actions as faults
from devices.policy import Policy

SWEEPS: dict[str, Callable[[], object]] = {
    "for alerts": lambda: alerts.sweep(now=now()),
    "for cameras' faults": lambda: faults.follow_cameras(now=now(), policy=Policy()),
}


def main(times: str) -> str:
    """Says, as JSON, the milliseconds of each sweep once it finds nothing new."""
    return json.dumps({what: _settled(sweep, int(times)) for what, sweep in SWEEPS.items()})


def _settled(sweep: Callable[[], object], times: int) -> float:
    sweep()
    return median(_ms(sweep) for _ in range(times))


def _ms(sweep: Callable[[], object]) -> float:
    begun = perf_counter()
    sweep()
    return (perf_counter() - begun) * 1000
