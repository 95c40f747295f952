"""The round at every shift change: each camera in a bay is lifted out, looked at and put back."""

from datetime import datetime
from functools import partial

from devices.simulator.camera import Camera
from devices.simulator.fleet import Fleet
from devices.simulator.inventory import BayAddress

BEGINS_BEFORE_H = 0.75  # ahead of the change: whoever goes out then has been looked at
EACH_H = 12 / 3600
OUT_H = 1 / 60


class Inspection:
    """Writes its rounds into the town's agenda. ``held`` are the serials in its hands now, with the
    hour at which each is back."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet, self.town = fleet, fleet.town
        self.held: dict[str, float] = {}

    def plan(self, change: datetime) -> None:
        """A round ahead of this shift change, one camera after the other."""
        begins = self.fleet.calendar.hour_of(change) - BEGINS_BEFORE_H
        for place, camera in enumerate(self.town.cameras.values()):
            self.town.agenda.add(begins + place * EACH_H, partial(self._lift, camera))

    def _lift(self, camera: Camera) -> None:
        """One that is out, or that somebody has with them, is not there to be looked at."""
        if camera.place is None or camera in self.fleet.patrol.worn.values():
            return
        place = camera.place
        self.town.take(camera)
        back = self.town.hour + OUT_H
        self.held[camera.serial] = back
        self.town.agenda.add(back, partial(self._put_back, camera, place))

    def _put_back(self, camera: Camera, place: BayAddress) -> None:
        self.held.pop(camera.serial, None)
        if camera.place is not None or camera in self.fleet.patrol.worn.values():
            return
        if self.town.is_free(place):
            self.town.put(camera, place)
        else:
            self.town.bring_back(camera)
