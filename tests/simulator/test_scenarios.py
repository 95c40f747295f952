"""The scenarios: each parses, and each does what its sentence says."""

from datetime import UTC, datetime

import pytest

from devices.simulator import numbers, scenarios
from devices.simulator.fleet import Fleet, Wishes
from devices.simulator.scenarios import Outage
from tests.simulator import west

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
NAMES = ["quiet-day", "shift-change", "dock-switch-down", "reconnect-storm", "battery-epidemic"]
NAMES += ["bad-release"]


def test_every_scenario_has_a_sentence() -> None:
    known = scenarios.read()

    assert list(known) == NAMES
    assert all(scenario.says.endswith(".") for scenario in known.values())


def test_shift_change_starts_twenty_minutes_before_the_evening_shift() -> None:
    assert 60 * (15 - scenarios.read()["shift-change"].start_hour) == pytest.approx(20, abs=0.1)


def test_an_outage_comes_lasts_and_comes_again() -> None:
    storm = Outage(after_s=10, lasts_s=5, every_s=30, docks_percent=100)

    down = [second for second in range(80) if storm.is_on(second)]

    assert down == [*range(10, 15), *range(40, 45), *range(70, 75)]


def test_an_outage_that_comes_once_stays_away() -> None:
    once = Outage(after_s=10, lasts_s=5, docks_percent=30)

    assert [second for second in range(500) if once.is_on(second)] == list(range(10, 15))


def test_the_epidemic_takes_half_the_capacity_of_two_cameras_in_five() -> None:
    rows = west.inventory()
    wishes = Wishes(scenario=scenarios.read()["battery-epidemic"], boot=1)
    real = numbers.read()
    pace = real.pace.model_copy(update={"lead_in_h": 0.0, "step_s": 300.0})
    hurried = real.model_copy(update={"pace": pace})
    made = Fleet(rows, {}, wishes=wishes, now=NOW, numbers=hurried)
    before = {c.serial: c.battery.capacity for c in made.town.cameras.values()}

    made.town.live(25 * 3600, NOW)

    lost = [c.battery.capacity / before[c.serial] for c in made.town.cameras.values()]
    assert sum(share < 0.6 for share in lost) == pytest.approx(56, abs=3)
