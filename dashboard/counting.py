"""Counts of fleets too large for one page, remembered for two seconds.

Counting 100,000 cameras takes a tenth of a second or two (judging them five times as long), and
nobody reads the sentence faster than that. So a page takes the last count and says when it was
made; a count that has grown old is made anew beside the page, and only a very old one is
waited for.
"""

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock

from django.db import close_old_connections
from django.utils.timezone import now

from dashboard.present import present
from devices.access.people import Visible
from devices.board import cards
from devices.board.rules import Bucket
from devices.readiness import shifts
from devices.readiness.rules import Fit
from devices.readiness.shifts import Wanted

FRESH = timedelta(seconds=2)
READINESS_FRESH = timedelta(seconds=10)  # it takes five times as long to count
TOO_OLD = timedelta(seconds=10)


@dataclass(frozen=True)
class Counted:
    counts: Mapping[Bucket, int]
    at: datetime
    standing: Mapping[Fit, int]
    judged_at: datetime
    needed: Wanted | None


def needed_by(reach: Visible, at: datetime) -> Wanted | None:
    """What the next shift needs, for whoever sees more than their own camera."""
    return None if reach.officer_id is not None else shifts.wanted_next(reach, now=at)


class Counter:
    """Remembers the last count of every reach that somebody looks at; safe between threads."""

    def __init__(self) -> None:
        self._known: dict[Visible, Counted] = {}
        self._running: dict[Visible, Future[Counted]] = {}
        self._lock = Lock()
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="counting")

    def counts(self, reach: Visible) -> Counted:
        """The counts and when they were made: at most two seconds ago, as a rule."""
        known = self._known.get(reach)
        if known is None or now() - known.at > TOO_OLD:
            return self._started(reach).result()
        if now() - known.at > FRESH:
            self._started(reach)
        return known

    def many(self, reach: Visible, most: int) -> bool:
        """Whether the last count, if there is one, was of more than ``most`` cameras."""
        known = self._known.get(reach)
        return known is not None and sum(known.counts.values()) > most

    def _started(self, reach: Visible) -> Future[Counted]:
        with self._lock:
            if reach not in self._running:
                self._running[reach] = self._beside.submit(self._count, reach)
            return self._running[reach]

    def _count(self, reach: Visible) -> Counted:
        try:
            counted = self._counted(reach, self._known.get(reach))
            self._known[reach] = counted
            return counted
        finally:
            with self._lock:
                self._running.pop(reach, None)
            close_old_connections()

    def _counted(self, reach: Visible, before: Counted | None) -> Counted:
        asked = present()
        counts = cards.count(reach, asked)
        if before is not None and asked.now - before.judged_at < READINESS_FRESH:
            return replace(before, counts=counts, at=now())
        standing, needed = cards.count_standing(reach, asked), needed_by(reach, asked.now)
        return Counted(counts, now(), standing, asked.now, needed)


counter = Counter()
