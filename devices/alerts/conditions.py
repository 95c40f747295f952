"""What each rule sees now: one statement a rule, over committed facts, or what `judging` judges.

A statement answers for every subject that is bad, and for those that have an open alert
(``%(open)s``), so that a subject which got better is seen to be; whom it does not name was
not looked at and stays as it is. Columns: key, name, condition, since, value, station,
place, address, causes (as ``rule subject``, one a line, the furthest up first). Where what is
compared is a time of the subject's own two more: how long that is and how long it may be; where a
rule can grow graver one more: whether it has.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from devices.alerts.catalogue import CATALOGUE, Rule
from devices.alerts.judging import JUDGED
from devices.alerts.rules import Condition, Sight
from devices.alerts.texts import lasted
from devices.department import current
from devices.desk.kiosk.rules import LOCKED_FOR, WRONG_PINS
from devices.desk.overdue import HOME_IS_UNHEARD, LOOKED_BACK
from devices.policy import Policy
from devices.readiness.sql import CLOCK_OFF

_CAMERA_IS = "'camera:' || c.number"
# In the words of `codes.name`.
_CAMERA = "'C' || lpad(c.number::text, greatest(4, length(c.number::text)), '0')"
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
SELECT {_CAMERA_IS}, {_CAMERA}, CASE WHEN {bad} THEN 'bad' WHEN {good} THEN 'good'
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

# Those that are lost, and those with an alert that they were, each found by an index.
_LOST = """c.id IN (
    SELECT id FROM devices_camera WHERE service_state = 'lost'
    UNION ALL
    SELECT id FROM devices_camera WHERE number IN (
        SELECT substr(open.subject, 8)::int FROM unnest(%(open)s::text[]) AS open(subject)))"""

_LEAVER = """
officer_id IN (SELECT id FROM devices_officer WHERE NOT active OR suspended_because <> '')"""

# Of its officer's duties those count that ended since it left its bay and since it is theirs: it is
# out for the rule's own limit after the last, or for twice as long after the first, however often
# they work.
_MISSING_SINCE = """least(
    duty.last_at + %(handover)s + %(limit)s * interval '1 hour',
    duty.first_at + %(handover)s + %(limit)s * interval '2 hours')"""
_OWN_IS_MISSING = f"""(
    u.kind = 'personal' AND c.service_state = 'in_service' AND NOT h.docked
    AND {_MISSING_SINCE} <= %(now)s AND NOT {HOME_IS_UNHEARD})"""

# In the words of `health.rules.off_by`.
_CLOCK_IS_OFF = """(
    SELECT CASE WHEN abs(seconds) < 7200 THEN ceil(abs(seconds) / 60) || ' min'
                WHEN abs(seconds) < 172800 THEN floor(abs(seconds) / 3600) || ' h'
                ELSE floor(abs(seconds) / 86400) || ' days' END
           || CASE WHEN seconds > 0 THEN ' ahead' ELSE ' behind' END
    FROM (SELECT extract(epoch FROM h.device_time - h.measured_at) AS seconds) off)"""

# In the words of `faults.rules.mend_within`, of a fault f.
MEND_WITHIN = """(
    CASE f.severity WHEN 'critical' THEN %(mend_critical_within)s
         WHEN 'major' THEN %(mend_major_within)s ELSE %(mend_minor_within)s END)"""

_SEEN: Mapping[str, str] = {
    "dock_silent": """
SELECT 'dock:' || d.code, d.code,
       CASE h.hearing WHEN 'silent' THEN 'bad' WHEN 'heard' THEN 'good' ELSE 'between' END,
       h.heard_at, '', d.station_id, s.name, '/docks/' || d.code || '/',
       'no_dock_heard fleet' || chr(10) || 'no_dock_heard station:' || d.station_id
FROM devices_dock d JOIN devices_dockhealth h ON h.dock_id = d.id
JOIN devices_station s ON s.id = d.station_id
WHERE h.hearing = 'silent' OR 'dock:' || d.code = ANY(%(open)s)""",
    # Once all are late, so that it explains the first of them before that one calls. Of two docks
    # each calls for itself: that they fell silent together may be chance.
    "no_dock_heard": """
