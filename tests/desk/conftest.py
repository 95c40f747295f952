"""A desk at a small station: officers with and without a camera of their own, a few spares."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User

from devices.custody import actions as custody
from devices.custody.actions import Terms, Told
from devices.custody.models import Custody, CustodyKind, Desk
from devices.desk import actions
from devices.desk.asking import Sent
from devices.inventory.models import Camera, Officer, Station
from devices.policy import Policy
from devices.roles import Role
from tests.rows import a_camera, a_dock, a_station, person

POLICY = Policy()


@dataclass
class AtDesk:
    """Scans as a desk sends them, one after the other; answers are kept as context."""

    desk: Desk
    by: User
    now: datetime
    context: dict[str, Any]
    seq: int = 0

    def scan(self, raw: str, *, after_s: float = 11, key: UUID | None = None, **fields: Any) -> Any:
        """The answer to this scan, made so many seconds after the last one."""
        self.now += timedelta(seconds=after_s)
        self.seq += 1
        at = self.context.get("at")
        context = {**self.context, "at": datetime.fromisoformat(at) if at else None}
        sent = Sent(
            event_id=key or uuid4(),
            seq=self.seq,
            raw=raw,
            scanned_at=self.now,
            sent_at=self.now,
            context=context,
            **fields,
        )
        answer = actions.scan(sent, self.desk, by=self.by, now=self.now, policy=POLICY)
        self.context = answer["context"]
        return answer

    def quickly(self, *raws: str) -> Any:
        """The answer to the last of these scans, a second and a half apart."""
        for raw in raws:
            answer = self.scan(raw, after_s=1.5)
        return answer


@dataclass
class House:
    station: Station
    desk: AtDesk
    other_desk: AtDesk
    spares: list[Camera]
    own: Camera  # of officer 1017
    officers: dict[str, Officer]

    def holder(self, camera: Camera) -> str:
        held = Custody.objects.filter(camera=camera, closed_at=None).first()
        return str(held.officer) if held else ""


@pytest.fixture
def house(db, noon) -> House:
    station = a_station()
    dock = a_dock("D01", station)
    bays = list(dock.bays.order_by("position"))
    officers = {
        badge: Officer.objects.create(badge_number=badge, station=station)
        for badge in ("1017", "1031", "1044")
    }
    own = a_camera(417, station, noon, health={"bay": bays[0]}, home_bay=bays[0])
    spares = [
        a_camera(530 + n, station, noon, health={"bay": bays[n]}, home_bay=bays[n])
        for n in range(1, 5)
    ]
    quartermaster = person(Role.QUARTERMASTER, station)
    told = Told(by=quartermaster, now=noon - timedelta(days=9), reason="Standing issue")
    custody.assign(own, officers["1017"], told=told)
    desks = [Desk.objects.create(station=station, name=name) for name in ("Desk 1", "Desk 2")]
    at = [AtDesk(desk, quartermaster, noon, {}) for desk in desks]
    return House(station, at[0], at[1], spares, own, officers)


@pytest.fixture
def lend(house):
    """Gives a camera to an officer for the shift, an hour ago."""

    def give(camera: Camera, badge: str, **terms: Any) -> Custody:
        told = Told(by=house.desk.by, now=house.desk.now - timedelta(hours=1))
        kind = terms.pop("kind", CustodyKind.SHIFT)
        event = custody.check_out(
            camera, house.officers[badge], Terms(kind=kind, **terms), told=told
        )
        return event.opened

    return give
