"""A websocket client spoken by hand, for load: a tenth of the work of a whole one.

It masks with a key of zero, which leaves the bytes as they are, and trusts its server.
"""

import asyncio
import base64
import os
from typing import Protocol

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


class Listener(Protocol):
    """Who is told what becomes of a socket."""

    def opened(self, socket: "Socket") -> None: ...
    def heard(self, payload: bytes) -> None: ...
    def lost(self) -> None: ...


class Socket(asyncio.Protocol):
    """A websocket client that does nothing but send text and hand over text."""

    def __init__(self, listener: Listener, hello: bytes) -> None:
        self._listener, self._hello = listener, hello
        self._buffer, self._open = bytearray(), False
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self._hello)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._open and not self._shake_hands():
            return
        while (frame := _next_frame(self._buffer)) is not None:
            self._take(*frame)

    def _shake_hands(self) -> bool:
        head, end, rest = bytes(self._buffer).partition(b"\r\n\r\n")
        if end and not head.startswith(b"HTTP/1.1 101"):
            self.end()
        if end:
            self._open, self._buffer = True, bytearray(rest)
            self._listener.opened(self)
        return bool(end)

    def _take(self, kind: int, payload: bytes) -> None:
        if kind == TEXT:
            self._listener.heard(payload)
        elif kind == PING:
            self.send(payload, kind=PONG)
        elif kind == CLOSE:
            self.end()

    def send(self, payload: bytes, *, kind: int = TEXT) -> None:
        if self.transport is not None and not self.transport.is_closing():
            self.transport.write(_frame(kind, payload))

    def end(self) -> None:
        if self.transport is not None:
            self.transport.close()

    def connection_lost(self, _: Exception | None) -> None:
        self._listener.lost()


def greeting(host: str, path: str, token: str) -> bytes:
    """The request that asks for a websocket."""
    key = base64.b64encode(os.urandom(16)).decode()
    return (
        f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
    ).encode()


def _frame(kind: int, payload: bytes) -> bytes:
    """A final, masked frame; the mask is zero."""
    size = len(payload)
    if size < 126:
        head = bytes((0x80 | kind, 0x80 | size))
    elif size < 65536:
        head = bytes((0x80 | kind, 0xFE)) + size.to_bytes(2)
    else:
        head = bytes((0x80 | kind, 0xFF)) + size.to_bytes(8)
    return head + bytes(4) + payload


def _next_frame(buffer: bytearray) -> tuple[int, bytes] | None:
    """Take a whole frame off the front of ``buffer``. Servers neither mask nor split ours."""
    if len(buffer) < 2:
        return None
    size, at = buffer[1] & 0x7F, 2
    if size >= 126:
        at = 4 if size == 126 else 10
        size = int.from_bytes(buffer[2:at])
    if len(buffer) < at + size:
        return None
    kind, payload = buffer[0] & 0x0F, bytes(buffer[at : at + size])
    del buffer[: at + size]
    return kind, payload
