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
from django.db.models import Count, F, Max, Q
from django.utils.timezone import localtime

from devices.alerts.actions import InForce, in_force
from devices.alerts.conditions import MEND_WITHIN, numbers
from devices.alerts.models import Alert
from devices.alerts.rules import Condition, Course, Terms, step
from devices.department import current
from devices.desk.overdue import HOME_IS_UNHEARD
from devices.roster.models import Outcome


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
    # While its camera is away a fault waits for nobody else, and its time to be mended begins anew
    # when that is back; one that was told meanwhile has its own.
    "fault_unmended": f"""
WITH known AS (
    SELECT f.id, f.camera_id, f.opened_at, f.acknowledged_at, {MEND_WITHIN} AS within,
           coalesce(f.resolved_at, %(until)s) AS over_at
    FROM devices_fault f
    WHERE f.acknowledged_at IS NOT NULL AND coalesce(f.resolved_at, %(until)s) >= %(since)s
), away AS (
    SELECT known.id, r.sent_at, r.returned_at
    FROM known JOIN devices_repair r ON r.camera_id = known.camera_id
     AND r.sent_at >= known.opened_at AND r.sent_at < known.over_at
), mending AS (
    SELECT id, opened_at AS since FROM known
    UNION ALL SELECT id, returned_at FROM away WHERE returned_at IS NOT NULL
), late AS (
    SELECT id, greatest(acknowledged_at, since + within) AS at, least(over_at, (
               SELECT min(sent_at) FROM away WHERE away.id = known.id AND sent_at >= since
           )) AS until_at
    FROM known JOIN mending USING (id)
)
SELECT id, at, 'bad' FROM late WHERE at < least(until_at, %(until)s)
UNION ALL
SELECT id, until_at, 'good' FROM late WHERE at < until_at AND until_at < %(until)s
ORDER BY 1, 2""",
    "repair_long": """
WITH long AS (
    SELECT id, sent_at + %(repair_at_most)s AS at, returned_at FROM devices_repair
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
WITH late AS (
    SELECT u.id, u.due_at + %(overdue_after)s AS at, least(u.closed_at, (
               SELECT min(s.at) FROM devices_servicechange s
               WHERE s.camera_id = u.camera_id AND s.after = 'lost' AND s.at >= u.opened_at))
           AS over_at
    FROM devices_custody u
    WHERE kind IN ('shift', 'loan') AND due_at + %(overdue_after)s >= %(since)s
      AND due_at + %(overdue_after)s < %(until)s
)
SELECT id, at, 'bad' FROM late WHERE coalesce(over_at, %(until)s) > at
UNION ALL
SELECT id, over_at, 'good' FROM late WHERE over_at > at AND over_at < %(until)s ORDER BY 1, 2""",
    # With the duties as the roster has them by now.
    "own_missing": f"""
WITH own AS (
    SELECT DISTINCT camera_id FROM devices_custody
    WHERE kind = 'personal' AND coalesce(closed_at, %(until)s) > %(since)s - %(back)s
), said AS (
    SELECT own.camera_id, place.at, place.docked FROM own CROSS JOIN LATERAL (
        (SELECT at, docked FROM devices_placement
         WHERE camera_id = own.camera_id AND at < %(since)s - %(back)s ORDER BY at DESC LIMIT 1)
        UNION ALL
        SELECT at, docked FROM devices_placement
        WHERE camera_id = own.camera_id AND at >= %(since)s - %(back)s AND at < %(until)s) place
), seen AS (
    SELECT *, lag(docked) OVER (PARTITION BY camera_id ORDER BY at, docked) AS before FROM said
), turns AS (
    SELECT *, lead(at) OVER (PARTITION BY camera_id ORDER BY at, docked) AS next_at
    FROM seen WHERE docked IS DISTINCT FROM before
), out AS (
    SELECT u.*, turns.at AS left_at, least(turns.next_at, u.closed_at, (
               SELECT min(s.at) FROM devices_servicechange s
               WHERE s.camera_id = c.id AND s.at > turns.at AND s.after <> 'in_service')) AS over_at
    FROM turns JOIN devices_camera c ON c.id = turns.camera_id
    JOIN devices_custody u ON u.camera_id = c.id AND u.kind = 'personal'
    WHERE NOT turns.docked AND NOT {HOME_IS_UNHEARD}
      AND u.opened_at < coalesce(turns.next_at, %(until)s)
      AND coalesce(u.closed_at, %(until)s) > turns.at
      AND coalesce((SELECT s.after FROM devices_servicechange s
                    WHERE s.camera_id = c.id AND s.at <= turns.at
                    ORDER BY s.at DESC LIMIT 1), 'in_service') = 'in_service'
), late AS (
    SELECT out.id, out.over_at, d.ends_at + %(handover)s + %(limit)s * interval '1 hour' AS at,
           (SELECT min(n.begins_at) FROM devices_duty n
            WHERE n.officer_id = d.officer_id AND n.begins_at > d.begins_at) AS next_at,
           min(d.ends_at) OVER (PARTITION BY out.id, out.left_at)
           + %(handover)s + %(limit)s * interval '2 hours' AS anyway_at
    FROM out JOIN devices_duty d ON d.officer_id = out.officer_id
    WHERE d.ends_at > out.left_at AND d.ends_at > out.opened_at AND d.begins_at < %(until)s
), missing AS (
    SELECT id, at, over_at, CASE WHEN next_at < anyway_at THEN next_at END AS next_at FROM late
    WHERE at < least(over_at, next_at, anyway_at, %(until)s)
    UNION
    SELECT id, anyway_at, over_at, NULL FROM late WHERE anyway_at < least(over_at, %(until)s)
)
SELECT id, at, 'bad' FROM missing
UNION ALL
SELECT id, next_at, 'between' FROM missing WHERE next_at < least(over_at, %(until)s)
UNION ALL
SELECT id, over_at, 'good' FROM missing WHERE over_at < %(until)s ORDER BY 1, 2""",
    # One that is scanned before it called does not call for being lost any more.
    "camera_lost": """
SELECT camera_id, at, CASE after WHEN 'lost' THEN 'bad' ELSE 'good' END FROM devices_servicechange
WHERE 'lost' IN (before, after) AND at >= %(since)s AND at < %(until)s
UNION ALL
SELECT camera_id, at, 'between' FROM devices_custodyevent
WHERE verb = 'found' AND at >= %(since)s AND at < %(until)s ORDER BY 1, 2""",
    "camera_found": """
SELECT camera_id, at, 'bad' FROM devices_custodyevent
WHERE verb = 'found' AND at >= %(since)s AND at < %(until)s
UNION ALL
SELECT camera_id, at, 'good' FROM devices_servicechange
WHERE before = 'lost' AND at >= %(since)s AND at < %(until)s ORDER BY 1, 2""",
    # The ledger remembers who was suspended and let back, and which officers a file made leave: of
    # one that changed more than it tells one by one (`importing.MOST_TOLD`), those it tells.
    "leaver_holds": _counted(
        """
told AS (
    SELECT substr(subject, 9) AS badge, at, verb = 'officer suspended' AS gone, TRUE AS suspended
    FROM devices_ledgerentry
    WHERE subject LIKE 'officer %%' AND verb IN ('officer suspended', 'officer let back')
      AND at < %(until)s
    UNION ALL
    SELECT change->>0, e.at, change @> '["active: yes → no"]', FALSE
    FROM devices_ledgerentry e CROSS JOIN LATERAL jsonb_array_elements(e.facts->'changes') change
    WHERE e.subject = 'officers' AND e.verb = 'imported' AND e.at < %(until)s
      AND (change @> '["active: yes → no"]' OR change @> '["active: no → yes"]')
), changed AS (
    SELECT *, lead(at) OVER (PARTITION BY badge, suspended ORDER BY at) AS until_at FROM told
), held AS (
    SELECT u.id, u.camera_id, changed.suspended AND u.kind = 'personal' AS while_out,
           greatest(changed.at, u.opened_at) AS at,
           least(changed.until_at, u.closed_at, %(until)s) AS until_at
    FROM changed JOIN devices_officer o ON o.badge_number = changed.badge
    JOIN devices_custody u ON u.officer_id = o.id
    WHERE changed.gone AND u.opened_at < coalesce(changed.until_at, %(until)s)
      AND coalesce(u.closed_at, %(until)s) > changed.at
), moves AS (
    SELECT camera_id, at, docked, lead(at) OVER (PARTITION BY camera_id ORDER BY at) AS until_at
    FROM devices_placement
    WHERE camera_id IN (SELECT camera_id FROM held WHERE while_out) AND at < %(until)s
), bad AS (
    SELECT id, at, until_at FROM held WHERE NOT while_out
    UNION ALL
    SELECT held.id, greatest(held.at, moves.at), least(held.until_at, moves.until_at)
    FROM held JOIN moves USING (camera_id)
    WHERE while_out AND NOT docked AND moves.at < held.until_at
      AND coalesce(moves.until_at, %(until)s) > held.at
), events AS (
    SELECT id AS subject, at, 1 AS step FROM bad
    UNION ALL SELECT id, until_at, -1 FROM bad WHERE until_at < %(until)s
)""",
        least="1",
    ),
    # The ledger remembers who paused it: nobody is the fleet. Repairs that stopped with the rollout
    # whose work they mend are explained by it.
    "rollout_stopped": """
SELECT (e.facts->>'rollout')::bigint, e.at, CASE e.verb WHEN 'rollout paused' THEN 'bad'
       ELSE 'good' END
FROM devices_ledgerentry e
WHERE e.verb IN ('rollout paused', 'rollout resumed', 'rollout aborted')
  AND e.at >= %(since)s AND e.at < %(until)s
  AND (e.verb <> 'rollout paused' OR e.actor_id IS NULL AND NOT EXISTS (
      SELECT FROM devices_rollout r JOIN devices_ledgerentry above
        ON above.at = e.at AND above.verb = e.verb
       AND above.facts->>'rollout' = r.repairs_of_id::text
      WHERE r.id::text = e.facts->>'rollout'))
ORDER BY 1, e.seq""",
    "desk_conflict": """
SELECT id, at, 'bad' FROM devices_deskconflict WHERE at >= %(since)s AND at < %(until)s
UNION ALL
SELECT id, settled_at, 'good' FROM devices_deskconflict
WHERE at >= %(since)s AND settled_at < %(until)s ORDER BY 1, 2""",
}


