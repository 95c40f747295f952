"""Every camera's update client, polling while the town lives."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from devices.simulator.camera import Camera
from devices.simulator.numbers import Numbers
from devices.simulator.scenarios import Scenario
from devices.simulator.updates import installed
from devices.simulator.updates.client import Client
from devices.simulator.updates.door import Door
from devices.simulator.voices import Minds


class Clients:
    """``keep``: the file that says what cameras run, for the next start to begin with."""

    def __init__(
        self,
        minds: Minds,
        tokens: Mapping[str, str],
        numbers: Numbers,
        scenario: Scenario,
        *,
        seed: int,
        keep: Path | None = None,
    ) -> None:
        self.numbers, self.tokens, self.keep = numbers, tokens, keep
        self._cameras = [mind.camera for mind in minds.values()]
        self._lines: dict[str, asyncio.Semaphore] = {}
        self.clients = {
            serial: Client(
                mind,
                numbers,
                scenario,
                seed=seed,
                line=partial(self._line, mind.camera),
                installed=self._note,
            )
            for serial, mind in minds.items()
        }

    async def run(self, url: str) -> None:
        """Poll at the fleet's door until cancelled."""
        door, loop = Door(url, self.tokens), asyncio.get_running_loop()
        began = loop.time()
        async with asyncio.TaskGroup() as group:
            while True:
                after_s = loop.time() - began
                for client in self.clients.values():
                    if client.is_due(after_s) and door.knows(client.camera):
                        group.create_task(client.look(door, group.create_task, after_s))
                await asyncio.sleep(self.numbers.pace.tick_s)

    @property
    def under_way(self) -> int:
        return sum(client.update is not None for client in self.clients.values())

    @property
    def faults(self) -> Counter[str]:
        """What the door should not have answered, and how often it did."""
        return sum((client.faults for client in self.clients.values()), Counter())

    def _line(self, camera: Camera) -> asyncio.Semaphore:
        dock = camera.place.dock if camera.place else ""
        most = self.numbers.updates.downloads_a_dock
        return self._lines.setdefault(dock, asyncio.Semaphore(most))

    def _note(self) -> None:
        if self.keep is not None:
            installed.write(self._cameras, self.keep)
