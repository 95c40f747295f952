"""Five hundred days of stations: nobody is without a camera because of a rollout, and it ends.

`make bench ARGS=rollouts` lives ten thousand.
"""

from datetime import timedelta

import pytest

from tests.rollouts.stations import DAYS, lived

STATIONS = 72  # of seven days each: 504 days


@pytest.mark.parametrize("part", range(4))
def test_nobody_is_short_because_of_a_rollout_and_it_is_done_within_a_week(part):
    weeks = [lived(seed) for seed in range(part * 1000, part * 1000 + STATIONS // 4)]

    assert sum(one.short_because for one in weeks) == 0
    assert all(one.done_after and one.done_after <= timedelta(days=DAYS) for one in weeks)
    assert min(one.succeeded for one in weeks) >= 30
    # The days are hard enough to show it: officers do lack cameras, with a rollout or without.
    assert sum(one.short_anyway for one in weeks) > 0
