"""One HTTP request at the fleet's door, its answer taken piece by piece. Nothing is kept open."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from urllib.parse import urlsplit

from httptools import HttpParserError, HttpResponseParser

OPEN_WITHIN_S = 10.0
ANSWER_WITHIN_S = 60.0  # as long as the door itself waits for a client that takes nothing
PIECE = 64 * 1024
MOST_SAID = 256 * 1024  # of an answer that is read whole


class NoAnswer(Exception):
    """The line broke, nobody answered in time, or it was no HTTP."""


class Answer:
    """An answer as it comes in; ``piece`` takes on more of its body."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader, self._parser = reader, HttpResponseParser(self)
        self.headers: dict[str, str] = {}
        self._had: list[bytes] = []
        self._begun = self.whole = False

    @property
    def status(self) -> int:
        return self._parser.get_status_code()

    # What the parser tells

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        self._begun = True

    def on_body(self, body: bytes) -> None:
        self._had.append(body)

    def on_message_complete(self) -> None:
        self.whole = True

    # What is taken

    async def begin(self) -> None:
        while not self._begun:
            await self._take(1024)

    async def piece(self, most: int) -> bytes:
        """The next bytes of the body, ``most`` or what came with the head; empty at its end."""
        while not self._had and not self.whole:
            await self._take(most)
        had, self._had = b"".join(self._had), []
        return had

    async def body(self) -> bytes:
        """All of it, if it is not long."""
        said = b""
        while piece := await self.piece(PIECE):
            said += piece
            if len(said) > MOST_SAID:
                raise NoAnswer(f"more than {MOST_SAID} bytes")
        return said

    async def _take(self, most: int) -> None:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            came = await self._reader.read(most)
        if not came:
            raise NoAnswer("the line was cut")
        self._parser.feed_data(came)


@asynccontextmanager
async def asking(
    method: str, url: str, headers: Mapping[str, str], said: bytes | None = None
) -> AsyncIterator[Answer]:
    """Ask, and hand over the answer once its head is there; NoAnswer whatever breaks in between."""
    address = urlsplit(url)
    secure = address.scheme == "https"
    port = address.port or (443 if secure else 80)
    writer = None
    try:
        async with asyncio.timeout(OPEN_WITHIN_S):
            reader, writer = await asyncio.open_connection(
                address.hostname, port, ssl=_tls() if secure else None, limit=PIECE
            )
        writer.write(_request(method, address.path, address.netloc, headers, said))
        answer = Answer(reader)
        await answer.begin()
        yield answer
    except (OSError, TimeoutError, EOFError, HttpParserError) as broken:
        raise NoAnswer(str(broken) or type(broken).__name__) from None
    finally:
        if writer is not None:
            writer.transport.abort()


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _request(
    method: str, path: str, host: str, headers: Mapping[str, str], said: bytes | None
) -> bytes:
    lines = [f"{method} {path or '/'} HTTP/1.1", f"Host: {host}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if said is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(said)}"]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + (said or b"")
