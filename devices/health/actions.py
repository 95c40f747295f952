"""What is done with what devices say: record it, notice silence, and let old history go."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, TypeVar

from django.db import connection, transaction
from django.db.models import F, Q

from devices import feed, ledger
from devices.errors import Refused
from devices.health import history, intervals, keeping, rows, rules, timeline, writing
from devices.health.intervals import Writing
from devices.health.models import (
    CameraHealth,
    DockSilence,
    HistoryMark,
    Interval,
    Placement,
    Silence,
)
from devices.health.rules import Arrival, Heard, Place
from devices.health.timeline import proves, spans
from devices.inventory.models import Camera
from devices.policy import Policy
from devices.wire import BayEvent, Result

T = TypeVar("T")


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
    rows.save_sightings(
        [
            (one.camera_id, seen)
            for word, one in zip(words, changes, strict=True)
            if (seen := one.outcome.known.seen) is not None and seen is not word.row.known.seen
        ]
    )
    _keep_moves(changes, now)
    _end_silences(words, now)
    visible = {one.camera_id for one in changes if one.outcome.visible}
    feed.touch(visible | _sharing_a_bay(words, outcomes))
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
        replace(word, row=word.row._replace(known=word.row.known._replace(earlier=boots)))
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
        for move in one.outcome.moves
    )


def _sharing_a_bay(words: Sequence[Word], outcomes: Sequence[rules.Outcome]) -> set[int]:
    """Cameras said to sit where another just came or left: what to believe of them changed."""
    before = [word.row.known.place for word in words]
    after = [outcome.known.place for outcome in outcomes]
    moved = [(old, new) for old, new in zip(before, after, strict=True) if new and new.differs(old)]
    bays = {place.bay_id for move in moved for place in move if place and place.bay_id}
    if not bays:
        return set()
    sitting = CameraHealth.objects.filter(bay__in=bays, docked=True)
    return set(sitting.values_list("camera", flat=True))


def _end_silences(words: Sequence[Word], now: datetime) -> None:
    speaking = [w.row.camera_id for w in words if w.row.known.hearing is Heard.SILENT]
    if speaking:
        Silence.objects.filter(camera__in=speaking, ended_at=None).update(ended_at=now)


@dataclass(frozen=True)
class DockWord:
    """What one dock said of its bays in one message, and what its clock said at the sending."""

    dock_id: int
    sent_at: datetime
    events: list[BayEvent] = field(default_factory=list)


@dataclass(frozen=True)
class DockTold:
    """What became of a dock's events, and when its message was sent by our own clock."""

    results: list[Result]
    sent: datetime


def record_docks(words: Sequence[DockWord], *, now: datetime, policy: Policy) -> list[DockTold]:
    """Note that these docks spoke, and which of their events are new; in the order of words."""
    ids = sorted({word.dock_id for word in words})
    locked = rows.lock_docks(ids)
    earlier = rows.earlier_boots("dock", ids) if any(word.events for word in words) else {}
    docks = {dock_id: _Dock(locked[dock_id], earlier.get(dock_id, {})) for dock_id in ids}
    told = [docks[word.dock_id].hear(word, now) for word in words]
    rows.save_docks(
        [
            (dock_id, dock.boots.boot, dock.boots.received, dock.clock_behind)
            for dock_id, dock in docks.items()
        ],
        heard_at=now,
        expected_by=now + policy.late_after,
    )
    rows.save_earlier(
        "dock",
        (
            (dock_id, boot, dock.boots.earlier[boot])
            for dock_id, dock in docks.items()
            for boot in dock.boots.changed
        ),
    )
    return told


class _Dock:
    """A dock in the course of one group of messages."""

    def __init__(self, row: rows.DockRow, earlier: Mapping[int, list[int]]) -> None:
        self.boots = rules.Boots(row.known._replace(earlier=earlier))
        self.clock_behind, self.heard_at = row.clock_behind, row.heard_at

    def hear(self, word: DockWord, now: datetime) -> DockTold:
        results = [self.boots.result(one.boot, one.sequence) for one in word.events]
        idle = now - (self.heard_at or now)
        behind = rules.clock_behind(self.clock_behind, now - word.sent_at, idle)
        self.clock_behind, self.heard_at = behind, now
        return DockTold(results, word.sent_at + behind)


