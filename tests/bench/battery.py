"""How far off hours are: two simulated months of West Hartford, learnt night by night.

It has a database and a process of its own, because Django knows one database a process.
"""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from statistics import median, quantiles
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import psycopg

from tests.bench.lines import Line, at_most
from tests.bench.stage import Stage

if TYPE_CHECKING:
    from tests.battery.lives import Held

CAMERAS, DAYS, LEAD_IN = 140, 60, 14
SEED = 11
GOAL_H = 0.5
BEGINS = datetime(2030, 1, 7, tzinfo=UTC)  # a Monday, as hour 0 of the simulated calendar is
DATABASE = "fleet_bench_battery"


@dataclass(frozen=True)
class Figure:
    """Some forecasts against what then was: hours off at 8 h, in the middle and in nine of ten."""

    what: str
    median_h: float
    p90_h: float
    whole_charge_h: float
    covered: float
    duties: int


def figures(_: Stage) -> Iterator[Line]:
    """Two months, in about a minute and a half."""
    for one in measured():
        more = f"p90 {one.p90_h:.2f} h, {one.covered:.0%} in range, {one.duties:,} duties"
        what = f"hours foretold {one.what}: off at 8 h, median"
        yield at_most(what, one.median_h, GOAL_H, "h", more=more)


def measured() -> list[Figure]:
    """Lived through in a process and a database of its own."""
    with _database() as url:
        lived = subprocess.run(
            [sys.executable, "-m", "tests.bench.battery"],
            env={**os.environ, "DATABASE_URL": url, "DEMO": "0"},
            stdout=subprocess.PIPE,
            check=True,
        )
    return [Figure(**one) for one in json.loads(lived.stdout)]


def _live() -> list[Figure]:
    from tests.battery.lives import Lives, foretold

    lives = Lives(cameras=CAMERAS, begins=BEGINS, seed=SEED, step_s=300)
    found = foretold(lives, days=DAYS, counted_after=LEAD_IN)
    return [
        _figure("at the start of a duty", found.at_start),
        _figure("8 h before, in its bay", found.ahead),
    ]


def _figure(what: str, held: list["Held"]) -> Figure:
    at_8h = [one.off_at_8h for one in held]
    return Figure(
        what=what,
        median_h=median(at_8h),
        p90_h=quantiles(at_8h, n=10)[-1],
        whole_charge_h=median(one.off_h for one in held),
        covered=sum(one.covered for one in held) / len(held),
        duties=len(held),
    )


@contextlib.contextmanager
def _database() -> Iterator[str]:
    from fleet import settings

    admin = settings.DATABASE_URL
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {DATABASE}")
        try:
            yield urlunsplit(urlsplit(admin)._replace(path=f"/{DATABASE}"))
        finally:
            connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")


def _main() -> None:
    import django
    from django.core.management import call_command

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fleet.settings")
    django.setup()
    call_command("migrate", verbosity=0)
    sys.stdout.write(json.dumps([asdict(one) for one in _live()]))


if __name__ == "__main__":
    _main()
