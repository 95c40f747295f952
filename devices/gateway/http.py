"""What the devices' HTTP doors have in common: who is no device, a body's end, an answer's form."""

import json
import uuid
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from devices.gateway.reading import Fault, NotUnderstood

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Refusal(Exception):
    """An HTTP answer that stores nothing, with the header that goes with it."""

    def __init__(self, status: int, title: str, *extra: tuple[bytes, bytes]) -> None:
        super().__init__(title)
        self.status, self.title, self.extra = status, title, list(extra)


def is_a_browsers(headers: dict[bytes, bytes]) -> bool:
    return b"origin" in headers or b"cookie" in headers


def media_type(headers: dict[bytes, bytes]) -> bytes:
    return headers.get(b"content-type", b"").split(b";")[0].strip().lower()


async def body(receive: Receive, headers: dict[bytes, bytes], most: int) -> bytes | None:
    """The whole body, or None as soon as it is known to be longer than ``most`` bytes."""
    told = headers.get(b"content-length", b"0")
    if not told.isdigit() or len(told) > 12 or int(told) > most:
        return None
    parts, size = [], 0
    while True:
        event = await receive()
        if event["type"] == "http.disconnect":
            raise NotUnderstood(400, "The body ended early.")
        parts.append(event.get("body", b""))
        size += len(parts[-1])
        if size > most:
            return None
        if not event.get("more_body"):
            return b"".join(parts)


class Reply:
    """Sends one HTTP response."""

    def __init__(self, send: Send) -> None:
        self._send = send

    async def json(
        self,
        status: int,
        body: bytes,
        *,
        kind: bytes = b"application/json",
        extra: list[tuple[bytes, bytes]] | None = None,
    ) -> None:
        headers = [
            (b"content-type", kind),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
            *(extra or []),
        ]
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})

    async def problem(
        self,
        status: int,
        title: str,
        faults: list[Fault] | None = None,
        *,
        extra: list[tuple[bytes, bytes]] | None = None,
    ) -> None:
        """An RFC 9457 problem. It never repeats what was sent."""
        body = json.dumps(problem(status, title, faults)).encode()
        await self.json(status, body, kind=b"application/problem+json", extra=extra)


def problem(status: int, title: str, faults: list[Fault] | None) -> dict[str, Any]:
    told: dict[str, Any] = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "request_id": uuid.uuid4().hex,
    }
    if faults:
        told["errors"] = [{"pointer": one.pointer, "detail": one.detail} for one in faults]
    return told
