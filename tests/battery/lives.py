"""Simulated lives of cameras, and the readings that a server would have kept of them.

The simulator's own town, officers, light bars and faults, in memory and without a wall clock.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from django.db import connection

from devices.battery import actions, rules
from devices.battery.outlook import outlooks
from devices.battery.rules import Figures, Hours
from devices.policy import Policy
from devices.simulator import numbers as all_numbers
from devices.simulator.camera import Camera
from devices.simulator.duty import Patrol
from devices.simulator.mishaps import Faults, LightBars
from devices.simulator.shifts import DAY
from devices.simulator.town import HOUR, Town
from devices.wire import Mode
from tests import rows
from tests.simulator import west

LEAST_DUTY_H = 6.0  # a shorter one tells too little of how long the battery would have lasted
CHARGE_H = 2.0
LOW_PERCENT = 60
LOST_SHARE = 0.03  # of camera hours whose readings never came


class Moment(NamedTuple):
    """What a camera in a bay said of its battery, and what was so."""

    hour: float
    percent: int
    level: float


class Said(NamedTuple):
    """One report that history keeps, as far as batteries go."""

    serial: str
    at: datetime
    boot: int
    mode: str
    docked: bool
    percent: int
    state: str


@dataclass
class Duty:
    """One duty without a bay in it. ``before``: the bay long before it, if it sat there since."""

    serial: str
    began: Moment
    before: Moment | None
    hours: float = 0.0
    level: float = 0.0

    @property
    def lasted_h(self) -> float:
        """Hours the whole charge would have lasted at the drain of this duty."""
        return self.began.level * self.hours / (self.began.level - self.level)


class Charge(NamedTuple):
    """Two moments of one stay in a bay, ``CHARGE_H`` apart: first low, then not yet full."""

    serial: str
    began: Moment
    then: Moment


class Lives:
    """A town that lives day after day from ``begins`` on."""

    def __init__(
        self, *, cameras: int, begins: datetime, seed: int, step_s: float, ahead_h: float = 8.0
    ) -> None:
        numbers = all_numbers.read()
        pace = numbers.pace.model_copy(update={"step_s": step_s})
        self.numbers = numbers.model_copy(update={"pace": pace})
        self.begins, self.step_s, self.ahead_h = begins, step_s, ahead_h
        self.town = Town(west.inventory(cameras), self.numbers, seed=seed, boot=1, now=begins)
        Patrol(self.town, seed=seed).plan_day(0)
        LightBars(self.town, seed=seed).plan_next()
        Faults(self.town, seed=seed).begin()
        self.chance = Random(f"{seed} gaps")
        self.policy = Policy()
        self.kept: dict[str, tuple[tuple[object, ...], datetime]] = {}
        self.lost_until: dict[str, float] = {}
        self.charge_steps = round(CHARGE_H * HOUR / step_s)
        self.past: dict[str, deque[Moment]] = {serial: deque() for serial in self.town.cameras}
        self.out: dict[str, Duty] = {}
        self.ended: list[Duty] = []
        self.charges: list[Charge] = []

    @property
    def now(self) -> datetime:
        return self.begins + timedelta(hours=self.town.hour)

    def day(self) -> list[Said]:
        """Live a day and say what was kept of it; its ``ended`` duties and ``charges`` are set."""
        said: list[Said] = []
        ends = self.town.hour + DAY
        self.ended, self.charges = [], []
        while self.town.hour < ends - 1e-6:
            self.town.live(self.step_s, self.now + timedelta(seconds=self.step_s))
            for serial, camera in self.town.cameras.items():
                said.extend(self._said(serial, camera))
                self._follow(serial, camera)
        return said

    def _said(self, serial: str, camera: Camera) -> Iterator[Said]:
        if not camera.measuring or self._lost(serial):
            return
        state, percent = camera.battery_state.value, camera.battery.percent
        facts = (camera.docked, camera.mode, percent, state)
        before = self.kept.get(serial)
        if before and before[0] == facts and self.now - before[1] < self.policy.reading_every:
            return
        self.kept[serial] = (facts, self.now)
        yield Said(serial, self.now, camera.boot, camera.mode.value, camera.docked, percent, state)

    def _lost(self, serial: str) -> bool:
        """Now and then an hour or more of what a camera said never comes."""
        if self.chance.random() < LOST_SHARE * self.step_s / HOUR / 2:
            self.lost_until[serial] = self.town.hour + self.chance.uniform(0.5, 3.5)
        return self.lost_until.get(serial, 0.0) > self.town.hour

    def _follow(self, serial: str, camera: Camera) -> None:
        if camera.docked:
            self._in_bay(serial, camera)
        elif camera.mode is Mode.OFF:
            self._end_duty(serial)
            self.past[serial].clear()
        else:
            self._on_duty(serial, camera)

    def _in_bay(self, serial: str, camera: Camera) -> None:
        self._end_duty(serial)
        past, now = self.past[serial], self._moment(camera)
        past.append(now)
        while past[0].hour < now.hour - self.ahead_h - 0.01:
            past.popleft()
        since = past[-1 - self.charge_steps] if len(past) > self.charge_steps else None
        if since and since.percent < LOW_PERCENT and now.percent < 100:
            self.charges.append(Charge(serial, since, now))

    def _on_duty(self, serial: str, camera: Camera) -> None:
        past = self.past[serial]
        if past:
            long_since = past[-1].hour - past[0].hour >= self.ahead_h - 0.1
            self.out[serial] = Duty(serial, past[-1], past[0] if long_since else None)
            past.clear()
        if duty := self.out.get(serial):
            duty.hours = self.town.hour - duty.began.hour
            duty.level = camera.battery.level

    def _end_duty(self, serial: str) -> None:
        duty = self.out.pop(serial, None)
        if duty and duty.hours >= LEAST_DUTY_H and duty.began.level > duty.level > 0:
            self.ended.append(duty)

    def _moment(self, camera: Camera) -> Moment:
        return Moment(self.town.hour, camera.battery.percent, camera.battery.level)


@dataclass(frozen=True)
class Held:
    """A forecast and the hours that the battery then had."""

    hours: Hours
    lasted_h: float

    @property
    def off_h(self) -> float:
        """How far off it was over the whole charge."""
        return abs(self.hours.hours - self.lasted_h)

    @property
    def off_at_8h(self) -> float:
        """How far off it was when 8 h had gone by, in hours of duty."""
        return self.off_h * 8 / self.lasted_h

    @property
    def covered(self) -> bool:
        return self.hours.low <= self.lasted_h <= self.hours.high


@dataclass
class Forecasts:
    """What was foretold from the figures of the night before: when a duty began, and ahead of it.

    ``charge_off`` is by how many percent a charge was off after ``CHARGE_H``.
    """

    at_start: list[Held] = field(default_factory=list)
    ahead: list[Held] = field(default_factory=list)
    charge_off: list[float] = field(default_factory=list)


def foretold(lives: Lives, *, days: int, counted_after: int) -> Forecasts:
    """Live ``days``, learning every night; forecasts count once ``counted_after`` have passed.

    Everything goes through the database and `actions.learn_all`, as it does for a department.
    """
    ids = _enrolled(lives)
    found = Forecasts()
    figures = [_figures(lives, ids)]
    for day in range(days):
        _keep(lives.day(), ids)
        if day >= counted_after:
            for duty in lives.ended:
                _hold(duty, figures[int(duty.began.hour // DAY)][duty.serial], found, lives)
            found.charge_off += [
                _off(charge, figures[day][charge.serial]) for charge in lives.charges
            ]
        actions.learn_all(now=lives.now, policy=lives.policy)
        figures.append(_figures(lives, ids))
    return found


def _hold(duty: Duty, by: Figures, found: Forecasts, lives: Lives) -> None:
    found.at_start.append(Held(rules.hours_left(duty.began.percent, by), duty.lasted_h))
    if duty.before is not None:
        hours = rules.hours_at(duty.before.percent, lives.ahead_h, by, charging=True)
        found.ahead.append(Held(hours, duty.lasted_h))


def _off(charge: Charge, by: Figures) -> float:
    then = rules.percent_at(charge.began.percent, CHARGE_H, by, charging=True)
    return abs(then - 100 * charge.then.level)


def _keep(said: Iterable[Said], ids: dict[str, int]) -> None:
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for one in said:
            copy.write_row((ids[one.serial], one.at, one.at, one.at, *one[2:], *_REST))


_COPY = """
COPY devices_reading (camera_id, at, received_at, device_time, boot, mode, docked,
    battery_percent, battery_state, clock_wrong, sequence, storage_free_mb, bytes_waiting, offload,
    firmware_version, faults) FROM STDIN
"""
_REST = (False, 0, 0, 0, "complete", "1", [])


def _enrolled(lives: Lives) -> dict[str, int]:
    station = rows.a_station("LIVES", "Simulated")
    return {
        serial: rows.a_camera(
            90_000 + n,
            station,
            lives.begins,
            serial=serial,
            health={"battery_health_percent": camera.battery.health_percent},
        ).pk
        for n, (serial, camera) in enumerate(lives.town.cameras.items())
    }


def _figures(lives: Lives, ids: dict[str, int]) -> dict[str, Figures]:
    known = outlooks(ids.values())
    return {serial: known[camera_id].by for serial, camera_id in ids.items()}
