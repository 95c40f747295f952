"""What each rule sees now: one statement a rule, over committed facts, or readiness's judgement.

A statement answers for every subject that is bad, and for those that have an open alert
(``%(open)s``), so that a subject which got better is seen to be; whom it does not name was
not looked at and stays as it is. Columns: key, name, condition, since, value, station,
place, address, causes (as ``rule subject``); and where what is compared is a time of the subject's
own, how long that is and how long it may be.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from devices.access.people import Visible
from devices.alerts.catalogue import CATALOGUE, Rule
from devices.alerts.rules import Condition, Sight
from devices.alerts.texts import lasted
from devices.department import current
from devices.desk.kiosk.rules import LOCKED_FOR, WRONG_PINS
from devices.inventory import codes
from devices.policy import Policy
from devices.readiness import shifts
from devices.readiness.margin import ShiftReadiness
from devices.readiness.rules import Blocker
from devices.readiness.sql import CLOCK_OFF
from devices.rollouts.models import Rollout
from devices.rollouts.reading import progress
from devices.rollouts.rules import Course as RolloutCourse

_CAMERA_IS = "'camera:' || c.number"
_ADDRESS = "'/cameras/' || c.number || '/'"

# Where a camera sits now decides which dock explains its silence.
_CAMERAS = """
FROM devices_camera c
JOIN devices_camerahealth h ON h.camera_id = c.id
LEFT JOIN devices_bay b ON b.id = h.bay_id
LEFT JOIN devices_dock d ON d.id = b.dock_id
WHERE c.service_state = 'in_service'"""


def _of_cameras(bad: str, good: str, since: str, value: str, causes: str = "NULL") -> str:
    """Bad and good are conditions; neither is between. Unknown (null) is neither good nor bad."""
    return f"""
SELECT {_CAMERA_IS}, c.number::text, CASE WHEN {bad} THEN 'bad' WHEN {good} THEN 'good'
       ELSE 'between' END, {since}, {value}, c.station_id, coalesce(d.code, ''), {_ADDRESS},
       {causes}
{_CAMERAS} AND ({bad} OR {_CAMERA_IS} = ANY(%(open)s))"""


_DOCKED_AND_HEARD = "h.docked AND h.hearing IN ('heard', 'late')"

# There are years of custodies, so indexes must find those that are open or have an alert.
_CUSTODIES = """
FROM devices_custody u JOIN devices_camera c ON c.id = u.camera_id
JOIN devices_officer o ON o.id = u.officer_id
WHERE u.id IN (SELECT substr(open.subject, 9)::bigint FROM unnest(%(open)s::text[]) AS open(subject)
               UNION ALL SELECT id FROM devices_custody WHERE closed_at IS NULL AND {bad})"""

_LEAVER = """
officer_id IN (SELECT id FROM devices_officer WHERE NOT active OR suspended_because <> '')"""

# In the words of `health.rules.off_by`.
_CLOCK_IS_OFF = """(
    SELECT CASE WHEN abs(seconds) < 7200 THEN ceil(abs(seconds) / 60) || ' min'
                WHEN abs(seconds) < 172800 THEN floor(abs(seconds) / 3600) || ' h'
                ELSE floor(abs(seconds) / 86400) || ' days' END
           || CASE WHEN seconds > 0 THEN ' ahead' ELSE ' behind' END
    FROM (SELECT extract(epoch FROM h.device_time - h.measured_at) AS seconds) off)"""

_SEEN: Mapping[str, str] = {
    "dock_silent": """
SELECT 'dock:' || d.code, d.code,
       CASE h.hearing WHEN 'silent' THEN 'bad' WHEN 'heard' THEN 'good' ELSE 'between' END,
       h.heard_at, '', d.station_id, s.name, '/docks/' || d.code || '/', NULL
FROM devices_dock d JOIN devices_dockhealth h ON h.dock_id = d.id
JOIN devices_station s ON s.id = d.station_id
WHERE h.hearing = 'silent' OR 'dock:' || d.code = ANY(%(open)s)""",
    "camera_silent": _of_cameras(
        bad="h.docked AND h.hearing = 'silent'",
        good="h.hearing = 'heard'",
        since="h.heard_at",
        value="''",
        causes="CASE WHEN d.code IS NOT NULL THEN 'dock_silent dock:' || d.code END",
    ),
    "camera_never_heard": f"""
