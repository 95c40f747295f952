"""What a rule would have done: its condition in the past, as far as it is kept, run through it.

Columns of a statement: subject, at, condition. A rule that is not named here looks at facts
of which only the present is kept.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from devices.alerts.actions import InForce
from devices.alerts.conditions import numbers
from devices.alerts.rules import Condition, Course, Terms, step
from devices.department import current

Turn = tuple[datetime, Condition]


def _readings(bad: str, good: str) -> str:
    """Each change of a docked camera's condition in its readings."""
    return f"""
WITH seen AS (
    SELECT camera_id, at, CASE WHEN docked AND {bad} THEN 'bad' WHEN {good} THEN 'good'
           ELSE 'between' END AS condition
    FROM devices_reading WHERE at >= %(since)s AND at < %(until)s
), turns AS (
    SELECT *, condition IS DISTINCT FROM lag(condition) OVER (PARTITION BY camera_id ORDER BY at)
           AS turned FROM seen
)
SELECT camera_id, at, condition FROM turns WHERE turned ORDER BY camera_id, at"""


PAST: Mapping[str, str] = {
    "camera_silent": """
SELECT camera_id, greatest(began_at, %(since)s), 'bad' FROM devices_silence
WHERE began_at < %(until)s AND coalesce(ended_at, %(until)s) >= %(since)s
UNION ALL
SELECT camera_id, ended_at, 'good' FROM devices_silence
WHERE ended_at >= %(since)s AND ended_at < %(until)s ORDER BY 1, 2""",
    "offload_failed": _readings("offload = 'failed'", "offload IN ('complete', 'transferring')"),
    "storage_low": _readings(
        "storage_free_mb < %(limit)s * 1000", "storage_free_mb >= %(limit)s * 1250"
    ),
    "clock_wrong": _readings("clock_wrong", "NOT clock_wrong"),
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
    "stranger": """
SELECT coalesce(dock_id, -camera_id), first_at, 'bad' FROM devices_quarantined
WHERE first_at >= %(since)s AND first_at < %(until)s
UNION ALL
SELECT coalesce(dock_id, -camera_id), settled_at, 'good' FROM devices_quarantined
WHERE settled_at >= %(since)s AND settled_at < %(until)s ORDER BY 1, 2""",
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
    turns: dict[int, list[Turn]] = defaultdict(list)
    with connection.cursor() as cursor:
        span = {"since": since, "until": until, "limit": wanted.limit}
        cursor.execute(sql, span | numbers(current.policy()))
        for subject, at, condition in cursor.fetchall():
            turns[subject].append((at, Condition(condition)))
    fired = {subject: list(firings(seen, wanted.terms, until)) for subject, seen in turns.items()}
    moments = sorted(at for found in fired.values() for at in found)
    return Replay(len(moments), sum(map(bool, fired.values())), tuple(moments[-5:][::-1]))


def firings(turns: Sequence[Turn], terms: Terms, until: datetime) -> Iterator[datetime]:
    """The moments at which one subject's alert would have fired.

    Between two turns a condition holds, so looking at each turn and when a patience ends is
    looking all the time.
    """
    course: Course | None = None
    for (at, condition), (end, _) in zip(turns, [*turns[1:], (until, turns[-1][1])], strict=True):
        for moment in (at, at + terms.opens_after, at + terms.clears_after):
            if at <= moment < end or moment == at:
                before = course.fired_at if course and course.firing else None
                course = step(course, condition, since=at, terms=terms, now=moment)
                after = course.fired_at if course and course.firing else None
                if after is not None and after != before:
                    yield after
