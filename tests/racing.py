"""Several people at the same moment: threads with a connection each, let go together."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from time import monotonic
from typing import TypeVar

from django.db import connection, transaction

from devices.errors import Refused
from tests.patience import PATIENCE_S

T = TypeVar("T")


def race(act: Callable[[int], T], *, runners: int) -> list[T | Refused]:
    """What ``act`` gave each runner, who is told its number; a refusal is a result like others."""
    start = Barrier(runners, timeout=PATIENCE_S)

    def run(number: int) -> T | Refused:
        try:
            connection.ensure_connection()
            start.wait()
            return act(number)
        except Refused as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(runners) as pool:
        return list(pool.map(run, range(runners)))


def while_waiting(
    locks: Callable[[], object], waits: Callable[[], T], goes_on: Callable[[], object]
) -> T:
    """What ``waits`` gave: it meets what ``locks`` has locked, and ``goes_on`` comes then, in the
    transaction of the first. Fails if the two would wait for each other."""

    def run() -> T:
        try:
            return waits()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            locks()
            other = pool.submit(run)
            _until_somebody_waits()
            goes_on()
        return other.result(PATIENCE_S)


def _until_somebody_waits() -> None:
    asked = (
        "SELECT EXISTS (SELECT FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock')"
    )
    begun, never = monotonic(), Event()
    with connection.cursor() as cursor:
        while monotonic() - begun < PATIENCE_S:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(asked)
            if cursor.fetchone()[0]:
                return
            never.wait(0.01)
    raise AssertionError("Nobody came to wait.")
