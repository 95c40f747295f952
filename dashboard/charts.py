"""Charts as values: where things lie, in percent of the drawing, and what is said of them.

Pure. A template draws them as SVG without a script: the axis is in the department's time, what
is not known is hatched, and behind each drawing lies a table for screen readers and print.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from itertools import pairwise
from zoneinfo import ZoneInfo

from devices.health.history import Noticed, Sample
from devices.health.timeline import Span, State


class Window(Enum):
    """How far back a chart looks."""

    DAY = "24h"
    WEEK = "7d"
    MONTH = "30d"

    @property
    def length(self) -> timedelta:
        return {"24h": timedelta(days=1), "7d": timedelta(days=7), "30d": timedelta(days=30)}[
            self.value
        ]

    @property
    def words(self) -> str:
        return {"24h": "last 24 hours", "7d": "last 7 days", "30d": "last 30 days"}[self.value]

    @property
    def slot(self) -> timedelta:
        """How much time one point stands for: 144, 168 and 180 points, six pixels apart."""
        return {"24h": timedelta(minutes=10), "7d": timedelta(hours=1), "30d": timedelta(hours=4)}[
            self.value
        ]

    @property
    def row(self) -> timedelta:
        """How much time one row of the table stands for: at most 30 rows."""
        return {"24h": timedelta(hours=1), "7d": timedelta(hours=6), "30d": timedelta(days=1)}[
            self.value
        ]

    @property
    def tick_hours(self) -> int:
        return {"24h": 3, "7d": 24, "30d": 96}[self.value]


@dataclass(frozen=True)
class Scale:
    """A stretch of time laid from 0 % to 100 %."""

    since: datetime
    until: datetime

    def x(self, at: datetime) -> float:
        whole = (self.until - self.since).total_seconds()
        part = (at - self.since).total_seconds() / whole * 100
        return min(max(part, 0.0), 100.0)


@dataclass(frozen=True)
class Tick:
    x: str
    words: str


@dataclass(frozen=True)
class Point:
    """One value, and the strip of the drawing that shows it on hover."""

    x: str
    y: str
    strip_x: str
    strip_width: str
    words: str
    anchor: str


@dataclass(frozen=True)
class Band:
    x: str
    width: str
    state: State
    heard: bool
    words: str
    roomy: bool


@dataclass(frozen=True)
class BatteryRow:
    at: datetime
    percent: int
    lowest: int
    highest: int


@dataclass(frozen=True)
class BatteryChart:
    paths: Sequence[str]
    hatched: Sequence[Band]
    points: Sequence[Point]
    ticks: Sequence[Tick]
    rows: Sequence[BatteryRow]
    words: str


@dataclass(frozen=True)
class SpanRow:
    span: Span
    words: str
    lasted: str
    known_from: str
    noticed_at: datetime | None


@dataclass(frozen=True)
class TimelineChart:
    bands: Sequence[Band]
    ticks: Sequence[Tick]
    rows: Sequence[SpanRow]
    words: str


ROOMY_PERCENT = 9.0  # a band at least this wide carries its word


def battery(
    taken: Sequence[Sample],
    spans: Sequence[Span],
    *,
    window: Window,
    until: datetime,
    zone: ZoneInfo,
) -> BatteryChart:
    """The battery through a window. The line breaks where the camera was not heard."""
    scale = Scale(until - window.length, until)
    return BatteryChart(
        paths=[_path(run, scale) for run in _runs(taken, spans)],
        hatched=[_band(span, scale, zone) for span in _silent(spans)],
        points=[_point(one, scale, window.slot, zone) for one in taken],
        ticks=ticks(scale, window.tick_hours, zone),
        rows=_rows(taken, window.row, zone),
        words=_battery_words(taken, window),
    )


def timeline(
    spans: Sequence[Span],
    noticed: Sequence[Noticed] = (),
    *,
    window: Window,
    until: datetime,
    zone: ZoneInfo,
) -> TimelineChart:
    """The states through a window, newest first in the table; ``noticed``: when each was first
    seen, as far as it is written down."""
    scale = Scale(until - window.length, until)
    return TimelineChart(
        bands=[_band(span, scale, zone) for span in spans],
        ticks=ticks(scale, window.tick_hours, zone),
        rows=[_span_row(span, noticed) for span in reversed(spans)],
        words=_timeline_words(spans, window),
    )


def ticks(scale: Scale, hours: int, zone: ZoneInfo) -> list[Tick]:
    """Whole hours of the local day, or whole days; a day that clocks change keeps its names."""
    local = scale.since.astimezone(zone).replace(minute=0, second=0, microsecond=0)
    at = local.replace(hour=0) if hours >= 24 else local.replace(hour=local.hour // hours * hours)
    found = []
    while at <= scale.until:
        x = scale.x(at)
        if at > scale.since and x <= 92:
            found.append(Tick(_percent(x), _tick_words(at)))
        at = (at.replace(tzinfo=None) + timedelta(hours=hours)).replace(tzinfo=zone)
    return found


def lasted(span: timedelta) -> str:
    """A length of time as people say it: 2 d 4 h, 3 h 20 min, 45 s."""
    seconds = int(span.total_seconds())
    days, hours, minutes = seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min" if minutes else f"{seconds} s"


def _runs(taken: Sequence[Sample], spans: Sequence[Span]) -> list[list[Sample]]:
    """Samples between which the camera was heard all the time."""
    runs: list[list[Sample]] = [[one] for one in taken[:1]]
    silent = _silent(spans)
    for before, after in pairwise(taken):
        if any(span.from_at < after.at and span.until_at > before.at for span in silent):
            runs.append([])
        runs[-1].append(after)
    return runs


def _silent(spans: Iterable[Span]) -> list[Span]:
    return [span for span in spans if not span.heard]


def _path(run: Sequence[Sample], scale: Scale) -> str:
    """In a drawing 1000 wide and 100 high. A lone reading is a short dash, so that it is seen."""
    steps = [f"{scale.x(one.at) * 10:.1f} {100 - one.percent}" for one in run]
    if len(steps) == 1:
        return f"M{steps[0]}h2"
    return "M" + "L".join(steps)


def _point(one: Sample, scale: Scale, slot: timedelta, zone: ZoneInfo) -> Point:
    x, start, end = scale.x(one.at), scale.x(one.slot_at), scale.x(one.slot_at + slot)
    spread = f" ({one.lowest} to {one.highest} %)" if one.lowest != one.highest else ""
    return Point(
        x=_percent(x),
        y=_percent(100 - one.percent),
        strip_x=_percent(start),
        strip_width=_percent(end - start),
        words=f"{one.percent} % at {_moment_words(one.at, zone)}{spread}",
        anchor="start" if x < 15 else "end" if x > 85 else "middle",
    )


def _band(span: Span, scale: Scale, zone: ZoneInfo) -> Band:
    start, end = scale.x(span.from_at), scale.x(span.until_at)
    told = "" if span.heard or span.state is State.UNKNOWN else ", not heard"
    return Band(
        x=_percent(start),
        width=_percent(end - start),
        state=span.state,
        heard=span.heard,
        words=(
            f"{state_words(span)}{told}: {_moment_words(span.from_at, zone)} to "
            f"{_moment_words(span.until_at, zone)}, {lasted(span.lasted)}"
        ),
        roomy=end - start >= ROOMY_PERCENT,
    )


def state_words(span: Span) -> str:
    """Charging in D03-5."""
    said = span.state.value.capitalize()
    return f"{said} in {span.place}" if span.place else said


def _span_row(span: Span, noticed: Sequence[Noticed]) -> SpanRow:
    known = "the camera" if span.heard else "nobody"
    if not span.heard and span.state is not State.UNKNOWN:
        known = "where it was last seen; not heard"
    first = (one.detected_at for one in noticed if _of(span, one))
    return SpanRow(span, state_words(span), lasted(span.lasted), known, next(first, None))


def _of(span: Span, one: Noticed) -> bool:
    """Whether this is what is kept of the span, of which a window may show a part."""
    begun = one.from_at < span.until_at
    return (
        begun
        and one.state == span.state.value
        and (one.until_at is None or one.until_at > span.from_at)
    )


def _rows(taken: Sequence[Sample], every: timedelta, zone: ZoneInfo) -> list[BatteryRow]:
    """By hours or days of the department's clock."""
    rows: dict[int, BatteryRow] = {}
    for one in taken:
        local = one.at.astimezone(zone).replace(tzinfo=UTC)
        slot = int(local.timestamp() // every.total_seconds())
        here = rows.get(slot)
        rows[slot] = BatteryRow(
            at=one.at,
            percent=one.percent,
            lowest=min(one.lowest, here.lowest) if here else one.lowest,
            highest=max(one.highest, here.highest) if here else one.highest,
        )
    return list(reversed(rows.values()))


def _battery_words(taken: Sequence[Sample], window: Window) -> str:
    if not taken:
        return f"No battery reading in the {window.words}."
    lowest = min(one.lowest for one in taken)
    highest = max(one.highest for one in taken)
    return (
        f"Battery over the {window.words}: between {lowest} and {highest} %, "
        f"{taken[-1].percent} % at the last reading."
    )


def _timeline_words(spans: Sequence[Span], window: Window) -> str:
    """How much of the window each state took, longest first; unknown is counted as unknown."""
    took: dict[State, timedelta] = {}
    for span in spans:
        took[span.state] = took.get(span.state, timedelta()) + span.lasted
    longest = sorted(took.items(), key=lambda item: item[1], reverse=True)
    said = ", ".join(f"{state.value} {lasted(length)}" for state, length in longest)
    return f"In the {window.words}: {said}."


def _moment_words(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%a %d %b %H:%M}"


def _tick_words(at: datetime) -> str:
    return f"{at:%a %d %b}" if at.hour == 0 else f"{at:%H:%M}"


def _percent(value: float) -> str:
    return f"{value:.2f}%"
