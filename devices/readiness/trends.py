"""How shifts began over weeks, from what was kept of each; what was not kept stays unknown."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from devices.access.people import Visible
from devices.readiness.facts import select


@dataclass(frozen=True)
class Weeks:
    """Which shifts are meant: those that began on these days, at one station or at all in reach."""

    reach: Visible
    first: date
    last: date
    now: datetime
    station: str = ""


@dataclass(frozen=True, slots=True)
class Began:
    """The shifts of one kind on one day, one a station.

    ``kept`` of them have a record, and the numbers are theirs; ``margin`` is that of the station
    which was shortest, None where nothing was kept.
    """

    on: date
    kind_id: int
    kind: str
    shifts: int
    kept: int
    short: int
    margin: int | None
    rostered: int
    ready: int
    unknown: int
    spares: int
    need: int


@dataclass(frozen=True, slots=True)
class Counted:
    """How many cameras a reason stood against in the shifts of one week (by its Monday)."""

    week: date
    reason: str
    cameras: int


@dataclass(frozen=True, slots=True)
class Kept:
    """One shift, for a table: what was kept of it, or None."""

    station: str
    on: date
    kind: str
    begins_at: datetime
    rostered: int | None
    ready: int | None
    unknown: int | None
    spares: int | None
    need: int | None
    reasons: dict[str, int] | None

    @property
    def margin(self) -> int | None:
        if self.ready is None or self.spares is None or self.need is None:
            return None
        return self.ready + self.spares - self.need


_SHIFTS = """
FROM devices_shift shift JOIN devices_shiftkind kind ON kind.id = shift.kind_id
JOIN devices_station station ON station.id = shift.station_id
{join} devices_outcome kept ON kept.shift_id = shift.id {more}
WHERE shift.on >= %(first)s AND shift.on <= %(last)s AND shift.begins_at <= %(now)s
  AND (%(every)s OR shift.station_id = ANY(%(stations)s))
  AND (%(station)s = '' OR station.code = %(station)s)"""

_BEGAN = f"""
SELECT shift.on, kind.id, kind.name, count(*), count(kept.shift_id),
       count(*) FILTER (WHERE kept.ready + kept.spares < kept.need),
       min(kept.ready + kept.spares - kept.need), coalesce(sum(kept.rostered), 0),
       coalesce(sum(kept.ready), 0), coalesce(sum(kept.unknown), 0),
       coalesce(sum(kept.spares), 0), coalesce(sum(kept.need), 0)
{_SHIFTS.format(join="LEFT JOIN", more="")}
GROUP BY shift.on, kind.id ORDER BY kind.begins, kind.code, shift.on"""

_REASONS = f"""
SELECT date_trunc('week', shift.on)::date, reason.key, sum(reason.value::int)
{_SHIFTS.format(join="JOIN", more="CROSS JOIN LATERAL jsonb_each_text(kept.reasons) AS reason")}
GROUP BY 1, 2 ORDER BY 1, 2"""

_KEPT = f"""
SELECT station.code, shift.on, kind.name, shift.begins_at, kept.rostered, kept.ready,
       kept.unknown, kept.spares, kept.need, kept.reasons::text
{_SHIFTS.format(join="LEFT JOIN", more="")}
ORDER BY shift.begins_at, station.code"""


def began(weeks: Weeks) -> list[Began]:
    """Every day's shifts, by kind in the order of the day; one query, however many stations."""
    return [Began(*row) for row in select(_BEGAN, **_asked(weeks))]


def reasons(weeks: Weeks) -> list[Counted]:
    """Why cameras were not ready, week by week; one query."""
    return [Counted(*row) for row in select(_REASONS, **_asked(weeks))]


def kept(weeks: Weeks) -> Iterator[Kept]:
    """Each shift by itself; one query."""
    for row in select(_KEPT, **_asked(weeks)):
        why = None if row[-1] is None else json.loads(row[-1])
        yield Kept(*(*row[:-1], why))


def _asked(weeks: Weeks) -> dict[str, Any]:
    return {
        "first": weeks.first,
        "last": weeks.last,
        "now": weeks.now,
        "every": weeks.reach.stations is None,
        "stations": sorted(weeks.reach.stations or ()),
        "station": weeks.station,
    }
