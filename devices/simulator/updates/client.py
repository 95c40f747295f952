"""One camera's update client: when it polls, and what it does about what it is told."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from random import Random

from devices.simulator.numbers import Numbers
from devices.simulator.scenarios import Scenario
from devices.simulator.updates import offers
from devices.simulator.updates.asking import NoAnswer
from devices.simulator.updates.door import Door, Refused, Withdrawn
from devices.simulator.updates.image import Image
from devices.simulator.updates.luck import Luck, draw
from devices.simulator.updates.offers import NotUnderstood, Offer, word
from devices.simulator.updates.update import Outcome, Update
from devices.simulator.voices import Memory

Begin = Callable[[Coroutine[None, None, None]], asyncio.Task[None]]
Lines = Callable[[], AbstractAsyncContextManager[object]]


class Client:
    """It polls while its camera sits in a bay and is awake. Out of it nothing is fetched.

    ``line`` gives the line of the dock that the camera is in; ``installed`` is told of each update
    that left off. ``faults`` counts what the door should not have answered.
    """

    def __init__(
        self,
        mind: Memory,
        numbers: Numbers,
        scenario: Scenario,
        *,
        seed: int,
        line: Lines,
        installed: Callable[[], None],
    ) -> None:
        self.mind, self.camera, self.numbers = mind, mind.camera, numbers
        self.scenario, self.seed = scenario, seed
        self._line, self._installed = line, installed
        self.faults: Counter[str] = Counter()
        chance = Random(f"{seed} {self.camera.serial} looks")
        self.sleep_s = numbers.updates.look_again_s
        self.due_s = chance.uniform(0, numbers.updates.look_first_within_s)
        self.update: Update | None = None
        self._work: asyncio.Task[None] | None = None
        self._image: Image | None = None
        self._tries: Counter[str] = Counter()
        self._deaf_to: tuple[str, int] | None = None
        self._looks = False

    def is_due(self, after_s: float) -> bool:
        """Whether it polls now, so many seconds after everything began."""
        here = self.camera.docked and self.camera.alive
        return here and not self._looks and (self.mind.looks or after_s >= self.due_s)

    async def look(self, door: Door, begin: Begin, after_s: float) -> None:
        """Poll once, and do what there is to do. A fault of the door's is harmless: it polls on."""
        self.mind.looks, self._looks = False, True
        try:
            told = offers.poll(await door.read(self.camera, door.base(self.camera)))
            self.sleep_s = told.sleep_s
            await self._heed(told, door, begin)
        except NoAnswer:
            pass  # the line is broken or the fleet away; at the next poll it will be there again
        except Withdrawn:
            pass  # between the poll and now
        except (Refused, NotUnderstood) as wrong:
            self.faults[str(wrong)] += 1
        finally:
            self._looks = False
            self.due_s = after_s + self.sleep_s

    async def _heed(self, told: offers.Poll, door: Door, begin: Begin) -> None:
        if describe := told.links.get("configData"):
            await door.tell(self.camera, "PUT", describe, self._description())
        if cancel := told.links.get("cancelAction"):
            await self._cancel(cancel, door)
        elif (offered := told.links.get("deploymentBase")) and self._work is None:
            offer = offers.offer(await door.read(self.camera, offered), offered)
            if offer.wanted and self._deaf_to != (offer.id, self.camera.boot):
                self._take_up(offer, door, begin)

    def _description(self) -> bytes:
        said = {"serialNo": self.camera.serial, "hwRevision": "1.0", "client": "simulator"}
        return offers.attributes(said)

    # An update

    def _take_up(self, offer: Offer, door: Door, begin: Begin) -> None:
        if self._image is None or self._image.sha != offer.sha256:
            self._image = Image(offer.sha256, offer.size)
        luck = self._luck(offer)
        self.update = Update(self.camera, offer, self._image, luck, door, numbers=self.numbers)
        self._work = begin(self._go_through(self.update))

    def _luck(self, offer: Offer) -> Luck:
        """Of one attempt. A release that is bad for this camera is so each time."""
        bad = self.scenario.bad(offer.version)
        attempt = 0 if bad else self._tries[offer.version]
        chance = Random(f"{self.seed} {self.camera.serial} {offer.version} {attempt}")
        return draw(chance, offer.part, self.numbers.updates, bad)

    async def _go_through(self, update: Update) -> None:
        try:
            outcome = await update.run(self._line())
        finally:
            self._work = self.update = None
            self._installed()
        if outcome is Outcome.DEAF:
            self._deaf_to = (update.offer.id, self.camera.boot)
        if outcome is not Outcome.INTERRUPTED:
            self._image = None
        if outcome is Outcome.ENDED:
            self._tries[update.offer.version] += 1

    async def _cancel(self, href: str, door: Door) -> None:
        """What is being written goes on; everything else stops at once."""
        to = f"{href}/feedback"
        if self.update is not None and self.update.installs:
            said = word("rejected", "none", "It installs already.")
        else:
            await self._stop()
            said = word("closed", "success", "Stopped.")
        await door.tell(self.camera, "POST", to, said)

    async def _stop(self) -> None:
        self._image, work = None, self._work
        if work is not None:
            work.cancel()
            await asyncio.wait([work])
            self._work = self.update = None
