"""What the roster costs: filling four weeks, looking at one, and bringing a thousand duties.

Runs inside Django, on an empty database of its own.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from statistics import median
from time import perf_counter

from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.utils.timezone import localdate, now

from devices.inventory import imports as inventory
from devices.inventory.imports import importing
from devices.inventory.models import Officer, Station
from devices.management.commands.demo import EXAMPLE
from devices.roles import Role
from devices.roster import imports
from devices.roster.filling import actions as filling
from devices.roster.models import Duty, Shift
from tests import rows

DUTIES = 1_000


def main(times: str = "5") -> str:
    """Says, as JSON, the median milliseconds of each; what is written is undone between."""
    call_command("migrate", verbosity=0)
    runs, at = int(times), now()
    for kind in (inventory.Kind.STATIONS, inventory.Kind.OFFICERS):
        inventory.apply(kind, (EXAMPLE / f"{kind.value}.csv").read_bytes(), by=None, now=at)
    for part in (imports.Kind.SHIFTS, imports.Kind.ROTATIONS):
        raw = (EXAMPLE / f"{part.value}.csv").read_bytes()
        importing.apply(imports.at(part, at), raw, by=None, now=at)
    client = Client(headers={"Host": "localhost"})
    client.force_login(rows.person(Role.COMMANDER, *Station.objects.all()))
    week = f"/roster/?station=HQ&on={localdate() + timedelta(days=7)}"
    return json.dumps(
        {
            "fill_ms": _took(lambda: _filled_anew(at), runs),
            "refill_ms": _took(lambda: filling.keep_filled(now=at), runs),
            "week_ms": _took(lambda: client.get(week), runs),
            "import_1000_ms": _took(lambda: _brought(at), runs),
        }
    )


def _took(measured: Callable[[], object], runs: int) -> float:
    return median(_ms(measured) for _ in range(runs))


def _ms(measured: Callable[[], object]) -> float:
    with _undone():
        began = perf_counter()
        measured()
        return (perf_counter() - began) * 1000


@contextmanager
def _undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _filled_anew(at: datetime) -> None:
    Duty.objects.all().delete()
    Shift.objects.all().delete()
    filling.keep_filled(now=at)


def _brought(at: datetime) -> None:
    """Officers who are in no rotation, on the evenings of the weeks ahead."""
    idle = Officer.objects.filter(rotations=None, station__code="HQ")
    days = [localdate() + timedelta(days=n) for n in range(1, 28)]
    duties = [f"{day},EVENING,HQ,{badge}" for day in days for badge in idle][:DUTIES]
    raw = "\n".join(["date,shift,station,badge_number", *duties]).encode()
    importing.apply(imports.at(imports.Kind.ROSTER, at), raw, by=None, now=at)
