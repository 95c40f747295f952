"""The docks as mounted: every bay, and the camera that was last seen to come into it."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import connection

from devices.access.people import Visible

# Who came last comes first; a retired camera is in no bay.
CLAIMS = """
SELECT h.bay_id, array_agg(h.camera_id ORDER BY h.placed_at DESC, h.camera_id DESC)
FROM devices_camerahealth h JOIN devices_camera c ON c.id = h.camera_id
WHERE h.bay_id = ANY(%s) AND h.docked AND c.service_state <> 'retired'
GROUP BY h.bay_id
"""

BAYS = """
SELECT b.id, b.position, d.id, d.code, d.kind, d.place, s.id, s.code, s.name,
       coalesce(dh.hearing, 'never')
FROM devices_bay b JOIN devices_dock d ON d.id = b.dock_id JOIN devices_station s
  ON s.id = d.station_id LEFT JOIN devices_dockhealth dh ON dh.dock_id = d.id
WHERE (%(every)s OR d.station_id = ANY(%(stations)s)) AND d.code > %(after)s AND d.code >= %(first)s
  AND (%(station)s = '' OR s.code = %(station)s)
ORDER BY d.code, b.position LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class BayPlace:
    """A bay and where it hangs."""

    id: int
    position: int
    dock_id: int
    dock: str
    kind: str
    place: str
    station_id: int
    station_code: str
    station: str
    dock_hearing: str


def bays(
    reach: Visible, *, station: str = "", after: str = "", first: str = "", most: int
) -> tuple[list[BayPlace], str]:
    """Whole docks, by code, of at most ``most`` bays; and after which dock the next page starts.

    The page begins after dock ``after``, or with dock ``first``.
    """
    asked: dict[str, Any] = {
        "every": reach.stations is None,
        "stations": sorted(reach.stations or ()),
        "station": station,
        "after": after,
        "first": first,
        "most": most + 1,
    }
    with connection.cursor() as cursor:
        cursor.execute(BAYS, asked)
        found = [BayPlace(*row) for row in cursor.fetchall()]
    if len(found) <= most:
        return found, ""
    cut = found[-1].dock
    whole = [bay for bay in found if bay.dock != cut] or found
    return whole, whole[-1].dock


def claims(bay_ids: Collection[int]) -> dict[int, list[int]]:
    """The cameras last seen in each of these bays: the one in it first, then the displaced.

    An empty bay is not in the answer.
    """
    with connection.cursor() as cursor:
        cursor.execute(CLAIMS, [list(bay_ids)])
        return dict(cursor.fetchall())
