"""What docks and cameras say, and when: at the fleet's orders in real seconds, at once on a change.

A voice reads no clock and opens no line: it is told the time and leaves records in its outbox.
"""

import logging
from collections import deque
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Protocol

from devices.simulator import clock
from devices.simulator.camera import Camera
from devices.simulator.numbers import Numbers
from devices.simulator.outbox import Kind, Outbox, Record
from devices.simulator.town import Dock, Noticed
from devices.wire import BayEvent, Orders, Report

log = logging.getLogger(__name__)
A_MOMENT = timedelta(milliseconds=1)  # between two things that a dock notices
EARLY = 0.5  # a camera speaks with its neighbours when half its interval is over


class Voice(Protocol):
    """Somebody with an outbox and a line of their own."""

    name: str
    outbox: Outbox

    def speak(self, now: datetime) -> bool: ...
    def obey(self, orders: Orders, now: datetime) -> None: ...
    def nudge(self) -> None: ...
    def look(self, serials: Collection[str] | None) -> None: ...
    def says_now(self, now: datetime) -> datetime: ...


@dataclass(slots=True)
class Memory:
    """What a camera keeps of its own speaking: its orders, its last words, what it stored.

    ``located`` is the last order to show itself that it obeyed: the same again is no other.
    ``looks``: it was told that there may be an update for it, and has not looked yet.
    """

    camera: Camera
    every_s: float
    fixed_every: bool
    stored: deque[Report]
    spoke_at: datetime | None = None
    mark: tuple[object, ...] = ()
    located: int = 0
    looks: bool = False

    def is_due(self, now: datetime, *, early: float = 1.0) -> bool:
        """Whether its interval, or this share of it, is over, or it changed since it last spoke."""
        if self.spoke_at is None or _mark(self.camera) != self.mark:
            return True
        return (now - self.spoke_at).total_seconds() >= self.every_s * early

    def measure(self, now: datetime) -> Report:
        report = self.camera.measure(now)
        self.spoke_at, self.mark = now, _mark(self.camera)
        return report

    def store(self, now: datetime) -> None:
        """Out of everybody's reach it measures all the same, and keeps it."""
        if self.camera.measuring and self.is_due(now):
            self.stored.append(self.measure(now))

    def obey(self, orders: Orders) -> None:
        """What the orders say of this camera; what they do not mention stays as it is.

        A version that it should run is no order to install: that comes from an update's offer.
        """
        named = [one for one in orders.cameras if one.serial == self.camera.serial]
        every_s = [one.report_every_s for one in named if one.report_every_s is not None]
        if not self.fixed_every:
            self.every_s = max(1, *every_s, *([] if every_s else [orders.report_every_s]))
        for one in named:
            self._show(one.locate)

    def _show(self, number: int | None) -> None:
        """It blinks and beeps, here a line in the log: the wire has no word for it."""
        if number is not None and number > self.located:
            self.located = number
            log.info("%s blinks and beeps for 30 s, order %d", self.camera.serial, number)


class Minds(dict[str, Memory]):
    """Every camera's memory, by serial; it goes along from dock to dock."""

    def __init__(
        self, cameras: Iterable[Camera], numbers: Numbers, report_s: float | None = None
    ) -> None:
        speech = numbers.speech
        for camera in cameras:
            self[camera.serial] = Memory(
                camera=camera,
                every_s=report_s or speech.report_every_s,
                fixed_every=report_s is not None,
                stored=deque(maxlen=speech.stored_reports_most),
            )


