"""What is done with what devices say: record it, notice silence, and let old history go."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from devices import feed
from devices.health import rows, rules, writing
from devices.health.models import Placement, Silence
from devices.health.rules import Arrival, Heard, Place
from devices.policy import Policy
from devices.wire import BayEvent, Result


@dataclass(slots=True)
class Word:
    """What one camera said, or had said of its place, in one group of batches."""

    row: rows.Row
    arrivals: list[Arrival] = field(default_factory=list)
    claims: list[Place] = field(default_factory=list)


def record_reports(words: Sequence[Word], *, now: datetime, policy: Policy) -> list[list[Result]]:
    """Keep what these cameras said; the results are in the order of their arrivals.

    The rows must have been locked by ``rows.lock_cameras`` in the caller's transaction. When
    this returns and the transaction commits, every report called stored survives a power cut.
    """
    words = _with_earlier_boots(words)
    outcomes = [rules.fold(one.row.known, one.arrivals, one.claims, policy) for one in words]
    changes = [
        _change(word.row, outcome, now, policy)
        for word, outcome in zip(words, outcomes, strict=True)
    ]
    writing.write(changes)
    rows.save_earlier(
        "camera",
        (
            (one.camera_id, boot, one.outcome.known.earlier[boot])
            for one in changes
            for boot in one.outcome.changed_boots
        ),
    )
    _keep_moves(changes, now)
    _end_silences(words, now)
    feed.touch({one.camera_id for one in changes if one.outcome.visible})
    return [outcome.results for outcome in outcomes]


def _with_earlier_boots(words: Sequence[Word]) -> Sequence[Word]:
    """Read the earlier boots of cameras that speak of another boot than the current one."""
    strangers = [
        word.row.camera_id
        for word in words
        if any(one.report.boot != word.row.known.boot for one in word.arrivals)
        and word.row.known.boot is not None
    ]
    if not strangers:
        return words
    earlier = rows.earlier_boots("camera", strangers)
    return [
        replace(word, row=word.row._replace(known=replace(word.row.known, earlier=boots)))
        if (boots := earlier.get(word.row.camera_id))
        else word
        for word in words
    ]


def _change(row: rows.Row, outcome: rules.Outcome, now: datetime, policy: Policy) -> writing.Change:
    place = outcome.known.place
    expected = rules.expectation(
        hearing=Heard.HEARD,
        heard_at=now,
        docked=bool(place and place.docked),
        radio=row.radio,
        policy=policy,
    )
    return writing.Change(row.camera_id, now, expected.hearing, expected.expected_by, outcome)


def _keep_moves(changes: Sequence[writing.Change], now: datetime) -> None:
    Placement.objects.bulk_create(
        Placement(
            camera_id=one.camera_id,
            docked=move.docked,
            bay_id=move.bay_id,
            at=move.at,
            received_at=now,
            said_by_id=move.dock_id,
        )
        for one in changes
        for move in one.outcome.places
    )


def _end_silences(words: Sequence[Word], now: datetime) -> None:
    speaking = [w.row.camera_id for w in words if w.row.known.hearing is Heard.SILENT]
    if speaking:
        Silence.objects.filter(camera__in=speaking, ended_at=None).update(ended_at=now)


@dataclass(frozen=True)
class DockWord:
    """What one dock said of its bays."""

    dock_id: int
    events: list[BayEvent] = field(default_factory=list)


def record_docks(
    words: Sequence[DockWord], *, now: datetime, policy: Policy
) -> dict[int, list[Result]]:
    """Note that these docks spoke, and which of their events are new; by dock id."""
    ids = sorted({word.dock_id for word in words})
    locked = rows.lock_docks(ids)
    earlier = rows.earlier_boots("dock", ids) if any(word.events for word in words) else {}
    spoken = {
        dock_id: rules.Boots(replace(locked[dock_id], earlier=earlier.get(dock_id, {})))
        for dock_id in ids
    }
    results: dict[int, list[Result]] = {dock_id: [] for dock_id in ids}
    for word in words:
        boots = spoken[word.dock_id]
        results[word.dock_id] += [boots.result(one.boot, one.sequence) for one in word.events]
    rows.save_docks(
        [(dock_id, boots.boot, boots.received) for dock_id, boots in spoken.items()],
        heard_at=now,
        expected_by=now + policy.late_after,
    )
    rows.save_earlier(
        "dock",
        (
            (dock_id, boot, boots.earlier[boot])
            for dock_id, boots in spoken.items()
            for boot in boots.changed
        ),
    )
    return results


_WORSE = """
WITH due AS (
    SELECT h.{owner}_id AS id, h.hearing FROM devices_{table} h {joined}
    WHERE h.expected_by <= %(now)s {only}
    ORDER BY h.{owner}_id FOR UPDATE OF h SKIP LOCKED
)
UPDATE devices_{table} h SET
    hearing = CASE due.hearing WHEN 'heard' THEN 'late' ELSE 'silent' END,
    expected_by = CASE due.hearing WHEN 'heard' THEN h.heard_at + %(silent_after)s END