WITH places AS (
    SELECT d.station_id, count(*) AS docks, count(DISTINCT d.station_id) AS stations,
           count(*) FILTER (WHERE h.hearing = 'heard') AS heard, max(h.heard_at) AS heard_at
    FROM devices_dock d JOIN devices_dockhealth h ON h.dock_id = d.id
    WHERE h.heard_at IS NOT NULL GROUP BY GROUPING SETS ((d.station_id), ())
), named AS (
    SELECT p.*, CASE WHEN p.station_id IS NULL THEN 'fleet' ELSE 'station:' || p.station_id END
           AS subject, coalesce(s.name, 'any station') AS name,
           heard = 0 AND docks >= 3 AND (p.station_id IS NOT NULL OR stations > 1) AS bad
    FROM places p LEFT JOIN devices_station s ON s.id = p.station_id
)
SELECT subject, name, CASE WHEN bad THEN 'bad' WHEN heard > 0 THEN 'good' ELSE 'between' END,
       heard_at, docks || ' docks', station_id, '', '/docks/',
       CASE WHEN station_id IS NOT NULL THEN 'no_dock_heard fleet' END
FROM named WHERE bad OR subject = ANY(%(open)s)""",
    # What has no key cannot speak: a charger in a cruiser has none.
    "dock_never_heard": """
SELECT 'dock:' || d.code, d.code,
       CASE WHEN h.heard_at IS NULL AND given.at IS NOT NULL THEN 'bad' ELSE 'good' END, given.at,
       '', d.station_id, s.name, '/docks/' || d.code || '/', NULL
FROM devices_dock d JOIN devices_station s ON s.id = d.station_id
LEFT JOIN devices_dockhealth h ON h.dock_id = d.id
CROSS JOIN LATERAL (SELECT min(t.made_at) AS at FROM devices_devicetoken t
                    WHERE t.dock_id = d.id AND t.revoked_at IS NULL) given
WHERE h.heard_at IS NULL AND given.at IS NOT NULL OR 'dock:' || d.code = ANY(%(open)s)""",
    "camera_silent": _of_cameras(
        bad="h.docked AND h.hearing = 'silent'",
        good="h.hearing = 'heard'",
        since="h.heard_at",
        value="''",
        causes="CASE WHEN d.code IS NOT NULL THEN 'dock_silent dock:' || d.code END",
    ),
    "camera_never_heard": f"""
SELECT {_CAMERA_IS}, {_CAMERA},
       CASE WHEN h.heard_at IS NULL THEN 'bad' ELSE 'good' END, c.enrolled_at, '', c.station_id,
       '', {_ADDRESS}, NULL
FROM devices_camera c LEFT JOIN devices_camerahealth h ON h.camera_id = c.id
WHERE c.service_state = 'in_service' AND (h.heard_at IS NULL OR {_CAMERA_IS} = ANY(%(open)s))""",
    # Of one that somebody answers for it is the custody that calls.
    "camera_away": _of_cameras(
        bad="NOT h.docked AND greatest(h.placed_at, h.heard_at) <="
        " %(now)s - %(limit)s * interval '1 day'",
        good="h.docked",
        since="greatest(h.placed_at, h.heard_at) + %(limit)s * interval '1 day'",
        value="floor(extract(epoch FROM %(now)s - greatest(h.placed_at, h.heard_at)) / 86400)"
        " || ' days'",
        causes="""
