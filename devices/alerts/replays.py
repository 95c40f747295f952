"""What a rule would have done: its condition in the past, as far as it is kept, run through it.

Columns of a statement: subject, at, condition, and since when it was so if that is another
moment. What began before the span is told with its own moment, and counts only if it would have
called within it. Of which rules no past is kept, and why, is said in ``UNKEPT``.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from devices.alerts.actions import InForce, in_force
from devices.alerts.conditions import numbers
from devices.alerts.rules import Condition, Course, Terms, step
from devices.department import current


class Turn(NamedTuple):
    """From this moment on it is so; since when, if it was so before anybody would have called."""

    at: datetime
    condition: Condition
    since: datetime | None = None


def _readings(bad: str, good: str) -> str:
    """Each change of a camera's condition in its readings."""
    return f"""
WITH seen AS (
    SELECT camera_id, at, CASE WHEN {bad} THEN 'bad' WHEN {good} THEN 'good'
           ELSE 'between' END AS condition
    FROM devices_reading WHERE at >= %(since)s AND at < %(until)s
), turns AS (
    SELECT *, condition IS DISTINCT FROM lag(condition) OVER (PARTITION BY camera_id ORDER BY at)
           AS turned FROM seen
)
SELECT camera_id, at, condition FROM turns WHERE turned ORDER BY camera_id, at"""


def _counted(events: str, least: str) -> str:
    """Each moment at which so many of a subject's things are wrong at once, or fewer again."""
    return f"""
WITH {events}, counted AS (
    SELECT subject, at, sum(sum(step)) OVER (PARTITION BY subject ORDER BY at) AS number
    FROM events GROUP BY subject, at
)
SELECT subject, at, CASE WHEN number >= {least} THEN 'bad' ELSE 'good' END
FROM counted ORDER BY subject, at"""


