"""Docks that only talk: frames are made beforehand, so that little of what is measured is this.

Each dock sends a batch of what its cameras say and waits for its answer, as a real one does.
A masking key of zero leaves the bytes of a websocket's frame as they are.
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from time import perf_counter

HOST = "127.0.0.1"

_SEQUENCE, _BATTERY, _NOW = b"7777777777", b'"battery_percent":64', b"2026-11-24T06:55:00.000000Z"
_CLOSE, _PING = 8, 9
_CHARGED = {
    "battery_percent": 100,
    "battery_state": "full",
    "clips_waiting": 0,
    "bytes_waiting": 0,
    "offload": "complete",
}
_STORED = re.compile(rb'"result":"stored"')


class Dock:
    """A dock and its cameras; each batch counts on from the last, and changes every battery."""

    def __init__(self, token: str, serials: Sequence[str]) -> None:
        self.token, self.serials = token.encode(), serials
        self._count = 0
        now = _NOW.decode()
        self._reports = [_report(serial, bay, now) for bay, serial in enumerate(serials, 1)]
        self._template = _frame(self._reports)

    def batch(self) -> bytes:
        """The next batch."""
        return self._next(self._template)

    def charged(self) -> bytes:
        """The next batch of cameras that are full and emptied, and fit to go out."""
        return self._next(_frame([{**one, **_CHARGED} for one in self._reports]))

    def complaint(self, place: int, *codes: str) -> bytes:
        """Only what the camera in this place says, and that it has these faults."""
        return self._next(_frame([{**self._reports[place], "faults": codes}]))

    def _next(self, template: bytes) -> bytes:
        self._count += 1
        now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}".encode()
        body = template.replace(_SEQUENCE, b"%d" % (1_000_000_000 + self._count))
        return body.replace(_BATTERY, b'"battery_percent":%d' % self.battery).replace(_NOW, now)

    @property
    def battery(self) -> int:
        """What its cameras said last."""
        return 20 + self._count % 80


def _frame(reports: Sequence[dict[str, object]]) -> bytes:
    batch = {"id": "b", "sent_at": _NOW.decode(), "reports": reports}
    return json.dumps(batch, separators=(",", ":")).encode()


def _report(serial: str, bay: int, now: str) -> dict[str, object]:
    return {
        "serial": serial,
        "boot": 2,
        "sequence": int(_SEQUENCE),
        "device_time": now,
        "clock_offset_s": 0.4,
        "docked": True,
        "bay": bay,
        "mode": "off",
        "battery_percent": 64,
        "battery_state": "charging",
        "battery_health_percent": 97,
        "storage_used_mb": 2000,
        "storage_free_mb": 62000,
        "clips_waiting": 2,
        "bytes_waiting": 1_200_000,
        "offload": "transferring",
        "firmware_version": "4.2.1",
        "profile_version": "7",
        "temperature_c": 31.5,
    }


Say = Callable[[bytes], Awaitable[bytes]]


class Line:
    """An open socket of a dock: what it says, and what it hears."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def say(self, body: bytes) -> bytes:
        """Says a batch, hears the answer."""
        self._writer.write(b"\x81\xfe" + len(body).to_bytes(2) + bytes(4) + body)
        return await self.hear()

    async def hear(self) -> bytes:
        """The next thing that is said to it."""
        while True:
            kind, heard = await _frame_heard(self._reader)
            if kind == _CLOSE:
                raise RuntimeError("the gateway closed the socket")
            if kind != _PING:
                return heard
            self._writer.write(b"\x8a" + bytes([128 + len(heard)]) + bytes(4) + heard)


async def open_line(port: int, dock: Dock, query: str = "") -> Line:
    """The dock's socket, open."""
    reader, writer = await asyncio.open_connection(HOST, port)
    writer.write(
        b"GET /gateway/v1/socket%s HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
        b"Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        b"Sec-WebSocket-Version: 13\r\nAuthorization: Bearer %s\r\n\r\n"
        % (query.encode(), dock.token)
    )
    await reader.readuntil(b"\r\n\r\n")
    return Line(reader, writer)


async def websocket(port: int, dock: Dock) -> Say:
    """An open line of this dock: says a batch, hears the answer."""
    return (await open_line(port, dock)).say


async def _frame_heard(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readexactly(2)
    size = head[1]
    if size == 126:
        size = int.from_bytes(await reader.readexactly(2))
    return head[0] & 15, await reader.readexactly(size)


async def http(port: int, dock: Dock) -> Say:
    """A kept connection of this dock: a request for each batch."""
    reader, writer = await asyncio.open_connection(HOST, port)

    async def say(body: bytes) -> bytes:
        writer.write(
            b"POST /gateway/v1/reports HTTP/1.1\r\nHost: localhost\r\n"
            b"Authorization: Bearer %s\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n%s" % (dock.token, len(body), body)
        )
        head = await reader.readuntil(b"\r\n\r\n")
        size = int(re.search(rb"content-length: (\d+)", head)[1])  # type: ignore[index]
        return await reader.readexactly(size)

    return say


Door = Callable[[int, Dock], Awaitable[Say]]


async def stored_a_second(door: Door, port: int, docks: Sequence[Dock], seconds: float) -> float:
    """Reports stored, and so acknowledged, a second, with all these docks talking at once."""
    lines = [await door(port, dock) for dock in docks]
    began = perf_counter()

    async def talk(dock: Dock, say: Say) -> int:
        stored = 0
        while perf_counter() < began + seconds:
            stored += len(_STORED.findall(await say(dock.batch())))
        return stored

    told = await asyncio.gather(*map(talk, docks, lines))
    return sum(told) / (perf_counter() - began)
