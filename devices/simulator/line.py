"""One device's websocket to the fleet: it breaks, waits its turn, returns and goes on."""

import asyncio
import json
from contextlib import suppress
from datetime import UTC, datetime
from enum import Enum
from random import Random

from pydantic import ValidationError
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from devices.simulator.ledger import Ledger
from devices.simulator.numbers import SpeechNumbers
from devices.simulator.outbox import frame
from devices.simulator.voices import Voice
from devices.wire import Answer

DOOR = "/gateway/v1/socket"
TOKEN_REFUSED, COME_BACK_LATER = 4401, frozenset({1012, 1013})


class Ending(Enum):
    """Why a line is not open: each has its own patience."""

    BROKEN = "broken"
    LATER = "later"
    REFUSED = "refused"


class Line:
    """Carries a voice's records to the door at ``url`` until it is cancelled.

    ``cut`` takes the network away, ``mend`` brings it back; with ``at_once`` the device does
    not wait for its turn, as after a switch comes back and everything behind it wakes up.
    """

    def __init__(
        self, voice: Voice, *, url: str, token: str, ledger: Ledger, numbers: SpeechNumbers
    ) -> None:
        self.voice, self.ledger, self.numbers = voice, ledger, numbers
        self.url, self._token = url.rstrip("/") + DOOR + "?nudges=yes", token
        self.random = Random(voice.name)
        self.connected, self.token_refused, self.not_understood = False, False, 0
        self._socket: ClientConnection | None = None
        self._network, self._news = asyncio.Event(), asyncio.Event()
        self._network.set()
        self._hurry = asyncio.Event()
        self._failures, self._greet = 0, False
        self._heard_at = 0.0

    # The network, as a scenario wishes

    def cut(self) -> None:
        self._network.clear()
        if self._socket is not None:
            self._socket.transport.abort()

    def mend(self, *, at_once: bool) -> None:
        self._network.set()
        if at_once:
            self._failures = 0
            self._hurry.set()

    def wake(self, *, greet: bool) -> None:
        """There is something to say, or at least a greeting is due."""
        self._greet = self._greet or greet
        self._news.set()

    # Opening, and opening again

    async def run(self) -> None:
        while True:
            await self._network.wait()
            self._hurry.clear()
            ending = await self._open_once()
            self.voice.outbox.line_lost()
            self.token_refused = ending is Ending.REFUSED
            await self._pause(ending)

    async def _open_once(self) -> Ending:
        try:
            async with connect(
                self.url,
                additional_headers={"Authorization": f"Bearer {self._token}"},
                open_timeout=self.numbers.open_within_s,
                close_timeout=1,
                compression=None,
                proxy=None,
            ) as socket:
                return await self._talk(socket)
        except InvalidStatus as refused:
            return Ending.REFUSED if refused.response.status_code in {401, 403} else Ending.LATER
        except (OSError, TimeoutError, WebSocketException, EOFError):
            return Ending.BROKEN

    async def _talk(self, socket: ClientConnection) -> Ending:
        if not self._network.is_set():
            return Ending.BROKEN
        self._socket, self.connected = socket, True
        self._heard_at = asyncio.get_running_loop().time()
        try:
            async with asyncio.TaskGroup() as talk:
                sending = talk.create_task(self._send(socket))
                watching = talk.create_task(self._watch(socket))
                await self._hear(socket)
                sending.cancel()
                watching.cancel()
        finally:
            self._socket, self.connected = None, False
        return _ending(socket.close_code)

    async def _pause(self, ending: Ending) -> None:
        """Back off with jitter, so that a thousand docks do not return in the same second."""
        self._failures += 1
        numbers = self.numbers
        match ending:
            case Ending.REFUSED:
                least, most = numbers.token_refused_s / 2, numbers.token_refused_s
            case Ending.LATER:
                least, most = 0.0, numbers.come_back_later_s
            case Ending.BROKEN:
                doubled = numbers.back_off_first_s * 2 ** min(self._failures, 16)
                least, most = 0.0, min(numbers.back_off_most_s, doubled)
        with suppress(TimeoutError):
            async with asyncio.timeout(self.random.uniform(least, most)):
                await self._hurry.wait()

    # Talking

    async def _send(self, socket: ClientConnection) -> None:
        """Send while the window is open; wait for news or answers when it is not."""
        with suppress(ConnectionClosed):
            while True:
                while self.voice.outbox.may_send and (self.voice.outbox.waiting or self._greet):
                    self._greet = False
                    id, batch = self.voice.outbox.take()
                    await socket.send(frame(id, self.voice.says_now(datetime.now(UTC)), batch))
                self._news.clear()
                await self._news.wait()

    async def _hear(self, socket: ClientConnection) -> None:
        with suppress(ConnectionClosed):
            async for message in socket:
                self._heard_at = asyncio.get_running_loop().time()
                self._understand(message)

    async def _watch(self, socket: ClientConnection) -> None:
        """A line on which an answer is owed for too long is dead, whatever TCP believes."""
        patience, loop = self.numbers.answer_within_s, asyncio.get_running_loop()
        owed_since = loop.time()
        while True:
            await asyncio.sleep(patience / 10)
            if not self.voice.outbox.sent:
                owed_since = loop.time()
            if loop.time() - max(owed_since, self._heard_at) > patience:
                socket.transport.abort()

    def _understand(self, message: str | bytes) -> None:
        try:
            answer = Answer.model_validate_json(message)
        except ValidationError:
            self._heed(message)
        else:
            self._failures, self.token_refused = 0, False
            self.ledger.enter(self.voice.outbox.answered(answer))
            self.voice.obey(answer.orders, datetime.now(UTC))
        self._news.set()

    def _heed(self, message: str | bytes) -> None:
        """Not an answer: a nudge to report and look for updates now, a word that an update waits
        for these cameras, or the problem with the oldest batch sent."""
        match _object(message):
            case {"type": "nudge"}:
                self.voice.nudge()
                self.voice.look(None)
            case {"nudge": {"poll": [*serials]}}:
                self.voice.look({one for one in serials if isinstance(one, str)})
            case {"title": str(title)}:
                self.ledger.enter(self.voice.outbox.refused_whole(title))
            case _:
                self.not_understood += 1


def _object(message: str | bytes) -> object:
    try:
        return json.loads(message)
    except ValueError:
        return None


def _ending(close_code: int | None) -> Ending:
    if close_code == TOKEN_REFUSED:
        return Ending.REFUSED
    return Ending.LATER if close_code in COME_BACK_LATER else Ending.BROKEN
