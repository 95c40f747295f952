"""The department's numbers. Each has its unit in its type and its reason beside it."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Policy:
    """What the department has decided. Times are spans of real time."""

    # A docked camera, a camera with a radio and a dock speak this often.
    report_every: timedelta = timedelta(seconds=60)
    # A recording camera with a radio speaks this often, because its battery goes twice as fast.
    report_recording_every: timedelta = timedelta(seconds=10)
    # Three missed reports are late: one lost packet must not colour a tile.
    late_after_reports: int = 3
    # Five report intervals of silence in a dock and what we knew is no longer known.
    silent_after_reports: int = 5
    # History keeps a reading at least this often even when nothing changes.
    reading_every: timedelta = timedelta(minutes=15)
    # Readings are kept this long; then one row a camera and day remains.
    keep_readings: timedelta = timedelta(days=90)
    # A device whose clock is further off than this is marked; nothing else follows from it.
    clock_tolerance: timedelta = timedelta(minutes=2)
    # A record older than this by its sender's own clock is placed when it was received.
    oldest_record: timedelta = timedelta(days=30)
    # A docked camera at or above this is charged enough to be shown as docked, not charging.
    charged_percent: int = 95

    @property
    def late_after(self) -> timedelta:
        return self.report_every * self.late_after_reports

    @property
    def silent_after(self) -> timedelta:
        return self.report_every * self.silent_after_reports