(SELECT CASE u.kind WHEN 'personal' THEN 'own_missing' ELSE 'custody_overdue' END
        || ' custody:' || u.id
 FROM devices_custody u WHERE u.camera_id = c.id AND u.closed_at IS NULL)""",
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
WITH fallen AS (
    SELECT c.model_id, c.station_id
    FROM devices_camera c JOIN devices_camerahealth h ON h.camera_id = c.id
    WHERE c.service_state = 'in_service' AND h.battery_health_percent < 70 AND EXISTS (
        SELECT FROM devices_reading earlier WHERE earlier.camera_id = c.id
        AND earlier.at > %(now)s - interval '7 days' AND earlier.at <= %(now)s
        AND earlier.battery_health_percent >= 80)
), fell AS (
    SELECT m.id, m.maker || ' ' || m.name AS model, count(f.model_id) AS cameras,
           min(f.station_id) AS station_id, count(DISTINCT f.station_id) AS stations
    FROM devices_cameramodel m LEFT JOIN fallen f ON f.model_id = m.id GROUP BY m.id
)
SELECT 'model:' || id, model, CASE WHEN cameras >= %(limit)s THEN 'bad' ELSE 'good' END,
       NULL::timestamptz, cameras || ' cameras', CASE WHEN stations = 1 THEN station_id END,
       model, '/cameras/?model=' || id, NULL
FROM fell WHERE cameras >= %(limit)s OR 'model:' || id = ANY(%(open)s)""",
    "fault_critical": f"""
SELECT 'fault:' || f.id, {_CAMERA},
       CASE WHEN f.state = 'resolved' THEN 'good' ELSE 'bad' END, f.opened_at,
       replace(f.code, '_', ' '), c.station_id, '', '/faults/' || f.id || '/', NULL
FROM devices_fault f JOIN devices_camera c ON c.id = f.camera_id
WHERE f.severity = 'critical'
  AND (f.state IN ('open', 'acknowledged', 'in_repair') OR 'fault:' || f.id = ANY(%(open)s))""",
    "fault_overdue": f"""
SELECT 'fault:' || f.id, {_CAMERA},
       CASE WHEN f.state = 'open' AND f.acknowledge_by <= %(now)s THEN 'bad' ELSE 'good' END,
       f.acknowledge_by, replace(f.code, '_', ' '), c.station_id, '', '/faults/' || f.id || '/',
       NULL, %(now)s - f.opened_at, f.acknowledge_by - f.opened_at
FROM devices_fault f JOIN devices_camera c ON c.id = f.camera_id
WHERE f.state = 'open' AND f.acknowledge_by <= %(now)s OR 'fault:' || f.id = ANY(%(open)s)""",
    # As `FaultQuerySet.unmended`: what is in repair has that clock, and this one begins anew when
    # its camera is back.
    "fault_unmended": f"""
WITH waiting AS (
    SELECT f.*, {MEND_WITHIN} AS within, greatest(f.opened_at, (
               SELECT max(r.returned_at) FROM devices_repair r
               WHERE r.camera_id = f.camera_id AND r.sent_at >= f.opened_at)) AS mending_since
    FROM devices_fault f WHERE f.state = 'acknowledged' OR 'fault:' || f.id = ANY(%(open)s)
), timed AS (
    SELECT *, state = 'acknowledged' AND mending_since + within <= %(now)s AS late FROM waiting
)
SELECT 'fault:' || f.id, {_CAMERA}, CASE WHEN f.late THEN 'bad' ELSE 'good' END,
       f.mending_since + f.within, replace(f.code, '_', ' '), c.station_id, '',
       '/faults/' || f.id || '/', NULL, %(now)s - f.mending_since, f.within
FROM timed f JOIN devices_camera c ON c.id = f.camera_id
WHERE f.late OR 'fault:' || f.id = ANY(%(open)s)""",
    "repair_long": f"""
SELECT 'repair:' || r.id, {_CAMERA},
       CASE WHEN r.returned_at IS NULL THEN 'bad' ELSE 'good' END,
       r.sent_at + %(repair_at_most)s,
       floor(extract(epoch FROM %(now)s - r.sent_at) / 86400) || ' days', c.station_id, '',
       {_ADDRESS}, NULL
FROM devices_repair r JOIN devices_camera c ON c.id = r.camera_id
WHERE r.returned_at IS NULL AND r.sent_at <= %(now)s - %(repair_at_most)s
   OR 'repair:' || r.id = ANY(%(open)s)""",
    "stranger": f"""
SELECT 'stranger:' || coalesce(d.code, 'camera ' || c.number), coalesce(d.code, {_CAMERA}),
       'bad', min(q.first_at), count(DISTINCT q.serial)
       || CASE WHEN count(DISTINCT q.serial) = 1 THEN ' serial number' ELSE ' serial numbers' END,
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
    # Of one that is reported lost that calls.
    "custody_overdue": f"""
SELECT 'custody:' || u.id, {_CAMERA},
       CASE WHEN u.closed_at IS NULL AND c.service_state <> 'lost'
                 AND u.due_at + %(overdue_after)s <= %(now)s THEN 'bad' ELSE 'good' END,
       u.due_at + %(overdue_after)s,
       CASE WHEN %(now)s >= u.due_at + interval '1 hour'
            THEN floor(extract(epoch FROM %(now)s - u.due_at) / 3600) || ' h ago'
            ELSE 'less than an hour ago' END
       || CASE WHEN %(now)s >= u.due_at + %(missing_after)s THEN ' and is missing' ELSE '' END,
       c.station_id, '', {_ADDRESS}, NULL, %(now)s >= u.due_at + %(missing_after)s
{_CUSTODIES.format(bad="kind IN ('shift', 'loan') AND due_at <= %(now)s - %(overdue_after)s")}""",
    # Once it calls, its dock ends it, whoever takes it back, or that it is not in service (lost, in
    # repair), but no duty: that says nothing of where it is. Due is the end of the first duty.
    "own_missing": f"""
