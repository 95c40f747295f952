"""Granting offers: each is a guarded move of the turn and of the row that desks guard."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from devices import feed, ledger
from devices.inventory.models import Camera, UpdateStage
from devices.ledger import Said
from devices.rollouts.gate import Standing
from devices.rollouts.models import Deployment, Rollout
from devices.rollouts.rules import ACTIVE, LASTS, Turn

_ACTIVE = ", ".join(f"'{one.value}'" for one in sorted(ACTIVE))

# Asked once their rows are locked: whoever was scanned out a moment ago has a custody by now.
_FREE = f"""
SELECT c.id FROM devices_camera c
WHERE c.id = ANY(%(cameras)s) AND c.service_state = 'in_service' AND c.held_at IS NULL
  AND c.update_stage = ''
  AND NOT EXISTS (SELECT FROM devices_custody held WHERE held.camera_id = c.id
                  AND held.closed_at IS NULL AND held.kind IN ('shift', 'loan'))
  AND NOT EXISTS (SELECT FROM devices_deployment other
                  WHERE other.camera_id = c.id AND other.state IN ({_ACTIVE}))"""  # noqa: S608 (constants)

_OFFER = """
UPDATE devices_deployment d SET state = 'offered', since = %(now)s, by = %(by)s,
    offered_at = %(now)s, offer = nextval('devices_offers'), begin_by = told.begin_by,
    back_by = told.back_by, boot = told.boot, from_version = told.version,
    attempts = d.attempts + 1, fetched = FALSE, progress_percent = NULL, reason = '', said = 0
FROM unnest(%(turns)s::bigint[], %(begins)s::timestamptz[], %(backs)s::timestamptz[],
            %(boots)s::int[], %(versions)s::text[])
    AS told (id, begin_by, back_by, boot, version)
WHERE d.id = told.id AND d.state = 'planned'"""

_SHOW = """
UPDATE devices_camera c SET update_stage = 'offered', updating_until = told.back_by
FROM unnest(%(cameras)s::bigint[], %(backs)s::timestamptz[]) AS told (id, back_by)
WHERE c.id = told.id AND c.update_stage = ''"""


@dataclass(frozen=True, slots=True)
class Permit:
    """A camera that may install now, until when it must begin to, and when it is reckoned to be
    ready again."""

    camera: Standing
    begin_by: datetime
    back_by: datetime


def grant(
    permits: Collection[Permit], rollouts: Mapping[int, Rollout], *, now: datetime
) -> list[Permit]:
    """These cameras are offered their turn; says which, because a desk or a person may have been
    quicker. Within the transaction in which they were counted."""
    if not permits or not transaction.get_connection().in_atomic_block:
        return []
    free = _free(permits)
    granted = [one for one in permits if one.camera.deployment_id in free]
    if granted:
        _write(granted, now)
        ledger.record_all([_entry(one, rollouts) for one in granted], by=None, now=now)
        feed.touch([one.camera.camera_id for one in granted])
        feed.nudge(_by_listener(granted, free))
    return granted


def _by_listener(granted: Collection[Permit], serials: Mapping[int, str]) -> dict[str, list[str]]:
    """Whose open socket hears of each offer: the dock's it sits in, and its own."""
    told: dict[str, list[str]] = defaultdict(list)
    for one in granted:
        serial = serials[one.camera.deployment_id]
        told[feed.camera_group(one.camera.camera_id)].append(serial)
        if one.camera.dock_id is not None:
            told[feed.dock_group(one.camera.dock_id)].append(serial)
    return dict(told)


def _free(permits: Collection[Permit]) -> dict[int, str]:
    """The turns that may begin, with their cameras' serial numbers, and both rows locked; a row
    that somebody else holds is left for the next sweep."""
    turns = Deployment.objects.filter(
        pk__in=[one.camera.deployment_id for one in permits], state=Turn.PLANNED
    )
    locked = turns.order_by("pk").select_for_update(no_key=True, of=("self",), skip_locked=True)
    by_camera = {camera: pk for pk, camera in locked.values_list("pk", "camera_id")}
    rows = Camera.objects.filter(pk__in=by_camera, update_stage=UpdateStage.NONE).order_by("pk")
    free = rows.select_for_update(no_key=True, skip_locked=True)
    serials = dict(free.values_list("pk", "serial"))
    with connection.cursor() as cursor:
        cursor.execute(_FREE, {"cameras": list(serials)})
        return {by_camera[camera]: serials[camera] for (camera,) in cursor.fetchall()}


def _write(granted: Collection[Permit], now: datetime) -> None:
    told: dict[str, Any] = {
        "turns": [one.camera.deployment_id for one in granted],
        "cameras": [one.camera.camera_id for one in granted],
        "begins": [one.begin_by for one in granted],
        "backs": [one.back_by for one in granted],
        "boots": [one.camera.boot for one in granted],
        "versions": [one.camera.version for one in granted],
        "now": now,
        "by": now + LASTS[Turn.OFFERED],
    }
    with connection.cursor() as cursor:
        cursor.execute(_OFFER, told)
        cursor.execute(_SHOW, told)


def _entry(one: Permit, rollouts: Mapping[int, Rollout]) -> Said:
    rollout = rollouts[one.camera.rollout_id]
    facts = {
        "deployment": one.camera.deployment_id,
        "rollout": rollout.name,
        "release": str(rollout.release),
        "before": Turn.PLANNED.value,
        "back_by": one.back_by.isoformat(),
        "attempt": one.camera.attempts + 1,
    }
    return Said("update offered", one.camera.name, facts)
