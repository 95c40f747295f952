"""A camera that goes through a few hands, told through the verbs of custody; for tests."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.utils.timezone import now

from devices.custody import actions as custody
from devices.custody.actions import Correction, Terms, Told
from devices.custody.models import Custody, CustodyEvent, CustodyKind, Desk, Via
from devices.inventory.models import Camera, Officer, Station
from devices.roles import Role
from tests.rows import a_camera, a_dock, a_station, person

SNAPSHOT = {
    "fit": "no",
    "reasons": [{"sentence": "C0417 has 3.1 h of battery.", "value": "3.1 h", "limit": "8 h"}],
    "battery_percent": 41,
    "hours": "3.1",
    "firmware_version": "4.2.1",
    "place": "D01-1",
    "heard_at": "",
}


@dataclass
class House:
    """A station, its people, and acts of custody at times counted in minutes from ``begin``."""

    station: Station
    desk: Desk
    camera: Camera
    quartermaster: User
    commander: User
    begin: datetime
    officers: dict[str, Officer] = field(default_factory=dict)

    def at(self, minutes: float) -> datetime:
        return self.begin + timedelta(minutes=minutes)

    def told(self, minutes: float, **said: Any) -> Told:
        return Told(
            by=self.quartermaster, now=self.at(minutes), via=Via.DESK, desk=self.desk, **said
        )

    def gives(self, badge: str, minutes: float, **said: Any) -> Custody:
        terms = Terms(CustodyKind.SHIFT, due_at=said.pop("due_at", None))
        told = self.told(minutes, snapshot=SNAPSHOT, **said)
        event = custody.check_out(self.camera, self.officers[badge], terms, told=told)
        assert event.opened is not None
        return event.opened

    def owns(self, badge: str, minutes: float) -> Custody:
        told = self.told(minutes, reason="Standing issue")
        event = custody.assign(self.camera, self.officers[badge], told=told)
        assert event.opened is not None
        return event.opened

    def takes(self, badge: str, minutes: float, **frozen: Any) -> CustodyEvent:
        """Their own camera on duty, as it is then."""
        told = self.told(minutes, snapshot={**SNAPSHOT, **frozen})
        return custody.take(self.camera, self.officers[badge], told=told)

    def takes_back(self, minutes: float, **said: Any) -> CustodyEvent:
        return custody.check_in(self.camera, told=self.told(minutes, **said))

    def corrects(self, one: Custody, badge: str, span: tuple[float, float], at: float) -> None:
        right = Correction(self.officers.get(badge), self.at(span[0]), self.at(span[1]))
        told = Told(by=self.quartermaster, now=self.at(at), reason="The badge was read wrong")
        custody.correct(one, right, told=told)


def a_house() -> House:
    """The station nine days ago; nobody holds anything yet."""
    station = a_station()
    bay = a_dock("D01", station).bays.first()
    begin = now() - timedelta(days=9)
    camera = a_camera(417, station, begin, home_bay=bay, health={"bay": bay})
    officers = {
        badge: Officer.objects.create(badge_number=badge, station=station)
        for badge in ("1017", "1031", "1044")
    }
    return House(
        station,
        Desk.objects.create(station=station, name="Desk 1"),
        camera,
        person(Role.QUARTERMASTER, station),
        person(Role.COMMANDER, station),
        begin,
        officers,
    )