@transaction.atomic
def locate(camera: Camera, *, by: Any, now: datetime) -> None:
    """The camera, or its dock, is told with its next report to blink and beep for half a minute.

    Refuses a camera that nobody can tell: never heard, or away without a radio; and one that
    was asked within the last half minute.
    """
    health = CameraHealth.objects.filter(camera=camera).first()
    if health is None or health.heard_at is None:
        raise Refused(f"{camera} has never been heard: nobody can tell it.")
    if not health.docked and not camera.model.radio:
        raise Refused(f"{camera} is out and has no radio: nobody can tell it.")
    waiting = Q(locate_asked_at=None) | Q(locate_asked_at__lte=now - rules.LOCATE_EVERY)
    rows = CameraHealth.objects.filter(waiting, camera=camera)
    if not rows.update(locate_number=F("locate_number") + 1, locate_asked_at=now):
        raise Refused(f"{camera} was asked less than half a minute ago: look and listen.")
    ledger.record("asked to show itself", camera, by=by, now=now)
    feed.touch([camera.pk])


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


# A dock speaks every minute and this is asked more often: it is the first word, or near to it.
_DOCKS_SPEAK = """
UPDATE devices_docksilence s SET ended_at = h.heard_at FROM devices_dockhealth h
WHERE h.dock_id = s.dock_id AND s.ended_at IS NULL AND h.heard_at > s.began_at
"""


@transaction.atomic
def announce_silence(*, now: datetime, policy: Policy) -> int:
    """Move every camera and dock whose word is overdue one step: heard, late, silent.

    Safe to run twice, late, or in two workers: each row is claimed by the UPDATE that moves
    it. Says how many cameras went silent.
    """
    told: dict[str, Any] = {"now": now, "silent_after": policy.silent_after}
    with connection.cursor() as cursor:
        cursor.execute(_DOCKS_WORSE, told)
        docks = cursor.fetchall()
        cursor.execute(_DOCKS_SPEAK)
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
    _note_silent_docks([(row[0], row[2]) for row in docks if row[1] == "silent"], now)
    feed.touch({row[0] for row in moved})
    if docks:
        feed.touch_all()
    return len(silent)


def _note_silent_docks(silent: Sequence[tuple[int, datetime]], now: datetime) -> None:
    if silent:
        DockSilence.objects.bulk_create(
            (
                DockSilence(dock_id=dock_id, began_at=heard_at, detected_at=now)
                for dock_id, heard_at in silent
            ),
            ignore_conflicts=True,
        )


