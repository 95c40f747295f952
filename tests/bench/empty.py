"""`python -m tests.bench.empty PORT`: the server of the web process with nothing behind it."""

import sys
from collections.abc import Awaitable, Callable
from typing import Any

import uvicorn

BODY = b'{"config":{"polling":{"sleep":"00:01:00"}}}'
_HEADERS = [
    (b"content-type", b"application/json"),
    (b"content-length", str(len(BODY)).encode()),
    (b"cache-control", b"no-store"),
]


async def application(scope: Any, receive: Any, send: Callable[[Any], Awaitable[None]]) -> None:
    """Says to everybody what a poll is answered when there is nothing to do."""
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    await send({"type": "http.response.body", "body": BODY})


if __name__ == "__main__":
    uvicorn.run(
        application,
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        lifespan="off",
        server_header=False,
        access_log=False,
        log_config=None,
    )
