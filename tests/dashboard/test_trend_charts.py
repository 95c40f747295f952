"""Trends as values: what was short lies below the line, what was not kept is no number."""

from dataclasses import replace
from datetime import date, timedelta

from dashboard import trend_charts
from dashboard.trend_charts import BASE, BELOW, ROW
from devices.faults.rates import Rate
from devices.readiness.trends import Began, Counted

MONDAY = date(2030, 1, 7)
A_DAY, A_WEEK = timedelta(days=1), timedelta(days=7)


def began(on, margin=2, *, kind=1, shifts=1, kept=None):
    kept = (0 if margin is None else shifts) if kept is None else kept
    numbers = (15, 14, 0, 3, 15) if kept else (0, 0, 0, 0, 0)
    short = int(margin is not None and margin < 0)
    return Began(on, kind, f"Kind {kind}", shifts, kept, short, margin, *numbers)


def bars(rows, last):
    return [bar for row in trend_charts.strips(rows, MONDAY, last)[0].rows for bar in row.bars]


def test_to_spare_stands_above_the_line_and_short_hangs_below_it():
    spare, short, enough = bars(
        [began(MONDAY, 4), began(MONDAY + A_DAY, -2), began(MONDAY + 2 * A_DAY, 0)],
        MONDAY + 2 * A_DAY,
    )

    assert (spare.sort, spare.y + spare.height) == ("spare", BASE)
    assert (short.sort, short.y, short.label) == ("short", BASE, "\u22122")
    assert (enough.sort, enough.height) == ("enough", 2.0)
    assert short.height == spare.height / 2 <= BELOW
    assert spare.y >= 0
    assert BASE + BELOW <= ROW


def test_a_day_without_a_record_is_no_number_and_not_left_out():
    told = bars([began(MONDAY), began(MONDAY + A_DAY, None)], MONDAY + 3 * A_DAY)

    assert [bar.sort for bar in told] == ["spare", "unknown", "unknown"]
    assert told[1].words == "Tue 8 Jan: no record was kept"
    assert told[1].height == 0


def test_of_several_stations_the_drawing_says_how_many_were_recorded():
    (bar,) = bars([began(MONDAY, 2, shifts=3, kept=1)], MONDAY)

    assert bar.sort == "spare partly"
    assert "1 of 3 stations" in bar.words


def test_a_year_is_four_strips_the_newest_first_and_every_week_is_there():
    last = MONDAY + 52 * A_WEEK - A_DAY

    found = trend_charts.strips([began(last)], MONDAY, last)

    assert found[0].words.startswith("Mon 7 Oct")
    assert [len(strip.ticks) for strip in found] == [13] * 4
    assert sum(len(strip.rows[0].bars) for strip in found) == 364


def test_a_week_that_was_not_kept_is_a_row_without_numbers():
    this, before = trend_charts.week_rows([began(MONDAY + A_WEEK, -1)], MONDAY, MONDAY + A_WEEK)

    assert (this.kept, this.short, this.worst) == (1, 1, -1)
    assert (before.monday, before.kept, before.worst) == (MONDAY, 0, None)


def test_reasons_are_drawn_to_one_scale_and_a_week_not_kept_is_hatched():
    weeks = trend_charts.week_rows(
        [began(MONDAY), began(MONDAY + 2 * A_WEEK)], MONDAY, MONDAY + 2 * A_WEEK
    )
    counted = [Counted(MONDAY, "battery", 6), Counted(MONDAY + 2 * A_WEEK, "silent", 3)]

    first, second = trend_charts.reason_rows(counted, weeks)

    assert (first.reason, first.cameras, first.in_100) == ("Battery would not last", 6, 20.0)
    assert [column.known for column in first.columns] == [True, False, True]
    assert "no record" in first.columns[1].words
    assert second.columns[2].height == first.columns[0].height / 2


def test_a_model_is_drawn_within_the_band_of_what_may_be_true():
    chart = trend_charts.rate_chart([Rate("R2", 40, 80.0, 4, {"lens": 3, "battery": 1})])

    (row,) = chart.rows
    assert float(row.low_x[:-1]) < float(row.x[:-1]) < 100
    assert float(row.low_x[:-1]) + float(row.width[:-1]) <= 100
    assert row.codes == "Lens or picture 3, Battery 1"
    assert chart.ticks[0].words == "0"


def test_a_model_too_young_to_say_does_not_stretch_the_axis():
    young = Rate("S1", 40, 0.01, 0)

    chart = trend_charts.rate_chart([Rate("R2", 40, 80.0, 4), young])

    assert [row.rate.known for row in chart.rows] == [True, False]
    assert len(chart.ticks) < 10
    assert not trend_charts.rate_chart([young]).known


def test_what_a_kind_is_called_is_escaped_and_the_tab_key_stops_once():
    rows = [began(MONDAY + n * A_DAY) for n in range(3)]
    rows = [replace(one, kind="<b>&") for one in rows]

    drawn = trend_charts.strips(rows, MONDAY, MONDAY + 2 * A_DAY)[0].rows[0].drawn

    assert "<b>" not in drawn
    assert "&lt;b&gt;&amp;" in drawn
    assert drawn.count('tabindex="0"') == 1


def test_nothing_to_draw_draws_nothing():
    assert trend_charts.rate_chart([]).rows == []
    assert trend_charts.reason_rows([], trend_charts.week_rows([], MONDAY, MONDAY)) == []
    assert trend_charts.strips([], MONDAY, MONDAY)[0].rows == []