SELECT {_CAMERA_IS}, c.number::text,
       CASE WHEN h.heard_at IS NULL THEN 'bad' ELSE 'good' END, c.enrolled_at, '', c.station_id,
       '', {_ADDRESS}, NULL
FROM devices_camera c LEFT JOIN devices_camerahealth h ON h.camera_id = c.id
WHERE c.service_state = 'in_service' AND (h.heard_at IS NULL OR {_CAMERA_IS} = ANY(%(open)s))""",
    "camera_away": _of_cameras(
        bad="NOT h.docked AND greatest(h.placed_at, h.heard_at) <="
        " %(now)s - %(limit)s * interval '1 day'",
        good="h.docked",
        since="greatest(h.placed_at, h.heard_at) + %(limit)s * interval '1 day'",
        value="floor(extract(epoch FROM %(now)s - greatest(h.placed_at, h.heard_at)) / 86400)"
        " || ' days'",
    ),
    "offload_failed": _of_cameras(
        bad=f"{_DOCKED_AND_HEARD} AND h.offload = 'failed'",
        good="h.offload IN ('complete', 'transferring')",
        since="NULL::timestamptz",
        value="h.clips_waiting || ' clips wait'",
    ),
    "storage_low": _of_cameras(
        bad=f"{_DOCKED_AND_HEARD} AND h.storage_free_mb < %(limit)s * 1000",
        good="h.storage_free_mb >= %(limit)s * 1250",
        since="NULL::timestamptz",
        value="round(h.storage_free_mb / 1000.0, 1) || ' GB free'",
    ),
    "clock_wrong": _of_cameras(
        bad=f"{CLOCK_OFF} > %(clock)s",
        good=f"{CLOCK_OFF} <= %(clock)s",
        since="NULL::timestamptz",
        value=_CLOCK_IS_OFF,
    ),
    "battery_drop": """
WITH fell AS (
    SELECT m.id, m.maker || ' ' || m.name AS model, count(*) FILTER (
        WHERE h.battery_health_percent < 70 AND EXISTS (
            SELECT FROM devices_reading earlier WHERE earlier.camera_id = c.id
            AND earlier.at > %(now)s - interval '7 days' AND earlier.at <= %(now)s
            AND earlier.battery_health_percent >= 80)) AS cameras,
        min(c.station_id) AS station_id, count(DISTINCT c.station_id) AS stations
    FROM devices_camera c JOIN devices_camerahealth h ON h.camera_id = c.id
    JOIN devices_cameramodel m ON m.id = c.model_id
    WHERE c.service_state = 'in_service' GROUP BY m.id
)
SELECT 'model:' || id, model, CASE WHEN cameras >= %(limit)s THEN 'bad' ELSE 'good' END,
       NULL::timestamptz, cameras || ' cameras', CASE WHEN stations = 1 THEN station_id END,
       model, '/cameras/?model=' || id, NULL
FROM fell WHERE cameras >= %(limit)s OR 'model:' || id = ANY(%(open)s)""",
    "fault_critical": """
SELECT 'fault:' || f.id, c.number::text,
       CASE WHEN f.state = 'resolved' THEN 'good' ELSE 'bad' END, f.opened_at,
       replace(f.code, '_', ' '), c.station_id, '', '/faults/' || f.id || '/', NULL
FROM devices_fault f JOIN devices_camera c ON c.id = f.camera_id
WHERE f.severity = 'critical'
  AND (f.state IN ('open', 'acknowledged', 'in_repair') OR 'fault:' || f.id = ANY(%(open)s))""",
    "fault_overdue": """
SELECT 'fault:' || f.id, c.number::text,
       CASE WHEN f.state = 'open' AND f.acknowledge_by <= %(now)s THEN 'bad' ELSE 'good' END,
       f.acknowledge_by, replace(f.code, '_', ' '), c.station_id, '', '/faults/' || f.id || '/',
       NULL, %(now)s - f.opened_at, f.acknowledge_by - f.opened_at
FROM devices_fault f JOIN devices_camera c ON c.id = f.camera_id
WHERE f.state = 'open' AND f.acknowledge_by <= %(now)s OR 'fault:' || f.id = ANY(%(open)s)""",
    "repair_long": f"""
SELECT 'repair:' || r.id, c.number::text,
       CASE WHEN r.returned_at IS NULL THEN 'bad' ELSE 'good' END,
       r.sent_at + %(limit)s * interval '1 day',
       floor(extract(epoch FROM %(now)s - r.sent_at) / 86400) || ' days', c.station_id, '',
       {_ADDRESS}, NULL
