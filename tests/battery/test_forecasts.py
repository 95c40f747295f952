"""Forecasts against what simulated batteries then had, day by day through the database."""

from statistics import median

import pytest

from tests.battery.lives import Lives, foretold

pytestmark = pytest.mark.django_db


def test_after_two_weeks_hours_are_foretold_within_half_an_hour_at_eight(noon):
    lives = Lives(cameras=20, begins=noon, seed=5, step_s=300)

    found = foretold(lives, days=20, counted_after=10)

    assert median(one.off_at_8h for one in found.at_start) < 0.5
    assert median(one.off_at_8h for one in found.ahead) < 0.5
    assert median(found.charge_off) < 3
    assert len(found.at_start) > 70
    assert sum(one.covered for one in found.at_start) > 0.75 * len(found.at_start)
    widths = [(one.hours.high - one.hours.low) / one.hours.hours for one in found.at_start]
    assert median(widths) < 0.5, "an answer so wide that it says nothing is no answer"