PAST: Mapping[str, str] = {
    # A camera's silence is an alert only of one that sat in a dock, and while that was silent
    # too, and until its alert was over, the dock's alone.
    "dock_silent": """
SELECT dock_id, detected_at, 'bad', began_at FROM devices_docksilence
WHERE began_at < %(until)s AND coalesce(ended_at, %(until)s) >= %(since)s
UNION ALL
SELECT dock_id, ended_at, 'good', NULL FROM devices_docksilence
WHERE began_at < %(until)s AND ended_at >= %(since)s AND ended_at < %(until)s ORDER BY 1, 2""",
    "camera_silent": """
WITH docked AS (
    SELECT s.*, b.dock_id FROM devices_silence s
    CROSS JOIN LATERAL (
        SELECT p.docked, p.bay_id FROM devices_placement p
        WHERE p.camera_id = s.camera_id AND p.at <= s.began_at ORDER BY p.at DESC LIMIT 1) place
    LEFT JOIN devices_bay b ON b.id = place.bay_id
    WHERE place.docked AND s.began_at < %(until)s AND coalesce(s.ended_at, %(until)s) >= %(since)s
), called AS (
    SELECT docked.*, greatest(detected_at, (
        SELECT max(coalesce(k.ended_at, %(until)s) + %(dock_clears_after)s)
        FROM devices_docksilence k WHERE k.dock_id = docked.dock_id
        AND k.began_at < docked.began_at + %(opens_after)s
        AND coalesce(k.ended_at, %(until)s) > docked.began_at)) AS at
    FROM docked
)
SELECT camera_id, at, 'bad', began_at FROM called WHERE at < coalesce(ended_at, %(until)s)
UNION ALL
SELECT camera_id, ended_at, 'good', NULL FROM called
WHERE at < ended_at AND ended_at < %(until)s ORDER BY 1, 2""",
    # When it was first heard is its first reading, or the first day that is kept of older ones.
    "camera_never_heard": """
WITH heard AS (
    SELECT c.id, c.enrolled_at, least(
        (SELECT r.received_at FROM devices_reading r WHERE r.camera_id = c.id
         ORDER BY r.at LIMIT 1),
        (SELECT min(d.day)::timestamptz FROM devices_readingday d WHERE d.camera_id = c.id)) AS at
    FROM devices_camera c WHERE c.enrolled_at < %(until)s
)
SELECT id, enrolled_at, 'bad' FROM heard WHERE coalesce(at, %(until)s) >= %(since)s
UNION ALL
SELECT id, greatest(at, enrolled_at), 'good' FROM heard WHERE at >= %(since)s AND at < %(until)s
ORDER BY 1, 2""",
    "camera_away": """
WITH said AS (
    SELECT camera_id, at, docked FROM devices_reading
    WHERE at >= %(since)s - %(limit)s * interval '1 day' AND at < %(until)s
    UNION ALL
    SELECT camera_id, at, docked FROM devices_placement
    WHERE at >= %(since)s - %(limit)s * interval '1 day' AND at < %(until)s
), spans AS (
    SELECT *, at + %(limit)s * interval '1 day' AS away_at, lead(at) OVER one AS next_at,
           lead(docked) OVER one AS next_docked
    FROM said WINDOW one AS (PARTITION BY camera_id ORDER BY at, docked)
), away AS (SELECT * FROM spans WHERE NOT docked AND away_at < coalesce(next_at, %(until)s))
SELECT camera_id, away_at, 'bad' FROM away
UNION ALL
SELECT camera_id, next_at, CASE WHEN next_docked THEN 'good' ELSE 'between' END FROM away
WHERE next_at IS NOT NULL
UNION ALL
SELECT camera_id, at, 'good' FROM (
    SELECT *, lag(docked) OVER (PARTITION BY camera_id ORDER BY at, docked) AS before FROM said
) back WHERE docked AND NOT before
ORDER BY 1, 2""",
    "offload_failed": _readings(
        "docked AND offload = 'failed'", "offload IN ('complete', 'transferring')"
    ),
    "storage_low": _readings(
        "docked AND storage_free_mb < %(limit)s * 1000", "storage_free_mb >= %(limit)s * 1250"
    ),
    "clock_wrong": _readings("clock_wrong", "NOT clock_wrong"),
    "battery_drop": _counted(
        """
said AS (
    SELECT camera_id, at, battery_health_percent AS health,
           max(at) FILTER (WHERE battery_health_percent >= 80) OVER one AS well_at,
           lead(at) OVER (PARTITION BY camera_id ORDER BY at) AS next_at
    FROM devices_reading WHERE at >= %(since)s - interval '14 days' AND at < %(until)s
    WINDOW one AS (PARTITION BY camera_id ORDER BY at)
), fallen AS (
    SELECT c.model_id AS subject, at, least(next_at, well_at + interval '7 days') AS until_at
    FROM said JOIN devices_camera c ON c.id = camera_id
    WHERE health < 70 AND at < well_at + interval '7 days'
), events AS (
    SELECT subject, at, 1 AS step FROM fallen
    UNION ALL SELECT subject, until_at, -1 FROM fallen WHERE until_at < %(until)s
)""",
        least="%(limit)s",
    ),
    "fault_critical": """
SELECT id, opened_at, 'bad' FROM devices_fault
WHERE severity = 'critical' AND opened_at >= %(since)s AND opened_at < %(until)s
UNION ALL
SELECT id, resolved_at, 'good' FROM devices_fault
WHERE severity = 'critical' AND resolved_at >= %(since)s AND resolved_at < %(until)s
ORDER BY 1, 2""",
    "fault_overdue": """
SELECT id, acknowledge_by, 'bad' FROM devices_fault
WHERE acknowledge_by >= %(since)s AND acknowledge_by < %(until)s
  AND coalesce(acknowledged_at, resolved_at, %(until)s) > acknowledge_by
UNION ALL
SELECT id, coalesce(acknowledged_at, resolved_at), 'good' FROM devices_fault
WHERE acknowledge_by >= %(since)s AND coalesce(acknowledged_at, resolved_at) > acknowledge_by
  AND coalesce(acknowledged_at, resolved_at) < %(until)s ORDER BY 1, 2""",
    "repair_long": """
WITH long AS (
    SELECT id, sent_at + %(limit)s * interval '1 day' AS at, returned_at FROM devices_repair
)
SELECT id, at, 'bad' FROM long WHERE at >= %(since)s AND at < %(until)s
  AND coalesce(returned_at, %(until)s) > at
UNION ALL
SELECT id, returned_at, 'good' FROM long
WHERE at >= %(since)s AND returned_at > at AND returned_at < %(until)s ORDER BY 1, 2""",
    "stranger": _counted(
        """
spoke AS (
    SELECT coalesce(dock_id, -camera_id) AS subject, first_at, settled_at FROM devices_quarantined
    WHERE first_at < %(until)s AND coalesce(settled_at, %(until)s) >= %(since)s
), events AS (
    SELECT subject, first_at AS at, 1 AS step FROM spoke
    UNION ALL SELECT subject, settled_at, -1 FROM spoke WHERE settled_at < %(until)s
)""",
        least="1",
    ),
    # The ledger remembers which kiosk locked one; a new PIN ends it before its time.
    "pin_locked": _counted(
        """
locked AS (
    SELECT e.facts->>'desk' AS subject, e.at, least(e.at + %(locked_for)s, (
        SELECT min(n.at) FROM devices_ledgerentry n
        WHERE n.verb = 'kiosk PIN set' AND n.subject = e.subject AND n.at > e.at)) AS until_at
    FROM devices_ledgerentry e
    WHERE e.verb = 'kiosk PIN locked' AND e.at >= %(since)s - %(locked_for)s AND e.at < %(until)s
), events AS (
    SELECT subject, at, 1 AS step FROM locked
    UNION ALL SELECT subject, until_at, -1 FROM locked WHERE until_at < %(until)s
)""",
        least="1",
    ),
    # As it is due by now: one that was made due later was not overdue before that either.
    "custody_overdue": """
SELECT id, due_at + %(overdue_after)s, 'bad' FROM devices_custody
WHERE kind IN ('shift', 'loan') AND due_at + %(overdue_after)s >= %(since)s
  AND due_at + %(overdue_after)s < %(until)s
  AND coalesce(closed_at, %(until)s) > due_at + %(overdue_after)s
UNION ALL
SELECT id, closed_at, 'good' FROM devices_custody
WHERE kind IN ('shift', 'loan') AND due_at + %(overdue_after)s >= %(since)s
  AND closed_at > due_at + %(overdue_after)s AND closed_at < %(until)s ORDER BY 1, 2""",
    "camera_found": """
SELECT camera_id, at, 'bad' FROM devices_custodyevent
WHERE verb = 'found' AND at >= %(since)s AND at < %(until)s
UNION ALL
SELECT camera_id, at, 'good' FROM devices_servicechange
WHERE before = 'lost' AND at >= %(since)s AND at < %(until)s ORDER BY 1, 2""",
    "desk_conflict": """
SELECT id, at, 'bad' FROM devices_deskconflict WHERE at >= %(since)s AND at < %(until)s
UNION ALL
SELECT id, settled_at, 'good' FROM devices_deskconflict
WHERE at >= %(since)s AND settled_at < %(until)s ORDER BY 1, 2""",
}


