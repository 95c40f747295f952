"""Simulated lives of cameras, and the readings that a server would have kept of them.

The simulator's own town, officers, light bars and faults, in memory and without a wall clock.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from devices.battery import actions, rules
from devices.battery.outlook import outlooks
from devices.battery.rules import Figures, Hours
from devices.health.models import Reading
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
LOST_SHARE = 0.03  # of camera hours whose readings never came


@dataclass
class Moment:
    """What a camera last said, and what was so."""

    hour: float
    percent: int
    charging: bool
    level: float


@dataclass
class Duty:
    """One duty without a break in it: what was known before it, and how long the battery had."""

    serial: str
    began: Moment
    before: Moment | None  # the time ahead, if it sat in its bay from then on
    hours: float = 0.0
    levels: list[float] = field(default_factory=list)

    @property
    def lasted_h(self) -> float:
        """Hours the whole charge would have lasted at the drain of this duty."""
        return self.began.level * self.hours / (self.began.level - self.levels[-1])


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
        self.past: dict[str, deque[Moment]] = {serial: deque() for serial in self.town.cameras}
        self.out: dict[str, Duty] = {}
        self.ended: list[Duty] = []

    @property
    def now(self) -> datetime:
        return self.begins + timedelta(hours=self.town.hour)

    def day(self) -> tuple[list[tuple[str, Reading]], list[Duty]]:
        """Live a day: the readings kept of it, by serial, and the duties that ended in it."""
        readings: list[tuple[str, Reading]] = []
        ends = self.town.hour + DAY
        self.ended = []
        while self.town.hour < ends - 1e-6:
            self.town.live(self.step_s, self.now + timedelta(seconds=self.step_s))
            for serial, camera in self.town.cameras.items():
                readings.extend((serial, one) for one in self._said(serial, camera))
                self._follow(serial, camera)
        return readings, self.ended

    def _said(self, serial: str, camera: Camera) -> Iterator[Reading]:
        if not camera.measuring or self._lost(serial):
            return
        state, percent = camera.battery_state.value, camera.battery.percent
        facts = (camera.docked, camera.mode, percent, state)
        before = self.kept.get(serial)
        if before and before[0] == facts and self.now - before[1] < self.policy.reading_every:
            return
        self.kept[serial] = (facts, self.now)
        yield Reading(
            at=self.now,
            received_at=self.now,
            device_time=self.now,
            clock_wrong=False,
            boot=camera.boot,
            sequence=0,
            mode=camera.mode.value,
            docked=camera.docked,
            battery_percent=percent,
            battery_state=state,
            storage_free_mb=0,
            bytes_waiting=0,
            offload="complete",
            firmware_version="1",
        )

    def _lost(self, serial: str) -> bool:
        """Now and then an hour or more of what a camera said never comes."""
        if self.chance.random() < LOST_SHARE * self.step_s / HOUR / 2:
            self.lost_until[serial] = self.town.hour + self.chance.uniform(0.5, 3.5)
        return self.lost_until.get(serial, 0.0) > self.town.hour

    def _follow(self, serial: str, camera: Camera) -> None:
        duty, level = self.out.get(serial), camera.battery.level
        working = not camera.docked and camera.mode is not Mode.OFF
        past = self.past[serial]
        if not working:
            if duty is not None:
                del self.out[serial]
                if duty.hours >= LEAST_DUTY_H and duty.began.level > duty.levels[-1] > 0:
                    self.ended.append(duty)
            if not camera.docked:
                past.clear()
        elif duty is None:
            moment = past[-1] if past else None
            if moment is not None:
                first = past[0]
                whole = self.town.hour - first.hour >= self.ahead_h - 0.01
                self.out[serial] = Duty(serial, moment, first if whole else None)
            past.clear()
        else:
            duty.hours = self.town.hour - duty.began.hour
            duty.levels.append(level)
        if camera.docked:
            past.append(
                Moment(self.town.hour, camera.battery.percent, camera.docked, camera.battery.level)
            )
            while past[0].hour < self.town.hour - self.ahead_h - 0.01:
                past.popleft()


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
    """What was foretold from the figures of the night before, by when it was foretold."""

    at_start: list[Held] = field(default_factory=list)
    ahead: list[Held] = field(default_factory=list)
    charging: list[Held] = field(default_factory=list)  # those ahead that were not full


def foretold(lives: Lives, *, days: int, counted_after: int) -> Forecasts:
    """Live ``days``, learning every night; forecasts count once ``counted_after`` have passed.

    Everything goes through the database and `actions.learn_all`, as it does for a department.
    """
    ids = _enrolled(lives)
    found = Forecasts()
    figures = [_figures(lives, ids)]
    for _ in range(days):
        readings, duties = lives.day()
        for serial, reading in readings:
            reading.camera_id = ids[serial]
        Reading.objects.bulk_create((reading for _, reading in readings), batch_size=5000)
        for duty in duties:
            if duty.began.hour >= counted_after * DAY:
                _hold(duty, figures[int(duty.began.hour // DAY)][duty.serial], found, lives)
        actions.learn_all(now=lives.now, policy=lives.policy)
        figures.append(_figures(lives, ids))
    return found


def _hold(duty: Duty, by: Figures, found: Forecasts, lives: Lives) -> None:
    lasted = duty.lasted_h
    found.at_start.append(Held(rules.hours_left(duty.began.percent, by), lasted))
    if duty.before is not None:
        hours = rules.hours_at(duty.before.percent, lives.ahead_h, by, charging=True)
        found.ahead.append(Held(hours, lasted))
        if duty.before.percent < 95:
            found.charging.append(found.ahead[-1])


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
