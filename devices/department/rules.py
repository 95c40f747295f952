"""Which numbers a department may decide, within which bounds. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

from devices.policy import Policy


class Unit(StrEnum):
    """How people write a number; what is kept is seconds for a span, else the number itself."""

    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    PERCENT = "percent"
    MEGABYTES = "MB"
    DIGITS = "digits"
    REPORTS = "reports"
    MEGABITS = "Mbit/s"
    CAMERAS = "cameras"


_SECONDS = {Unit.MINUTES: 60, Unit.HOURS: 3600, Unit.DAYS: 86_400}
# At 5 Mbit/s an image of 900 MB takes 24 min, and a camera cannot be kept much longer for it.
LEAST_MBIT = 5


@dataclass(frozen=True)
class Decidable:
    """One number of `policy.Policy`: what it is called, its bounds in its unit, and its reason.

    ``or_none``: 0 is allowed as well, and means that there is none.
    """

    name: str
    label: str
    unit: Unit
    lowest: int
    highest: int
    why: str
    or_none: bool = False

    @property
    def bounds(self) -> str:
        """Between which numbers it lies, as people say it."""
        return f"{'0, or ' if self.or_none else ''}between {self.lowest} and {self.highest}"


DECIDABLE = (
    Decidable(
        "battery_spare",
        "Battery beyond the end of a shift",
        Unit.MINUTES,
        0,
        240,
        "A forecast of hours is off by about half an hour.",
    ),
    Decidable(
        "handover",
        "Overlap of two shifts",
        Unit.MINUTES,
        0,
        60,
        "So that the street is never empty; a battery must last it too.",
    ),
    Decidable(
        "storage_for_shift_mb",
        "Free storage for a shift",
        Unit.MEGABYTES,
        0,
        64_000,
        "Room for 2.5 h of recordings, which 95 of 100 duties stay below.",
    ),
    Decidable(
        "charged_percent",
        "Shown as charged from",
        Unit.PERCENT,
        50,
        100,
        "Above it a camera in its dock is shown as docked, no longer as charging.",
    ),
    Decidable(
        "clock_tolerance",
        "Clock counts as right within",
        Unit.MINUTES,
        1,
        60,
        "A recording must be found by its time; a worse clock makes a camera not ready.",
    ),
    Decidable(
        "silent_after_reports",
        "Silent after missing",
        Unit.REPORTS,
        4,
        30,
        "One a minute, in a bay or out with a radio; past it nothing it said counts as known.",
    ),
    Decidable(
        "overdue_after",
        "Overdue after it was due back",
        Unit.MINUTES,
        5,
        480,
        "Long enough to drive back and dock.",
    ),
    Decidable(
        "missing_after",
        "Missing after it was due back",
        Unit.HOURS,
        1,
        168,
        "A whole day: the officer's next duty would have shown it.",
    ),
    Decidable(
        "test_counts_for",
        "A pre-shift test counts for",
        Unit.HOURS,
        1,
        24,
        "A test, or leaving the bay, this long before a shift is for that shift.",
    ),
    Decidable(
        "untested_after",
        "A pre-shift test is skipped after",
        Unit.MINUTES,
        0,
        120,
        "Roll call takes the first quarter of an hour of a shift.",
    ),
    Decidable(
        "acknowledge_critical_within",
        "Acknowledge a critical fault",
        Unit.MINUTES,
        1,
        240,
        "Somebody is without a camera until it is dealt with.",
    ),
    Decidable(
        "acknowledge_major_within",
        "Acknowledge a major fault",
        Unit.MINUTES,
        5,
        1440,
        "Within the shift in which it was told.",
    ),
    Decidable(
        "acknowledge_minor_within",
        "Acknowledge a minor fault",
        Unit.HOURS,
        1,
        168,
        "By the same shift of the next day.",
    ),
    Decidable(
        "mend_critical_within",
        "Mend a critical fault",
        Unit.HOURS,
        1,
        720,
        "Before the officer's next shift.",
    ),
    Decidable(
        "mend_major_within",
        "Mend a major fault",
        Unit.DAYS,
        1,
        90,
        "It may fail on a shift: not longer than a week.",
    ),
    Decidable(
        "mend_minor_within",
        "Mend a minor fault",
        Unit.DAYS,
        1,
        365,
        "So that nothing lies about for a season.",
    ),
    Decidable(
        "repair_at_most",
        "A camera is back from repair within",
        Unit.DAYS,
        1,
        365,
        "What makers promise.",
    ),
    Decidable(
        "fault_quiet_for",
        "A lesser fault is over when not told for",
        Unit.MINUTES,
        5,
        1440,
        "A camera that says it again sooner only stuttered.",
    ),
    Decidable(
        "tested_after_taking",
        "A camera without a radio is tested within",
        Unit.MINUTES,
        5,
        240,
        "Of its last word in the dock; after that nobody knows what it does.",
    ),
    Decidable(
        "battery_retire_percent",
        "Batteries to replace hold less than",
        Unit.PERCENT,
        40,
        95,
        "Of a new one; about where a full battery no longer lasts a shift.",
    ),
    Decidable(
        "update_mbit_per_dock",
        "Updates in a dock take at most",
        Unit.MEGABITS,
        LEAST_MBIT,
        10_000,
        "Half of a dock's 200: recordings of eight cameras go the same way.",
    ),
    Decidable(
        "update_mbit_per_station",
        "Updates at a station take at most",
        Unit.MEGABITS,
        LEAST_MBIT,
        100_000,
        "As much as one dock's line: eight cameras at the 25 of a bay.",
    ),
    Decidable(
        "update_mbit_in_all",
        "Updates in all take at most",
        Unit.MEGABITS,
        LEAST_MBIT,
        1_000_000,
        "Half of a server's gigabit: recordings and people come by the rest.",
    ),
    Decidable(
        "updates_at_once",
        "Updated at once by all rollouts",
        Unit.CAMERAS,
        1,
        10_000,
        "Two in each of 18 docks; each rollout says besides how many it takes.",
    ),
    Decidable(
        "kiosk_pin_digits",
        "PIN at a kiosk, at least",
        Unit.DIGITS,
        4,
        8,
        "0: none. A badge says who somebody is, and anybody may carry it.",
        or_none=True,
    ),
)
_BY_NAME = {one.name: one for one in DECIDABLE}


def with_decided(policy: Policy, decided: Mapping[str, int]) -> Policy:
    """``policy`` with what was decided in its place; names no longer known are left out."""
    known = {name: value for name, value in decided.items() if name in _BY_NAME}
    changes: dict[str, Any] = {name: _typed(_BY_NAME[name], value) for name, value in known.items()}
    return replace(policy, **changes)


def in_unit(one: Decidable, policy: Policy) -> int:
    """The number as people write it."""
    value = getattr(policy, one.name)
    return round(value.total_seconds() / _SECONDS[one.unit]) if one.unit in _SECONDS else int(value)


def to_keep(one: Decidable, written: int) -> int:
    """What is kept of a number as people write it."""
    return written * _SECONDS.get(one.unit, 1)


def wrong(one: Decidable, written: int) -> str | None:
    """Why this number cannot be decided, or None."""
    if one.lowest <= written <= one.highest or (one.or_none and written == 0):
        return None
    return f"{one.label} lies {one.bounds} {one.unit.value}."


def _typed(one: Decidable, kept: int) -> timedelta | int:
    return timedelta(seconds=kept) if one.unit in _SECONDS else kept
