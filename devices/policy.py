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
    # Five report intervals of silence, in a dock or out with a radio, and what we knew is no longer
    # known.
    silent_after_reports: int = 5
    # History keeps a reading at least this often even when nothing changes.
    reading_every: timedelta = timedelta(minutes=15)
    # Readings are kept this long; then one row a camera and day remains.
    keep_readings: timedelta = timedelta(days=90)
    # A device whose clock is further off than this is marked, and a camera is not ready.
    clock_tolerance: timedelta = timedelta(minutes=2)
    # A record older than this by its sender's own clock is placed when it was received.
    oldest_record: timedelta = timedelta(days=30)
    # A docked camera at or above this is charged enough to be shown as docked, not charging.
    charged_percent: int = 95
    # Two shifts overlap this long, so that the street is never empty: field.md's 15 minutes.
    handover: timedelta = timedelta(minutes=15)
    # A battery must last this much longer than its shift: a forecast is off by half an hour.
    battery_spare: timedelta = timedelta(minutes=30)
    # A battery that holds less than this of a new one is on the list to be replaced.
    battery_retire_percent: int = 70
    # Room for a long duty's recordings: 2.5 h (95 of 100 duties) at 1.8 GB an hour.
    storage_for_shift_mb: int = 4500
    # A camera not back this long after it was due (the end of the duty, and the handover) is
    # overdue, then missing.
    overdue_after: timedelta = timedelta(minutes=30)
    missing_after: timedelta = timedelta(hours=24)
    # A pre-shift test counts for a shift when it was made this long before it, or during it.
    test_counts_for: timedelta = timedelta(hours=2)
    # A test not made this long after its duty began was skipped: roll call takes 15 minutes.
    untested_after: timedelta = timedelta(minutes=15)
    # Somebody must have acknowledged a fault within this; then it is escalated.
    acknowledge_critical_within: timedelta = timedelta(minutes=15)
    acknowledge_major_within: timedelta = timedelta(hours=1)
    acknowledge_minor_within: timedelta = timedelta(hours=24)
    # A fault is mended or cleared within this, est.: a critical one before the officer's next
    # shift, and nothing lies about for a season.
    mend_critical_within: timedelta = timedelta(hours=24)
    mend_major_within: timedelta = timedelta(days=7)
    mend_minor_within: timedelta = timedelta(days=30)
    # A camera is back from its maker within this: est., what makers promise.
    repair_at_most: timedelta = timedelta(days=30)
    # A camera that was quiet about a lesser fault this long no longer has it; shorter is flapping.
    fault_quiet_for: timedelta = timedelta(hours=1)
    # A camera without a radio spoke last in the dock it was taken from; its officer tests it within
    # this.
    tested_after_taking: timedelta = timedelta(minutes=30)
    # What updates may take of the lines, in Mbit/s: of a dock half of field.md's 200, since eight
    # cameras' recordings go the same way; of a station one dock's; in all half of a server's
    # gigabit, since recordings and people come in by the rest.
    update_mbit_per_dock: int = 100
    update_mbit_per_station: int = 200
    update_mbit_in_all: int = 500
    # Cameras that all rollouts together update at once: two in each of field.md's 18 docks, so that
    # several rollouts side by side never take more of a fleet away than one may.
    updates_at_once: int = 36
    # A badge identifies and does not authenticate: where that is too little, an officer types so
    # many digits at a kiosk. 0: none is asked for.
    kiosk_pin_digits: int = 0

    @property
    def late_after(self) -> timedelta:
        return self.report_every * self.late_after_reports

    @property
    def silent_after(self) -> timedelta:
        return self.report_every * self.silent_after_reports
