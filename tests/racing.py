"""Several people at the same moment: threads with a connection each, let go together."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connection

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
