"""What comes from outside the plan: light bars, faults, and batteries that get sick."""

from collections.abc import Callable
from functools import partial
from random import Random

from devices.simulator import recordings
from devices.simulator.camera import BAY_CONTACT, HUNG, LOST, NO_BOOT, Camera
from devices.simulator.duty import MINUTE, record
from devices.simulator.shifts import DAY
from devices.simulator.town import Town
from devices.wire import Mode

MONTH = 30 * DAY  # hours
SICK = 0.3  # est.: the share of its capacity that a battery fault takes


class LightBars:
    """A cruiser's lights come on, and cameras nearby that buffer start to record."""

    def __init__(self, town: Town, *, seed: int) -> None:
        self.town, self.numbers = town, town.numbers.light_bar
        self.random = Random(f"{seed} light bars")

    def plan_next(self) -> None:
        a_day = self.numbers.events_a_cruiser_day * self.numbers.cruisers
        gap = self.random.expovariate(a_day / DAY)
        self.town.agenda.add(self.town.hour + gap, self._come_on)

    def _come_on(self) -> None:
        out = [c for c in self.town.cameras.values() if c.mode is not Mode.OFF]
        in_range = 1 + recordings.poisson(self.random, self.numbers.others_in_range)
        false = self.random.random() < self.numbers.false_share
        for camera in self.random.sample(out, min(in_range, len(out))):
            self._reach(camera, false=false)
        self.plan_next()

    def _reach(self, camera: Camera, *, false: bool) -> None:
        """Only a buffering camera hears it. It pulls the day's next recording forward."""
        if camera.mode is not Mode.BUFFERING or self.random.random() >= self.numbers.starts_share:
            return
        if false or not camera.planned:
            record(self.town, camera, self.numbers.false_lasts_min * MINUTE)
        else:
            record(self.town, camera, camera.planned.popleft())


class Faults:
    """Each kind comes at its own rate, to any camera, and is mended after its time."""

    def __init__(self, town: Town, *, seed: int) -> None:
        self.town, self.random = town, Random(f"{seed} faults")
        self.sudden: dict[str, Callable[[Camera], None]] = {
            "battery": lambda camera: camera.battery.lose(SICK),
            BAY_CONTACT: partial(town.touch, closed=False),
            HUNG: _stop,
            NO_BOOT: _stop,
            LOST: self._lose,
            "clock": lambda camera: camera.clock.go_wrong(
                town.now, self.random, town.numbers.clock
            ),
        }
        self.mended: dict[str, Callable[[Camera], None]] = {
            "battery": lambda camera: camera.battery.lose(-SICK / (1 - SICK)),
            BAY_CONTACT: partial(town.touch, closed=True),
            "clock": lambda camera: camera.clock.mend(),
            LOST: town.bring_back,
        }

    def begin(self) -> None:
        """Some cameras have a fault already, as many as there usually are; more will come."""
        for kind, numbers in self.town.numbers.faults.items():
            usual = self._a_month(kind) * numbers.mended_after_h / MONTH
            for _ in range(recordings.poisson(self.random, usual)):
                self._strike(kind)
            self._plan_next(kind)

    def _a_month(self, kind: str) -> float:
        return self.town.numbers.faults[kind].per_140_a_month / 140 * len(self.town.cameras)

    def _plan_next(self, kind: str) -> None:
        if rate := self._a_month(kind) / MONTH:
            at = self.town.hour + self.random.expovariate(rate)
            self.town.agenda.add(at, partial(self._come, kind))

    def _come(self, kind: str) -> None:
        self._strike(kind)
        self._plan_next(kind)

    def _strike(self, kind: str) -> None:
        camera = self.random.choice(list(self.town.cameras.values()))
        if camera.trouble:
            return
        self.afflict(camera, kind)
        after = self.town.numbers.faults[kind].mended_after_h
        self.town.agenda.add(self.town.hour + after, partial(self.mend, camera, kind))

    def afflict(self, camera: Camera, kind: str) -> None:
        if kind == BAY_CONTACT and not camera.docked:
            return
        camera.trouble.add(kind)
        if sudden := self.sudden.get(kind):
            sudden(camera)

    def mend(self, camera: Camera, kind: str) -> None:
        if kind in camera.trouble:
            camera.trouble.discard(kind)
            if mended := self.mended.get(kind):
                mended(camera)

    def _lose(self, camera: Camera) -> None:
        self.town.take(camera)
        _stop(camera)


def _stop(camera: Camera) -> None:
    camera.switch(Mode.OFF)
