"""Desks that fight over a few cameras: every scan is contested, and every loser must be told why.

A racer is a desk with one officer before it. It scans one of the cameras at random, now and then
the one that its officer holds; each scan on a real connection of its own.
"""

import random
import re
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import User
from django.db import connection

from devices.custody.models import Custody, CustodyEvent, Desk
from devices.custody.rules import Interval, Told, replay
from devices.desk import actions
from devices.desk.asking import Sent
from devices.inventory.models import Camera, Officer, Station
from devices.policy import Policy
from tests.patience import PATIENCE_S

RETURNS = 0.4  # how often who holds a camera brings it back, instead of asking for another
HELD_BY = re.compile(r"\d+ holds C\d{4}|C\d{4} was issued \d+ s ago at .+ to \d+\.")

_OVERLAPS = """
SELECT count(*) FROM devices_custody one JOIN devices_custody other
ON one.camera_id = other.camera_id AND one.id < other.id
AND tstzrange(one.opened_at, one.closed_at) && tstzrange(other.opened_at, other.closed_at)"""


@dataclass
class Found:
    """What became of the scans: results by name, answers that say nothing, exceptions."""

    results: Counter[str] = field(default_factory=Counter)
    strays: list[str] = field(default_factory=list)
    exceptions: list[str] = field(default_factory=list)

    def add(self, other: "Found") -> None:
        self.results.update(other.results)
        self.strays += other.strays
        self.exceptions += other.exceptions


@dataclass
class Racer:
    desk: Desk
    officer: Officer
    by: User
    now: datetime
    chance: random.Random
    holds: str = ""
    seq: int = 0

    def race(self, cameras: Sequence[Camera], scans: int, start: Barrier) -> Found:
        """Scan so often, from one moment on."""
        found = Found()
        try:
            connection.ensure_connection()
            start.wait()
            for _ in range(scans):
                self._scan(self._wanted(cameras), found)
        finally:
            connection.close()
        return found

    def _wanted(self, cameras: Sequence[Camera]) -> str:
        """A camera's label."""
        bring = self.holds and self.chance.random() < RETURNS
        return self.holds if bring else self.chance.choice(cameras).label

    def _scan(self, label: str, found: Found) -> None:
        self.seq += 1
        clock = self.now + timedelta(seconds=11) * self.seq  # so that no scan repeats another
        context = {"officer": self.officer.badge_number, "at": clock}
        sent = Sent(uuid4(), self.seq, label, clock, clock, context)
        now = self.now + timedelta(milliseconds=self.seq)
        try:
            answer = actions.scan(sent, self.desk, by=self.by, now=now, policy=Policy())
        except Exception as unforeseen:
            found.exceptions.append(repr(unforeseen)[:300])
            return
        found.results[answer["result"]] += 1
        self._learn(answer, label, found)

    def _learn(self, answer: dict[str, Any], label: str, found: Found) -> None:
        match answer["result"]:
            case "issued":
                self.holds = label
            case "returned":
                self.holds = ""
            case "refused" if HELD_BY.match(answer["message"]):
                pass
            case _:
                found.strays.append(f"{answer['result']}: {answer['message']}")


def racers(station: Station, by: User, numbers: Sequence[int], now: datetime) -> list[Racer]:
    """A desk and an officer for each of these numbers."""
    return [
        Racer(
            Desk.objects.create(station=station, name=f"Race {number}"),
            Officer.objects.create(badge_number=f"{9000 + number}", station=station),
            by,
            now + timedelta(milliseconds=number),
            random.Random(number),
        )
        for number in numbers
    ]


def contest(running: Sequence[Racer], cameras: Sequence[Camera], scans: int) -> Found:
    """All of them at once, each so many scans."""
    start, found = Barrier(len(running), timeout=PATIENCE_S), Found()
    with ThreadPoolExecutor(len(running)) as pool:
        for one in pool.map(lambda racer: racer.race(cameras, scans, start), running):
            found.add(one)
    return found


def overlaps() -> int:
    """How often a camera had two holders at one moment; the open ones count."""
    with connection.cursor() as cursor:
        cursor.execute(_OVERLAPS)
        return int(cursor.fetchone()[0])


def events() -> list[Told]:
    """What happened to custody, in its order, as `custody.rules` takes it."""
    return [
        Told(one.at, _interval(one.opened), one.closed_id)
        for one in CustodyEvent.objects.order_by("id").select_related("opened")
    ]


def present() -> dict[int, Interval]:
    """The open custody of each camera, as the table has it."""
    return {
        one.camera_id: found
        for one in Custody.objects.filter(closed_at=None)
        if (found := _interval(one))
    }


def _interval(one: Custody | None) -> Interval | None:
    return one and Interval(one.pk, one.camera_id, one.officer_id, str(one.kind), one.opened_at)


def replayed() -> dict[int, Interval]:
    """What the events add up to; a contradiction is an exception."""
    return replay(events())
