"""What spells show of a battery, without a database."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.battery.learning import Spell, learn
from devices.battery.rules import NOTHING

NOW = datetime(2030, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def duty(days_ago: float, *, buffering=6.5, recording=12.0, hours=7.5, recorded_h=0.5) -> Spell:
    """A duty as a camera tells of it: in whole percent."""
    return Spell(
        NOW - days_ago * DAY,
        docked=False,
        buffering_h=hours,
        buffering_drop=round(buffering * hours),
        recording_h=recorded_h,
        recording_drop=round(recording * recorded_h),
    )


def charge(days_ago: float, *, fast=32.0, slow=10.0, knee=80.0, since=30.0) -> Spell:
    middle_h = (knee - 70) / fast + (90 - knee) / slow
    return Spell(
        NOW - days_ago * DAY,
        docked=True,
        charge_h=(70 - since) / fast,
        charge_rise=70 - since,
        middle_h=middle_h,
        middle_rise=20.0,
        top_up_h=10 / slow,
        top_up_rise=10.0,
    )


def test_no_spells_show_nothing():
    assert learn([], NOW) == NOTHING


def test_a_month_of_duties_shows_each_drain_and_how_much_it_rests_on():
    shown = learn([duty(n) for n in range(30)], NOW)

    assert shown.buffering_percent_h == pytest.approx(6.5, rel=0.02)
    assert shown.recording_percent_h == pytest.approx(12, rel=0.02)
    assert shown.duty_percent_h == pytest.approx(55 / 8, rel=0.02)
    assert shown.recording_share == pytest.approx(0.5 / 8)
    assert shown.buffering_hours_seen == 100, "evidence is capped"


def test_a_charge_shows_both_speeds_and_the_knee_between_them():
    shown = learn([charge(n, fast=40, slow=8, knee=83) for n in range(8)], NOW)

    assert (shown.charge_percent_h, shown.top_up_percent_h) == (40, 8)
    assert shown.knee_percent == pytest.approx(83)


@pytest.mark.parametrize("wrong", [duty(1, buffering=0), duty(1, buffering=300)])
def test_a_duty_told_by_a_wrong_clock_moves_nothing(wrong):
    usual = [duty(n) for n in range(2, 12)]

    assert learn([*usual, wrong], NOW).buffering_percent_h == pytest.approx(
        learn(usual, NOW).buffering_percent_h
    )


def test_one_strange_duty_is_no_other_battery():
    shown = learn([*(duty(n) for n in range(2, 20)), duty(1, buffering=9.0)], NOW)

    assert shown.buffering_percent_h == pytest.approx(6.5, rel=0.03)


@pytest.mark.parametrize("other", [9.3, 5.0])
def test_another_battery_starts_anew(other):
    before = [duty(n) for n in range(3, 30)]

    shown = learn([*before, duty(2, buffering=other), duty(1, buffering=other)], NOW)

    assert shown.buffering_percent_h == pytest.approx(other, rel=0.02)
    assert shown.buffering_hours_seen < 16


def test_short_walks_from_a_cruiser_are_taken_together():
    walks = [duty(n / 10, hours=0.4, recorded_h=0.0) for n in range(100)]

    shown = learn(walks, NOW)

    assert shown.buffering_percent_h == pytest.approx(6.5, rel=0.2)
    assert shown.buffering_hours_seen > 20


def test_what_recording_adds_by_chance_is_the_error_of_the_hours():
    chance = random.Random(3)
    even = [duty(n) for n in range(20)]
    uneven = [duty(n, recorded_h=chance.lognormvariate(-0.5, 0.9)) for n in range(20)]

    assert learn(even[:4], NOW).error_share is None, "too few to tell"
    assert learn(even, NOW).error_share == pytest.approx(0, abs=0.01)
    assert 0.02 < learn(uneven, NOW).error_share < 0.2


def test_recent_spells_weigh_more():
    slowly = [duty(n, buffering=8.0 - n / 40) for n in range(80)]

    assert learn(slowly, NOW).buffering_percent_h > 7.4, "the middle of all would be 7.0"


spells = st.lists(
    st.builds(
        Spell,
        began_at=st.floats(1, 120).map(lambda days: NOW - days * DAY),
        docked=st.booleans(),
        buffering_h=st.floats(0, 20),
        buffering_drop=st.integers(-5, 100),
        recording_h=st.floats(0, 5),
        recording_drop=st.integers(-5, 100),
        sleep_h=st.floats(0, 5),
        sleep_drop=st.integers(-5, 100),
        charge_h=st.floats(0, 9),
        charge_rise=st.integers(-5, 70),
        middle_h=st.floats(0, 9),
        middle_rise=st.integers(-5, 20),
        top_up_h=st.floats(0, 9),
        top_up_rise=st.integers(-5, 10),
    ),
    max_size=30,
)


@given(spells, st.randoms())
def test_whatever_was_said_figures_are_possible_and_order_does_not_matter(said, chance):
    shown = learn(said, NOW)

    assert all(value is None or value >= 0 for value in shown)
    again = list(said)
    chance.shuffle(again)
    assert learn(again, NOW) == shown


@given(st.sets(st.integers(0, 29), max_size=29))
def test_what_is_missing_never_changes_the_figures(missing):
    """Half an hour and eight hours are told exactly in whole percent, so only gaps differ."""
    kept = [duty(n, buffering=6.0, hours=8.0) for n in range(30) if n not in missing]

    shown = learn(kept, NOW)

    assert shown.buffering_percent_h == pytest.approx(6.0)
    assert shown.recording_percent_h == pytest.approx(12.0)
    assert shown.duty_percent_h == pytest.approx(54 / 8.5)