FROM devices_repair r JOIN devices_camera c ON c.id = r.camera_id
WHERE r.returned_at IS NULL AND r.sent_at <= %(now)s - %(limit)s * interval '1 day'
   OR 'repair:' || r.id = ANY(%(open)s)""",
    "stranger": """
SELECT 'stranger:' || coalesce(d.code, 'camera ' || c.number), coalesce(d.code, c.number::text),
       'bad', min(q.first_at), count(DISTINCT q.serial) || ' serial numbers',
       coalesce(d.station_id, c.station_id), '', '/docks/#quarantine', NULL
FROM devices_quarantined q LEFT JOIN devices_dock d ON d.id = q.dock_id
LEFT JOIN devices_camera c ON c.id = q.camera_id
WHERE q.settled_at IS NULL GROUP BY d.code, c.number, d.station_id, c.station_id
UNION ALL
SELECT open.subject, substr(open.subject, 10), 'good', NULL, '', NULL, '', '/docks/#quarantine',
       NULL
FROM unnest(%(open)s::text[]) AS open(subject)
WHERE NOT EXISTS (
    SELECT FROM devices_quarantined q LEFT JOIN devices_dock d ON d.id = q.dock_id
    LEFT JOIN devices_camera c ON c.id = q.camera_id
    WHERE q.settled_at IS NULL
      AND 'stranger:' || coalesce(d.code, 'camera ' || c.number) = open.subject)""",
    # Of the kiosk, never of the officer: who keeps the machines sees this too.
    "pin_locked": """
SELECT 'kiosk:' || k.id, k.name, CASE WHEN count(p.officer_id) > 0 THEN 'bad' ELSE 'good' END,
       min(p.locked_until) - %(locked_for)s, count(p.officer_id) || CASE count(p.officer_id)
           WHEN 1 THEN ' PIN' ELSE ' PINs' END, k.station_id, '',
       '/kiosks/', NULL
FROM devices_desk k
LEFT JOIN devices_kioskpin p ON p.locked_at_id = k.id AND p.locked_until > %(now)s
WHERE k.kind = 'kiosk' GROUP BY k.id, k.name, k.station_id
HAVING count(p.officer_id) > 0 OR 'kiosk:' || k.id = ANY(%(open)s)""",
    "custody_overdue": f"""
SELECT 'custody:' || u.id, c.number::text,
       CASE WHEN u.closed_at IS NULL AND u.due_at + %(overdue_after)s <= %(now)s THEN 'bad'
            ELSE 'good' END,
       u.due_at + %(overdue_after)s,
       CASE WHEN %(now)s >= u.due_at + interval '1 hour'
            THEN floor(extract(epoch FROM %(now)s - u.due_at) / 3600) || ' h ago'
            ELSE 'less than an hour ago' END
       || CASE WHEN %(now)s >= u.due_at + %(missing_after)s THEN ' and is missing' ELSE '' END,
       c.station_id, '', {_ADDRESS}, NULL
{_CUSTODIES.format(bad="kind IN ('shift', 'loan') AND due_at <= %(now)s - %(overdue_after)s")}""",
    "camera_found": f"""
SELECT {_CAMERA_IS}, c.number::text,
       CASE WHEN c.service_state = 'lost' AND f.at > coalesce(
           (SELECT max(s.at) FROM devices_servicechange s
            WHERE s.camera_id = c.id AND s.after = 'lost'), '-infinity') THEN 'bad'
            ELSE 'good' END,
       f.at, coalesce(k.name, 'a page'), coalesce(k.station_id, c.station_id), '', {_ADDRESS}, NULL
FROM devices_camera c
CROSS JOIN LATERAL (SELECT e.at, e.desk_id FROM devices_custodyevent e
                    WHERE e.camera_id = c.id AND e.verb = 'found' ORDER BY e.id DESC LIMIT 1) f
LEFT JOIN devices_desk k ON k.id = f.desk_id
WHERE c.service_state = 'lost' OR {_CAMERA_IS} = ANY(%(open)s)""",
    # A suspended officer's own camera stays theirs; while it is in a bay they do not have it.
    "leaver_holds": f"""
