"""A small station: three officers, one of them with a camera of their own, and two spares."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User

from devices.custody import actions
from devices.custody.actions import Terms, Told
from devices.custody.models import Custody, Desk, Via
from devices.inventory.models import Camera, Officer
from devices.roles import Role
from tests.rows import a_camera, a_station, person


@dataclass
class Room:
    own: Camera  # of officer 1017
    spare: Camera
    other: Camera
    officers: dict[str, Officer]
    desk: Desk
    by: User
    now: datetime

    def told(self, *, after: timedelta = timedelta(), **fields: Any) -> Told:
        """Somebody at the desk, so long after the beginning."""
        said = {"by": self.by, "via": Via.DESK, "desk": self.desk, **fields}
        return Told(now=self.now + after, **said)

    def give(self, camera: Camera, badge: str, *, terms: Terms | None = None, **told: Any) -> Any:
        given = terms or Terms()
        return actions.check_out(camera, self.officers[badge], given, told=self.told(**told))

    def holder(self, camera: Camera) -> str:
        held = Custody.objects.filter(camera=camera, closed_at=None).first()
        return f"{held.kind} {held.officer}" if held else ""


@pytest.fixture
def room(db, noon) -> Room:
    station = a_station()
    officers = {
        badge: Officer.objects.create(badge_number=badge, station=station)
        for badge in ("1017", "1031", "1044")
    }
    own, spare, other = (a_camera(number, station, noon) for number in (417, 531, 532))
    keeper = person(Role.QUARTERMASTER, station)
    desk = Desk.objects.create(station=station, name="Desk 1")
    standing = Told(by=keeper, now=noon - timedelta(days=9), reason="Standing issue")
    actions.assign(own, officers["1017"], told=standing)
    return Room(own, spare, other, officers, desk, keeper, noon)
