"""A dock's clock is read from what its messages show, whatever time those took to come."""

from datetime import timedelta
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.health.rules import clock_behind

FAST = timedelta(days=-400)  # a dock whose clock is years ahead is as good as any
A_MINUTE = timedelta(minutes=1)


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


@pytest.mark.parametrize(
    ("known", "shown", "behind"),
    [
        (None, FAST, FAST),
        (FAST, FAST + seconds(5), FAST),  # it was five seconds on the way
        (FAST + seconds(5), FAST, FAST),  # and the one before it was
        (FAST, FAST + seconds(61), FAST + seconds(61)),  # the clock was set back
        (FAST, seconds(0), seconds(0)),  # or set right
    ],
)
def test_the_least_that_was_shown_is_believed_until_the_clock_is_set(known, shown, behind):
    assert clock_behind(known, shown, seconds(0)) == behind


def test_a_clock_that_drifts_is_followed():
    a_day = timedelta(days=1)

    assert clock_behind(FAST, FAST + seconds(1.7), a_day) == FAST + seconds(1.7)


@given(st.lists(st.floats(0, 59), min_size=1, max_size=20))
def test_what_a_dock_said_later_happened_later(ways):
    """Messages a second apart; the first of them shows the clock, the others dawdle or not."""
    shown = [FAST, *(FAST + seconds(way) for way in ways)]

    behind = accumulate(shown, lambda known, one: clock_behind(known, one, seconds(1)))
    sent = [seconds(n) + one for n, one in enumerate(behind)]

    assert sent == sorted(sent)
