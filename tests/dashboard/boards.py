"""An open board without a browser: the real ASGI application, spoken to as a browser would."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from django.contrib.auth.models import User
from django.test import Client

from fleet.asgi import application

PATIENCE_S = 5.0


class OpenBoard:
    def __init__(self, talk: ApplicationCommunicator, accepted: bool) -> None:
        self.talk = talk
        self.accepted = accepted

    async def next(self, patience_s: float = PATIENCE_S) -> dict[str, Any]:
        """The next message; a closing is {"closed": code}."""
        event = await self.talk.receive_output(patience_s)
        if event["type"] == "websocket.close":
            return {"closed": event.get("code", 1000)}
        assert event["type"] == "websocket.send", event
        return dict(json.loads(event["text"]))

    async def until(self, wanted: Any, patience_s: float = PATIENCE_S) -> dict[str, Any]:
        """The first message of which ``wanted`` is true; heartbeats and others pass by."""
        while True:
            message = await self.next(patience_s)
            if wanted(message):
                return message

    async def hang_up(self) -> None:
        await self.talk.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.talk.wait(PATIENCE_S)

    async def say(self, what: object) -> None:
        text = what if isinstance(what, str) else json.dumps(what)
        await self.talk.send_input({"type": "websocket.receive", "text": text})


def cookie_of(user: User) -> str:
    client = Client()
    client.force_login(user)
    return client.cookies["sessionid"].value


async def opened(path: str, headers: list[tuple[bytes, bytes]]) -> OpenBoard:
    """The line of a page, asked for as a browser would; it may have been turned away."""
    scope = {
        "type": "websocket",
        "path": f"/{path}",
        "raw_path": f"/{path}".encode(),
        "query_string": b"",
        "headers": headers,
        "subprotocols": [],
        "client": ("127.0.0.1", 1),
        "server": ("testserver", 80),
    }
    talk = ApplicationCommunicator(application, scope)
    await talk.send_input({"type": "websocket.connect"})
    answer = await talk.receive_output(PATIENCE_S)
    return OpenBoard(talk, answer["type"] == "websocket.accept")


@asynccontextmanager
async def board_of(
    user: User | None,
    showing: list[int] | None = None,
    *,
    origin: str = "http://testserver",
    **said: Any,
) -> AsyncIterator[OpenBoard]:
    """Connect as this person's browser would, and say what is shown."""
    headers = [(b"host", b"testserver")]
    if origin:
        headers.append((b"origin", origin.encode()))
    if user is not None:
        key = await sync_to_async(cookie_of)(user)
        headers.append((b"cookie", f"sessionid={key}".encode()))
    board = await opened("live/board", headers)
    if board.accepted and showing is not None:
        await board.say({"showing": showing, **said})
    try:
        yield board
    finally:
        await board.hang_up()
