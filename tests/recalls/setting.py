"""A small fleet of two models, of which a lot is recalled."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from devices.custody import actions as custody
from devices.custody.actions import Terms, Told
from devices.health.models import CameraHealth
from devices.inventory.models import Bay, Camera, Officer, Station
from devices.recalls import actions
from devices.recalls.models import Recall, Recalled
from devices.recalls.rules import Wanted
from devices.roles import Role
from tests.rows import a_camera, a_dock, a_model, a_station, person

LOT = Wanted("Swollen batteries", "They swell when charged.", lot="a-2291")
VERSION = Wanted("Stuck clock", "It loses an hour.", firmware_version="4.2.1")


@dataclass
class Fleet:
    """One camera in its bay, one out with an officer, one of another lot; all run 4.2.1."""

    station: Station
    here: Camera
    away: Camera
    other: Camera
    officer: Officer
    bays: list[Bay]
    told: Told

    @property
    def now(self) -> datetime:
        return self.told.now

    def stands(self, recall: Recall) -> dict[str, str]:
        """Each camera of the recall: in, out or cleared."""
        rows = Recalled.objects.filter(recall=recall).select_related("camera").order_by("camera")
        return {str(row.camera): _stand(row) for row in rows}

    def put(self, camera: Camera, **health: Any) -> None:
        """Its last word is this."""
        CameraHealth.objects.filter(camera=camera).update(**health)

    def state(self, camera: Camera) -> str:
        return str(Camera.objects.get(pk=camera.pk).service_state)

    def recall(self, wanted: Wanted = LOT) -> Recall:
        return actions.make(wanted, by=None, now=self.now)

    def sweep(self) -> int:
        return actions.sweep(now=self.now)


def _stand(row: Recalled) -> str:
    if row.cleared_at:
        return "cleared"
    return "in" if row.came_in_at else "out"


def a_small_fleet(now: datetime) -> Fleet:
    station = a_station()
    bays = list(a_dock("D01", station).bays.order_by("position"))
    officer = Officer.objects.create(badge_number="1031", station=station, unit="Patrol")
    here = a_camera(1, station, now, lot="A-2291", health={"bay": bays[0]})
    gone = {"docked": False, "mode": "buffering"}
    away = a_camera(2, station, now, lot="a-2291", health=gone, model=a_model(radio=False))
    other = a_camera(3, station, now, lot="A-2292", health={"bay": bays[2]})
    told = Told(by=person(Role.QUARTERMASTER, station, name="clerk"), now=now, reason="As told")
    custody.check_out(away, officer, Terms(), told=told)
    return Fleet(station, here, away, other, officer, bays, told)
