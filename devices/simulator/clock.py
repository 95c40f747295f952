"""Clocks that are a little wrong, and clocks that are badly wrong. Nothing here reads one."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from devices.simulator.numbers import ClockNumbers

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST_SINCE_S = 86_400  # it has counted from 1970 for up to a day
YEAR = timedelta(days=365.25)


@dataclass(slots=True)
class Clock:
    """What a device believes the time to be: an error at ``since`` and a drift from then on."""

    since: datetime
    error_s: float = 0.0
    drift_ppm: float = 0.0
    wrong_s: float = 0.0

    def ahead_s(self, now: datetime) -> float:
        """This clock less the true time."""
        drifted = (now - self.since).total_seconds() * self.drift_ppm / 1e6
        return self.error_s + drifted + self.wrong_s

    def says(self, now: datetime) -> datetime:
        return now + timedelta(seconds=self.ahead_s(now))

    def go_wrong(self, now: datetime, random: Random, numbers: ClockNumbers) -> None:
        """Have started from 1970, as after an empty back-up cell, or be years ahead."""
        if random.random() < numbers.starts_1970_share:
            running_s = random.uniform(0, LONGEST_SINCE_S)
            self.wrong_s = (EPOCH - now).total_seconds() + running_s - self.error_s
        else:
            self.wrong_s = (YEAR * numbers.years_ahead).total_seconds()

    def mend(self) -> None:
        self.wrong_s = 0.0


def of_a_camera(now: datetime, random: Random, numbers: ClockNumbers) -> Clock:
    clock = Clock(
        since=now,
        error_s=random.gauss(0, numbers.error_spread_s),
        drift_ppm=random.gauss(0, numbers.drift_spread_ppm),
    )
    if random.random() < numbers.wrong_share:
        clock.go_wrong(now, random, numbers)
    return clock


def of_a_dock(now: datetime, random: Random, numbers: ClockNumbers) -> Clock:
    return Clock(since=now, error_s=random.gauss(0, numbers.dock_error_spread_s))
