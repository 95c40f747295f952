"""The facts of readiness as columns, and its rule as an expression, for plain SQL.

Whatever is looked up beside the camera, its model and its health is a sub-select: a page then
pays for its own cameras only, and the planner has few joins to think about.
"""

from datetime import datetime, timedelta
from typing import Any

from devices.battery import rules as battery
from devices.battery.rules import LEARNED_COLUMNS
from devices.faults.rules import CRITICAL_CODES
from devices.policy import Policy
from devices.readiness.rules import USUAL_SHIFT, hours, needed
from devices.recalls.matching import RECALLED, RECALLED_AT

# A camera is displaced when another one came to the same bay later.
DISPLACED = """
EXISTS (SELECT FROM devices_camerahealth later
        WHERE later.bay_id = h.bay_id AND later.docked
          AND (later.placed_at, later.camera_id) > (h.placed_at, h.camera_id))"""

DOCK_SILENT = """
EXISTS (SELECT FROM devices_bay here JOIN devices_dockhealth dock ON dock.dock_id = here.dock_id
        WHERE here.id = h.bay_id AND dock.hearing = 'silent')"""

# `facts.Known.dock_is_silent` also looks at its age: the sweep that announces silence may be dead.
DOCK_HEARD_AT = """
CASE WHEN h.docked THEN
    (SELECT dock.heard_at FROM devices_bay here
     JOIN devices_dockhealth dock ON dock.dock_id = here.dock_id WHERE here.id = h.bay_id) END"""

# Few cameras have one open, so those are looked up once.
_CRITICAL = """devices_fault fault
 WHERE fault.state <> 'resolved' AND fault.severity = 'critical'"""
_HAS_CRITICAL = f"c.id IN (SELECT fault.camera_id FROM {_CRITICAL})"  # noqa: S608 (constants)
CRITICAL = f"""
CASE WHEN {_HAS_CRITICAL} THEN
    (SELECT array_agg(fault.code) FROM {_CRITICAL} AND fault.camera_id = c.id) END"""  # noqa: S608 (constants)
CRITICAL_SINCE = f"""
CASE WHEN {_HAS_CRITICAL} THEN
    (SELECT min(fault.opened_at) FROM {_CRITICAL} AND fault.camera_id = c.id) END"""  # noqa: S608 (constants)

LEARNED = f"""
(SELECT ARRAY[{", ".join(f"learned.{column}" for column in LEARNED_COLUMNS)}]
 FROM devices_battery learned WHERE learned.camera_id = c.id)"""  # noqa: S608 (constants)

# The badge of who has it out for a shift or on loan: few are, so those are looked up once.
_OUT = """devices_custody issued WHERE issued.closed_at IS NULL
                                   AND issued.kind IN ('shift', 'loan')"""
_IS_OUT = f"c.id IN (SELECT issued.camera_id FROM {_OUT})"  # noqa: S608 (constants)
ISSUED_TO = f"""
CASE WHEN {_IS_OUT} THEN
    (SELECT taker.badge_number FROM devices_officer taker
     WHERE taker.id = (SELECT issued.officer_id FROM {_OUT} AND issued.camera_id = c.id))
ELSE '' END"""  # noqa: S608 (constants)
ISSUED_AT = f"""
CASE WHEN {_IS_OUT} THEN
    (SELECT issued.opened_at FROM {_OUT} AND issued.camera_id = c.id) END"""  # noqa: S608 (constants)

# Since when it is as it is: of few, and so asked of those alone.
SERVICE_SINCE = """
CASE WHEN c.service_state <> 'in_service' THEN
    (SELECT max(since.at) FROM devices_servicechange since WHERE since.camera_id = c.id) END"""
UPDATE_SINCE = """
CASE WHEN c.update_stage <> '' THEN
    (SELECT max(turn.offered_at) FROM devices_deployment turn
     WHERE turn.camera_id = c.id AND turn.ended_at IS NULL) END"""

# What a camera does not say stands against it only where something is wanted.
PROFILE_REFUSED = """
(m.profile_version = '' AND coalesce(h.profile_version = ANY(m.profile_refused), FALSE))"""

