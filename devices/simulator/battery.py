"""A battery: how it empties, fills and ages. No clock, no chance: spans of hours go in."""

from dataclasses import dataclass

from devices.simulator.numbers import BatteryNumbers
from devices.wire import Mode

CYCLE = 1.0  # one full cycle drains one new battery's capacity


@dataclass(slots=True)
class Battery:
    """``charge`` and ``capacity`` are shares of what a new battery holds."""

    numbers: BatteryNumbers
    capacity_when_new: float
    full_hours: float
    cycles: float = 0.0
    charge: float = 0.0

    @property
    def capacity(self) -> float:
        """What it holds now: a twenty-fifth of a percent less with every full cycle."""
        return self.capacity_when_new * max(0.05, 1 - self.numbers.wear_per_cycle * self.cycles)

    @property
    def level(self) -> float:
        """0 to 1 of what it holds now."""
        return min(1.0, self.charge / self.capacity)

    @property
    def percent(self) -> int:
        return round(100 * self.level)

    @property
    def health_percent(self) -> int:
        return min(100, round(100 * self.capacity))

    @property
    def flat(self) -> bool:
        return self.charge <= 0

    def drain(self, mode: Mode, hours: float) -> None:
        """Let ``hours`` in ``mode`` go by without a charger."""
        used = min(self.charge, drain_percent_h(mode, self.numbers) / 100 * hours)
        self.charge -= used
        self.cycles += used / CYCLE

    def fill(self, hours: float, *, full_hours: float | None = None) -> None:
        """Charge for ``hours``: 80 % come in 55 % of the full time, the rest slower."""
        whole = self.full_hours if full_hours is None else max(full_hours, self.full_hours)
        self.charge = self.capacity * level_after(self.level, hours / whole, self.numbers)

    def lose(self, share: float) -> None:
        """Get sick: ``share`` of the capacity is gone for good."""
        self.capacity_when_new = max(0.1, self.capacity_when_new * (1 - share))
        self.charge = min(self.charge, self.capacity)


def drain_percent_h(mode: Mode, numbers: BatteryNumbers) -> float:
    match mode:
        case Mode.RECORDING:
            return numbers.drain_recording_percent_h
        case Mode.BUFFERING:
            return numbers.drain_buffering_percent_h
        case Mode.SLEEP:
            return numbers.drain_sleep_percent_h
        case Mode.OFF:
            return numbers.drain_off_percent_h


def level_after(level: float, share_of_full_time: float, numbers: BatteryNumbers) -> float:
    """The level after charging for this share of the time a whole charge takes."""
    knee, at = numbers.fast_until_percent / 100, numbers.fast_share_of_time
    been = level / knee * at if level < knee else at + (level - knee) / (1 - knee) * (1 - at)
    then = min(1.0, been + share_of_full_time)
    return then / at * knee if then < at else knee + (then - at) / (1 - at) * (1 - knee)
