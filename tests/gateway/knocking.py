"""Knocking at the real doors: the ASGI application, without a server in between."""

import json
from dataclasses import dataclass
from typing import Any

from asgiref.testing import ApplicationCommunicator

from fleet.asgi import application
from tests.patience import PATIENCE_S

JSON = (b"content-type", b"application/json")


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[bytes, bytes]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


async def post(
    body: Any,
    token: str = "",
    *,
    headers: tuple[tuple[bytes, bytes], ...] = (JSON,),
    method: str = "POST",
    leaves: bool = False,
) -> Reply:
    """Knock at the HTTP door; ``body`` is bytes, or something to say as JSON.

    Who ``leaves`` does so before the end of the body.
    """
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    door = ApplicationCommunicator(
        application,
        {
            "type": "http",
            "method": method,
            "path": "/gateway/v1/reports",
            "headers": [*headers, *_bearer(token)],
            "query_string": b"",
        },
    )
    await door.send_input({"type": "http.request", "body": raw, "more_body": leaves})
    if leaves:
        await door.send_input({"type": "http.disconnect"})
    start = await door.receive_output(PATIENCE_S)
    rest = await door.receive_output(PATIENCE_S)
    await door.wait(PATIENCE_S)
    return Reply(start["status"], dict(start["headers"]), rest["body"])


class Socket:
    """One device's open websocket."""

    def __init__(
        self, token: str = "", *, headers: tuple[tuple[bytes, bytes], ...] = (), query: bytes = b""
    ) -> None:
        self.door = ApplicationCommunicator(
            application,
            {
                "type": "websocket",
                "path": "/gateway/v1/socket",
                "headers": [*headers, *_bearer(token)],
                "query_string": query,
            },
        )

    async def open(self) -> "Socket":
        await self.door.send_input({"type": "websocket.connect"})
        assert (await self.door.receive_output(PATIENCE_S))["type"] == "websocket.accept"
        return self

    async def say(self, message: Any) -> Any:
        """The answer to one frame; an int is the code the socket was closed with."""
        text = message if isinstance(message, str) else json.dumps(message)
        await self.door.send_input({"type": "websocket.receive", "text": text})
        return await self.hear()

    async def hear(self) -> Any:
        said = await self.door.receive_output(PATIENCE_S)
        return said["code"] if said["type"] == "websocket.close" else json.loads(said["text"])

    async def close(self) -> None:
        await self.door.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.door.wait(PATIENCE_S)


def _bearer(token: str) -> list[tuple[bytes, bytes]]:
    return [(b"authorization", f"Bearer {token}".encode("latin-1"))] if token else []
