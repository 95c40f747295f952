"""Weeks as values to draw: each shift's margin, each reason by the week, each model's faults. Pure.

Places across in percent of the drawing, heights in pixels. What was not kept is not drawn as a
number: it is hatched.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain, repeat
from math import ceil

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from dashboard.charts import Tick
from dashboard.templatetags.fleet import signed
from devices.faults.rates import Rate
from devices.faults.rules import code_of
from devices.readiness.rules import Blocker
from devices.readiness.trends import Began, Counted

A_DAY, A_WEEK = timedelta(days=1), timedelta(days=7)
STRIP_WEEKS = 13  # a quarter across; a year is four strips
ROW, BASE, BELOW = 74, 44, 24  # of one kind's row: its height, where 0 is, the room below it
LEAST = 3  # of a bar, so that one camera is seen
ROOMY_WEEKS = 8  # up to so many across, what is short carries its number
COLUMN_TOP = 30  # of the tallest column of a reason

REASONS: Mapping[str, str] = {
    Blocker.SERVICE: "Out of service, in repair or lost",
    Blocker.HELD: "Held as evidence",
    Blocker.RECALLED: "Recalled",
    Blocker.FAULT: "Critical fault",
    Blocker.NEVER_HEARD: "Never heard",
    Blocker.SILENT: "Silent in its dock",
    Blocker.DISPLACED: "Another camera in its bay",
    Blocker.AWAY: "Away from its dock",
    Blocker.UPDATING: "Being updated",
    Blocker.BATTERY: "Battery would not last",
    Blocker.STORAGE: "Not emptied, or no room",
    Blocker.FIRMWARE: "Firmware not approved",
    Blocker.PROFILE: "Profile not approved",
    Blocker.CLOCK: "Clock wrong",
    Blocker.RESERVED: "Promised to another",
    Blocker.ISSUED: "Given out to another",
    "no_camera": "Officer without a camera",
}


def monday(on: date) -> date:
    """Of the week of this day."""
    return on - timedelta(days=on.weekday())


@dataclass(frozen=True)
class Bar:
    """One day's shifts of a kind: above the line what was to spare, below it what was short."""

    x: str
    width: str
    hit_x: str
    hit_width: str
    y: float
    height: float
    sort: str
    label: str
    label_x: str
    label_y: float
    words: str


@dataclass(frozen=True)
class Row:
    """One kind's days. The Tab key stops at the first of them where ``stop`` says so."""

    kind: str
    y: int
    bars: Sequence[Bar]
    stop: bool

    @property
    def drawn(self) -> SafeString:
        """The days as SVG: a year has a thousand, for which a template takes half a second."""
        return mark_safe("".join(map(_drawn, self.bars, _stops(self.stop))))  # noqa: S308


@dataclass(frozen=True)
class Strip:
    """Up to a quarter of a year, one row a kind of shift."""

    rows: Sequence[Row]
    ticks: Sequence[Tick]
    height: int
    words: str


@dataclass(frozen=True)
class WeekRow:
    """One week in numbers, for the table behind the drawing."""

    monday: date
    shifts: int
    kept: int
    short: int
    worst: int | None
    rostered: int
    ready: int
    unknown: int


def strips(rows: Sequence[Began], first: date, last: date) -> list[Strip]:
    """Every day from ``first``, a Monday, to ``last``; newest strip first."""
    kinds = dict.fromkeys((one.kind_id, one.kind) for one in rows)
    there = {(one.kind_id, one.on): one for one in rows}
    margins = [one.margin for one in rows if one.margin is not None]
    scale = _scale(margins)
    weeks = ceil(((last - first).days + 1) / 7)
    across = min(STRIP_WEEKS, weeks)
    found = []
    for begin in range(0, weeks, STRIP_WEEKS):
        since = first + begin * A_WEEK
        days = [since + n * A_DAY for n in range(7 * across)]
        drawn = [
            Row(
                kind=name,
                y=n * ROW,
                bars=list(_bars(kind_id, days, last, there, scale)),
                stop=n == 0,
            )
            for n, (kind_id, name) in enumerate(kinds)
        ]
        found.append(
            Strip(
                rows=drawn,
                ticks=[_week_tick(n, across, since) for n in range(across)],
                height=len(drawn) * ROW,
                words=f"{_day(since)} to {_day(min(last, days[-1]))}",
            )
        )
    return found[::-1]


