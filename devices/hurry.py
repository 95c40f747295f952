"""Asks that an alarm clock rings before its time, because somebody waits for what it does.

A hint and nothing more: the clock rings by itself a period later, and finds in the database
whatever a lost hint was about. A room knows no queue; how a clock is rung is the wiring's to say.
"""

from collections.abc import Callable
from typing import Final

from django.db import transaction

_ring: Final[list[Callable[[str], object]]] = []


def rung_by(ring: Callable[[str], object]) -> None:
    """From now on this process rings clocks so: it must neither wait nor fail."""
    _ring[:] = [ring]


def soon(clock: str) -> None:
    """Once the current transaction commits, this clock rings."""

    def announce() -> None:
        for ring in _ring:
            ring(clock)

    transaction.on_commit(announce, robust=True)
