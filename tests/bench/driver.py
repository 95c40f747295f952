"""Docks that only talk: frames are made beforehand, so that little of what is measured is this.

Each dock sends a batch of eight reports and waits for its answer, as a real one does; there
are many docks. A masking key of zero leaves the bytes as they are.
"""

import asyncio
import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from time import perf_counter

Docks = Sequence[tuple[str, list[str]]]

_SEQUENCE = b"7777777777"  # replaced in place, same length
_STORED = re.compile(rb'"result":"stored"')


class Frame:
    """One dock's batch; ``at(n)`` is it with sequence n, as bytes."""

    def __init__(self, serials: list[str]) -> None:
        now = datetime.now(UTC).isoformat()
        batch = {
            "id": "b",
            "sent_at": now,
            "reports": [_report(serial, bay, now) for bay, serial in enumerate(serials, 1)],
        }
        self._template = json.dumps(batch, separators=(",", ":")).encode()

    def at(self, sequence: int) -> bytes:
        battery = b'"battery_percent":%d' % (20 + sequence % 80)
        body = self._template.replace(_SEQUENCE, b"%d" % (1_000_000_000 + sequence))
        return body.replace(b'"battery_percent":64', battery)


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


async def by_websocket(port: int, docks: Docks, seconds: float, *, start: int) -> float:
    """Reports stored a second, over one websocket a dock."""

    async def talk(token: str, serials: list[str], until: float) -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            b"GET /gateway/v1/socket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            b"Sec-WebSocket-Version: 13\r\nAuthorization: Bearer %s\r\n\r\n" % token.encode()
        )
        await reader.readuntil(b"\r\n\r\n")
        frame, stored, sequence = Frame(serials), 0, start
        while perf_counter() < until:
            body = frame.at(sequence)
            writer.write(b"\x81\xfe" + len(body).to_bytes(2) + bytes(4) + body)
            stored += len(_STORED.findall(await _frame(reader)))
            sequence += 1
        writer.close()
        return stored

    return await _rate(talk, docks, seconds)


async def _frame(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readexactly(2)
    size = head[1]
    if head[0] & 15 == 8:
        raise RuntimeError("the gateway closed the socket")
    if size == 126:
        size = int.from_bytes(await reader.readexactly(2))
    return await reader.readexactly(size)


async def by_http(port: int, docks: Docks, seconds: float, *, start: int) -> float:
    """Reports stored a second, over one kept connection a dock, a batch a request."""

    async def talk(token: str, serials: list[str], until: float) -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        frame, stored, sequence = Frame(serials), 0, start
        while perf_counter() < until:
            body = frame.at(sequence)
            writer.write(
                b"POST /gateway/v1/reports HTTP/1.1\r\nHost: localhost\r\n"
                b"Authorization: Bearer %s\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n%s" % (token.encode(), len(body), body)
            )
            head = await reader.readuntil(b"\r\n\r\n")
            size = int(re.search(rb"content-length: (\d+)", head)[1])  # type: ignore[index]
            stored += len(_STORED.findall(await reader.readexactly(size)))
            sequence += 1
        writer.close()
        return stored

    return await _rate(talk, docks, seconds)


async def _rate(talk, docks: Docks, seconds: float) -> float:  # type: ignore[no-untyped-def]
    began = perf_counter()
    told = await asyncio.gather(
        *(talk(token, serials, began + seconds) for token, serials in docks)
    )
    return sum(told) / (perf_counter() - began)
