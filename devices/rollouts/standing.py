"""What is known of cameras whose turn is planned, and of what is under way: a statement each."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from devices.inventory import codes
from devices.policy import Policy
from devices.readiness.facts import select
from devices.readiness.sql import DISPLACED
from devices.releases.models import ReleaseKind
from devices.rollouts.drafts import LONGEST_DOWNLOAD
from devices.rollouts.gate import JUST_ISSUED, USUAL_INSTALL, USUAL_PROFILE, Standing
from devices.rollouts.matching import HARDWARE, profiles_of
from devices.rollouts.room import Room, Spot, Taken
from devices.rollouts.rules import ACTIVE

MOST_ASKED = 300  # cameras of a rollout that are judged in one sweep, by turns
_LATEST = 400  # turns whose time counts as what installing takes now
_ENOUGH = 5  # of them, before a model's own figure counts

_ACTIVE = ", ".join(f"'{one.value}'" for one in sorted(ACTIVE))

# In the order of `gate.Standing`; the name follows from the number, and what it should run from
# what kind of release it is.
_KNOWN = f"""
d.id, d.rollout_id, d.wave_id, c.id, c.number, c.model_id, c.station_id, c.service_state,
c.held_at IS NOT NULL, c.update_stage, coalesce(h.hearing, 'never'), h.heard_at, h.docked,
coalesce(h.docked AND {DISPLACED}, FALSE), bay.dock_id, coalesce(dock.code, ''), dock.station_id,
coalesce(h.mode, ''), h.battery_percent, coalesce(h.offload, ''), h.clips_waiting,
CASE rel.kind WHEN 'firmware' THEN coalesce(h.firmware_version, '')
              ELSE coalesce(h.profile_version, '') END,
CASE rel.kind WHEN 'firmware' THEN coalesce(h.firmware_digest, '')
              ELSE coalesce(h.profile_digest, '') END,
h.boot,
(SELECT event.at FROM devices_custodyevent event WHERE event.camera_id = c.id
 AND event.verb IN ('checked_out', 'transferred', 'taken') AND event.at > %(issued_since)s
 ORDER BY event.id DESC LIMIT 1),
EXISTS (SELECT FROM devices_custody held WHERE held.camera_id = c.id AND held.closed_at IS NULL
        AND held.kind IN ('shift', 'loan')),
(SELECT min(kept.begins_at) FROM devices_reservation kept
 WHERE kept.camera_id = c.id AND kept.ended_at IS NULL
   AND kept.ends_at > %(now)s AND kept.begins_at < %(reserved_until)s),
EXISTS (SELECT FROM devices_putaside aside
        WHERE aside.camera_id = c.id AND aside.ended_at IS NULL),
EXISTS (SELECT FROM devices_deployment other
        WHERE other.camera_id = c.id AND other.state IN ({_ACTIVE})),
EXISTS (SELECT FROM devices_duty duty WHERE duty.officer_id = c.officer_id
        AND duty.begins_at <= %(now)s AND duty.ends_at > %(now)s
        AND duty.begins_at > %(now)s - interval '2 days'),
d.attempts, {HARDWARE}, rel.kind"""  # noqa: S608 (constants)

_FROM = """
FROM devices_deployment d
JOIN devices_wave w ON w.id = d.wave_id
JOIN devices_rollout r ON r.id = d.rollout_id
JOIN devices_release rel ON rel.id = r.release_id
JOIN devices_camera c ON c.id = d.camera_id
LEFT JOIN devices_camerahealth h ON h.camera_id = c.id
LEFT JOIN devices_cameraattributes a ON a.camera_id = c.id
LEFT JOIN devices_bay bay ON bay.id = h.bay_id AND h.docked
LEFT JOIN devices_dock dock ON dock.id = bay.dock_id"""

# What `gate.why_waits` asks, as far as it is cheap to ask of a row: whoever fails it is not read.
_MAY = """
c.service_state = 'in_service' AND c.held_at IS NULL AND c.update_stage = ''
AND h.docked AND h.bay_id IS NOT NULL AND h.hearing <> 'silent' AND h.heard_at >= %(silent_since)s
AND h.mode <> 'recording' AND h.battery_percent >= rel.minimum_battery_percent
AND h.offload = 'complete' AND h.clips_waiting = 0"""

# By turns: which of them are asked changes from sweep to sweep, so that none waits for ever
# behind those that a shift keeps.
_CANDIDATES = f"""
SELECT {_KNOWN} {_FROM} WHERE d.id IN (
    SELECT asked.id FROM unnest(%(rollouts)s::bigint[]) AS one (id) CROSS JOIN LATERAL (
        SELECT d.id {_FROM} WHERE d.rollout_id = one.id AND d.state = 'planned'
           AND w.opened_at IS NOT NULL AND {_MAY}
        ORDER BY hashint8(d.id + %(turn)s) LIMIT %(most)s) AS asked)