SELECT 'custody:' || u.id, c.number::text,
       CASE WHEN u.closed_at IS NULL AND (NOT o.active OR o.suspended_because <> '' AND NOT (
                u.kind = 'personal'
                AND EXISTS (SELECT FROM devices_camerahealth h
                            WHERE h.camera_id = u.camera_id AND h.docked))) THEN 'bad'
            ELSE 'good' END,
       NULL::timestamptz,
       CASE WHEN o.active THEN 'is suspended' ELSE 'has left' END, c.station_id, '', {_ADDRESS},
       NULL
{_CUSTODIES.format(bad=_LEAVER)}""",
    "desk_conflict": """
SELECT 'conflict:' || x.id, coalesce(c.number::text, 'a code that names no camera'),
       CASE WHEN x.settled_at IS NULL THEN 'bad' ELSE 'good' END, x.at, k.name, k.station_id, '',
       '/desk/conflicts/', NULL
FROM devices_deskconflict x LEFT JOIN devices_camera c ON c.id = x.camera_id
JOIN devices_deskrequest r ON r.event_id = x.request_id JOIN devices_desk k ON k.id = r.desk_id
WHERE x.settled_at IS NULL OR 'conflict:' || x.id = ANY(%(open)s)""",
}

_SAID: Mapping[str, str] = {
    "dock_silent": "Dock {name} does not report.",
    "camera_silent": "{name} sits in its dock and does not report.",
    "camera_never_heard": "{name} was enrolled and never heard.",
    "camera_away": "{name} has been away from every dock for {value}.",
    "offload_failed": "Recordings do not come off {name}: {value}.",
    "storage_low": "{name} is nearly full: {value}.",
    "clock_wrong": "{name}'s clock is wrong: it is {value}.",
    "battery_drop": "{value} of model {name} lost much of their battery.",
    "fault_critical": "{name} has a critical fault: {value}.",
    "fault_overdue": "Nobody acknowledged a fault of {name} in time: {value}.",
    "repair_long": "{name} has been in repair for {value}.",
    "stranger": "{value} spoke at {name} and were not believed.",
    "pin_locked": "A PIN was typed wrong five times at {name}.",
    "custody_overdue": "{name} was due back {value}.",
    "camera_found": "{name} was lost and has been scanned at {value}.",
    "leaver_holds": "{name} is with an officer who {value}.",
    "desk_conflict": "What {value} told of {name} while it was cut off is not what is on record.",
}
# What is compared is how long it has been so, with the rule's patience. The value, if there is
# one, is in the words.
BY_TIME = {
    "dock_silent", "camera_silent", "camera_never_heard", "offload_failed", "desk_conflict",
}  # fmt: skip
# Limits that are the department's (`policy`), or nobody's to choose, and not the rule's own.
LIMITS: Mapping[str, Callable[[Policy], str]] = {
    "clock_wrong": lambda policy: lasted(policy.clock_tolerance),
    "custody_overdue": lambda policy: lasted(policy.overdue_after),
    "pin_locked": lambda _: f"{WRONG_PINS} wrong tries",
}


def look(
    rule: Rule,
    limit: float | None,
    open_subjects: Collection[str],
    *,
    patience: timedelta,
    now: datetime,
) -> list[Sight]:
    """What ``rule`` sees, with ``limit`` as its number, of all that is bad or has an alert.

    ``patience`` is how long it waits before it calls.
    """
    if judged := _JUDGED.get(rule.code):
        return list(judged(limit or 0.0, open_subjects, now))
    policy = current.policy()
    told = {"now": now, "open": list(open_subjects), "limit": limit, **numbers(policy)}
    against = _limit(rule, limit, patience, policy)
    with connection.cursor() as cursor:
        cursor.execute(_SEEN[rule.code], told)
        return [_sight(rule, against, row) for row in cursor.fetchall()]


def numbers(policy: Policy) -> dict[str, Any]:
    """What statements ask of the department's numbers, and of those that nobody chooses."""
    return {
        "clock": policy.clock_tolerance,
        "locked_for": LOCKED_FOR,
        "overdue_after": policy.overdue_after,
        "missing_after": policy.missing_after,
    }


def _limit(rule: Rule, limit: float | None, patience: timedelta, policy: Policy) -> str:
    if of_policy := LIMITS.get(rule.code):
        return of_policy(policy)
    if rule.code in BY_TIME:
        return lasted(patience)
    return f"{limit:g} {rule.limit.unit}" if rule.limit and limit is not None else ""


