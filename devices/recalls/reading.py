"""What is read of recalls: for the sweep, for their pages and for the API."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from devices.access.people import Visible
from devices.inventory import codes
from devices.recalls.matching import CLEARED, COVERS, OF_KIND
from devices.recalls.rules import Seen, Stand, Wanted

MOST_AT_ONCE = 200  # are taken out of service by one sweep: the next comes in seconds


class Covered(NamedTuple):
    """A camera that a recall would take, and where it is. ``docked`` None is: not known."""

    id: int
    number: int
    service_state: str
    docked: bool | None


_COVERED = f"""
SELECT c.id, c.number, c.service_state, h.docked
FROM devices_camera c LEFT JOIN devices_camerahealth h ON h.camera_id = c.id
CROSS JOIN (SELECT %(model)s::bigint AS model_id, %(lot)s::text AS lot,
                   %(version)s::text AS firmware_version) AS recall
WHERE c.service_state <> 'retired' AND {COVERS} ORDER BY c.number"""


def covered(wanted: Wanted) -> list[Covered]:
    """The cameras that this recall would take now, by number; one statement."""
    rows = _select(
        _COVERED,
        model=wanted.model_id,
        lot=wanted.lot.upper(),
        version=wanted.firmware_version,
    )
    return [Covered(*row) for row in rows]


# --- For the sweep -------------------------------------------------------------------------------


class Joining(NamedTuple):
    """A camera that a recall covers and that is not in it yet; or the other way round."""

    recall_id: int
    camera_id: int
    number: int


_MISSING = f"""
SELECT recall.id, c.id, c.number
FROM devices_recall recall CROSS JOIN devices_camera c
LEFT JOIN devices_camerahealth h ON h.camera_id = c.id
WHERE recall.id = ANY(%(recalls)s) AND c.service_state <> 'retired' AND {COVERS}
  AND NOT EXISTS (SELECT FROM devices_recalled had
                  WHERE had.recall_id = recall.id AND had.camera_id = c.id)
ORDER BY recall.id, c.number"""


def missing(recall_ids: Collection[int]) -> list[Joining]:
    """The cameras that these recalls cover by now and that are not in them; one statement."""
    return [Joining(*row) for row in _select(_MISSING, recalls=sorted(recall_ids))]


_STRAYED = f"""
SELECT recall.id, c.id, c.number
FROM devices_recalled recalled JOIN devices_recall recall ON recall.id = recalled.recall_id
JOIN devices_camera c ON c.id = recalled.camera_id
WHERE recall.id = ANY(%(recalls)s) AND recalled.cleared_at IS NULL AND NOT ({OF_KIND})
ORDER BY recall.id, c.number"""


def strayed(recall_ids: Collection[int]) -> list[Joining]:
    """Those in them of another model or lot, as the inventory says since: one statement."""
    return [Joining(*row) for row in _select(_STRAYED, recalls=sorted(recall_ids))]


class Back(NamedTuple):
    """A camera in service that an open recall wants out of it, in a bay and given out to nobody."""

    camera_id: int
    recall: str
    reason: str


_ISSUED = """
EXISTS (SELECT FROM devices_custody held WHERE held.camera_id = c.id
        AND held.closed_at IS NULL AND held.kind IN ('shift', 'loan'))"""
# In a bay of the station, heard there, and at no work: a vehicle's charger is not the station.
_BACK = f"""
SELECT DISTINCT ON (c.id) c.id, recall.name, recall.reason
FROM devices_recall recall
JOIN devices_camera c ON c.service_state = 'in_service' AND {OF_KIND}
JOIN devices_camerahealth h ON h.camera_id = c.id AND h.docked
     AND h.hearing IN ('heard', 'late') AND h.mode <> 'recording'
LEFT JOIN devices_bay bay ON bay.id = h.bay_id
LEFT JOIN devices_dock dock ON dock.id = bay.dock_id
WHERE recall.ended_at IS NULL AND recall.firmware_version = '' AND NOT {CLEARED}
  AND dock.kind IS DISTINCT FROM 'vehicle'
  AND (%(camera)s::bigint IS NULL OR c.id = %(camera)s)
  AND NOT {_ISSUED}
  AND NOT EXISTS (SELECT FROM devices_camerahealth later
                  WHERE later.bay_id = h.bay_id AND later.docked
                    AND (later.placed_at, later.camera_id) > (h.placed_at, h.camera_id))
ORDER BY c.id, recall.id LIMIT {MOST_AT_ONCE}"""


def back(camera_id: int | None = None) -> list[Back]:
    """Those that are to be taken out of service now, or whether this one is; one statement."""
    return [Back(*row) for row in _select(_BACK, camera=camera_id)]


class Doubtful(NamedTuple):
    """A camera of a recall that may have come in, or gone out again."""

    id: int
    camera_id: int
    version: str  # that is recalled
    seen: Seen


# Fewer than all, and all that `rules.is_in` could judge otherwise than before.
_DOUBTFUL = f"""
SELECT recalled.id, c.id, recall.firmware_version, c.service_state, h.docked, {_ISSUED},
       coalesce(h.firmware_version, ''), recalled.came_in_at IS NOT NULL
