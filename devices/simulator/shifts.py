"""Who works when: the department's shifts and rotations, as people import them.

Hours are counted from the midnight with which the simulated calendar begins. They are elapsed
hours, so that a night on which clocks change is as long here as it is in life.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

DAY = 24.0  # hours
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class ShiftRow:
    """A shift as it comes round every day; one that does not end after it begins ends next day."""

    code: str
    begins: time
    ends: time


@dataclass(frozen=True)
class RotationRow:
    """An officer's standing place: days on and off in turn, from the first to the last."""

    badge: str
    shift: str
    pattern: tuple[int, ...]
    first_on: date
    last_on: date | None = None

    def gives(self, on: date) -> bool:
        begun = self.first_on <= on and (self.last_on is None or on <= self.last_on)
        return begun and works(self.pattern, (on - self.first_on).days)


@dataclass(frozen=True)
class Duty:
    """One officer's time on the street."""

    badge: str
    begins: float
    ends: float


@dataclass(frozen=True)
class Calendar:
    """Which day and time an hour of simulated life is, by the department's clocks."""

    first: date  # hour 0 is its midnight
    zone: tzinfo

    def day(self, number: int) -> date:
        return self.first + timedelta(days=number)

    def hour(self, on: date, at: time) -> float:
        """When clocks show this time on this day; a time they skip is as late as it would be."""
        shown = datetime.combine(on, at, tzinfo=self.zone)
        return self.hour_of(shown)

    def hour_of(self, instant: datetime) -> float:
        begin = datetime.combine(self.first, time(), tzinfo=self.zone).astimezone(UTC)
        return (instant.astimezone(UTC) - begin) / HOUR

    def clock(self, hour: float) -> datetime:
        """What the department's clocks show at this hour."""
        begin = datetime.combine(self.first, time(), tzinfo=self.zone).astimezone(UTC)
        return (begin + hour * HOUR).astimezone(self.zone)


class Roster:
    """Who is on, on any day: whoever a rotation gives."""

    def __init__(
        self, shifts: Collection[ShiftRow], rotations: Sequence[RotationRow], calendar: Calendar
    ) -> None:
        self.shifts = {shift.code: shift for shift in shifts}
        self.rotations, self.calendar = rotations, calendar

    def of_day(self, day: int) -> list[Duty]:
        """The duties that begin on this day."""
        on = self.calendar.day(day)
        return [
            self._duty(rotation.badge, self.shifts[rotation.shift], on)
            for rotation in self.rotations
            if rotation.gives(on)
        ]

    def _duty(self, badge: str, shift: ShiftRow, on: date) -> Duty:
        ends_on = on if shift.ends > shift.begins else on + timedelta(days=1)
        begins = self.calendar.hour(on, shift.begins)
        return Duty(badge, begins, self.calendar.hour(ends_on, shift.ends))


def works(pattern: Sequence[int], day: int) -> bool:
    """Whether this day of the pattern is a day on: 5 on, 2 off, 4 on, 2 off."""
    left = day % sum(pattern)
    for turn, length in enumerate(pattern):
        if left < length:
            return turn % 2 == 0
        left -= length
    raise AssertionError("a remainder is smaller than the whole")
