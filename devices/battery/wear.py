"""How a battery wears, until when it carries a shift, and what keeping it costs. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations
from math import erf, sqrt
from statistics import median
from typing import NamedTuple

from devices.battery.learning import SWAPPED
from devices.battery.rules import Figures

MONTH_DAYS = 30.4
LEAST_MONTHS = 3  # fewer say nothing of a trend
FARTHEST = timedelta(days=2 * 365)  # a trend is not carried on further than this
FOUR_FIFTHS_SIGMAS = 1.2816  # four of five forecasts lie within so many standard deviations
LEAST_SPREAD = 0.02  # no duty is like the other


class Month(NamedTuple):
    """A capacity in a month, in percent of a new battery's, and the hours it rests on."""

    month: date
    capacity_percent: float
    hours_seen: float


@dataclass(frozen=True, slots=True)
class Wear:
    """What a battery holds, what it loses in a month, and what that means for a shift.

    ``fails_of`` the duties of a month it fails ``fails`` now and ``fails_soon`` in half a year.
    ``carries_until`` is None for one that carries the shift as far as anybody can see.
    """

    capacity_percent: float
    loses_a_month: float | None
    full_hours: float
    fails_of: float
    fails: float
    fails_soon: float
    carries_until: date | None


def wear(
    capacity_percent: float, months: Sequence[Month], by: Figures, *, needed_h: float, today: date
) -> Wear:
    """What this battery's months say, for duties that need ``needed_h`` of a full battery."""
    own = since_swap(sorted(months))
    loses = loses_a_month(own)
    duties = own[-1].hours_seen / needed_h if own else 0.0
    if len(own) > 1:  # the month that has only begun says little of how much it is used
        duties = max(duties, own[-2].hours_seen / needed_h)
    later = capacity_after(capacity_percent, loses, 6)
    return Wear(
        capacity_percent=capacity_percent,
        loses_a_month=loses,
        full_hours=by.full_hours,
        fails_of=duties,
        fails=duties * failing_share(by.full_hours, by.error_share, needed_h),
        fails_soon=duties
        * failing_share(by.full_hours * later / capacity_percent, by.error_share, needed_h),
        carries_until=_carries_until(capacity_percent, loses, by, needed_h, today),
    )


def since_swap(months: Sequence[Month]) -> Sequence[Month]:
    """The months of the battery in it now: capacity does not jump, batteries are swapped."""
    for n in range(len(months) - 1, 0, -1):
        if abs(months[n].capacity_percent / months[n - 1].capacity_percent - 1) > SWAPPED:
            return months[n:]
    return months


def loses_a_month(months: Sequence[Month]) -> float | None:
    """Percent of a new battery lost in a month: the middle of what any two months say."""
    if len(months) < LEAST_MONTHS:
        return None
    slopes = [
        (one.capacity_percent - other.capacity_percent) / _months_between(one, other)
        for one, other in combinations(months, 2)
    ]
    return max(0.0, median(slopes))


def capacity_after(capacity_percent: float, loses: float | None, months: float) -> float:
    return max(1.0, capacity_percent - (loses or 0.0) * months)


def failing_share(full_hours: float, error_share: float, needed_h: float) -> float:
    """How many of all duties end with an empty battery, from how much duties differ."""
    spread = max(LEAST_SPREAD, error_share / FOUR_FIFTHS_SIGMAS)
    return 0.5 * (1 + erf((needed_h / full_hours - 1) / spread / sqrt(2)))


def _carries_until(
    capacity_percent: float, loses: float | None, by: Figures, needed_h: float, today: date
) -> date | None:
    """The day from which not even the usual duty is carried to its end."""
    spare = 1 - needed_h / by.full_hours
    if spare <= 0:
        return today
    if not loses:
        return None
    days = capacity_percent * spare / loses * MONTH_DAYS
    return today + timedelta(days=days) if days <= FARTHEST.days else None


def _months_between(one: Month, other: Month) -> float:
    return (other.month - one.month).days / MONTH_DAYS