FROM due WHERE h.{owner}_id = due.id
RETURNING h.{owner}_id, h.hearing, h.heard_at
"""
_CAMERAS_WORSE = _WORSE.format(
    owner="camera",
    table="camerahealth",
    joined="JOIN devices_camera c ON c.id = h.camera_id",
    only="AND c.service_state = 'in_service'",
)
_DOCKS_WORSE = _WORSE.format(owner="dock", table="dockhealth", joined="", only="")


@transaction.atomic
def announce_silence(*, now: datetime, policy: Policy) -> int:
    """Move every camera and dock whose word is overdue one step: heard, late, silent.

    Safe to run twice, late, or in two workers: each row is claimed by the UPDATE that moves
    it. Says how many cameras went silent.
    """
    told: dict[str, Any] = {"now": now, "silent_after": policy.silent_after}
    with connection.cursor() as cursor:
        cursor.execute(_DOCKS_WORSE, told)
        docks = [row[0] for row in cursor.fetchall()]
        cursor.execute(_CAMERAS_WORSE, told)
        moved = cursor.fetchall()
    silent = [
        (camera_id, heard_at) for camera_id, hearing, heard_at in moved if hearing == "silent"
    ]
    Silence.objects.bulk_create(
        (
            Silence(camera_id=camera_id, began_at=heard_at, detected_at=now)
            for camera_id, heard_at in silent
        ),
        ignore_conflicts=True,
    )
    feed.touch({row[0] for row in moved})
    if docks:
        feed.touch_all()
    return len(silent)


def tidy_history(*, now: datetime, policy: Policy) -> int:
    """Roll readings past their time up to one row a camera and day, then let them go.

    Each day is rolled up and its readings deleted in one transaction, so running this twice
    or ending it midway loses nothing. Says how many readings went.
    """
    oldest = (now - policy.keep_readings).replace(hour=0, minute=0, second=0, microsecond=0)
    gone = 0
    for day in _days_before(oldest):
        gone += _let_day_go(day, policy)
    return gone


def _days_before(moment: datetime) -> Collection[datetime]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT date_trunc('day', at, 'UTC') FROM devices_reading"
            " WHERE at < %s ORDER BY 1",
            [moment],
        )
        return [row[0] for row in cursor.fetchall()]


_ROLL_UP = """
WITH spans AS (
    SELECT camera_id, battery_percent, temperature_c, mode, docked,
           LEAST(EXTRACT(epoch FROM lead(at, 1, at) OVER w - at), %(longest)s) AS seconds
    FROM devices_reading WHERE at >= %(day)s AND at < %(next)s
    WINDOW w AS (PARTITION BY camera_id ORDER BY at)
)
INSERT INTO devices_readingday (camera_id, day, readings, battery_lowest, battery_highest,
                                recording_minutes, docked_minutes, temperature_highest)
SELECT camera_id, %(day)s::date, count(*), min(battery_percent), max(battery_percent),
       round(coalesce(sum(seconds) FILTER (WHERE mode = 'recording'), 0) / 60),
       round(coalesce(sum(seconds) FILTER (WHERE docked), 0) / 60), max(temperature_c)
FROM spans GROUP BY camera_id
ON CONFLICT (camera_id, day) DO UPDATE SET
    readings = devices_readingday.readings + excluded.readings,
    battery_lowest = LEAST(devices_readingday.battery_lowest, excluded.battery_lowest),
    battery_highest = GREATEST(devices_readingday.battery_highest, excluded.battery_highest),
    recording_minutes = devices_readingday.recording_minutes + excluded.recording_minutes,
    docked_minutes = devices_readingday.docked_minutes + excluded.docked_minutes,
    temperature_highest = GREATEST(devices_readingday.temperature_highest,
                                   excluded.temperature_highest)
"""


@transaction.atomic
def _let_day_go(day: datetime, policy: Policy) -> int:
    # A span longer than two heartbeats of history is unknown, not more of the same.
    longest = 2 * policy.reading_every.total_seconds()
    told: dict[str, Any] = {"day": day, "next": day + timedelta(days=1), "longest": longest}
    with connection.cursor() as cursor:
        cursor.execute(_ROLL_UP, told)
        cursor.execute("DELETE FROM devices_reading WHERE at >= %(day)s AND at < %(next)s", told)
        return int(cursor.rowcount)