def _short_shifts(hours: float, open_subjects: Collection[str], now: datetime) -> Iterator[Sight]:
    """A shift on which somebody would go out without a camera; well once its reserve is whole too.

    A reserve that is being used is no alarm: it is there for the camera that came back late. A
    shift that has begun, or is no more, is short no longer: nothing is left to do before it. It is
    the shift as foretold: a camera that will be charged in time is ready for it.
    """
    seen = set()
    for one in shifts.coming(Visible(), now=now, policy=current.policy()):
        subject, cameras = f"shift:{one.shift.id}", one.foretold
        short = cameras < one.rostered
        if one.shift.begins_at > now + timedelta(hours=hours):
            continue
        if not short and subject not in open_subjects:
            continue
        seen.add(subject)
        name = f"{one.shift.name} shift at {one.shift.station}"
        better = Condition.GOOD if one.margin >= 0 else Condition.BETWEEN
        yield Sight(
            rule="shift_short",
            subject=subject,
            condition=Condition.BAD if short else better,
            name=name[:80],
            words=f"{name} will have {cameras} ready for the {one.rostered} on duty.",
            value=f"{cameras} will be ready",
            limit=f"{one.rostered} officers",
            station_id=one.shift.station_id,
            place=one.shift.station,
            address=f"/shift/?shift={one.shift.begins_at:%Y%m%dT%H%M}",
            causes=_docks_down(one, one.rostered - cameras) if short else (),
        )
    for subject in set(open_subjects) - seen:
        yield Sight("shift_short", subject, Condition.GOOD, "", "")


def _docks_down(one: ShiftReadiness, lacking: int) -> tuple[tuple[str, str], ...]:
    """The dock with most of the cameras that are unknown only because it is silent, if the shift
    would have enough with them: then it is the dock that somebody has to see to."""
    unready = [*(post.judged for post in one.exceptions if post.judged), *one.unfit_spares]
    silent = Counter(
        each.camera.place.rpartition("-")[0]
        for each in unready
        if each.camera.known.dock_silent
        and {reason.blocker for reason in each.readiness.reasons} == {Blocker.SILENT}
    )
    if silent.total() < lacking:
        return ()
    return tuple(("dock_silent", f"dock:{dock}") for dock, _ in silent.most_common(1))


def _still_rollouts(hours: float, open_subjects: Collection[str], now: datetime) -> Iterator[Sight]:
    """A rollout that runs, whose cameras wait and none of which goes on."""
    after, seen = timedelta(hours=hours), set()
    for one in progress(Rollout.objects.filter(state=RolloutCourse.RUNNING)):
        since = one.still_since(now, after)
        if since is None:
            continue
        name, subject = one.rollout.name, f"rollout:{one.rollout.pk}"
        seen.add(subject)
        yield Sight(
            rule="rollout_still",
            subject=subject,
            condition=Condition.BAD,
            name=name,
            words=f"In the rollout {name} nothing has moved for {_days(now - since)}.",
            value=_days(now - since),
            limit=f"{hours:g} hours",
            since=since + after,
            address=f"/rollouts/{one.rollout.pk}/",
        )
    for subject in set(open_subjects) - seen:
        yield Sight("rollout_still", subject, Condition.GOOD, "", "")


def _days(span: timedelta) -> str:
    return "a day" if span.days == 1 else f"{span.days} days"


Judging = Callable[[float, Collection[str], datetime], Iterator[Sight]]
_JUDGED: Mapping[str, Judging] = {
    "shift_short": _short_shifts,
    "rollout_still": _still_rollouts,
}


def _sight(rule: Rule, limit: str, row: tuple[Any, ...]) -> Sight:
    subject, said, condition, since, value, station_id, place, address, causes, *spans = row
    compared = (value or "", limit)
    if spans:
        compared = (lasted(spans[0]), lasted(spans[1]))
    elif rule.code in BY_TIME:
        compared = ("", limit)
    name = codes.name(int(said)) if said.isdigit() else said
    return Sight(
        rule=rule.code,
        subject=subject,
        condition=Condition(condition),
        name=name,
        words=_SAID[rule.code].format(name=name, value=value),
        value=compared[0],
        limit=compared[1],
        since=since,
        station_id=station_id,
        place=place,
        address=address,
        causes=(tuple(causes.split(" ", 1)),) if causes else (),
    )


def every_rule_is_seen() -> bool:
    """Whether the catalogue, and what looks for it, name the same rules; a test asks."""
    return CATALOGUE.keys() == _SEEN.keys() | _JUDGED.keys() and _SEEN.keys() == _SAID.keys()
