"""The named scenarios of `scenarios.toml`: what is unusual about a day."""

import tomllib
from functools import partial
from math import ceil
from pathlib import Path
from random import Random
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter

from devices.simulator.camera import Camera
from devices.simulator.install import Ending
from devices.simulator.town import Town

FILE = Path(__file__).with_name("scenarios.toml")
T = TypeVar("T")
QUIET = "quiet-day"
A_QUARTER = 0.25  # hour


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Outage(_Section):
    after_s: float
    lasts_s: float
    every_s: float = 0.0
    docks_percent: float
    together: bool = False

    def is_on(self, elapsed_s: float) -> bool:
        """Whether the network is down this long after the start."""
        since = elapsed_s - self.after_s
        if since < 0:
            return False
        return (since % self.every_s if self.every_s else since) < self.lasts_s


class Ailment(_Section):
    after_h: float
    over_h: float
    cameras_percent: float
    capacity_percent: float


class BadRelease(_Section):
    version: str
    endings_percent: dict[Ending, float]


class Scenario(_Section):
    says: str
    start_hour: float = 6.5
    outages: tuple[Outage, ...] = ()
    ailments: tuple[Ailment, ...] = ()
    bad_releases: tuple[BadRelease, ...] = ()

    def bad(self, version: str) -> dict[Ending, float] | None:
        """How updates to this version end, in percent of the cameras; None: as usual."""
        bad = {one.version: one.endings_percent for one in self.bad_releases}
        return bad.get(version)


def read(path: Path = FILE) -> dict[str, Scenario]:
    """Every scenario by its name."""
    return TypeAdapter(dict[str, Scenario]).validate_python(tomllib.loads(path.read_text()))


def share(things: list[T], percent: float, random: Random) -> list[T]:
    """This percentage of the things, rounded up, by chance."""
    return random.sample(things, min(len(things), ceil(len(things) * percent / 100)))


def ail(town: Town, ailment: Ailment, *, seed: int) -> None:
    """Write into the town's agenda how batteries get sick."""
    steps = max(1, round(ailment.over_h / A_QUARTER))
    a_step = 1 - (1 - ailment.capacity_percent / 100) ** (1 / steps)
    cameras = share(list(town.cameras.values()), ailment.cameras_percent, Random(f"{seed} ailing"))
    for step in range(steps):
        at = town.hour + ailment.after_h + step * A_QUARTER
        town.agenda.add(at, partial(_sicken, cameras, a_step))


def _sicken(cameras: list[Camera], a_step: float) -> None:
    for camera in cameras:
        camera.battery.lose(a_step)