ORDER BY d.id"""  # noqa: S608 (constants)

_PLANNED = f"""
SELECT {_KNOWN} {_FROM} WHERE d.rollout_id = %(rollout)s AND d.state = 'planned'
ORDER BY w.number, c.number LIMIT %(most)s"""


def candidates(
    rollout_ids: Collection[int], *, now: datetime, policy: Policy, reserved_until: datetime
) -> list[Standing]:
    """Cameras that may pass the gate, of open waves: a share of them each time, by turns."""
    rows = select(
        _CANDIDATES,
        rollouts=sorted(rollout_ids),
        turn=int(now.timestamp()),
        most=MOST_ASKED,
        silent_since=now - policy.silent_after,
        **_moments(now, reserved_until),
    )
    return _standings(rows)


def planned(
    rollout_id: int, *, now: datetime, reserved_until: datetime, most: int | None = None
) -> list[Standing]:
    """The cameras of one rollout whose turn is still to come, at most so many, or all."""
    moments = _moments(now, reserved_until)
    return _standings(select(_PLANNED, rollout=rollout_id, most=most, **moments))


def _moments(now: datetime, reserved_until: datetime) -> dict[str, Any]:
    return {"now": now, "issued_since": now - JUST_ISSUED, "reserved_until": reserved_until}


def _standings(rows: Collection[tuple[Any, ...]]) -> list[Standing]:
    """Of who is brought a profile, also which it should run: two statements for all of them."""
    brought = {row[3] for row in rows if row[-1] == ReleaseKind.PROFILE}
    should_run = profiles_of(brought) if brought else {}
    return [
        Standing._make(
            (
                *row[:5],
                codes.name(row[4]),
                *row[5:-1],
                should_run.get(row[3], "") if row[-1] == ReleaseKind.PROFILE else "",
            )
        )
        for row in rows
    ]


_UNDER_WAY = f"""
FROM devices_deployment d
JOIN devices_rollout r ON r.id = d.rollout_id
JOIN devices_camera c ON c.id = d.camera_id
LEFT JOIN devices_camerahealth h ON h.camera_id = c.id
LEFT JOIN devices_bay bay ON bay.id = h.bay_id
LEFT JOIN devices_dock dock ON dock.id = bay.dock_id
WHERE d.state IN ({_ACTIVE})"""
_ROOM = f"""
SELECT d.rollout_id, coalesce(dock.station_id, c.station_id), bay.dock_id, r.most_mbit_each,
       count(*)
{_UNDER_WAY} GROUP BY 1, 2, 3, 4"""


def room(policy: Policy) -> Room:
    """What is being updated by all rollouts, and what that leaves."""
    found = Room(policy)
    for rollout, station, dock, mbit_each, count in select(_ROOM):
        found.take(Spot(rollout, station, dock), mbit_each, count)
    return found


_TAKEN = f"""
SELECT d.rollout_id, coalesce(dock.station_id, c.station_id), bay.dock_id, r.most_mbit_each,
       greatest(d.back_by, d.by)
{_UNDER_WAY} AND d.rollout_id IS DISTINCT FROM %(besides)s
  AND greatest(d.back_by, d.by) > %(now)s"""  # noqa: S608 (constants)


def taken(*, besides: int | None, now: datetime) -> list[Taken]:
    """What the other rollouts are updating, and until when."""
    return [
        Taken(Spot(rollout, station, dock), mbit_each, until)
        for rollout, station, dock, mbit_each, until in select(_TAKEN, besides=besides, now=now)
    ]


_TOOK = """
SELECT latest.model_id, latest.kind, count(*), percentile_cont(0.5) WITHIN GROUP (
    ORDER BY latest.ended_at - latest.offered_at)
FROM (SELECT c.model_id, rel.kind, d.ended_at, d.offered_at FROM devices_deployment d
      JOIN devices_camera c ON c.id = d.camera_id
      JOIN devices_rollout r ON r.id = d.rollout_id
      JOIN devices_release rel ON rel.id = r.release_id
      WHERE d.state = 'succeeded' AND d.ended_at > d.offered_at AND d.ended_at > %(since)s
      ORDER BY d.id DESC LIMIT %(latest)s) AS latest
GROUP BY 1, 2"""


class Installs:
    """How long an update takes, from its offer to its proof: as each model has shown, else
    field.md's figures; firmware no less than drafts let it download."""

    def __init__(self, seen: dict[tuple[int, str], timedelta]) -> None:
        self._seen = seen

    def takes(self, model_id: int, kind: str) -> timedelta:
        if kind != ReleaseKind.FIRMWARE:
            return self._seen.get((model_id, kind), USUAL_PROFILE)
        # Its next image may be larger than those that it was seen to take.
        return max(self._seen.get((model_id, kind), USUAL_INSTALL), LONGEST_DOWNLOAD)


def installs(*, now: datetime) -> Installs:
    """What the latest updates of half a year took: the median of each model."""
    rows = select(_TOOK, latest=_LATEST, since=now - timedelta(days=180))
    return Installs({(model, kind): took for model, kind, n, took in rows if n >= _ENOUGH})
