"""A door that answers by the protocol and loses connections when told to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from devices.wire import (
    Answer,
    Batch,
    BayEvent,
    CameraOrders,
    Mode,
    Orders,
    Report,
    Result,
    Verdict,
)
from tests.patience import PATIENCE_S

Key = tuple[str, int, int]


class Door:
    """Commits to memory. ``rudeness`` n: every n-th batch is committed and never answered."""

    def __init__(self, *, rudeness: int = 0, every_s: int = 60) -> None:
        self.rudeness, self.every_s = rudeness, every_s
        self.batches, self.connections = 0, 0
        self.committed: dict[Key, Report | BayEvent] = {}
        self.repeated: list[Key] = []
        self.refuse_serials: set[str] = set()
        self.closes_with: int | None = None
        self.problem: str | None = None
        self.tokens_seen: set[str] = set()
        self.sockets: set[ServerConnection] = set()
        self.url = ""

    async def serve_one(self, socket: ServerConnection) -> None:
        self.connections += 1
        self.sockets.add(socket)
        try:
            device = _device(socket.request)
            if self.closes_with is not None:
                await socket.close(self.closes_with)
                return
            async for message in socket:
                answer = self.commit(device, Batch.model_validate_json(message))
                self.batches += 1
                if self.rudeness and self.batches % self.rudeness == 0:
                    socket.transport.abort()
                    return
                await socket.send(self.problem or answer.model_dump_json())
        finally:
            self.sockets.discard(socket)

    def commit(self, device: str, batch: Batch) -> Answer:
        reports = tuple(self._one((r.serial, r.boot, r.sequence), r) for r in batch.reports)
        events = tuple(self._one((device, e.boot, e.sequence), e) for e in batch.events)
        cameras = tuple(
            CameraOrders(serial=report.serial, report_every_s=10)
            for report in batch.reports
            if report.mode is Mode.RECORDING
        )
        return Answer(
            id=batch.id,
            received_at=datetime.now(UTC),
            reports=reports,
            events=events,
            orders=Orders(
                next_contact_s=self.every_s, report_every_s=self.every_s, cameras=cameras
            ),
        )

    def _one(self, key: Key, record: Report | BayEvent) -> Verdict:
        if record.serial in self.refuse_serials:
            return Verdict(result=Result.REFUSED, reason="No such camera.")
        if key in self.committed:
            self.repeated.append(key)
            assert self.committed[key] == record or isinstance(record, Report)
            return Verdict(result=Result.DUPLICATE)
        self.committed[key] = record
        return Verdict(result=Result.STORED)

    async def check(self, socket: ServerConnection, request: Request) -> Response | None:
        """Sockets alone: of updates this door knows nothing."""
        if "/controller/v1/" in request.path:
            return socket.respond(404, "")
        self.tokens_seen.add(request.headers["Authorization"])
        return None


@asynccontextmanager
async def open_door(door: Door) -> AsyncIterator[Door]:
    async with serve(
        door.serve_one, "127.0.0.1", 0, process_request=door.check, max_size=2**18
    ) as server:
        door.url = f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"
        yield door


async def until(claim) -> None:  # type: ignore[no-untyped-def]
    """Wait for something to become so, or fail."""
    async with asyncio.timeout(PATIENCE_S):
        while not claim():
            await asyncio.sleep(0.01)


def _device(request: Request | None) -> str:
    assert request is not None
    return request.headers["Authorization"].removeprefix("Bearer d.")
