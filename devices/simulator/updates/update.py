"""One update on one camera, from its offer to the client's last word on it."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, suppress
from enum import Enum

from devices.simulator.camera import Camera, Fetching
from devices.simulator.install import Ending, Install, Stage
from devices.simulator.numbers import Numbers
from devices.simulator.updates.asking import PIECE, Answer, NoAnswer
from devices.simulator.updates.door import Door, Withdrawn
from devices.simulator.updates.image import Image
from devices.simulator.updates.luck import Luck
from devices.simulator.updates.offers import Offer, word

A_QUARTER = 25  # percent: how often it says how far it has come
OK, PARTIAL, NOT_FOUND, NOT_THAT_RANGE = 200, 206, 404, 416
_LATER = frozenset({401, 408, 425, 429, 500, 502, 503, 504})


class Outcome(Enum):
    """How an update left off. What was interrupted goes on when the camera is back in a bay."""

    ENDED = "ended"
    INTERRUPTED = "interrupted"
    WITHDRAWN = "withdrawn"
    DEAF = "deaf"  # until the camera restarts


class Failed(Exception):
    """The update failed; the reason is what the client says."""


class Update:
    """What is offered, what of it lies on the camera, and what is going to go wrong with it."""

    def __init__(
        self,
        camera: Camera,
        offer: Offer,
        image: Image,
        luck: Luck,
        door: Door,
        *,
        numbers: Numbers,
    ) -> None:
        self.camera, self.offer, self.image, self.luck = camera, offer, image, luck
        self._door = door
        self.numbers, self._tick_s = numbers.updates, numbers.pace.tick_s

    async def run(self, line: AbstractAsyncContextManager[object]) -> Outcome:
        """Fetch, install, restart, and say so, as well as its luck lets it.

        ``line`` is its dock's, and keeps too many from fetching at once. What the camera runs
        already it only says.
        """
        runs = self.camera.runs(self.offer.part)
        if self.luck.ending is Ending.LIE or runs == self.offer.version:
            await self._say("closed", "success", f"Runs {self.offer.version}.")
            return Outcome.DEAF
        try:
            async with line:
                await self._download()
            await self._check()
            return await self._install()
        except Withdrawn:
            return Outcome.WITHDRAWN
        except NoAnswer:
            return Outcome.INTERRUPTED
        except Failed as failed:
            await self._say("closed", "failure", str(failed))
            return Outcome.ENDED

    @property
    def installs(self) -> bool:
        """It cannot be stopped any more."""
        return self.camera.install is not None

    @property
    def _here(self) -> bool:
        return self.camera.docked and self.camera.alive

    # Fetching

    async def _download(self) -> None:
        """The image is whole. NoAnswer when the camera has left its bay meanwhile."""
        fetching = self.camera.fetch(slower=self.luck.slower)
        try:
            await self._look_at_the_file()
            await self._mention("download", self.image.percent)
            await self._fetch_all(fetching)
        finally:
            self.camera.fetching = None

    async def _look_at_the_file(self) -> None:
        async with self._door.ask(self.camera, "HEAD", self.offer.file) as answer:
            if answer.status == NOT_FOUND:
                raise Withdrawn
            said = answer.headers.get("content-length", "")
            if answer.status == OK and said != str(self.offer.size):
                raise Failed(f"The file has {said or 'unknown'} bytes, not {self.offer.size}.")

    async def _fetch_all(self, fetching: Fetching) -> None:
        """Fetch, and after a cut fetch on; Failed when nothing more comes."""
        tries = 0
        if self.image.whole:
            self.image.begin()
        while not self.image.whole:
            had = self.image.had
            try:
                await self._fetch(fetching)
            except NoAnswer as cut:
                tries = 0 if self.image.had > had else tries + 1
                if not self._here:
                    raise
                if tries >= self.numbers.tries_most:
                    raise Failed(f"The download broke off: {cut}.") from None
                await asyncio.sleep(self.numbers.try_again_s)

    async def _fetch(self, fetching: Fetching) -> None:
        """Over one connection, from where the image ends."""
        image = self.image
        begins = {"Range": f"bytes={image.had}-"} if image.had else {}
        if image.had and image.tag:
            begins["If-Range"] = image.tag
        asked = self._door.ask(self.camera, "GET", self.offer.file, headers=begins)
        async with asked as answer:
            self._begin(answer)
            while not image.whole:
                room = await self._room(fetching)
                piece = await answer.piece(room)
                if not piece:
                    raise NoAnswer("it ended early")
                fetching.give_back(max(0, room - len(piece)))
                await self._take(piece)

    def _begin(self, answer: Answer) -> None:
        """Whether what comes is the rest, or the whole once more."""
        match answer.status:
            case 200:
                self.image.begin()
                self.image.tag = answer.headers.get("etag", "")
            case 206 if answer.headers.get("content-range", "").startswith(
                f"bytes {self.image.had}-"
            ):
                pass
            case 404:
                raise Withdrawn
            case 416:
                self.image.begin()
                raise NoAnswer("the range was not to be had")
            case status if status in _LATER:
                raise NoAnswer(f"the door answers {status}")
            case status:
                raise Failed(f"The file cannot be had: the door answers {status}.")

    async def _room(self, fetching: Fetching) -> int:
        """How many bytes the bay's line lets through now, at least one."""
        while not (room := fetching.take(PIECE)):
            if not self._here:
                raise NoAnswer("it was taken out of its bay")
            await asyncio.sleep(self._tick_s)
        return room

    async def _take(self, piece: bytes) -> None:
        image, before = self.image, self.image.had / self.offer.size
        quarter = image.percent // A_QUARTER
        if not image.had and self.luck.ending is Ending.WRONG_HASH:
            piece = bytes([piece[0] ^ 1]) + piece[1:]
        image.add(piece)
        if self.luck.cut_between(before, image.had / self.offer.size):
            raise NoAnswer("the line was cut")
        if quarter < image.percent // A_QUARTER and not image.whole:
            await self._mention("download", image.percent)

    async def _check(self) -> None:
        if not self.image.right:
            raise Failed("What was fetched is not what was offered: its SHA-256 differs.")
        await self._say("downloaded", percent=100)

    # Installing

    async def _install(self) -> Outcome:
        silent = self.luck.ending is Ending.SILENCE
        if silent and not self.luck.falls_silent_late:
            return Outcome.DEAF
        await self._until(lambda: self.camera.may_install or not self._here)
        if not self.camera.may_install:
            return Outcome.INTERRUPTED
        if not await self._say(
            "proceeding", "none", f"Installing {self.offer.version}.", percent=0
        ):
            return Outcome.WITHDRAWN
        if silent:
            return Outcome.DEAF
        if not self.camera.may_install:
            raise Failed("It was taken into use before it could install.")
        return await self._see_through(self._written())

    def _written(self) -> Install:
        install = Install(
            part=self.offer.part,
            version=self.offer.version,
            digest=self.image.digest,
            writes_h=self.luck.writes_h,
            restarts_h=self.numbers.restart_s / 3600,
            ending=self.luck.ending,
        )
        self.camera.begin(install)
        return install

    async def _see_through(self, install: Install) -> Outcome:
        """Wait for its end, and say what came of it. Who does not start again says nothing."""
        half = install.writes_h / 2
        await self._until(lambda: install.stage is not Stage.WRITING or install.writes_h < half)
        if install.stage is Stage.WRITING:
            await self._mention("proceeding", 50)
        await self._until(lambda: install.over)
        if install.stage is Stage.DEAD:
            return Outcome.ENDED
        if install.stage is Stage.BROKEN_OFF:
            torn = install.ending is not Ending.FAILED
            raise Failed("It was taken out." if torn else "The image could not be written.")
        if (runs := self.camera.runs(self.offer.part)) != self.offer.version:
            raise Failed(f"It came back on {runs}.")
        await self._say("closed", "success", f"Runs {self.offer.version}.")
        return Outcome.ENDED

    # Speaking and waiting

    async def _say(
        self, execution: str, finished: str = "none", *details: str, percent: int | None = None
    ) -> bool:
        """Say it once the camera can be heard, again until it is answered; whether it counts."""
        said, to = word(execution, finished, *details, percent=percent), f"{self.offer.at}/feedback"
        while True:
            await self._until(lambda: self._here)
            try:
                status = await self._door.tell(self.camera, "POST", to, said)
            except NoAnswer:
                status = 503
            if status not in _LATER:
                return status == OK
            await asyncio.sleep(self.numbers.try_again_s)

    async def _mention(self, execution: str, percent: int) -> None:
        """How far it has come: said once, because the next word tells it too."""
        with suppress(NoAnswer):
            said = word(execution, percent=percent)
            await self._door.tell(self.camera, "POST", f"{self.offer.at}/feedback", said)

    async def _until(self, claim: Callable[[], bool]) -> None:
        while not claim():
            await asyncio.sleep(self._tick_s)