FROM devices_recall recall JOIN devices_recalled recalled ON recalled.recall_id = recall.id
JOIN devices_camera c ON c.id = recalled.camera_id
LEFT JOIN devices_camerahealth h ON h.camera_id = c.id
WHERE recall.ended_at IS NULL AND recalled.cleared_at IS NULL
  AND (recalled.came_in_at IS NULL) = CASE
      WHEN c.service_state = 'retired' OR recall.firmware_version = ''
      THEN c.service_state NOT IN ('in_service', 'lost')
      ELSE h.firmware_version IS DISTINCT FROM recall.firmware_version END"""


def doubtful() -> list[Doubtful]:
    """The cameras of open recalls that are to be judged again; one statement."""
    return [
        Doubtful(pk, camera, version, Seen(*seen))
        for pk, camera, version, *seen in _select(_DOUBTFUL)
    ]


# --- For pages and the API -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tally:
    """How far a recall is, counted from its rows."""

    out: int = 0
    came_in: int = 0
    cleared: int = 0

    @property
    def cameras(self) -> int:
        """That have to come in, or had to: those that were cleared are none of them."""
        return self.out + self.came_in


_TALLIES = """
SELECT recall_id, count(*) FILTER (WHERE cleared_at IS NULL AND came_in_at IS NULL),
       count(*) FILTER (WHERE cleared_at IS NULL AND came_in_at IS NOT NULL),
       count(*) FILTER (WHERE cleared_at IS NOT NULL)
FROM devices_recalled WHERE recall_id = ANY(%(recalls)s) GROUP BY 1"""


def tallies(recall_ids: Collection[int]) -> dict[int, Tally]:
    """How far each of these recalls is; one statement."""
    found = {row[0]: Tally(*row[1:]) for row in _select(_TALLIES, recalls=sorted(recall_ids))}
    return {pk: found.get(pk, Tally()) for pk in recall_ids}


_ARRIVALS = """
SELECT came_in_at FROM devices_recalled
WHERE recall_id = %(recall)s AND came_in_at IS NOT NULL AND cleared_at IS NULL"""


def arrivals(recall_id: int) -> list[datetime]:
    """When each camera of it came in, of those that are; one statement."""
    return [row[0] for row in _select(_ARRIVALS, recall=recall_id)]


class RecalledCamera(NamedTuple):
    """A camera of a recall, where it is and who has it. ``badge`` is not for everybody to see."""

    id: int
    number: int
    station_id: int
    station: str
    service_state: str
    joined_at: datetime
    came_in_at: datetime | None
    cleared_at: datetime | None
    cleared_because: str
    docked: bool | None
    moved_at: datetime | None
    heard_at: datetime | None
    version: str
    bay: str
    in_vehicle: bool
    holder_id: int | None
    badge: str
    custody: str
    held_since: datetime | None
    unit: str

    @property
    def name(self) -> str:
        return codes.name(self.number)

    @property
    def service_words(self) -> str:
        return self.service_state.replace("_", " ").capitalize()

    @property
    def stand(self) -> Stand:
        if self.cleared_at is not None:
            return Stand.CLEARED
        return Stand.OUT if self.came_in_at is None else Stand.IN


# Whoever is to be called comes together: by station and unit.
_CAMERAS = """
SELECT c.id, c.number, c.station_id, s.code, c.service_state,
       recalled.joined_at, recalled.came_in_at, recalled.cleared_at, recalled.cleared_because,
       h.docked, h.moved_at, h.heard_at, coalesce(h.firmware_version, ''),
       coalesce(dock.code || '-' || bay.position, ''), coalesce(dock.kind = 'vehicle', FALSE),
       held.officer_id, coalesce(holder.badge_number, ''), coalesce(held.kind, ''),
       held.opened_at, coalesce(holder.unit, '')
FROM devices_recalled recalled
JOIN devices_camera c ON c.id = recalled.camera_id
JOIN devices_station s ON s.id = c.station_id
LEFT JOIN devices_camerahealth h ON h.camera_id = c.id
LEFT JOIN devices_bay bay ON bay.id = h.bay_id AND h.docked
LEFT JOIN devices_dock dock ON dock.id = bay.dock_id
LEFT JOIN devices_custody held ON held.camera_id = c.id AND held.closed_at IS NULL
LEFT JOIN devices_officer holder ON holder.id = held.officer_id
WHERE recalled.recall_id = %(recall)s
  AND (%(every)s OR c.station_id = ANY(%(stations)s))
ORDER BY recalled.cleared_at IS NOT NULL, recalled.came_in_at IS NOT NULL,
         s.code, holder.unit NULLS LAST, c.number
LIMIT %(most)s"""


def cameras(recall_id: int, reach: Visible, *, most: int | None = None) -> Sequence[RecalledCamera]:
    """The recall's cameras within reach, those still out first; one statement."""
    rows = _select(
        _CAMERAS,
        recall=recall_id,
        every=reach.stations is None,
        stations=sorted(reach.stations or ()),
        most=most,
    )
    return [RecalledCamera(*row) for row in rows]


_HOLDING = f"""
SELECT recall.name
FROM devices_recall recall JOIN devices_camera c ON {OF_KIND}
WHERE c.id = %(camera)s AND recall.ended_at IS NULL AND recall.firmware_version = ''
  AND NOT {CLEARED} ORDER BY recall.id LIMIT 1"""


def kept_out_by(camera_id: int) -> str:
    """The open recall that would take this camera out of service again; empty if none would."""
    rows = _select(_HOLDING, camera=camera_id)
    return str(rows[0][0]) if rows else ""


def _select(sql: str, **values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found
