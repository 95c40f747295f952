"""A battery's charts, without a database."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dashboard import battery_charts as charts
from devices.battery import rules
from devices.battery.models import Forecast
from devices.battery.outlook import Outlook
from devices.battery.retirement import Column
from devices.battery.rules import NOTHING
from devices.battery.wear import Month
from devices.wire import Mode

HARTFORD = ZoneInfo("America/New_York")
NOON = datetime(2026, 11, 24, 17, tzinfo=UTC)  # noon in Hartford


def an_outlook(percent: int, *, charging: bool) -> charts.OutlookChart:
    by = rules.figures(None, model_hours=12.0, health_percent=None)
    one = Outlook(1, NOON, percent, charging, Mode.OFF, by, NOTHING)
    return charts.outlook(one, now=NOON, needed_h=8.75, zone=HARTFORD, name="C0417")


def test_a_charge_rises_to_its_top_within_its_range():
    chart = an_outlook(20, charging=True)

    hours = [row.hours.hours for row in chart.rows]
    assert hours == sorted(hours)
    assert all(
        row.hours.low <= row.hours.hours <= row.hours.high <= chart.top for row in chart.rows
    )
    assert chart.line.startswith("M0.0 ")
    assert chart.area.endswith("Z")
    assert chart.points[0].words.endswith("at 12:00")


def test_what_a_shift_needs_is_on_the_chart_of_an_empty_battery_too():
    chart = an_outlook(0, charging=False)

    assert chart.top == 10
    assert chart.limit_y == "12.50%"


def a_forecast(had: float) -> Forecast:
    return Forecast(for_at=NOON, hours=10.0, low_hours=9.0, high_hours=11.0, actual_hours=had)


def test_a_duty_outside_what_was_foretold_is_marked():
    chart = charts.held([a_forecast(10.5), a_forecast(8.0)], HARTFORD)

    assert [mark.outside for mark in chart.marks] == [False, True]
    assert (chart.bottom, chart.top) == (6, 12)
    assert (chart.marks[0].high_y, chart.marks[0].height) == ("16.67%", "33.33%")
    assert chart.rows[0].off_h == -2.0, "the newest first in the table"
    assert chart.words == "Of the last 2 duties 1 had the hours that were foretold."


@pytest.mark.parametrize(("loses", "foretold"), [(None, False), (0.5, True)])
def test_wear_is_only_foretold_with_a_trend(loses, foretold):
    months = [Month(date(2026, n, 1), 90.0 - n, 150.0) for n in range(1, 7)]

    chart = charts.wear(months, loses=loses, limit_percent=70, name="C0417")

    assert bool(chart.predicted) == foretold
    assert chart.words == "C0417 held 89 % of a new battery in Jan 2026 and 84 % in Jun 2026."


def test_one_month_is_a_point_that_can_be_drawn():
    chart = charts.wear(
        [Month(date(2026, 1, 1), 90.0, 150.0)], loses=None, limit_percent=70, name="C0417"
    )

    assert chart.points[0].x == "0.00%"


def test_each_camera_is_a_dot_until_there_are_too_many():
    few = charts.spreads([Column(1, "A", 70, 3, 1), Column(1, "A", 90, 2, 0)], 71)
    many = charts.spreads([Column(1, "A", 70, 3, 1), Column(2, "B", 90, 1200, 0)], 71)

    assert [dot.short for dot in few[0].dots] == [True, False, False, False, False]
    assert few[0].words == "A: 5 cameras, 1 hold less than 71 %."
    assert [len(one.dots) for one in many] == [1, charts.DOTS]
    assert many[0].a_dot_is == 100


def test_a_capacity_beyond_the_chart_lies_at_its_edge():
    chart = charts.spreads([Column(1, "A", 20, 1, 1), Column(1, "A", 130, 1, 0)], 70)[0]

    assert [dot.x for dot in chart.dots] == ["0.00%", "100.00%"]


def test_charts_begin_now_in_the_departments_time():
    chart = an_outlook(50, charging=True)

    assert [tick.words for tick in chart.ticks] == ["15:00", "18:00", "21:00"]
    assert chart.rows[0].at == NOON
    assert chart.rows[-1].at == NOON + timedelta(hours=12)