_TURN = 7_403_005  # any number of our own: of two sweeps at once the second leaves it at that
_AT_ONCE = 200  # cameras
# What was received at a moment may be committed a little later, so each look overlaps the last.
_OVERLAP = timedelta(minutes=1)
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@transaction.atomic
def keep_intervals(*, now: datetime, policy: Policy) -> int:
    """What came in since the last time is made into intervals; says of how many cameras.

    Safe to run twice, late, or in two workers. What comes late is put where it belongs.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_TURN])
        if not cursor.fetchone()[0]:
            return 0
    mark, _ = HistoryMark.objects.get_or_create(pk=1, defaults={"folded_until": _BEGINNING})
    touched = keeping.touched(mark.folded_until - _OVERLAP, now)
    for some in batched(touched.items(), _AT_ONCE):
        _keep_intervals(dict(some), now, policy)
    HistoryMark.objects.filter(pk=1).update(folded_until=now)
    return len(touched)


def batched(many: Iterable[T], size: int) -> Iterator[list[T]]:
    """As many at once as ``size`` says (Python 3.12 has this built in)."""
    rest = iter(many)
    while some := list(islice(rest, size)):
        yield some


def _keep_intervals(touched: Mapping[int, datetime], now: datetime, policy: Policy) -> None:
    """Make the intervals of these cameras anew, each from a little before its moment on."""
    sinces = {camera: at - proves(policy) for camera, at in touched.items()}
    evidence = history.evidence_of_many(sinces, until=now, policy=policy)
    untils = keeping.known_until(sinces, now)
    there, service = keeping.kept(sinces), keeping.service(sinces)
    writings = []
    for camera, since in sinces.items():
        if untils[camera] <= since:
            continue
        seen = spans(evidence[camera], since=since, until=untils[camera], policy=policy)
        made = intervals.wanted(seen, service.get(camera, ()))
        writings.append((camera, intervals.writing(there.get(camera, ()), made, since)))
    _write_intervals(writings, now)


def _write_intervals(writings: Sequence[tuple[int, Writing]], now: datetime) -> None:
    gone = [pk for _, one in writings for pk in one.gone]
    Interval.objects.filter(pk__in=gone).delete()
    ended = [pair for _, one in writings for pair in one.ended]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE devices_interval i SET until_at = t.until_at"
            " FROM unnest(%s::bigint[], %s::timestamptz[]) AS t(id, until_at) WHERE i.id = t.id",
            [[pk for pk, _ in ended], [until_at for _, until_at in ended]],
        )
    Interval.objects.bulk_create(
        Interval(
            camera_id=camera,
            state=new.state,
            from_at=new.from_at,
            until_at=new.until_at,
            heard=new.heard,
            place=new.place[:24],
            cause=new.cause,
            detected_at=now,
        )
        for camera, one in writings
        for new in one.new
    )


def tidy_history(*, now: datetime, policy: Policy) -> int:
    """Roll readings past their time up to one row a camera and day, then let them go.

    The statement that deletes a day's readings is the one that rolls them up, so running this
    twice, in two workers, or ending it midway neither loses nor doubles anything. Says how
    many readings went.
    """
    oldest = (now - policy.keep_readings).replace(hour=0, minute=0, second=0, microsecond=0)
    return sum(_let_day_go(day, policy) for day in _days_before(oldest))


def _days_before(moment: datetime) -> Collection[datetime]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT date_trunc('day', at, 'UTC') FROM devices_reading"
            " WHERE at < %s ORDER BY 1",
            [moment],
        )
        return [row[0] for row in cursor.fetchall()]


# What lies between two readings is known as far as `timeline.proves`; past that, and past the
# day's midnight, nothing is counted but the little that every reading proves by itself.
_ROLL_UP = """
WITH gone AS (
    DELETE FROM devices_reading WHERE at >= %(day)s AND at < %(next)s RETURNING *
), after AS (
    SELECT camera_id, min(at) AS at FROM devices_reading
    WHERE at >= %(next)s AND at <= %(next)s + %(proves)s GROUP BY camera_id
), followed AS (
    SELECT gone.*, coalesce(lead(gone.at) OVER w, after.at) - gone.at AS gap
    FROM gone LEFT JOIN after USING (camera_id)
    WINDOW w AS (PARTITION BY camera_id ORDER BY gone.at, gone.id)
), spans AS (
    SELECT *, LEAST(CASE WHEN gap <= %(proves)s THEN gap ELSE %(alone)s END,
                    %(next)s - at) AS lasted
    FROM followed
), rolled AS (
    INSERT INTO devices_readingday (camera_id, day, readings, battery_lowest, battery_highest,
                                    recording_minutes, docked_minutes, temperature_highest)
    SELECT camera_id, %(day)s::date, count(*), min(battery_percent), max(battery_percent),
           round(coalesce(EXTRACT(epoch FROM sum(lasted) FILTER (WHERE mode = 'recording')), 0)
                 / 60),
           round(coalesce(EXTRACT(epoch FROM sum(lasted) FILTER (WHERE docked)), 0) / 60),
           max(temperature_c)
    FROM spans GROUP BY camera_id
    ON CONFLICT (camera_id, day) DO UPDATE SET
        readings = devices_readingday.readings + excluded.readings,
        battery_lowest = LEAST(devices_readingday.battery_lowest, excluded.battery_lowest),
        battery_highest = GREATEST(devices_readingday.battery_highest, excluded.battery_highest),
        recording_minutes = devices_readingday.recording_minutes + excluded.recording_minutes,
        docked_minutes = devices_readingday.docked_minutes + excluded.docked_minutes,
        temperature_highest = GREATEST(devices_readingday.temperature_highest,
                                       excluded.temperature_highest)
)
SELECT count(*) FROM gone
"""


def _let_day_go(day: datetime, policy: Policy) -> int:
    told: dict[str, Any] = {
        "day": day,
        "next": day + timedelta(days=1),
        "proves": timeline.proves(policy),
        "alone": policy.silent_after,
    }
    with connection.cursor() as cursor:
        cursor.execute(_ROLL_UP, told)
        return int(cursor.fetchone()[0])
