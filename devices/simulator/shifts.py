"""Who works when. Hours are counted from a Monday midnight of the simulated calendar."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from devices.simulator.numbers import ShiftNumbers

DAY = 24.0  # hours


@dataclass(frozen=True)
class Duty:
    """One officer's time on the street."""

    badge: str
    begins: float
    ends: float


@dataclass(frozen=True)
class Place:
    """An officer's shift, and where in the pattern of days on and off day 0 finds them."""

    badge: str
    shift: int
    phase: int


class Roster:
    """The patrol officers, spread over shifts and over the pattern so that days are alike."""

    def __init__(self, badges: Sequence[str], numbers: ShiftNumbers, random: Random) -> None:
        self.numbers, self.random = numbers, random
        shifts = len(numbers.starts_h)
        chosen = badges[: round(numbers.officers_a_day / days_on_share(numbers.pattern))]
        in_shift = max(1, len(chosen) / shifts)
        cycle = sum(numbers.pattern)
        self.places = [
            Place(badge, i % shifts, int((i // shifts) * cycle / in_shift) % cycle)
            for i, badge in enumerate(chosen)
        ]

    def of_day(self, day: int) -> list[Duty]:
        """The duties that begin on this day, some of them double shifts."""
        return [
            self._duty(place, day)
            for place in self.places
            if works(self.numbers.pattern, day + place.phase)
        ]

    def _duty(self, place: Place, day: int) -> Duty:
        begins = day * DAY + self.numbers.starts_h[place.shift]
        double = self.random.random() < self.numbers.double_share
        return Duty(place.badge, begins, begins + self.numbers.lasts_h * (2 if double else 1))


def days_on_share(pattern: tuple[int, int, int, int]) -> float:
    return (pattern[0] + pattern[2]) / sum(pattern)


def works(pattern: tuple[int, int, int, int], day: int) -> bool:
    """Whether this day of the pattern is a day on: 5 on, 2 off, 4 on, 2 off."""
    on, off, again, _ = pattern
    at = day % sum(pattern)
    return at < on or on + off <= at < on + off + again