UNKEPT: Mapping[str, str] = {
    "shift_short": "What was foretold of a shift is not kept, only what came of it.",
    "leaver_holds": "The moment at which an officer left is not kept, only that they did.",
    "rollout_still": "When each camera of a rollout last went on is kept, not when it did before.",
}


@dataclass(frozen=True)
class Replay:
    """How often a rule would have called, for how many subjects, and the last times it did."""

    times: int
    subjects: int
    last: tuple[datetime, ...]


def replay(wanted: InForce, *, since: datetime, until: datetime) -> Replay | None:
    """What ``wanted`` would have done in this span; None where the past is not kept."""
    sql = PAST.get(wanted.rule.code)
    if sql is None:
        return None
    if not wanted.enabled:
        return Replay(0, 0, ())
    turns: dict[int | str, list[Turn]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(sql, _told(wanted, since, until))
        for subject, at, condition, *other in cursor.fetchall():
            turns[subject].append(Turn(at, Condition(condition), *other))
    fired = [
        [at for at in firings(seen, wanted.terms, until) if at >= since] for seen in turns.values()
    ]
    moments = sorted(at for found in fired for at in found)
    return Replay(len(moments), sum(map(bool, fired)), tuple(moments[-5:][::-1]))


def _told(wanted: InForce, since: datetime, until: datetime) -> dict[str, Any]:
    """What statements ask of the span, of the rule, and of the rule whose alerts explain."""
    return {
        "since": since,
        "until": until,
        "limit": wanted.limit,
        "opens_after": wanted.terms.opens_after,
        "dock_clears_after": in_force()["dock_silent"].terms.clears_after,
        **numbers(current.policy()),
    }


def firings(turns: Sequence[Turn], terms: Terms, until: datetime) -> Iterator[datetime]:
    """The moments at which one subject's alert would have fired.

    Between two turns a condition holds, so looking at each turn and when a patience ends is
    looking all the time.
    """
    course: Course | None = None
    ends = [*(one.at for one in turns[1:]), until]
    for (at, condition, began_at), end in zip(turns, ends, strict=True):
        since = began_at or at
        waits = (since + terms.opens_after, at + terms.opens_after, at + terms.clears_after)
        for moment in (at, *sorted(one for one in waits if at < one < end)):
            before = course.fired_at if course and course.firing else None
            course = step(course, condition, since=since, terms=terms, now=moment)
            after = course.fired_at if course and course.firing else None
            if after is not None and after != before:
                yield after