# In the order of `facts.Known`.
FACTS = f"""
c.number, c.service_state, m.radio, coalesce(h.hearing, 'never'), h.heard_at, h.docked,
coalesce(h.docked AND {DISPLACED}, FALSE), coalesce(h.docked AND {DOCK_SILENT}, FALSE),
coalesce(h.mode, ''), h.battery_percent, coalesce(h.offload, ''), h.clips_waiting,
h.storage_free_mb, coalesce(h.firmware_version, ''), m.firmware_version,
coalesce(h.profile_version, ''), m.profile_version,
h.device_time - h.measured_at,
nullif(h.faults, '{{}}'), {CRITICAL}, coalesce(h.battery_state, ''), h.measured_at, h.moved_at,
h.battery_health_percent, m.battery_hours, {LEARNED}, c.held_at, {ISSUED_TO},
c.update_stage, c.updating_until, nullif(m.firmware_accepted, '{{}}'),
nullif(m.profile_accepted, '{{}}'), {RECALLED}, {SERVICE_SINCE}, {RECALLED_AT}, {UPDATE_SINCE},
{ISSUED_AT}, {DOCK_HEARD_AT}, {CRITICAL_SINCE}, {PROFILE_REFUSED}
"""

COUNTED = """
FROM devices_camera c
JOIN devices_cameramodel m ON m.id = c.model_id
LEFT JOIN devices_camerahealth h ON h.camera_id = c.id
"""


def _weight(seen_h: str, half_sure_h: float) -> str:
    return f"coalesce({seen_h} / ({seen_h} + {half_sure_h}), 0)"


def _blend(own: str, usual: str, weight: str) -> str:
    """``usual`` stands here once: each expression is written into the next."""
    sure = f"CASE WHEN {own} IS NULL THEN 0 ELSE {weight} END"
    return f"(({usual}) * (1 - {sure}) + coalesce({own}, 0) * {sure})"


_NEW = f"""({battery.FULL} / coalesce(nullif(m.battery_hours, 0), {battery.USUAL_HOURS})
            * {battery.FULL} / coalesce(nullif(h.battery_health_percent, 0), {battery.FULL}))"""
# `battery.rules._as_it_is_now`: how much faster a battery drains that has lost capacity since.
_LOST_TO = f"own.capacity_percent - {battery.LOST_SINCE_PERCENT}"
_FASTER = f"""CASE WHEN h.battery_health_percent > 0 AND h.battery_health_percent < {_LOST_TO}
                   THEN own.capacity_percent / h.battery_health_percent ELSE 1 END"""
_RECORDING = f"awake.buffering * {battery.RECORDING_TO_BUFFERING}"
_USUAL_DUTY = f"""(awake.buffering * {1 - battery.RECORDING_SHARE}
                   + busy.recording * {battery.RECORDING_SHARE})"""
_ERROR = f"""CASE WHEN m.battery_hours > 0 THEN {battery.MODEL_ERROR}
                  ELSE {battery.UNKNOWN_MODEL_ERROR} END"""

# Hours of duty in a battery now, as `battery.rules.hours_left` of `battery.rules.figures`.
# The second, at worst, only as `facts.Known.doubted` has it.
_HOURS = f"""
(SELECT ARRAY[h.battery_percent / drain.duty,
              CASE WHEN own.error_share IS NOT NULL OR coalesce(m.battery_hours, 0) = 0 THEN
                  greatest(0, h.battery_percent - {battery.ROUNDING_PERCENT}) / drain.duty
                  * (1 - drain.error) END]
 FROM (SELECT 1) AS one
 LEFT JOIN devices_battery own ON own.camera_id = c.id
 CROSS JOIN LATERAL (SELECT
     {_weight("own.buffering_hours_seen", battery.HALF_SURE_DRAIN_H)} AS drained,
     {_weight("own.recording_hours_seen", battery.HALF_SURE_RECORDING_H)} AS recorded,
     {_FASTER} AS faster) AS sure
 CROSS JOIN LATERAL (SELECT {_blend("own.buffering_percent_h * sure.faster", _NEW, "sure.drained")}
     AS buffering) AS awake
 CROSS JOIN LATERAL (SELECT
     {_blend("own.recording_percent_h * sure.faster", _RECORDING, "sure.recorded")}
     AS recording) AS busy
 CROSS JOIN LATERAL (SELECT
     {_blend("own.duty_percent_h * sure.faster", _USUAL_DUTY, "sure.drained")} AS duty,
     {_blend("own.error_share", _ERROR, "sure.drained")} AS error) AS drain)"""  # noqa: S608 (constants)