SELECT 'custody:' || u.id, {_CAMERA},
       CASE WHEN u.closed_at IS NOT NULL OR c.service_state <> 'in_service' OR h.docked THEN 'good'
            WHEN {_OWN_IS_MISSING} THEN 'bad' ELSE 'between' END,
       {_MISSING_SINCE},
       CASE WHEN duty.first_at IS NULL THEN 'some time ago'
            WHEN %(now)s < duty.first_at + %(handover)s + interval '1 hour'
            THEN 'less than an hour ago'
            ELSE floor(extract(epoch FROM %(now)s - duty.first_at - %(handover)s) / 3600)
                 || ' h ago' END,
       c.station_id, '', {_ADDRESS},
       concat_ws(chr(10), 'no_dock_heard fleet', 'no_dock_heard station:' || dock.station_id,
                 'dock_silent dock:' || dock.code, 'leaver_holds custody:' || u.id)
FROM devices_custody u JOIN devices_camera c ON c.id = u.camera_id
JOIN devices_camerahealth h ON h.camera_id = c.id
LEFT JOIN devices_bay bay ON bay.id = c.home_bay_id
LEFT JOIN devices_dock dock ON dock.id = bay.dock_id
CROSS JOIN LATERAL (
    SELECT max(ends_at) AS last_at, min(ends_at) AS first_at FROM devices_duty
    WHERE officer_id = u.officer_id AND begins_at <= %(now)s
      AND ends_at > h.moved_at AND ends_at > u.opened_at) AS duty
WHERE u.id IN (SELECT substr(open.subject, 9)::bigint FROM unnest(%(open)s::text[]) AS open(subject)
               UNION ALL
               SELECT held.id FROM devices_custody held
               JOIN devices_camerahealth out ON out.camera_id = held.camera_id
               WHERE held.closed_at IS NULL AND held.kind = 'personal' AND NOT out.docked
                 AND out.moved_at < %(now)s - %(limit)s * interval '1 hour')
  AND ('custody:' || u.id = ANY(%(open)s) OR u.closed_at IS NULL AND {_OWN_IS_MISSING})""",
    # News for two weeks; by then it is found or given up, and what is in hand stays on the screens
    # of its station for as long as it is open. Once it is scanned, that calls instead.
    "camera_lost": f"""
SELECT {_CAMERA_IS}, {_CAMERA},
       CASE WHEN c.service_state = 'lost' AND lost.at > %(now)s - interval '14 days' THEN 'bad'
            ELSE 'good' END,
       lost.at, '', c.station_id, '', {_ADDRESS}, 'camera_found ' || {_CAMERA_IS}
FROM devices_camera c
CROSS JOIN LATERAL (SELECT max(s.at) AS at FROM devices_servicechange s
                    WHERE s.camera_id = c.id AND s.after = 'lost') lost
WHERE {_LOST}""",
    "camera_found": f"""
SELECT {_CAMERA_IS}, {_CAMERA},
       CASE WHEN c.service_state = 'lost' AND f.at > coalesce(
           (SELECT max(s.at) FROM devices_servicechange s
            WHERE s.camera_id = c.id AND s.after = 'lost'), '-infinity') THEN 'bad'
            ELSE 'good' END,
       f.at, coalesce(k.name, 'a page'), coalesce(k.station_id, c.station_id), '', {_ADDRESS}, NULL
FROM devices_camera c
CROSS JOIN LATERAL (SELECT e.at, e.desk_id FROM devices_custodyevent e
                    WHERE e.camera_id = c.id AND e.verb = 'found' ORDER BY e.id DESC LIMIT 1) f
LEFT JOIN devices_desk k ON k.id = f.desk_id
WHERE {_LOST}""",
    # A suspended officer's own camera stays theirs; while it is in a bay they do not have it.
    "leaver_holds": f"""
SELECT 'custody:' || u.id, {_CAMERA},
       CASE WHEN u.closed_at IS NULL AND (NOT o.active OR o.suspended_because <> '' AND NOT (
                u.kind = 'personal'
                AND EXISTS (SELECT FROM devices_camerahealth h
                            WHERE h.camera_id = u.camera_id AND h.docked))) THEN 'bad'
            ELSE 'good' END,
       NULL::timestamptz,
       CASE WHEN o.active THEN 'is suspended' ELSE 'has left' END, c.station_id, '', {_ADDRESS},
       NULL
{_CUSTODIES.format(bad=_LEAVER)}""",
    "desk_conflict": f"""
