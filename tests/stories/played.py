"""Cameras that a story plays itself, step by step: what a client is told and does is counted."""

import asyncio
import json
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime
from hashlib import sha256
from itertools import count
from typing import Any

from devices.simulator.fleet import boot_number
from devices.simulator.inventory import CameraRow
from devices.simulator.updates.asking import PIECE, Answer, NoAnswer, asking
from devices.simulator.updates.offers import word
from tests.gateway.words import batch, report
from tests.stories.department import Department

AGAIN_S = 0.05


class Played:
    """A camera in its bay, and its update client. Each step is tried until it is answered."""

    def __init__(
        self, department: Department, row: CameraRow, number: int, battery_percent: int
    ) -> None:
        serial, home = row.serial, row.home
        assert home is not None, f"{serial} has no bay"
        self.serial, self.name = serial, f"C{number:04}"
        self._address = department.address
        self._base = f"{department.address}/DEFAULT/controller/v1/{serial}"
        self._token, self._bay = department.tokens[home.dock], home.position
        self._battery_percent = battery_percent
        self._boot, self._firmware = boot_number(datetime.now(UTC)), "4.2.1"
        self._sequences = count(1)
        self._line = AsyncExitStack()
        self._answer: Answer | None = None
        self._at, self._version = "", ""
        self._artifact: dict[str, Any] = {}
        self._content = bytearray()
        self.offers: set[str] = set()  # the updates it was told to make
        self.said: list[tuple[str, str]] = []  # and was answered
        self.ranges: list[str] = []  # it asked for, after a cut
        self.installed: list[str] = []

    @property
    def fetched(self) -> int:
        """Bytes that came, each counted whenever it came."""
        return len(self._content)

    async def report(self) -> None:
        """Its dock has passed on how it is."""
        told = report(
            self.serial,
            sequence=next(self._sequences),
            boot=self._boot,
            bay=self._bay,
            battery_percent=self._battery_percent,
            firmware_version=self._firmware,
        )
        said = json.dumps(batch(told)).encode()
        answer = await self._asked("POST", f"{self._address}/gateway/v1/reports", said, "Bearer")
        assert answer["reports"][0]["result"] in ("stored", "duplicate"), answer

    async def wait(self) -> None:
        """Its turn comes by itself, but to nobody who has been silent for some minutes."""
        await self.report()

    async def begin(self) -> None:
        """It found what is offered, and its first bytes are here; more is on the line."""
        self._at = await self._link("deploymentBase")
        told = await self._asked("GET", self._at)
        self.offers.add(told["id"])
        (chunk,) = told["deployment"]["chunks"]
        self._version, (self._artifact,) = chunk["version"], chunk["artifacts"]
        while not self._content:
            await self._fetch()
        assert self.fetched < self._artifact["size"]

    async def install(self) -> None:
        """Everything is here, it is what was offered, and it may be installed."""
        while self.fetched < self._artifact["size"]:
            await self._fetch()
        await self._hang_up()
        assert sha256(self._content).hexdigest() == self._artifact["hashes"]["sha256"]
        await self._say("downloaded")
        await self._say("proceeding")
        self.installed.append(self._version)

    async def close(self) -> None:
        """Its client has said that it is done."""
        await self._say("closed", "success")

    async def restart(self) -> None:
        """It is up with what it installed last, and its dock has heard so."""
        self._boot, self._firmware = self._boot + 1, self.installed[-1]
        await self.report()

    async def agree(self) -> None:
        """It was told to stop, and has."""
        self._at = await self._link("cancelAction")
        await self._hang_up()
        await self._say("closed", "success")

    async def _link(self, name: str) -> str:
        while True:
            told = await self._asked("GET", self._base)
            if link := told.get("_links", {}).get(name):
                return str(link["href"])
            await asyncio.sleep(AGAIN_S)

    async def _say(self, execution: str, finished: str = "none") -> None:
        await self._asked("POST", f"{self._at}/feedback", word(execution, finished))
        self.said.append((execution, finished))

    async def _asked(
        self, method: str, url: str, said: bytes | None = None, scheme: str = "GatewayToken"
    ) -> Any:
        """The answer; asked again while there is none."""
        while True:
            with suppress(NoAnswer):
                async with asking(method, url, self._proof(scheme), said) as answer:
                    body = await answer.body()
                    if answer.status < 500:
                        assert answer.status == 200, f"{method} {url}: {answer.status}"
                        return json.loads(body or b"{}")
            await asyncio.sleep(AGAIN_S)

    def _proof(self, scheme: str = "GatewayToken") -> dict[str, str]:
        return {"Authorization": f"{scheme} {self._token}"}

    async def _fetch(self) -> None:
        """The next piece, by the line that is open; else by a new one, from where it was cut."""
        try:
            answer = self._answer or await self._open()
            piece = await answer.piece(PIECE)
        except (NoAnswer, OSError):
            piece = b""
        self._content += piece
        if not piece:
            await self._hang_up()
            await asyncio.sleep(AGAIN_S)

    async def _open(self) -> Answer:
        heads, status = self._proof(), 200
        if self._content:
            heads["Range"], status = f"bytes={self.fetched}-", 206
            self.ranges.append(heads["Range"])
        url = self._artifact["_links"]["download"]["href"]
        answer = await self._line.enter_async_context(asking("GET", url, heads))
        if answer.status >= 500:
            raise NoAnswer(f"{answer.status}")
        assert answer.status == status, f"{url}: {answer.status}"
        self._answer = answer
        return answer

    async def _hang_up(self) -> None:
        await self._line.aclose()
        self._line, self._answer = AsyncExitStack(), None
