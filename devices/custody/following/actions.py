"""The verbs of following: both may be repeated at any time, and then change nothing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from devices import feed, ledger
from devices.custody import actions as custody
from devices.custody.actions import Told
from devices.custody.models import Custody, CustodyEvent, CustodyKind, CustodyVerb, Via
from devices.inventory import codes
from devices.inventory.models import Bay, Camera

MOST_TOLD = 500  # cameras an entry of the ledger names; past it, their number

# Whose own each camera should be by now, where that is not so. A retired camera is nobody's; one
# in repair stays with its officer, and so does one whose officer has left, until it is taken back.
_ASTRAY = """
SELECT c.id, c.number, CASE WHEN stays.own THEN c.officer_id END AS officer_id,
       held.id AS held_id, held.officer_id AS holder_id,
       greatest(held.opened_at, (SELECT max(past.closed_at) FROM devices_custody past
                                 WHERE past.camera_id = c.id)) AS not_before
FROM devices_camera c
LEFT JOIN devices_officer o ON o.id = c.officer_id
LEFT JOIN devices_custody held ON held.camera_id = c.id AND held.closed_at IS NULL
CROSS JOIN LATERAL (SELECT c.officer_id IS NOT NULL AND c.service_state <> 'retired'
                       AND (o.active OR held.officer_id = c.officer_id) AS own) AS stays
WHERE CASE WHEN held.id IS NULL THEN stays.own
           ELSE held.kind = 'personal'
                AND (NOT stays.own OR held.officer_id <> c.officer_id) END"""
_LOCKED = f"""
SELECT id FROM devices_camera WHERE id IN (SELECT astray.id FROM ({_ASTRAY}) AS astray)
ORDER BY id FOR NO KEY UPDATE"""  # noqa: S608 (constants)


@dataclass(frozen=True, slots=True)
class _Astray:
    """A camera whose custody is not what it should be: whose it is, and which custody is open."""

    camera: int
    number: int
    officer: int | None
    held: int | None
    holder: int | None
    not_before: datetime | None  # a scan that waited for its turn may have ended later than now


@transaction.atomic
def follow_assignments(*, by: Any, now: datetime) -> int:
    """Every camera is in the custody of the officer whose own it is; says of how many that changed.

    What is out for a shift or on loan stays so: it is its officer's again when it comes back. A
    fixed number of statements, however many cameras; one entry in the ledger.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCKED)
        cursor.execute(_ASTRAY)
        found = [_Astray(*row) for row in cursor.fetchall()]
    if not found:
        return 0
    _close([one.held for one in found if one.held is not None], now)
    opened = Custody.objects.bulk_create(
        Custody(
            camera_id=one.camera,
            officer_id=one.officer,
            kind=CustodyKind.PERSONAL,
            opened_at=max(now, one.not_before or now),
        )
        for one in found
        if one.officer is not None
    )
    begun = {one.camera_id: one for one in opened}
    CustodyEvent.objects.bulk_create(_event(one, begun.get(one.camera), by, now) for one in found)
    ledger.record(
        "custody followed an import",
        "cameras",
        by=by,
        now=now,
        given=len(opened),
        taken_back=sum(one.held is not None for one in found),
        cameras=sorted(codes.name(one.number) for one in found)[:MOST_TOLD],
    )
    feed.touch([one.camera for one in found])
    return len(found)


def _close(ids: list[int], now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE devices_custody SET closed_at = greatest(%s, opened_at)"
            " WHERE id = ANY(%s) AND closed_at IS NULL",
            [now, ids],
        )


def _event(one: _Astray, begun: Custody | None, by: Any, now: datetime) -> CustodyEvent:
    return CustodyEvent(
        verb=CustodyVerb.ASSIGNED if begun else CustodyVerb.TAKEN_BACK,
        via=Via.IMPORT,
        at=now,
        by=by,
        camera_id=one.camera,
        officer_id=one.officer if begun else one.holder,
        closed_id=one.held,
        opened=begun,
        reason="By import",
    )


# Out for a shift, and put into the bay where it is after it was away or in another bay. What a
# dock says again of a camera that never left (after the dock's own start) is no docking, a
# vehicle's charger is not the station, and a lost camera is found by somebody.
_DOCKED = """
SELECT held.id, held.camera_id, h.bay_id, came.at
FROM devices_custody held
JOIN devices_camera c ON c.id = held.camera_id AND c.service_state <> 'lost'
JOIN devices_camerahealth h ON h.camera_id = held.camera_id AND h.docked
     AND h.hearing IN ('heard', 'late')
JOIN devices_bay bay ON bay.id = h.bay_id
JOIN devices_dock dock ON dock.id = bay.dock_id AND dock.kind <> 'vehicle'
CROSS JOIN LATERAL (
    SELECT max(move.at) AS at FROM devices_placement move
    WHERE move.camera_id = held.camera_id
      AND (NOT move.docked OR move.bay_id IS DISTINCT FROM h.bay_id)) AS elsewhere
CROSS JOIN LATERAL (
    SELECT min(move.at) AS at FROM devices_placement move
    WHERE move.camera_id = held.camera_id AND move.docked AND move.bay_id = h.bay_id
      AND move.at >= coalesce(elsewhere.at, '-infinity')) AS came
CROSS JOIN LATERAL (
    SELECT coalesce(min(least(told.scanned_at, told.at)), held.opened_at) AS at
    FROM devices_custodyevent told WHERE told.opened_id = held.id) AS out
WHERE held.closed_at IS NULL AND held.kind IN ('shift', 'loan')
  AND (%(camera)s::bigint IS NULL OR held.camera_id = %(camera)s)
  AND came.at > out.at
  AND NOT EXISTS (SELECT FROM devices_camerahealth later
                  WHERE later.bay_id = h.bay_id AND later.docked
                    AND (later.placed_at, later.camera_id) > (h.placed_at, h.camera_id))
ORDER BY held.camera_id"""


@dataclass(frozen=True, slots=True)
class _Docked:
    custody: int
    camera: int
    bay: int
    at: datetime


def follow_docks(*, now: datetime) -> int:
    """Cameras that went out for a shift and are in a bay by now are checked in; says how many.

    Safe to run twice, late, or in two workers: each is looked at again while its row is locked. An
    own camera's docking changes nothing here.
    """
    return sum(_follow_dock(one, now) for one in _docked())


def _docked(camera: int | None = None) -> list[_Docked]:
    with connection.cursor() as cursor:
        cursor.execute(_DOCKED, {"camera": camera})
        return [_Docked(*row) for row in cursor.fetchall()]


@transaction.atomic
def _follow_dock(one: _Docked, now: datetime) -> bool:
    """Whether it was still so once nobody else could change it."""
    camera = Camera.objects.select_for_update(no_key=True).get(pk=one.camera)
    if one not in _docked(one.camera):
        return False
    bay = Bay.objects.select_related("dock").get(pk=one.bay)
    custody.check_in(camera, told=Told(by=None, now=now, via=Via.DOCK, bay=bay, scanned_at=one.at))
    return True
