"""What is going to happen, in order of its time and, at one time, of its writing down."""

from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count


@dataclass
class Agenda:
    """Times are hours of simulated life."""

    _entries: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    _order: "count[int]" = field(default_factory=count)

    def add(self, at: float, happening: Callable[[], None]) -> None:
        heappush(self._entries, (at, next(self._order), happening))

    def happen(self, until: float) -> None:
        """Let everything due by ``until`` happen, and what follows from it if due as well."""
        while self._entries and self._entries[0][0] <= until:
            heappop(self._entries)[2]()
