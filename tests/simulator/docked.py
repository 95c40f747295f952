"""A few cameras in the bays of one dock, and their update clients, living quickly."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

from devices.simulator import numbers as all_numbers
from devices.simulator.camera import Camera
from devices.simulator.install import Ending
from devices.simulator.inventory import BayAddress, CameraRow, DockRow, Inventory
from devices.simulator.scenarios import BadRelease, Scenario
from devices.simulator.town import Town
from devices.simulator.updates.clients import Clients
from devices.simulator.voices import Minds

SERIAL = "BWC-000417"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
NUMBERS = all_numbers.read()
GOOD_LINES = {"slow_share": 0.0, "cut_share": 0.0}
HASTY = NUMBERS.model_copy(
    update={
        "pace": NUMBERS.pace.model_copy(update={"tick_s": 0.005}),
        "updates": NUMBERS.updates.model_copy(
            update={
                "look_first_within_s": 0.0,
                "try_again_s": 0.01,
                "look_again_s": 0.1,
                **GOOD_LINES,
            }
        ),
        "firmware": NUMBERS.firmware.model_copy(update={"older_share": 0.0}),
        "clock": NUMBERS.clock.model_copy(update={"wrong_share": 0.0}),
    }
)
A_TICK_S = 0.01  # real
FAST = 6000.0  # a quarter of an hour's install in 150 ms


def ends(ending: Ending, version: str = "4.3.0") -> Scenario:
    """A day on which every update to this version ends so; with `GOOD` nothing goes wrong."""
    told = {ending: 100.0} if ending is not Ending.GOOD else {}
    return Scenario(
        says="As told.", bad_releases=(BadRelease(version=version, endings_percent=told),)
    )


class Bays:
    """``cameras`` in the first bays of D01; ``speed`` may be changed at any time."""

    def __init__(
        self, scenario=None, *, tokens=None, serials=(SERIAL,), keep=None, numbers=HASTY
    ) -> None:
        rows = Inventory(
            docks=(DockRow("D01", "HQ", "multi", 8),),
            cameras=tuple(
                CameraRow(serial, "HQ", BayAddress("D01", n)) for n, serial in enumerate(serials, 1)
            ),
        )
        self.town = Town(rows, numbers, seed=1, boot=100, now=NOW)
        self.minds = Minds(self.town.cameras.values(), numbers)
        self.clients = Clients(
            self.minds,
            tokens or {"D01": "d.secret"},
            numbers,
            scenario or ends(Ending.GOOD),
            seed=1,
            keep=keep,
        )
        self.speed = FAST

    @property
    def camera(self) -> Camera:
        return next(iter(self.town.cameras.values()))

    @asynccontextmanager
    async def living(self, url: str) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(one) for one in (self._live(), self.clients.run(url))]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            for task in tasks:
                with suppress(asyncio.CancelledError):
                    await task

    async def _live(self) -> None:
        while True:
            await asyncio.sleep(A_TICK_S)
            self.town.live(A_TICK_S * self.speed, NOW)