UNKEPT: Mapping[str, str] = {
    "no_dock_heard": "How many docks stood at each station is not kept, only where they stand now.",
    "dock_never_heard": "When a dock was first heard is not kept, only when it was last.",
    "shift_short": "What was foretold of a shift is not kept, only what came of it.",
    "rollout_still": "When each camera of a rollout last went on is kept, not when it did before.",
}


def why_not(code: str, *, since: datetime, until: datetime) -> str:
    """Why this rule cannot be played back, with what is kept in its place; empty if it can be."""
    if code not in UNKEPT:
        return ""
    beside = [_came_of_shifts(since, until)] if code == "shift_short" else []
    return " ".join([UNKEPT[code], *beside, _called(code, since, until)])


def _called(code: str, since: datetime, until: datetime) -> str:
    """What the rule did, by the alerts that are kept: those that fired in that time, and that had
    fired before and were so still. Not how often: what comes again within a day is the same alert,
    of which only the last time is kept."""
    lasted = Q(cleared_at=None) | Q(cleared_at__gte=since)
    fired = Alert.objects.filter(lasted, rule=code, fired_at__lt=until, cause=None)
    found = fired.aggregate(subjects=Count("subject", distinct=True), last=Max("fired_at"))
    if not found["subjects"]:
        return "As it was in force then, it called for nothing."
    many = f"{found['subjects']} subject{'' if found['subjects'] == 1 else 's'}"
    at = f"{localtime(found['last']):%d %b %H:%M}"
    return f"As it was in force then, it called for {many}; the last began to call {at}."


def _came_of_shifts(since: datetime, until: datetime) -> str:
    """How shifts began: what was foretold of one that began short may have called, or not."""
    rows = Outcome.objects.filter(shift__begins_at__gte=since, shift__begins_at__lt=until)
    began = rows.count()
    if not began:
        return "No shift is on record that began in that time."
    short = rows.filter(ready__lt=F("rostered") - F("spares")).count()
    fewer = f"{short or 'none'} had fewer ready cameras than officers, its spares counted"
    return f"Of {began} shift{'' if began == 1 else 's'} that began then, {fewer}."


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
