"""A battery's charts as values: what is foretold, what it then had, and how it wears.

Pure, like `charts`: places in percent of the drawing, paths in a drawing 1000 wide and 100 high.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil, floor
from zoneinfo import ZoneInfo

from dashboard.charts import Point, Scale, Tick, ticks
from devices.battery.models import Forecast
from devices.battery.outlook import Outlook
from devices.battery.retirement import STEP, Column
from devices.battery.rules import Hours
from devices.battery.wear import Month, capacity_after

AHEAD = timedelta(hours=12)
EVERY = timedelta(minutes=30)
FORETOLD_MONTHS = 6
DOTS = 12  # in the tallest column
LEAST_PERCENT, MOST_PERCENT = 40, 110  # of a new battery's capacity: what its charts show


@dataclass(frozen=True)
class OutlookRow:
    at: datetime
    hours: Hours


@dataclass(frozen=True)
class OutlookChart:
    """Hours of duty in a battery from now on; ``limit_y`` is what a shift needs."""

    line: str
    area: str
    limit_y: str
    limit_words: str
    top: int
    points: Sequence[Point]
    ticks: Sequence[Tick]
    rows: Sequence[OutlookRow]
    words: str


def outlook(
    one: Outlook, *, now: datetime, needed_h: float, zone: ZoneInfo, name: str
) -> OutlookChart:
    """What will be in it if it stays where it is, as a dashed line in its uncertainty."""
    scale = Scale(now, now + AHEAD)
    moments = [now + n * EVERY for n in range(AHEAD // EVERY + 1)]
    rows = [OutlookRow(at, one.hours_at(at)) for at in moments]
    top = max(2, ceil(max(needed_h, *(row.hours.high for row in rows)) / 2) * 2)
    first, last = rows[0].hours.hours, rows[-1].hours.hours
    return OutlookChart(
        line=_path((scale.x(row.at), row.hours.hours / top) for row in rows),
        area=_area(
            [(scale.x(row.at), row.hours.high / top) for row in rows],
            [(scale.x(row.at), row.hours.low / top) for row in rows],
        ),
        limit_y=_y(needed_h / top),
        limit_words=f"a shift needs {needed_h:.1f} h",
        top=top,
        points=[_outlook_point(row, scale, top, zone) for row in rows],
        ticks=ticks(scale, 3, zone),
        rows=rows[::2],
        words=f"Hours of duty in {name}: {first:.1f} h now, {last:.1f} h in twelve hours.",
    )


@dataclass(frozen=True)
class HeldMark:
    """One duty: the range foretold, the hours foretold, and those it had."""

    x: str
    high_y: str
    height: str
    hours_y: str
    had_y: str
    outside: bool
    strip_x: str
    strip_width: str
    words: str
    anchor: str


@dataclass(frozen=True)
class HeldRow:
    forecast: Forecast
    off_h: float
    outside: bool


@dataclass(frozen=True)
class HeldChart:
    marks: Sequence[HeldMark]
    bottom: int
    top: int
    rows: Sequence[HeldRow]
    words: str


def held(forecasts: Sequence[Forecast], zone: ZoneInfo) -> HeldChart:
    """What was foretold against what the battery then had, the oldest first; at least one."""
    rows = [_held_row(one) for one in forecasts]
    said = [hours for one in rows for hours in (one.forecast.low_hours, one.forecast.high_hours)]
    said += [row.forecast.actual_hours or 0.0 for row in rows]
    scale = _Hours(max(0, floor(min(said) / 2) * 2 - 2), ceil(max(said) / 2) * 2)
    within = sum(not row.outside for row in rows)
    return HeldChart(
        marks=[_held_mark(n, row, len(rows), scale, zone) for n, row in enumerate(rows)],
        bottom=scale.bottom,
        top=scale.top,
        rows=list(reversed(rows)),
        words=f"Of the last {len(rows)} duties {within} had the hours that were foretold.",
    )


@dataclass(frozen=True)
class WearChart:
    """Capacity month by month, and where it goes from here."""

    line: str
    predicted: str
    limit_y: str
    points: Sequence[Point]
    words: str


def wear(
    months: Sequence[Month], *, loses: float | None, limit_percent: float, name: str
) -> WearChart:
    """A year of capacity, and the half year after it if there is a trend."""
    begins = months[0].month
    ends = months[-1].month + timedelta(days=30 * FORETOLD_MONTHS if loses is not None else 1)
    scale = _Days(begins, ends)
    last = months[-1]
    predicted = ""
    if loses is not None:
        later = capacity_after(last.capacity_percent, loses, FORETOLD_MONTHS)
        predicted = _path(
            [
                (scale.x(last.month), _share(last.capacity_percent)),
                (100.0, _share(later)),
            ]
        )
    return WearChart(
        line=_path((scale.x(one.month), _share(one.capacity_percent)) for one in months),
        predicted=predicted,
        limit_y=_y(_share(limit_percent)),
        points=[_month_point(one, scale) for one in months],
        words=(
            f"{name} held {months[0].capacity_percent:.0f} % of a new battery in "
            f"{months[0].month:%b %Y} and {last.capacity_percent:.0f} % in {last.month:%b %Y}."
        ),
    )


@dataclass(frozen=True)
class Dot:
    x: str
    y: str
    short: bool


@dataclass(frozen=True)
class SpreadChart:
    """The cameras of one model, each dot one or a few of them, laid by what they hold."""

    model: str
    cameras: int
    short: int
    dots: Sequence[Dot]
    columns: Sequence[Column]
    a_dot_is: int
    limit_x: str
    ticks: Sequence[Tick]
    words: str


def spreads(columns: Sequence[Column], limit_percent: float) -> list[SpreadChart]:
    """One chart a model, drawn to the same scale so that models can be compared."""
    a_dot_is = max(1, ceil(max((one.cameras for one in columns), default=1) / DOTS))
    models = dict.fromkeys((one.model_id, one.model) for one in columns)
    return [
        _spread(name, [one for one in columns if one.model_id == pk], a_dot_is, limit_percent)
        for pk, name in models
    ]


def _spread(
    model: str, columns: Sequence[Column], a_dot_is: int, limit_percent: float
) -> SpreadChart:
    cameras = sum(one.cameras for one in columns)
    short = sum(one.cameras for one in columns if one.capacity_percent + STEP <= limit_percent)
    return SpreadChart(
        model=model,
        cameras=cameras,
        short=short,
        dots=[dot for one in columns for dot in _dots(one, a_dot_is, limit_percent)],
        columns=columns,
        a_dot_is=a_dot_is,
        limit_x=_percent(_across(limit_percent)),
        ticks=[Tick(_percent(_across(at)), f"{at} %") for at in range(50, 101, 10)],
        words=f"{model}: {cameras} cameras, {short} hold less than {limit_percent:.0f} %.",
    )


def _dots(column: Column, a_dot_is: int, limit_percent: float) -> Iterable[Dot]:
    x = _percent(_across(column.capacity_percent + STEP / 2))
    short = column.capacity_percent + STEP <= limit_percent
    for n in range(ceil(column.cameras / a_dot_is)):
        yield Dot(x, _percent(100 - (n + 0.5) * 100 / DOTS), short)


def _across(capacity_percent: float) -> float:
    """Where a capacity lies from left to right; what is off the chart lies at its edge."""
    return 100 * _share(capacity_percent)


def _share(capacity_percent: float) -> float:
    within = min(max(capacity_percent, LEAST_PERCENT), MOST_PERCENT)
    return (within - LEAST_PERCENT) / (MOST_PERCENT - LEAST_PERCENT)


@dataclass(frozen=True)
class _Days:
    since: date
    until: date

    def x(self, day: date) -> float:
        return (day - self.since) / (self.until - self.since) * 100


@dataclass(frozen=True)
class _Hours:
    bottom: int
    top: int

    def share(self, hours: float) -> float:
        return (hours - self.bottom) / (self.top - self.bottom)


def _outlook_point(row: OutlookRow, scale: Scale, top: int, zone: ZoneInfo) -> Point:
    x, width = scale.x(row.at), 100 * (EVERY / AHEAD)
    return Point(
        x=_percent(x),
        y=_y(row.hours.hours / top),
        strip_x=_percent(x - width / 2),
        strip_width=_percent(width),
        words=f"{_hours(row.hours)} at {row.at.astimezone(zone):%H:%M}",
        anchor=_anchor(x),
    )


def _month_point(one: Month, scale: _Days) -> Point:
    x = scale.x(one.month)
    return Point(
        x=_percent(x),
        y=_y(_share(one.capacity_percent)),
        strip_x=_percent(x - 2),
        strip_width=_percent(4),
        words=f"{one.capacity_percent:.0f} % in {one.month:%b %Y}, from {one.hours_seen:.0f} h",
        anchor=_anchor(x),
    )


def _held_row(one: Forecast) -> HeldRow:
    had = one.actual_hours or 0.0
    return HeldRow(one, had - one.hours, not one.low_hours <= had <= one.high_hours)


def _held_mark(n: int, row: HeldRow, of: int, scale: _Hours, zone: ZoneInfo) -> HeldMark:
    one, width = row.forecast, 100 / of
    x, had = (n + 0.5) * width, row.forecast.actual_hours or 0.0
    return HeldMark(
        x=_percent(x),
        high_y=_y(scale.share(one.high_hours)),
        height=_percent(100 * (scale.share(one.high_hours) - scale.share(one.low_hours))),
        hours_y=_y(scale.share(one.hours)),
        had_y=_y(scale.share(had)),
        outside=row.outside,
        strip_x=_percent(x - width / 2),
        strip_width=_percent(width),
        words=(
            f"{one.for_at.astimezone(zone):%a %d %b %H:%M}: "
            f"foretold {_hours(Hours(one.hours, one.low_hours, one.high_hours))}, had {had:.1f} h"
        ),
        anchor=_anchor(x),
    )


def _hours(one: Hours) -> str:
    return f"{one.hours:.1f} h ({one.low:.1f} to {one.high:.1f})"


def _path(steps: Iterable[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{10 * x:.1f} {100 * (1 - share):.1f}" for x, share in steps)


def _area(above: Sequence[tuple[float, float]], below: Sequence[tuple[float, float]]) -> str:
    return f"{_path([*above, *reversed(below)])}Z"


def _anchor(x: float) -> str:
    return "start" if x < 20 else "end" if x > 80 else "middle"


def _y(share: float) -> str:
    return _percent(100 * (1 - share))


def _percent(value: float) -> str:
    return f"{value:.2f}%"
