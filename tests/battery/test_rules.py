"""A battery as hours, as tables, without a database."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.battery import rules
from devices.battery.rules import Learned
from devices.wire import Mode

AT = datetime(2030, 1, 1, 3, 0, tzinfo=UTC)
SHOWN = Learned(
    buffering_percent_h=6.5,
    buffering_hours_seen=60.0,
    recording_percent_h=12.0,
    recording_hours_seen=8.0,
    charge_percent_h=40.0,
    top_up_percent_h=10.0,
    charge_hours_seen=30.0,
    duty_percent_h=7.0,
    error_share=0.05,
)
NEW = rules.figures(None, model_hours=12.0, health_percent=None)
OWN = rules.figures(SHOWN, model_hours=12.0, health_percent=90)


@pytest.mark.parametrize(
    ("model_hours", "health_percent", "buffering_percent_h"),
    [(10.0, None, 10.0), (10.0, 80, 12.5), (10.0, 0, 10.0), (None, None, 100 / 12)],
)
def test_a_camera_that_has_shown_nothing_has_its_models_figures(
    model_hours, health_percent, buffering_percent_h
):
    by = rules.figures(None, model_hours=model_hours, health_percent=health_percent)

    assert by.buffering_percent_h == pytest.approx(buffering_percent_h)


def test_a_camera_moves_from_its_models_figures_to_its_own_as_it_shows_more():
    seen = [0.0, 4.0, 40.0, 4000.0]
    shown = [Learned(buffering_percent_h=5.0, buffering_hours_seen=hours) for hours in seen]

    by = [rules.figures(one, model_hours=10.0, health_percent=None) for one in shown]

    assert [one.buffering_percent_h for one in by] == pytest.approx([10, 7.5, 5.4545, 5.005], 1e-3)


@pytest.mark.parametrize("shown", [None, SHOWN, SHOWN._replace(capacity_percent=99.0)])
@pytest.mark.parametrize("of", [(12.0, None), (None, 60)])
def test_what_hours_follow_from_is_the_same_alone(shown, of):
    model_hours, health_percent = of

    alone = rules.drain(shown, model_hours=model_hours, health_percent=health_percent)

    whole = rules.figures(shown, model_hours=model_hours, health_percent=health_percent)
    assert alone == (whole.duty_percent_h, whole.error_share)


def test_an_unknown_model_is_less_sure_and_a_camera_that_has_shown_much_is_surer():
    unknown = rules.figures(None, model_hours=None, health_percent=None)

    assert unknown.error_share > NEW.error_share > OWN.error_share


def test_a_battery_that_lost_half_since_lasts_half_as_long_as_it_has_shown():
    sure = SHOWN._replace(buffering_hours_seen=1e9, capacity_percent=90.0)

    before = rules.figures(sure, model_hours=12.0, health_percent=90)
    after = rules.figures(sure, model_hours=12.0, health_percent=45)

    assert rules.hours_left(100, after).hours == pytest.approx(
        rules.hours_left(100, before).hours / 2
    )


@pytest.mark.parametrize("health_percent", [None, 0, 100, 80])
def test_what_a_camera_says_of_its_battery_is_no_news_near_what_it_has_shown(health_percent):
    sure = SHOWN._replace(buffering_hours_seen=1e9, capacity_percent=90.0)

    by = rules.figures(sure, model_hours=12.0, health_percent=health_percent)

    assert by.duty_percent_h == pytest.approx(7.0)


@pytest.mark.parametrize(
    ("percent", "after_h", "then"),
    [(0, 1, 40), (60, 0.5, 80), (60, 1.0, 85), (80, 1, 90), (95, 5, 100), (100, 1, 100)],
)
def test_a_charge_is_fast_to_the_knee_and_slow_above_it(percent, after_h, then):
    by = rules.figures(
        Learned(charge_percent_h=40.0, top_up_percent_h=10.0, charge_hours_seen=1e9),
        model_hours=None,
        health_percent=None,
    )

    assert rules.percent_at(percent, after_h, by, charging=True) == pytest.approx(then, abs=1e-4)


@pytest.mark.parametrize(
    ("mode", "then"), [("buffering", 25), ("recording", 3.85), ("sleep", 44.2), ("off", 49.8)]
)
def test_a_camera_that_is_out_drains_by_its_mode(mode, then):
    by = rules.figures(None, model_hours=12.0, health_percent=None)

    assert rules.percent_at(50, 3, by, charging=False, mode=Mode(mode)) == pytest.approx(then, 0.01)


def test_hours_are_of_duty_and_lie_between_what_is_likely():
    left = rules.hours_left(50, NEW)

    assert left.low < left.hours < left.high
    assert left.hours == pytest.approx(50 / NEW.duty_percent_h)
    assert left.hours < 6, "recording takes its share"


def test_a_charge_still_to_come_makes_the_low_end_lower():
    now, then = rules.hours_left(80, NEW), rules.hours_at(40, 1.2375, NEW, charging=True)

    assert then.hours == pytest.approx(now.hours)
    assert then.low < now.low


def test_a_full_battery_is_as_sure_as_one_that_need_not_charge():
    assert rules.hours_at(50, 12, OWN, charging=True) == rules.hours_left(100, OWN)


def test_it_is_ready_when_even_the_low_end_has_the_hours():
    at = rules.ready_at(20, AT, 8.0, OWN)

    assert at is not None
    charged = rules.percent_at(20, (at - AT) / timedelta(hours=1), OWN, charging=True)
    assert rules.hours_left(charged, OWN).low == pytest.approx(8.0)


def test_it_is_ready_at_once_with_enough_and_never_with_a_battery_too_small():
    worn = rules.figures(None, model_hours=12.0, health_percent=50)

    assert rules.ready_at(100, AT, 8.0, OWN) == AT
    assert rules.ready_at(100, AT, 8.0, worn) is None


@pytest.mark.parametrize(("needed_h", "lasts_h"), [(8.75, 8.0), (8.0, 8.0), (13.5, 8.0)])
def test_enough_is_the_hours_needed_as_foretold_and_the_shift_at_worst(needed_h, lasts_h):
    at = rules.enough_at(20, AT, OWN, needed_h=needed_h, lasts_h=lasts_h)

    assert at is not None
    charged = rules.percent_at(20, (at - AT) / timedelta(hours=1), OWN, charging=True)
    left = rules.hours_left(charged, OWN)
    assert left.hours >= needed_h - 1e-6
    assert left.low >= lasts_h - 1e-6
    assert left.hours < needed_h + 0.1 or left.low < lasts_h + 0.1, "and not a moment later"


def test_a_battery_that_lacks_either_never_has_enough():
    assert rules.enough_at(100, AT, OWN, needed_h=20.0, lasts_h=8.0) is None
    assert rules.enough_at(100, AT, OWN, needed_h=8.0, lasts_h=14.0) is None


percents = st.floats(0, 100)
spans = st.floats(0, 1000)
shown = st.builds(
    Learned,
    buffering_percent_h=st.none() | st.floats(1, 60),
    buffering_hours_seen=st.floats(0, 500),
    recording_percent_h=st.none() | st.floats(1, 99),
    recording_hours_seen=st.floats(0, 100),
    sleep_percent_h=st.none() | st.floats(0.1, 30),
    sleep_hours_seen=st.floats(0, 100),
    charge_percent_h=st.none() | st.floats(1, 200),
    top_up_percent_h=st.none() | st.floats(1, 100),
    charge_hours_seen=st.floats(0, 500),
    duty_percent_h=st.none() | st.floats(1, 99),
    knee_percent=st.none() | st.floats(70, 90),
    recording_share=st.none() | st.floats(0, 1),
    capacity_percent=st.none() | st.floats(1, 120),
    error_share=st.none() | st.floats(0, 0.9),
)
any_figures = st.builds(
    rules.figures,
    st.none() | shown,
    model_hours=st.none() | st.floats(1, 48),
    health_percent=st.none() | st.integers(0, 100),
)


@given(percents, spans, spans, any_figures, st.booleans(), st.sampled_from(Mode))
def test_a_charge_only_rises_a_drain_only_falls_and_neither_leaves_the_scale(
    percent, sooner, later, by, charging, mode
):
    sooner, later = sorted((sooner, later))

    first = rules.percent_at(percent, sooner, by, charging=charging, mode=mode)
    then = rules.percent_at(percent, later, by, charging=charging, mode=mode)

    assert 0 <= first <= 100
    assert 0 <= then <= 100
    assert then >= first - 1e-9 if charging else then <= first + 1e-9


@given(percents, percents, spans, any_figures, st.booleans())
def test_more_charge_never_means_fewer_hours(less, more, after_h, by, charging):
    less, more = sorted((less, more))

    fewer = rules.hours_at(less, after_h, by, charging=charging)
    many = rules.hours_at(more, after_h, by, charging=charging)

    assert many.hours >= fewer.hours - 1e-9
    assert many.low >= fewer.low - 1e-9
    assert 0 <= many.low <= many.hours <= many.high


@given(percents, st.floats(0, 24), any_figures)
def test_a_camera_has_the_hours_when_it_was_said_to_be_ready(percent, wanted_h, by):
    at = rules.ready_at(percent, AT, wanted_h, by)

    if at is None:
        assert rules.hours_left(100, by).low < wanted_h
    else:
        charged = rules.percent_at(percent, (at - AT) / timedelta(hours=1), by, charging=True)
        assert rules.hours_left(charged, by).low >= wanted_h - 1e-3