# `rules.judge` without a need. What is cheap to ask comes first; a NULL is a fact not known.
_EMPTIED = "coalesce(h.offload = 'complete' AND h.clips_waiting = 0, FALSE)"
_FRESH = "(h.hearing <> 'silent' AND h.heard_at >= %(silent_since)s)"
CLOCK_OFF = "greatest(h.device_time - h.measured_at, h.measured_at - h.device_time)"
_PLACED = "(h.docked IS NOT NULL AND h.hearing <> 'never' AND h.heard_at IS NOT NULL)"
_AGAINST = (
    "c.service_state <> 'in_service'",
    "c.held_at IS NOT NULL",
    f"{RECALLED} <> ''",
    f"{_PLACED} AND NOT h.docked",
    f"{_PLACED} AND h.mode = 'recording' AND {_FRESH} AND NOT {DISPLACED}",
    f"NOT {_EMPTIED} AND h.storage_free_mb < %(storage_mb)s",
    "c.update_stage = 'installing' AND c.updating_until > %(now)s",
    """m.firmware_version <> '' AND h.firmware_version NOT IN ('', m.firmware_version)
       AND h.firmware_version <> ALL(m.firmware_accepted)""",
    """m.profile_version <> '' AND h.profile_version NOT IN ('', m.profile_version)
       AND h.profile_version <> ALL(m.profile_accepted)""",
    PROFILE_REFUSED,
    f"{CLOCK_OFF} > %(clock)s",
    "h.faults && %(critical_codes)s::varchar[]",
    _HAS_CRITICAL,
    "lasting.hours[1] < %(wanted_h)s",
)
_DOUBTED = (
    f"NOT coalesce({_PLACED}, FALSE)",
    "h.battery_percent IS NULL",
    f"h.docked AND NOT {_FRESH}",
    f"NOT {_EMPTIED} AND h.storage_free_mb IS NULL",
    "m.firmware_version <> '' AND coalesce(h.firmware_version, '') = ''",
    "m.profile_version <> '' AND coalesce(h.profile_version, '') = ''",
    f"{CLOCK_OFF} IS NULL",
    "h.docked AND h.mode = ''",
    "c.update_stage = 'installing' AND coalesce(c.updating_until <= %(now)s, TRUE)",
    f"h.docked AND {DISPLACED}",
    "lasting.hours[2] < %(lasts_h)s",
)
# OFFSET keeps the planner from working the hours out anew for each limit.
LASTING = f"(SELECT {_HOURS} AS hours OFFSET 0) AS lasting"
FIT_BY_HOURS = f"""
CASE WHEN {" OR ".join(f"coalesce({one}, FALSE)" for one in _AGAINST)} THEN 'no'
     WHEN {" OR ".join(f"coalesce({one}, FALSE)" for one in _DOUBTED)} THEN 'unknown'
     ELSE 'yes' END"""
FIT = f"(SELECT {FIT_BY_HOURS} FROM {LASTING})"  # noqa: S608 (constants)


def given(policy: Policy, now: datetime, lasts: timedelta = USUAL_SHIFT) -> dict[str, Any]:
    """What FIT asks for beside the rows, for a shift of this length that begins now."""
    return {
        "now": now,
        "silent_since": now - policy.silent_after,
        "clock": policy.clock_tolerance,
        "storage_mb": policy.storage_for_shift_mb,
        "critical_codes": sorted(CRITICAL_CODES),
        "wanted_h": hours(needed(lasts, policy)),
        "lasts_h": hours(lasts),
    }