def _scale(margins: Sequence[int]) -> float:
    """Pixels a camera, the same above and below the line."""
    above, below = max([1, *margins]), max([1, *(-one for one in margins)])
    return min((BASE - 6) / above, BELOW / below)


def _bars(
    kind_id: int,
    days: Sequence[date],
    last: date,
    there: Mapping[tuple[int, date], Began],
    scale: float,
) -> Iterator[Bar]:
    step = 100 / len(days)
    for n, on in enumerate(days):
        one = there.get((kind_id, on))
        if on < last or one is not None:  # today's later shifts have not begun
            yield _bar(n * step, step, one, on, scale)


def _bar(x: float, step: float, one: Began | None, on: date, scale: float) -> Bar:
    margin = one.margin if one else None
    tall = 0.0 if margin is None else max(LEAST, abs(margin) * scale) if margin else 2.0
    return Bar(
        x=_percent(x + 0.14 * step),
        width=_percent(0.72 * step),
        hit_x=_percent(x),
        hit_width=_percent(step),
        y=BASE if margin is None or margin < 0 else round(BASE - tall, 1),
        height=round(tall, 1),
        sort=_sort(one),
        label=""
        if margin is None or margin >= 0 or step < 100 / (7 * ROOMY_WEEKS) - 0.01
        else signed(margin),
        label_x=_percent(x + step / 2),
        label_y=round(BASE + tall + 11, 1),
        words=_bar_words(one, on),
    )


_DAY = (
    '<g class="value day {}" tabindex="{}" role="img" aria-label="{}"><title>{}</title>'
    '<rect class="strip-hit" x="{}" width="{}" y="0" height="74"/>{}</g>'
)
_GAP = '<rect class="gap" x="{}" width="{}" y="6" height="62" fill="url(#hatch)"/>'
_BAR = '<rect class="bar" x="{}" width="{}" y="{}" height="{}" rx="1.5"/>'
_LABEL = '<text class="short-by" x="{}" y="{}">{}</text>'


def _drawn(bar: Bar, stop: int) -> str:
    if bar.sort == "unknown":
        inner = _GAP.format(bar.hit_x, bar.hit_width)
    else:
        inner = _BAR.format(bar.x, bar.width, bar.y, bar.height)
    if bar.label:
        inner += _LABEL.format(bar.label_x, bar.label_y, bar.label)
    words = escape(bar.words)  # the rest is of our own making
    return _DAY.format(bar.sort, stop, words, words, bar.hit_x, bar.hit_width, inner)


def _stops(first: bool) -> Iterator[int]:
    return chain([0 if first else -1], repeat(-1))


def _sort(one: Began | None) -> str:
    if one is None or one.margin is None:
        return "unknown"
    part = " partly" if one.kept < one.shifts else ""
    return ("short" if one.margin < 0 else "enough" if one.margin == 0 else "spare") + part


def _bar_words(one: Began | None, on: date) -> str:
    if one is None or one.margin is None:
        return f"{_day(on)}: no record was kept"
    said = f"{-one.margin} short" if one.margin < 0 else f"{one.margin} to spare"
    if one.kept < one.shifts:
        said += f" where it was recorded, {one.kept} of {one.shifts} stations"
    return (
        f"{one.kind}, {_day(on)}: {said}; {one.ready} of {one.rostered} ready, "
        f"{one.spares} spares, {one.need} needed"
    )


def _week_tick(n: int, across: int, since: date) -> Tick:
    on = since + n * A_WEEK
    return Tick(_percent(100 * n / across), f"{on.day} {on:%b}")


def week_rows(rows: Iterable[Began], first: date, last: date) -> list[WeekRow]:
    """Every week, those without a record too, the newest first."""
    by_week: dict[date, list[Began]] = defaultdict(list)
    for one in rows:
        by_week[monday(one.on)].append(one)
    weeks = [first + n * A_WEEK for n in range(ceil(((last - first).days + 1) / 7))]
    return [_week_row(week, by_week.get(week, [])) for week in reversed(weeks)]


def _week_row(week: date, rows: Sequence[Began]) -> WeekRow:
    margins = [one.margin for one in rows if one.margin is not None]
    return WeekRow(
        monday=week,
        shifts=sum(one.shifts for one in rows),
        kept=sum(one.kept for one in rows),
        short=sum(one.short for one in rows),
        worst=min(margins, default=None),
        rostered=sum(one.rostered for one in rows),
        ready=sum(one.ready for one in rows),
        unknown=sum(one.unknown for one in rows),
    )


