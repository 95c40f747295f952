"""Forecasts against what simulated batteries then had, day by day through the database."""

from statistics import median

import pytest

from tests.battery.lives import Lives, foretold

pytestmark = pytest.mark.django_db


def test_after_two_weeks_hours_are_foretold_within_half_an_hour_at_eight(noon):
    lives = Lives(cameras=24, begins=noon, seed=5, step_s=300)

    found = foretold(lives, days=24, counted_after=12)

    import sys

    for name in ("at_start", "ahead", "charging"):
        l = getattr(found, name)
        if l:
            print(
                name,
                len(l),
                median(o.off_at_8h for o in l),
                median(o.off_h for o in l),
                sum(o.covered for o in l) / len(l),
                file=sys.stderr,
            )
    assert median(one.off_at_8h for one in found.at_start) < 0.5
