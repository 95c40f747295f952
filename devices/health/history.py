"""Reads of one camera's past, each bounded: sampled or grouped by the database, never all rows."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from devices.health.models import CameraHealth, EarlierBoot, Interval, Placement, Reading, Silence
from devices.health.timeline import Evidence, Placed, Silent, Stretch, missing, proves, state_of
from devices.policy import Policy

# A camera that is well writes about 100 readings a day, so a month is 3,000. More than this
# in one window is a camera gone mad, and the newest tell the story.
MOST_READINGS = 20_000
MOST_STRETCHES = 600
MOST_EVENTS = 600
MOST_BOOTS = 20

_STRETCHES = """
WITH newest AS (
    SELECT at, id, docked, mode, battery_state = 'charging' AS charging
    FROM devices_reading WHERE camera_id = %s AND at >= %s AND at <= %s
    ORDER BY at DESC LIMIT %s
), steps AS (
    SELECT *, (docked, mode, charging) IS DISTINCT FROM
              (lag(docked) OVER w, lag(mode) OVER w, lag(charging) OVER w)
              OR at - lag(at) OVER w > %s AS turns
    FROM newest WINDOW w AS (ORDER BY at, id)
), numbered AS (
    SELECT *, count(*) FILTER (WHERE turns) OVER (ORDER BY at, id) AS stretch FROM steps
)
SELECT docked, mode, charging, min(at), max(at) FROM numbered
GROUP BY stretch, docked, mode, charging ORDER BY min(at) DESC LIMIT %s
"""

_WANTED = """
WITH wanted AS (
    SELECT * FROM unnest(%s::bigint[], %s::timestamptz[]) AS w(camera_id, since)
)"""

_MANY_STRETCHES = f"""{_WANTED}, newest AS (
    SELECT r.camera_id, r.at, r.id, r.docked, r.mode, r.battery_state = 'charging' AS charging
    FROM wanted w JOIN devices_reading r
      ON r.camera_id = w.camera_id AND r.at >= w.since - %s AND r.at <= %s
), steps AS (
    SELECT *, (docked, mode, charging) IS DISTINCT FROM
              (lag(docked) OVER w, lag(mode) OVER w, lag(charging) OVER w)
              OR at - lag(at) OVER w > %s AS turns
    FROM newest WINDOW w AS (PARTITION BY camera_id ORDER BY at, id)
), numbered AS (
    SELECT *, count(*) FILTER (WHERE turns) OVER (PARTITION BY camera_id ORDER BY at, id)
           AS stretch FROM steps
)
SELECT camera_id, docked, mode, charging, min(at), max(at) FROM numbered
GROUP BY camera_id, stretch, docked, mode, charging
"""

_MANY_PLACEMENTS = f"""{_WANTED}
SELECT p.camera_id, p.at, p.docked, coalesce(d.code || '-' || b.position, '')
FROM wanted w
LEFT JOIN LATERAL (
    SELECT max(before.at) AS at FROM devices_placement before
    WHERE before.camera_id = w.camera_id AND before.at <= w.since
) held ON true
JOIN devices_placement p
  ON p.camera_id = w.camera_id AND p.at >= coalesce(held.at, w.since) AND p.at <= %s
LEFT JOIN devices_bay b ON b.id = p.bay_id LEFT JOIN devices_dock d ON d.id = b.dock_id
"""

_MANY_SILENCES = f"""{_WANTED}
SELECT s.camera_id, s.began_at, s.ended_at
FROM wanted w JOIN devices_silence s
  ON s.camera_id = w.camera_id AND (s.ended_at IS NULL OR s.ended_at >= w.since)
WHERE s.began_at <= %s
"""

_SAMPLES = """
SELECT date_bin(%s, at, %s) AS slot, (array_agg(battery_percent ORDER BY at DESC))[1],
       min(battery_percent), max(battery_percent), max(at)