class DockVoice:
    """Speaks for a dock and for the cameras in its bays."""

    def __init__(
        self, dock: Dock, minds: Minds, numbers: Numbers, *, seed: int, boot: int, now: datetime
    ) -> None:
        self.dock, self.minds, self.name = dock, minds, dock.row.code
        self.random = Random(f"{seed} {self.name}")
        self.clock = clock.of_a_dock(now, self.random, numbers.clock)
        self.boot, self.sequence = boot, 0
        self.contact_s = numbers.speech.report_every_s
        self.contact_at = now + timedelta(seconds=self.random.uniform(0, 1))
        self.awaits_orders = False
        self.outbox = outbox(self.name, numbers)

    def wake(self, remembered: Iterable[Noticed], now: datetime) -> None:
        """A dock starts: it tells every bay, and which cameras it used to hold have gone."""
        self.dock.noticed.clear()
        for position, camera in self.dock.held():
            self._event(Noticed("docked", position, camera.serial), now)
        for gone in remembered:
            self._event(gone, now)

    def speak(self, now: datetime) -> bool:
        """Leave in the outbox whatever is to be said now; whether a greeting is due at least."""
        before = len(self.outbox)
        while self.dock.noticed:
            noticed = self.dock.noticed.popleft()
            self._event(noticed, now - len(self.dock.noticed) * A_MOMENT)
        contact = now >= self.contact_at
        for position, camera in self.dock.held():
            mind = self.minds[camera.serial]
            if camera.alive and self._is_its_turn(mind, now, contact=contact):
                self._carry(mind, position, now)
        if contact:
            self.contact_at = now + timedelta(seconds=self.contact_s)
            self.awaits_orders = True
        return contact or len(self.outbox) > before

    def _is_its_turn(self, mind: Memory, now: datetime, *, contact: bool) -> bool:
        """With its neighbours at the dock's contact; between, if it changed or must speak often."""
        if contact:
            return mind.is_due(now, early=EARLY)
        often = mind.every_s <= self.contact_s * EARLY
        return mind.is_due(now) if often else mind.is_due(now, early=2.0)

    def _carry(self, mind: Memory, position: int, now: datetime) -> None:
        """Pass on what the camera stored while it was out, then what it says now."""
        offset = round(mind.camera.clock.ahead_s(now) - self.clock.ahead_s(now), 3)
        while mind.stored:
            report = mind.stored.popleft()
            self.outbox.add(said(report.model_copy(update={"clock_offset_s": offset})))
        found = {"clock_offset_s": offset, "bay": position}
        self.outbox.add(said(mind.measure(now).model_copy(update=found)))

    def _event(self, noticed: Noticed, now: datetime) -> None:
        self.sequence += 1
        event = BayEvent(
            kind=noticed.kind,
            bay=noticed.bay,
            serial=noticed.serial,
            boot=self.boot,
            sequence=self.sequence,
            device_time=self.clock.says(now),
        )
        words = event.model_dump_json()
        self.outbox.add(Record(Kind.EVENT, self.name, self.boot, self.sequence, words))

    def obey(self, orders: Orders, now: datetime) -> None:
        """Speak again when the fleet says, each camera as often as the fleet says.

        Only the answer to a contact moves the next one: news in between must not put it off.
        """
        if self.awaits_orders:
            self.contact_s = max(1.0, orders.next_contact_s)
            self.contact_at = now + timedelta(seconds=self.contact_s)
            self.awaits_orders = False
        for _, camera in self.dock.held():
            self.minds[camera.serial].obey(orders)

    def nudge(self) -> None:
        """Report now: the contact is due, and so is every camera."""
        self.contact_at = datetime.min.replace(tzinfo=self.contact_at.tzinfo)
        for _, camera in self.dock.held():
            self.minds[camera.serial].spoke_at = None

    def look(self, serials: Collection[str] | None) -> None:
        """Those of these cameras that it holds look for an update; None: all that it holds."""
        for _, camera in self.dock.held():
            if serials is None or camera.serial in serials:
                self.minds[camera.serial].looks = True

    def says_now(self, now: datetime) -> datetime:
        return self.clock.says(now)


class RadioVoice:
    """A camera that speaks for itself while it is out; in a dock the dock speaks for it."""

    def __init__(self, mind: Memory, numbers: Numbers) -> None:
        self.mind, self.camera, self.name = mind, mind.camera, mind.camera.serial
        self.camera.radio = True
        self.outbox = outbox(self.name, numbers)

    def speak(self, now: datetime) -> bool:
        while self.mind.stored:
            self.outbox.add(said(self.mind.stored.popleft()))
        if self.camera.docked or not self.camera.measuring or not self.mind.is_due(now):
            return False
        self.outbox.add(said(self.mind.measure(now)))
        return True

    def obey(self, orders: Orders, now: datetime) -> None:
        self.mind.obey(orders)

    def nudge(self) -> None:
        self.mind.spoke_at = None

    def look(self, serials: Collection[str] | None) -> None:
        if serials is None or self.name in serials:
            self.mind.looks = True

    def says_now(self, now: datetime) -> datetime:
        return self.camera.clock.says(now)


def said(report: Report) -> Record:
    words = report.model_dump_json(exclude_none=True)
    return Record(Kind.REPORT, report.serial, report.boot, report.sequence, words)


def outbox(name: str, numbers: Numbers) -> Outbox:
    speech = numbers.speech
    return Outbox(
        name=name,
        most_kept=speech.kept_records_most,
        batch_records=speech.batch_records,
        in_flight=speech.in_flight,
    )


def _mark(camera: Camera) -> tuple[object, ...]:
    """What must be told at once when it changes."""
    return (
        camera.boot,
        camera.mode,
        camera.place,
        camera.contact,
        camera.battery_state,
        camera.offload,
        camera.faults,
    )