@dataclass(frozen=True)
class Column:
    """A week of one reason. ``known`` false: no shift of that week was recorded."""

    x: str
    width: str
    y: float
    height: float
    known: bool
    cameras: int
    words: str


@dataclass(frozen=True)
class ReasonRow:
    """One reason, week by week; ``in_100`` is of all that were rostered."""

    reason: str
    columns: Sequence[Column]
    cameras: int
    in_100: float
    words: str


def reason_rows(counted: Sequence[Counted], weeks: Sequence[WeekRow]) -> list[ReasonRow]:
    """The most frequent reason first, all to one scale: cameras in 100 that were rostered."""
    there = {(one.reason, one.week): one.cameras for one in counted}
    totals: dict[str, int] = defaultdict(int)
    for one in counted:
        totals[one.reason] += one.cameras
    in_order = sorted(weeks, key=lambda week: week.monday)
    most = max((_in_100(n, _week(in_order, week)) for (_, week), n in there.items()), default=1.0)
    rostered = sum(week.rostered for week in weeks)
    return [
        _reason_row(reason, totals[reason], rostered, in_order, there, most or 1.0)
        for reason in sorted(totals, key=lambda one: (-totals[one], one))
    ]


def _reason_row(
    reason: str,
    cameras: int,
    rostered: int,
    weeks: Sequence[WeekRow],
    there: Mapping[tuple[str, date], int],
    most: float,
) -> ReasonRow:
    name = REASONS.get(reason, reason.replace("_", " ").capitalize())
    step = 100 / len(weeks)
    columns = [
        _column(n * step, step, there.get((reason, week.monday), 0), week, most)
        for n, week in enumerate(weeks)
    ]
    in_100 = 100 * cameras / rostered if rostered else 0.0
    words = f"{name}: {cameras} times, {in_100:.1f} in 100 rostered."
    return ReasonRow(name, columns, cameras, in_100, words)


def _column(x: float, step: float, cameras: int, week: WeekRow, most: float) -> Column:
    value = _in_100(cameras, week)
    tall = max(2.0, COLUMN_TOP * value / most) if cameras else 0.0
    said = f"{cameras} cameras, {value:.1f} in 100" if week.kept else "no record"
    return Column(
        x=_percent(x + 0.2 * step),
        width=_percent(0.6 * step),
        y=round(COLUMN_TOP - tall, 1),
        height=round(tall, 1),
        known=week.kept > 0,
        cameras=cameras,
        words=f"week of {_day(week.monday)}: {said}",
    )


def _in_100(cameras: int, week: WeekRow | None) -> float:
    return 100 * cameras / week.rostered if week and week.rostered else 0.0


def _week(weeks: Sequence[WeekRow], on: date) -> WeekRow | None:
    return next((week for week in weeks if week.monday == on), None)


@dataclass(frozen=True)
class RateRow:
    """One model's faults: the number, and between which the true one lies."""

    rate: Rate
    x: str
    low_x: str
    width: str
    codes: str


@dataclass(frozen=True)
class RateChart:
    rows: Sequence[RateRow]
    ticks: Sequence[Tick]

    @property
    def known(self) -> bool:
        return any(row.rate.known for row in self.rows)


def rate_chart(rates: Sequence[Rate]) -> RateChart:
    """All models on one axis from nothing on; those too young to say have no place on it."""
    top = max([1.0, *(one.high for one in rates if one.known)])
    step = _round_step(top / 4)
    top = step * ceil(top / step)
    return RateChart(
        rows=[_rate_row(one, top) for one in rates],
        ticks=[
            Tick(_percent(100 * n * step / top), f"{n * step:g}") for n in range(_whole(top, step))
        ],
    )


def _whole(top: float, step: float) -> int:
    return round(top / step) + 1


def _rate_row(one: Rate, top: float) -> RateRow:
    said = [f"{code_of(code).words} {number}" for code, number in one.codes.items()]
    return RateRow(
        rate=one,
        x=_percent(100 * one.per_100 / top),
        low_x=_percent(100 * one.low / top),
        width=_percent(100 * (one.high - one.low) / top),
        codes=", ".join(said),
    )


def _round_step(rough: float) -> float:
    for step in (0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500):
        if step >= rough:
            return step
    return 1000.0


def _day(on: date) -> str:
    return f"{on:%a} {on.day} {on:%b}"


def _percent(value: float) -> str:
    return f"{value:.2f}%"
