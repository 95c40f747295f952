"""How much of a request is read: Django would put any body whole on the disk before it looks.

Past the largest thing people may send, nothing more is taken in. The request goes on without
its body, marked, and is refused by a page like any other.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from dashboard.api.problems import refusal
from devices.inventory.imports.reading import MOST_BYTES

LARGEST = MOST_BYTES + 64 * 1024  # a fleet's CSV, and the form around it
# What is thrown away unread before the line is cut: a browser that still sends when the line
# goes shows an error of its own instead of our page.
THROWN_AWAY = 16 * 1024**2
THROWN_AWAY_S = 10.0

TOO_LARGE = "fleet.too_large"
NOTHING = {"type": "http.request", "body": b"", "more_body": False}

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


def bounded(application: Any) -> Any:
    """The same ASGI application, which never reads more of a request than ``LARGEST``."""

    async def bound(scope: Scope, receive: Receive, send: Send) -> None:
        line = _Line(scope, receive, send)
        await application(scope, line.receive, line.send)

    return bound


class _Line:
    """One request's line, cut where its body grows too large."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self._size = 0
        self._cut = False
        scope[TOO_LARGE] = _declared(scope) > LARGEST

    async def receive(self) -> Message:
        """The next piece of the body; at the limit its end, and then nothing ever."""
        if self._cut:
            await asyncio.Event().wait()
        if not self._scope[TOO_LARGE]:
            message = await self._receive()
            self._size += len(message.get("body", b""))
            self._scope[TOO_LARGE] = self._size > LARGEST
            if not self._scope[TOO_LARGE]:
                return message
        self._cut = True
        return NOTHING

    async def send(self, message: Message) -> None:
        if not self._cut:
            await self._send(message)
        elif message["type"] == "http.response.start":
            close = (b"connection", b"close")
            await self._send({**message, "headers": [*message["headers"], close]})
        elif message.get("more_body"):
            await self._send(message)
        else:
            await self._send({**message, "more_body": True})
            await self._throw_away()
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _throw_away(self) -> None:
        """Let the sender finish, if that is soon."""
        limit = self._size + THROWN_AWAY
        try:
            async with asyncio.timeout(THROWN_AWAY_S):
                more = True
                while more and self._size < limit:
                    message = await self._receive()
                    self._size += len(message.get("body", b""))
                    more = bool(message.get("more_body"))
        except TimeoutError:
            return


def _declared(scope: Scope) -> int:
    told = dict(scope["headers"]).get(b"content-length", b"0")
    return int(told[:15]) if told.isdigit() else 0


def refuse_large_bodies(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: a request whose body was cut is answered before anything acts on it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not getattr(request, "scope", {}).get(TOO_LARGE):
            return get_response(request)
        told = {"most_mb": MOST_BYTES // 1024**2}
        return refusal(request, 413) or render(request, "413.html", told, status=413)

    return middleware