FROM (
    SELECT at, battery_percent FROM devices_reading
    WHERE camera_id = %s AND at >= %s AND at <= %s ORDER BY at DESC LIMIT %s
) AS newest
GROUP BY slot ORDER BY slot
"""


@dataclass(frozen=True)
class Sample:
    """The battery in one slot of time: its last, lowest and highest percentage."""

    slot_at: datetime
    percent: int
    lowest: int
    highest: int
    at: datetime


@dataclass(frozen=True)
class MissingReports:
    """Reports of one start of the camera that never came, though later ones did."""

    boot: int
    first: int
    last: int

    @property
    def count(self) -> int:
        return self.last - self.first + 1


def evidence(health: CameraHealth, *, since: datetime, until: datetime, policy: Policy) -> Evidence:
    """What was written down between two moments, and just before, about one camera."""
    return Evidence(
        stretches=_stretches(health.camera_id, since, until, policy),
        placements=_placements(health.camera_id, since, until),
        silences=_silences(health.camera_id, since, until),
        heard_at=health.heard_at,
    )


def evidence_of_many(
    wanted: Mapping[int, datetime], *, until: datetime, policy: Policy
) -> dict[int, Evidence]:
    """The same for several cameras at once, each from its own moment on; four statements."""
    ids, sinces = list(wanted), list(wanted.values())
    reach = proves(policy)
    stretches: dict[int, list[Stretch]] = defaultdict(list)
    for camera_id, docked, mode, charging, first_at, last_at in _rows(
        _MANY_STRETCHES, ids, sinces, reach, until, reach
    ):
        stretches[camera_id].append(_stretch(docked, mode, charging, first_at, last_at))
    placements: dict[int, list[Placed]] = defaultdict(list)
    for camera_id, at, docked, place in _rows(_MANY_PLACEMENTS, ids, sinces, until):
        placements[camera_id].append(Placed(at, docked, place))
    silences: dict[int, list[Silent]] = defaultdict(list)
    for camera_id, began_at, ended_at in _rows(_MANY_SILENCES, ids, sinces, until):
        silences[camera_id].append(Silent(began_at, ended_at))
    heard = dict(CameraHealth.objects.filter(pk__in=ids).values_list("pk", "heard_at"))
    return {
        one: Evidence(stretches[one], placements[one], silences[one], heard.get(one)) for one in ids
    }


@dataclass(frozen=True)
class Noticed:
    """When the fleet first saw that a camera was in a state, from one moment to another."""

    state: str
    from_at: datetime
    until_at: datetime | None
    detected_at: datetime


def noticed(camera_id: int, *, since: datetime, until: datetime) -> list[Noticed]:
    """The newest intervals that are kept of this window, in their order; one statement."""
    lasting = Q(until_at=None) | Q(until_at__gt=since)
    rows = Interval.objects.filter(lasting, camera=camera_id, from_at__lte=until)
    told = rows.order_by("-from_at").values_list("state", "from_at", "until_at", "detected_at")
    return [Noticed(*row) for row in reversed(told[:MOST_EVENTS])]


def samples(camera_id: int, *, since: datetime, until: datetime, every: timedelta) -> list[Sample]:
    """The battery between two moments, one sample for each slot of ``every`` that has a reading."""
    rows = _rows(_SAMPLES, every, since, camera_id, since, until, MOST_READINGS)
    return [Sample(*row) for row in rows]


def last_bay(camera_id: int) -> str:
    """The bay it was last seen in (D03-5); empty if none was ever named."""
    rows = Placement.objects.filter(camera=camera_id, bay__isnull=False).order_by("-at", "-id")
    last = rows.select_related("bay__dock").first()
    return str(last.bay) if last else ""


def readings(
    camera_id: int, *, since: datetime | None = None, until: datetime | None = None
) -> QuerySet[Reading]:
    """Readings between two moments, newest first. Slice before reading."""
    found = Reading.objects.filter(camera=camera_id).order_by("-at", "-id")
    if since:
        found = found.filter(at__gte=since)
    return found.filter(at__lte=until) if until else found


def place_of(reading: Reading) -> str:
    """Where a reading stands in time, as an address can say it."""
    return f"{reading.at.isoformat()}~{reading.pk}"


def older(found: QuerySet[Reading], place: str) -> QuerySet[Reading]:
    """Those before this place; all of them for what never was a place."""
    said, _, pk = place.rpartition("~")
    try:
        at, pk_then = datetime.fromisoformat(said), int(pk)
    except ValueError:
        return found
    if at.tzinfo is None or not 0 <= pk_then < 2**63:
        return found
    return found.filter(Q(at__lt=at) | Q(at=at, pk__lt=pk_then))


def missing_reports(health: CameraHealth) -> list[MissingReports]:
    """What never came of this start of the camera and of the last few before it, newest first."""
    earlier = EarlierBoot.objects.filter(camera=health.camera_id).order_by("-boot")
    boots = [(one.boot, one.received) for one in earlier[:MOST_BOOTS]]
    if health.boot is not None:
        boots.insert(0, (health.boot, health.received))
    return [
        MissingReports(boot, *gap)
        for boot, received in boots
        for gap in reversed(missing(received))
    ]


def _stretches(camera_id: int, since: datetime, until: datetime, policy: Policy) -> list[Stretch]:
    reach = proves(policy)
    rows = _rows(_STRETCHES, camera_id, since - reach, until, MOST_READINGS, reach, MOST_STRETCHES)
    return [_stretch(*row) for row in rows]


def _stretch(
    docked: bool, mode: str, charging: bool, first_at: datetime, last_at: datetime
) -> Stretch:
    state = state_of(docked=docked, mode=mode, battery_state="charging" if charging else "")
    return Stretch(state, first_at, last_at, docked)


def _placements(camera_id: int, since: datetime, until: datetime) -> list[Placed]:
    """Those in the window and the one that held when it began."""
    before = Placement.objects.filter(camera=OuterRef("camera"), at__lte=since).order_by("-at")
    found = Placement.objects.filter(
        camera=camera_id, at__lte=until, at__gte=Coalesce(Subquery(before.values("at")[:1]), since)
    )
    newest = found.select_related("bay__dock").order_by("-at")[:MOST_EVENTS]
    return [Placed(one.at, one.docked, str(one.bay or "")) for one in newest]


def _silences(camera_id: int, since: datetime, until: datetime) -> list[Silent]:
    open_then = Q(ended_at=None) | Q(ended_at__gte=since)
    found = Silence.objects.filter(open_then, camera=camera_id, began_at__lte=until)
    newest = found.order_by("-began_at")[:MOST_EVENTS]
    return [Silent(one.began_at, one.ended_at) for one in newest]


def _rows(sql: str, *values: Any) -> Sequence[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found
