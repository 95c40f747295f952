"""Sends a part of a file in pieces: as fast as the client takes them, and as it may have them."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from time import monotonic

from devices.gateway.ddi.ranges import Span
from devices.gateway.ddi.sources import Source
from devices.gateway.http import Receive, Send

# More than what a line may hold unsent before uvicorn waits (64 KiB), so that after each piece
# the others' turn comes; and little enough that 144 downloads hold less than 100 MB.
PIECE = 256 * 1024
PIECE_S = 0.1  # a slow line is sent less at a time: its first byte comes no later than others'
STALLED_S = 60.0  # a client that takes nothing for so long is let go; it goes on by a range
RECHECK_S = 15.0  # its token is asked for again this often, as an open socket's
MOST_OF_ONE = 4  # downloads of one camera at once: SWUpdate makes two
LATE_S = 0.1  # so much that a clock or a disk made late is caught up


class _Sending:
    """What one camera is sent by this process: its lines, and when they may go on."""

    def __init__(self) -> None:
        self.lines: deque[asyncio.Event] = deque()
        self._until = monotonic()

    async def turn(self, size: int, bytes_a_second: float) -> None:
        """Returns when so many bytes more may have been sent: no sooner, since its lines began,
        than all of them take at this speed. Nothing is held meanwhile, not even a thread."""
        begins = max(self._until, monotonic() - LATE_S)
        self._until = begins + size / bytes_a_second
        await asyncio.sleep(self._until - monotonic())


_sending: dict[int, _Sending] = {}


class Line:
    """One client's download: its end of the line, whether it may still have more, and how fast."""

    def __init__(
        self,
        send: Send,
        receive: Receive,
        still: Callable[[], Awaitable[bool]],
        bytes_a_second: float,
    ) -> None:
        self._send, self._still, self.bytes_a_second = send, still, bytes_a_second
        self._gone = asyncio.ensure_future(_end_of(receive))
        self._asked_at = monotonic()
        self.cut = asyncio.Event()

    async def takes(self, piece: bytes | memoryview, *, more: bool) -> bool:
        """Whether the client took this piece and may have the next."""
        if self._gone.done() or self.cut.is_set():
            return False
        try:
            async with asyncio.timeout(STALLED_S):
                await self._send({"type": "http.response.body", "body": piece, "more_body": more})
        except TimeoutError:
            return False
        if monotonic() - self._asked_at < RECHECK_S:
            return True
        self._asked_at = monotonic()
        return await self._still()

    def end(self) -> None:
        self._gone.cancel()


async def _end_of(receive: Receive) -> None:
    """Returns when the client has left. Sending alone would not notice."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def send_part(file: Source, span: Span, line: Line, *, camera_id: int) -> None:
    """Send these bytes of an open file; a camera's lines together are no faster than one may be.

    Whoever opens a fifth line ends their first. A line that is cut is not an answer: clients go on
    from where they were, where an error would be their update's end.
    """
    sending = _sending.setdefault(camera_id, _Sending())
    sending.lines.append(line.cut)
    if len(sending.lines) > MOST_OF_ONE:
        sending.lines[0].set()
    try:
        await _send_all(file, span, line, sending)
    finally:
        line.end()
        sending.lines.remove(line.cut)
        if not sending.lines:
            _sending.pop(camera_id, None)


async def _send_all(file: Source, span: Span, line: Line, sending: _Sending) -> None:
    at, taken = span.first, True
    while taken and at <= span.last:
        size = min(_piece_at(line.bytes_a_second), span.last + 1 - at)
        await sending.turn(size, line.bytes_a_second)
        piece = await file.read(size, at)
        at += len(piece)
        taken = bool(piece) and await line.takes(piece, more=at <= span.last)


def _piece_at(bytes_a_second: float) -> int:
    """Bytes that are sent together at this speed."""
    return int(min(PIECE, bytes_a_second * PIECE_S)) or 1
