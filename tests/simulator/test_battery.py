"""A battery empties, fills and ages by the numbers of the field."""

import pytest

from devices.simulator import numbers
from devices.simulator.battery import Battery, level_after
from devices.wire import Mode

NUMBERS = numbers.read().battery


def battery(*, capacity: float = 1.0, full_hours: float = 4.0, charge: float = 1.0) -> Battery:
    return Battery(NUMBERS, capacity_when_new=capacity, full_hours=full_hours, charge=charge)


def test_eleven_hours_buffering_and_one_recording_use_84_percent() -> None:
    worn = battery()

    worn.drain(Mode.BUFFERING, 11)
    worn.drain(Mode.RECORDING, 1)

    assert worn.percent == pytest.approx(100 - 84, abs=1)


@pytest.mark.parametrize(
    ("mode", "hours", "left"),
    [
        (Mode.BUFFERING, 12, 22),
        (Mode.RECORDING, 8, 4),
        (Mode.SLEEP, 24, 64),
        (Mode.OFF, 24 * 30, 64),
        (Mode.RECORDING, 24, 0),
    ],
)
def test_each_mode_drains_at_its_own_rate(mode: Mode, hours: float, left: int) -> None:
    worn = battery()

    worn.drain(mode, hours)

    assert worn.percent == left


@pytest.mark.parametrize(
    ("level", "share_of_full_time", "then"),
    [
        (0.0, 0.55, 0.80),
        (0.0, 1.0, 1.0),
        (0.0, 0.275, 0.40),
        (0.8, 0.45, 1.0),
        (0.9, 0.225, 1.0),
        (0.4, 0.5, 0.90),
        (1.0, 5.0, 1.0),
    ],
)
def test_80_percent_come_in_55_percent_of_the_time(
    level: float, share_of_full_time: float, then: float
) -> None:
    assert level_after(level, share_of_full_time, NUMBERS) == pytest.approx(then)


def test_charging_in_many_steps_is_charging_in_one() -> None:
    in_steps, at_once = battery(charge=0.1), battery(charge=0.1)

    for _ in range(180):
        in_steps.fill(1 / 60)
    at_once.fill(3)

    assert in_steps.level == pytest.approx(at_once.level)


def test_an_old_dock_takes_nine_hours() -> None:
    slow = battery(charge=0.0)

    slow.fill(8.6, full_hours=9)
    assert slow.percent < 100

    slow.fill(0.4, full_hours=9)
    assert slow.percent == 100


def test_a_weak_battery_empties_sooner() -> None:
    weak = battery(capacity=0.6, charge=0.6)

    weak.drain(Mode.BUFFERING, 6)

    assert weak.percent == 35
    assert weak.health_percent == 60


def test_500_cycles_cost_a_fifth_of_the_capacity() -> None:
    old = battery()

    for _ in range(500):
        old.charge = old.capacity
        old.drain(Mode.RECORDING, 100)

    assert old.capacity == pytest.approx(0.8, abs=0.03)


def test_a_sick_battery_never_holds_more_than_its_capacity() -> None:
    sick = battery()

    sick.lose(0.3)

    assert (sick.health_percent, sick.percent) == (70, 100)
