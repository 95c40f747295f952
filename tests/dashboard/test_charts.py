from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from dashboard import charts
from dashboard.charts import Window
from devices.health.history import Sample
from devices.health.timeline import Span, State

HARTFORD = ZoneInfo("America/New_York")
NOON = datetime(2026, 11, 24, 17, tzinfo=UTC)  # noon in Hartford


def ago(hours: float) -> datetime:
    return NOON - timedelta(hours=hours)


def sample(hours: float, percent: int, lowest: int | None = None) -> Sample:
    at = ago(hours)
    return Sample(at, percent, percent if lowest is None else lowest, percent, at)


def span(state: State, start: float, end: float, *, heard: bool = True, place: str = "") -> Span:
    return Span(state, ago(start), ago(end), heard, place)


def battery(taken, spans=(), window=Window.DAY):
    return charts.battery(taken, spans, window=window, until=NOON, zone=HARTFORD)


def test_a_reading_lies_where_its_time_and_percentage_say():
    chart = battery([sample(12, 75)])

    assert (chart.points[0].x, chart.points[0].y) == ("50.00%", "25.00%")
    assert chart.points[0].words == "75 % at Tue 24 Nov 00:00"


def test_the_spread_within_a_point_is_said():
    assert battery([sample(12, 75, lowest=40)]).points[0].words.endswith("(40 to 75 %)")


def test_the_line_breaks_where_the_camera_was_not_heard():
    silent = span(State.UNKNOWN, 10, 6, heard=False)

    chart = battery([sample(12, 80), sample(11, 75), sample(5, 40), sample(4, 30)], [silent])

    assert chart.paths == ["M500.0 20L541.7 25", "M791.7 60L833.3 70"]
    assert [(band.x, band.width) for band in chart.hatched] == [("58.33%", "16.67%")]


def test_a_lone_reading_is_still_seen():
    assert battery([sample(12, 80)]).paths == ["M500.0 20h2"]


def test_a_chart_without_readings_says_so():
    chart = battery([], [span(State.UNKNOWN, 24, 0, heard=False)])

    assert chart.words == "No battery reading in the last 24 hours."
    assert not chart.paths


def test_the_axis_is_in_the_departments_time():
    chart = battery([])

    assert [tick.words for tick in chart.ticks] == [
        "15:00", "18:00", "21:00", "Tue 24 Nov", "03:00", "06:00", "09:00",
    ]  # fmt: skip
    assert chart.ticks[0].x == "12.50%"


def test_days_keep_their_names_when_the_clocks_change():
    scale = charts.Scale(
        datetime(2026, 10, 30, 16, tzinfo=UTC), datetime(2026, 11, 3, 17, tzinfo=UTC)
    )

    found = charts.ticks(scale, 24, HARTFORD)

    assert [tick.words for tick in found] == [
        "Sat 31 Oct", "Sun 01 Nov", "Mon 02 Nov", "Tue 03 Nov",
    ]  # fmt: skip


def test_the_table_has_a_row_an_hour_newest_first():
    taken = [sample(3.5, 60), sample(3.25, 50, lowest=45), sample(1, 40)]

    chart = battery(taken)

    assert [(row.percent, row.lowest, row.highest) for row in chart.rows] == [
        (40, 40, 40),
        (50, 45, 60),
    ]


def test_a_band_says_what_where_when_and_how_long():
    spans = [span(State.CHARGING, 24, 6, place="D03-5"), span(State.OUT, 6, 0, heard=False)]

    chart = charts.timeline(spans, window=Window.DAY, until=NOON, zone=HARTFORD)

    assert chart.bands[0].words == "Charging in D03-5: Mon 23 Nov 12:00 to Tue 24 Nov 06:00, 18 h"
    assert chart.bands[1].words.startswith("Out, not heard")
    assert chart.words == "In the last 24 hours: charging 18 h, out 6 h."
    assert chart.rows[0].words == "Out"


def test_lengths_are_said_as_people_say_them():
    said = [charts.lasted(timedelta(seconds=s)) for s in (5, 60, 3600, 12_000, 86_400, 187_200)]

    assert said == ["5 s", "1 min", "1 h", "3 h 20 min", "1 d", "2 d 4 h"]
