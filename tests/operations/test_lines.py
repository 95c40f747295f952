"""A websocket whose peer reads nothing is let go, with all that was meant for it."""

import asyncio
import socket

import uvicorn

from fleet.lines import Line
from tests.patience import PATIENCE_S

HANDSHAKE = (
    b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


async def test_a_peer_that_reads_nothing_is_let_go():
    gone = asyncio.Event()

    async def talks_for_ever(scope, receive, send):
        await send({"type": "websocket.accept"})
        try:
            while True:
                await send({"type": "websocket.send", "text": "x" * 100_000})
        finally:
            gone.set()

    config = uvicorn.Config(
        talks_for_ever,
        ws=Line,
        ws_ping_interval=0.2,
        ws_ping_timeout=0.2,
        lifespan="off",
        log_config=None,
    )
    with socket.create_server(("127.0.0.1", 0)) as listening, socket.socket() as peer:
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve([listening]))
        peer.connect(listening.getsockname())
        peer.sendall(HANDSHAKE)

        await asyncio.wait_for(gone.wait(), PATIENCE_S)

        server.should_exit = True
        await asyncio.wait_for(serving, PATIENCE_S)
