"""What stands in the bays of some docks, in three queries however many there are."""

from collections import defaultdict
from collections.abc import Collection

from dashboard.api.fields import Row
from devices.access.people import Visible
from devices.health.models import CameraHealth
from devices.inventory import codes
from devices.inventory.models import Bay, Camera


def bays_of(dock_ids: Collection[int], reach: Visible) -> dict[int, list[Row]]:
    """The bays of each dock as mounted, with who lives there and who is there."""
    homes, places = _homes(dock_ids, reach), _places(dock_ids, reach)
    bays: dict[int, list[Row]] = defaultdict(list)
    found = Bay.objects.filter(dock__in=dock_ids).order_by("dock", "position")
    for pk, dock, position, mac in found.values_list("pk", "dock", "position", "mac"):
        bays[dock].append(
            {
                "position": position,
                "mac": mac,
                "home_of": homes.get(pk),
                "occupied": pk in places,
                "camera": places.get(pk),
            }
        )
    return bays


def _homes(dock_ids: Collection[int], reach: Visible) -> dict[int, str | None]:
    rows = Camera.objects.filter(home_bay__dock__in=dock_ids)
    found = rows.values_list("home_bay", "number", "station")
    return {bay: _name(number, station, reach) for bay, number, station in found}


def _places(dock_ids: Collection[int], reach: Visible) -> dict[int, str | None]:
    """The camera that came last to each bay: one it pushed out is no longer there."""
    rows = CameraHealth.objects.filter(bay__dock__in=dock_ids, docked=True)
    latest = rows.order_by("placed_at", "camera")
    found = latest.values_list("bay", "camera__number", "camera__station")
    return {bay: _name(number, station, reach) for bay, number, station in found}


def _name(number: int, station: int, reach: Visible) -> str | None:
    seen = reach.stations is None or station in reach.stations
    return codes.name(number) if seen else None
