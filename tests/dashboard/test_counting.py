"""Counts of a large fleet are remembered, fresh, and never wrong for long."""

from datetime import timedelta

import pytest
import time_machine
from django.utils.timezone import now

from dashboard.counting import FRESH, TOO_OLD, Counter
from devices.access.people import Visible
from tests import rows
from tests.browser.serving import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def cameras(counter: Counter) -> int:
    return sum(counter.counts(Visible()).counts.values())


def test_a_fresh_count_is_not_made_again() -> None:
    station, counter = rows.a_station(), Counter()
    rows.a_camera(1, station, now())

    first = cameras(counter)
    rows.a_camera(2, station, now())

    assert (first, cameras(counter)) == (1, 1)
    assert counter.many(Visible(), 0)
    assert not counter.many(Visible(), 1)


def test_an_old_count_is_shown_while_a_new_one_is_made() -> None:
    station, counter = rows.a_station(), Counter()
    cameras(counter)
    rows.a_camera(1, station, now())

    with time_machine.travel(now() + FRESH + timedelta(seconds=1), tick=True):
        assert cameras(counter) == 0
        wait_until(lambda: cameras(counter) == 1)


def test_a_very_old_count_is_waited_for() -> None:
    station, counter = rows.a_station(), Counter()
    cameras(counter)
    rows.a_camera(1, station, now())

    with time_machine.travel(now() + TOO_OLD + timedelta(seconds=1), tick=True):
        assert cameras(counter) == 1
