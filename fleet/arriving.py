"""The door by which people's large files come in: straight to the store, a megabyte at a time.

Django takes the body of any request whole, before it looks at who sends it. So a file's address
is answered here, and Django is asked, with an empty body, what its pages know: whether this person
may (session, the form's token, role), whether what they say of the file can be, and what becomes
of what came. Hashing and writing go on beside the event loop. Whoever is cut off leaves nothing.

The body's first line is JSON, what is said of the file; then come its bytes.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http import HTTPStatus
from time import monotonic
from typing import Any

from dashboard.arriving import (
    AS_WANTED,
    ASKED,
    LONGEST_LINE,
    TYPE,
    Came,
    Failed,
    Line,
    May,
    Question,
)
from devices.releases import storage
from devices.releases.rules import LARGEST
from devices.releases.storage import Full, Received, Taking

PIECE = 1024 * 1024
SILENT_FOR_S = 60.0
ASK_AGAIN_S = 300.0  # whether the sender still may, while a file comes
AT_ONCE = 4  # files of one process: each holds a megabyte or two

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

SILENT = Failed(408, "Nothing came for a minute. Nothing was kept; send the file again.")
CUT = Failed(400, "Less of it came than was said. Nothing was kept; send the file again.")
BUSY = Failed(503, "Other files are coming in just now. Try again in a minute.")
NO_LENGTH = Failed(411, "Say how long the file is (Content-Length).")
NO_TYPE = Failed(415, AS_WANTED)
TOO_LARGE = Failed(413, f"A release has at most {LARGEST // 1024**3} GB.")


class Left(Exception):
    """The sender went away."""


class Refusal(Exception):
    """What the sender is told instead of an end."""

    def __init__(self, heard: "Heard | None" = None, said: Failed = SILENT) -> None:
        self.heard, self.said = heard, said


@dataclass
class Heard:
    """What Django answered, kept until it is known that the sender shall hear it."""

    start: Message = field(default_factory=dict)
    body: list[Message] = field(default_factory=list)

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.start = message
        else:
            self.body.append(message)

    @property
    def good(self) -> bool:
        return bool(self.start.get("status") == HTTPStatus.OK)

    async def pass_on(self, send: Send, *, whole: bool) -> None:
        """Say it; the line ends with it where a rest of the file is left that nobody reads."""
        close = [] if whole else [(b"connection", b"close")]
        await send({**self.start, "headers": [*self.start["headers"], *close]})
        for message in self.body:
            await send(message)


class Arriving:
    """An ASGI application for the addresses of large files, in front of ``application``."""

    def __init__(self, application: Any) -> None:
        self._application = application
        self._threads = ThreadPoolExecutor(2, "arriving")
        self._now = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "POST":
            await self._application(scope, _nothing(), send)
            return
        try:
            heard = await self._admit(scope, receive)
            await heard.pass_on(send, whole=True)
        except Refusal as refusal:
            heard = refusal.heard or await self._ask(scope, refusal.said)
            await heard.pass_on(send, whole=False)
        except Left:
            return

    async def _admit(self, scope: Scope, receive: Receive) -> Heard:
        """First of all whether the sender may; who may not learns nothing else."""
        await self._ask_or_refuse(scope, May())
        for wrong, said in (
            (dict(scope["headers"]).get(b"content-type") != TYPE.encode(), NO_TYPE),
            (_length(scope) is None, NO_LENGTH),
            ((_length(scope) or 0) > LARGEST + LONGEST_LINE + 1, TOO_LARGE),
            (self._now >= AT_ONCE, BUSY),
        ):
            if wrong:
                raise Refusal(said=said)
        self._now += 1
        try:
            return await self._take(scope, receive)
        finally:
            self._now -= 1

    async def _take(self, scope: Scope, receive: Receive) -> Heard:
        """What becomes of the file that comes; only then is anything of it kept."""
        pieces = _pieces(receive)
        line, rest = await _first_line(pieces)
        size = (_length(scope) or 0) - len(line) - 1
        await self._ask_or_refuse(scope, Line(line, size))
        try:
            received = await self._received(scope, rest, pieces, size)
        except Full as full:
            raise Refusal(said=Failed(HTTPStatus.INSUFFICIENT_STORAGE, str(full))) from full
        heard = await self._ask(scope, Came(line, received))
        if not heard.good:
            await self._beside(storage.discard, received.key)
        return heard

    async def _received(
        self, scope: Scope, rest: bytes, pieces: AsyncIterator[bytes], size: int
    ) -> Received:
        """The file in the store; nothing of it is kept if it does not come to its end."""
        taking = await self._beside(Taking)
        try:
            await self._write(scope, taking, rest, pieces, size)
            received: Received = await self._beside(taking.keep)
        except BaseException:
            await asyncio.shield(self._beside(taking.drop))
            raise
        return received

    async def _write(
        self, scope: Scope, taking: Taking, rest: bytes, pieces: AsyncIterator[bytes], size: int
    ) -> None:
        """All of it, and whether it is what was said; asked again whether the sender still may."""
        asked_at = monotonic()
        await self._beside(taking.write, rest)
        async for piece in pieces:
            await self._beside(taking.write, piece)
            if monotonic() - asked_at > ASK_AGAIN_S:
                await self._ask_or_refuse(scope, May())
                asked_at = monotonic()
        if taking.size != size:
            raise Refusal(said=CUT)

    async def _ask_or_refuse(self, scope: Scope, question: Question) -> None:
        heard = await self._ask(scope, question)
        if not heard.good:
            raise Refusal(heard)

    async def _ask(self, scope: Scope, question: Question) -> Heard:
        """What Django answers, as it would whoever sent this request."""
        heard = Heard()
        headers = [one for one in scope["headers"] if one[0] != b"content-length"]
        told = {**scope, "headers": [*headers, (b"content-length", b"0")], ASKED: question}
        await self._application(told, _nothing(), heard.send)
        return heard

    async def _beside(self, act: Callable[..., Any], *args: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, act, *args)


async def _pieces(receive: Receive) -> AsyncIterator[bytes]:
    """The body, about a megabyte at a time."""
    gathered, more = bytearray(), True
    while more:
        try:
            message = await asyncio.wait_for(receive(), SILENT_FOR_S)
        except TimeoutError:
            raise Refusal from None
        if message["type"] == "http.disconnect":
            raise Left
        gathered += message.get("body", b"")
        more = bool(message.get("more_body"))
        if len(gathered) >= PIECE or not more:
            yield bytes(gathered)
            gathered.clear()


async def _first_line(pieces: AsyncIterator[bytes]) -> tuple[bytes, bytes]:
    """What stands before the first line feed, and what of the rest came with it."""
    line = await anext(pieces, b"")
    said, _, rest = line.partition(b"\n")
    return said, rest


def _length(scope: Scope) -> int | None:
    """What the sender says the body has, in bytes; None if they do not."""
    told = dict(scope["headers"]).get(b"content-length", b"")
    return int(told[:15]) if told.isdigit() else None


def _nothing() -> Receive:
    """A request's body that is empty, and a sender who stays to hear the answer."""
    said = False

    async def receive() -> Message:
        nonlocal said
        if said:
            await asyncio.Event().wait()
        said = True
        return {"type": "http.request", "body": b"", "more_body": False}

    return receive