SELECT 'conflict:' || x.id, coalesce({_CAMERA}, 'a code that names no camera'),
       CASE WHEN x.settled_at IS NULL THEN 'bad' ELSE 'good' END, x.at, k.name, k.station_id, '',
       '/desk/conflicts/', NULL
FROM devices_deskconflict x LEFT JOIN devices_camera c ON c.id = x.camera_id
JOIN devices_deskrequest r ON r.event_id = x.request_id JOIN devices_desk k ON k.id = r.desk_id
WHERE x.settled_at IS NULL OR 'conflict:' || x.id = ANY(%(open)s)""",
}

_SAID: Mapping[str, str] = {
    "dock_silent": "Dock {name} does not report.",
    "no_dock_heard": "No dock of {name} is heard: {value}.",
    "dock_never_heard": "Dock {name} may speak and was never heard.",
    "camera_silent": "{name} sits in its dock and does not report.",
    "camera_never_heard": "{name} was enrolled and never heard.",
    "camera_away": "{name} has been away from every dock for {value}.",
    "offload_failed": "Recordings do not come off {name}: {value}.",
    "storage_low": "{name} is nearly full: {value}.",
    "clock_wrong": "{name}'s clock is wrong: it is {value}.",
    "battery_drop": "{value} of model {name} lost much of their battery.",
    "fault_critical": "{name} has a critical fault: {value}.",
    "fault_overdue": "Nobody acknowledged a fault of {name} in time: {value}.",
    "fault_unmended": "A fault of {name} is not mended in time: {value}.",
    "repair_long": "{name} has been in repair for {value}.",
    "stranger": "{value} spoke at {name}, not believed.",
    "pin_locked": "A PIN was typed wrong five times at {name}.",
    "custody_overdue": "{name} was due back {value}.",
    "own_missing": "{name}, an own camera, was due in its dock {value} and is not back.",
    "camera_lost": "{name} was reported lost.",
    "camera_found": "{name} was lost and has been scanned at {value}.",
    "leaver_holds": "{name} is with an officer who {value}.",
    "desk_conflict": "What {value} told of {name} while it was cut off is not what is on record.",
}
# What is compared is how long it has been so, with the rule's patience. The value, if there is
# one, is in the words.
BY_TIME = {
    "dock_silent", "no_dock_heard", "dock_never_heard", "camera_silent", "camera_never_heard",
    "offload_failed", "desk_conflict",
}  # fmt: skip
# Limits that are the department's (`policy`), or nobody's to choose, and not the rule's own.
LIMITS: Mapping[str, Callable[[Policy], str]] = {
    "clock_wrong": lambda policy: lasted(policy.clock_tolerance),
    "custody_overdue": lambda policy: lasted(policy.overdue_after),
    "repair_long": lambda policy: lasted(policy.repair_at_most),
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
    if judged := JUDGED.get(rule.code):
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
        "handover": policy.handover,
        "back": LOOKED_BACK,
        "overdue_after": policy.overdue_after,
        "missing_after": policy.missing_after,
        "repair_at_most": policy.repair_at_most,
        "mend_critical_within": policy.mend_critical_within,
        "mend_major_within": policy.mend_major_within,
        "mend_minor_within": policy.mend_minor_within,
    }


def _limit(rule: Rule, limit: float | None, patience: timedelta, policy: Policy) -> str:
    if of_policy := LIMITS.get(rule.code):
        return of_policy(policy)
    if rule.code in BY_TIME:
        return lasted(patience)
    return f"{limit:g} {rule.limit.unit}" if rule.limit and limit is not None else ""


def _sight(rule: Rule, limit: str, row: tuple[Any, ...]) -> Sight:
    subject, name, condition, since, value, station_id, place, address, causes, *beside = row
    compared = (value or "", limit)
    if len(beside) == 2:
        compared = (lasted(beside[0]), lasted(beside[1]))
    elif rule.code in BY_TIME:
        compared = ("", limit)
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
        causes=tuple(_cause(one) for one in (causes or "").splitlines()),
        graver=bool(rule.graver and beside[0]),
    )


def _cause(said: str) -> tuple[str, str]:
    rule, _, subject = said.partition(" ")
    return rule, subject


def every_rule_is_seen() -> bool:
    """Whether the catalogue, and what looks for it, name the same rules; a test asks."""
    return CATALOGUE.keys() == _SEEN.keys() | JUDGED.keys() and _SEEN.keys() == _SAID.keys()
