"""The officers at their desks: badge and camera as they go on duty, the camera when it is back.

Whoever takes a camera from the dock in their own cruiser passes no desk; it is theirs anyway. Each
scan is judged by the desk's own act, at the moment of simulated life in which it is made.
"""

from collections import Counter
from datetime import datetime
from uuid import uuid4

from django.contrib.auth.models import User

from devices.custody.desks import actions as desks
from devices.desk import actions
from devices.desk.asking import Sent
from devices.desk.cards import CARDS
from devices.inventory import codes
from devices.inventory.models import Camera as CameraRow
from devices.inventory.models import Station
from devices.policy import Policy
from devices.simulator.camera import Camera
from devices.simulator.fleet import Fleet

CARD = {one.word: one.code for one in CARDS}
GIVEN = frozenset({"issued", "taken"})
ANSWERED_BY = {"soft": CARD["RNOOTHER"], "second": CARD["RSECOND"]}  # what a clerk does about it


class Desks:
    """A desk at every station. ``counts`` are its answers: what was done, or why it was not."""

    def __init__(self, fleet: Fleet, policy: Policy, *, by: User, now: datetime) -> None:
        self.patrol, self.policy, self.by = fleet.patrol, policy, by
        self.counts: Counter[str] = Counter()
        self.at = {
            one.code: _Desk(desks.make("Desk 1", one, by=by, now=now), policy, by)
            for one in Station.objects.all()
        }
        numbers = CameraRow.objects.values_list("serial", "number")
        self.labels = {serial: codes.label(number) for serial, number in numbers}
        # Who has a spare as this life begins had it given out to them.
        self.worn = {b: c for b, c in self.patrol.worn.items() if c.row.badge is not None}
        self.out: list[Camera] = list(self.worn.values())

    def serve(self, now: datetime) -> None:
        """Everybody who came since the last time: those who bring a camera back go first."""
        worn = dict(self.patrol.worn)
        for camera in [one for one in self.out if one not in worn.values() and one.place]:
            self.out.remove(camera)
            self._note("back", self._desk(camera).scan(self.labels[camera.serial], now))
        for badge, camera in worn.items():
            if self.worn.get(badge) is not camera and not self._drives(camera):
                self.out.append(camera)
                self._give(badge, camera, now)
        self.worn = worn

    def _give(self, badge: str, camera: Camera, now: datetime) -> None:
        desk = self._desk(camera)
        desk.scan(badge, now)
        answer = desk.scan(self.labels[camera.serial], now)
        if answer["result"] == "refused" and answer["code"] in ANSWERED_BY:
            self._note("asked", answer)
            answer = desk.scan(ANSWERED_BY[answer["code"]], now)
        self._note("out", answer)
        if answer["result"] not in GIVEN:
            desk.scan(CARD["CANCEL"], now)

    def _desk(self, camera: Camera) -> "_Desk":
        return self.at[camera.row.station]

    def _drives(self, camera: Camera) -> bool:
        return self.patrol._drives(camera)  # the town's own word for it

    def _note(self, when: str, answer: dict[str, str]) -> None:
        self.counts[f"{when}: {answer['result']} {answer['code']}"] += 1


class _Desk:
    """Scans one after the other, each with what the answer before it left standing."""

    def __init__(self, desk, policy: Policy, by: User) -> None:
        self.desk, self.policy, self.by = desk, policy, by
        self.context: dict = {}
        self.seq = 0

    def scan(self, raw: str, now: datetime) -> dict[str, str]:
        self.seq += 1
        at = self.context.get("at")
        context = {**self.context, "at": datetime.fromisoformat(at) if at else None}
        sent = Sent(
            event_id=uuid4(),
            seq=self.seq,
            raw=raw,
            scanned_at=now,
            sent_at=now,
            context=context,
        )
        answer = actions.scan(sent, self.desk, by=self.by, now=now, policy=self.policy)
        self.context = answer["context"]
        return answer
