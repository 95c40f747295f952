"""Wear as tables, without a database."""

from datetime import date, timedelta

import pytest

from devices.battery import rules
from devices.battery.rules import Learned
from devices.battery.wear import Month, failing_share, loses_a_month, since_swap, wear

TODAY = date(2030, 12, 15)
NEEDED_H = 8.75


def months(*capacities: float) -> list[Month]:
    first = 13 - len(capacities)
    return [Month(date(2030, first + n, 1), one, 160.0) for n, one in enumerate(capacities)]


def figures(full_hours: float, error_share: float = 0.1) -> rules.Figures:
    shown = Learned(
        buffering_percent_h=100 / full_hours,
        buffering_hours_seen=1e9,
        duty_percent_h=100 / full_hours,
        error_share=error_share,
    )
    return rules.figures(shown, model_hours=12, health_percent=None)


def test_what_it_loses_is_the_middle_and_one_odd_month_moves_little():
    assert loses_a_month(months(90, 89, 88, 87, 86, 85)) == pytest.approx(1.0, rel=0.05)
    assert loses_a_month(months(90, 89, 96, 87, 86, 85)) == pytest.approx(1.0, rel=0.15)


def test_two_months_are_no_trend_and_no_battery_grows():
    assert loses_a_month(months(90, 80)) is None
    assert loses_a_month(months(80, 82, 84)) == 0


@pytest.mark.parametrize("swapped", [(70, 69, 98, 97), (70, 69, 83, 98, 97)])
def test_another_battery_begins_another_trend(swapped):
    assert [one.capacity_percent for one in since_swap(months(*swapped))] == [98, 97]


def test_it_carries_the_shift_until_its_hours_have_worn_down_to_it():
    shown = wear(80, months(*range(90, 79, -1)), figures(10.0), needed_h=NEEDED_H, today=TODAY)

    assert shown.carries_until is not None
    left = shown.carries_until - TODAY
    assert left == pytest.approx(timedelta(days=10 * 30.4), abs=timedelta(days=20))


@pytest.mark.parametrize(
    ("full_hours", "capacities", "carries_until"),
    [
        (8.0, (70, 69, 68), TODAY),
        (14.0, (97, 97, 97), None),
        (14.0, (97.2, 97.1, 97.0), None),
        (9.0, (80,), None),
    ],
)
def test_a_short_battery_does_not_carry_it_today_and_a_good_one_for_as_long_as_one_sees(
    full_hours, capacities, carries_until
):
    by = figures(full_hours)

    shown = wear(capacities[-1], months(*capacities), by, needed_h=NEEDED_H, today=TODAY)

    assert shown.carries_until == carries_until


def test_half_of_all_duties_fail_when_the_hours_are_just_those_needed():
    assert failing_share(NEEDED_H, 0.1, NEEDED_H) == pytest.approx(0.5)
    assert failing_share(7.0, 0.1, NEEDED_H) > 0.98
    assert failing_share(12.0, 0.1, NEEDED_H) < 0.01


def test_waiting_costs_the_shifts_it_will_fail():
    shown = wear(
        75, months(81, 80, 79, 78, 77, 76, 75), figures(9.2), needed_h=NEEDED_H, today=TODAY
    )

    assert shown.fails_of == pytest.approx(160 / NEEDED_H)
    assert 2 < shown.fails < 10 < shown.fails_soon < shown.fails_of
