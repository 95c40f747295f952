"""What following the cameras costs beside the gateway: one sweep of the whole fleet. Runs inside
Django, on a fleet that stands in the database."""

import json
from statistics import median
from time import perf_counter

from django.utils.timezone import now

from devices.faults import actions
from devices.policy import Policy


def main(times: str = "5") -> str:
    """Says, as JSON, the milliseconds of a sweep that finds nothing new, and of the first one."""
    first = _sweep()
    return json.dumps({"first_ms": first, "sweep_ms": median(_sweep() for _ in range(int(times)))})


def _sweep() -> float:
    begun = perf_counter()
    actions.follow_cameras(now=now(), policy=Policy())
    return (perf_counter() - begun) * 1000
