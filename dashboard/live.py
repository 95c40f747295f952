"""Keeps open boards true: one hub in each process, one drawing of each change.

The feed only names cameras that changed, and may lose or repeat a name. The hub re-reads
those somebody is looking at, draws a tile again only if it looks different, and gives the
drawing to every board that shows it. Every ten seconds it reads all of them again, so that
a lost name heals; what it sends carries a version and the time it was true.
"""

import asyncio
import contextlib
import logging
from asyncio import AbstractEventLoop
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from time import monotonic
from typing import Any
from weakref import WeakKeyDictionary

from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from django.utils.timezone import localtime, now

from dashboard.picture import Changes, Look, Picture
from devices import feed

log = logging.getLogger(__name__)

GATHER_S = 0.01  # what changes together is drawn together,
PAINT_EVERY_S = 0.05  # and a storm is drawn no more often than this
BEAT_EVERY_S = 5.0
READ_ALL_EVERY_S = 10.0
RETRY_S = 1.0


class Board:
    """One open board, and what it has yet to be sent.

    What waits is merged by tile, so a slow reader is sent the newest state and never more
    than it shows.
    """

    def __init__(self, look: Look) -> None:
        self.look = look
        self._version = 0
        self._tiles: dict[str, str] = {}
        self._rest: dict[str, Any] = {}
        self._wake = asyncio.Event()

    def put(self, changes: Changes, at: datetime) -> None:
        """Leave what changed to be sent, over what was left before."""
        self._tiles |= changes.tiles
        self._rest["at"] = f"{localtime(at):%H:%M:%S}"
        if changes.counts is not None:
            self._rest["counts"] = changes.counts
        if changes.others:
            self._rest["others"] = True
        self._wake.set()

    async def take(self) -> dict[str, Any]:
        """The next message, as soon as there is one."""
        await self._wake.wait()
        self._wake.clear()
        self._version += 1
        message = {"version": self._version, **self._rest, "tiles": self._tiles}
        self._tiles, self._rest = {}, {}
        return message


class Hub:
    """Listens to the feed while somebody looks, and paints every open board."""

    def __init__(self) -> None:
        self.picture = Picture()
        self.boards: set[Board] = set()
        self._stale: set[int] = set()
        self._all_stale = True
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._read_all_at = self._beat_at = self._painted_at = 0.0

    def join(self, board: Board) -> None:
        """Paint this board from now on, beginning with all it shows."""
        self.boards.add(board)
        if not self._tasks:
            self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._paint())]
        self._wake.set()

    def leave(self, board: Board) -> None:
        """Forget this board; with the last one the hub rests."""
        self.boards.discard(board)
        if not self.boards:
            for task in self._tasks:
                task.cancel()
            self._tasks = []
            self.picture, self._all_stale = Picture(), True

    async def _listen(self) -> None:
        """Gather names from the feed. A feed that is lost is asked for again."""
        layer = get_channel_layer()
        while True:
            try:
                channel = await layer.new_channel()
                await layer.group_add(feed.GROUP, channel)
                self._all_stale = True
                while True:
                    self._note((await layer.receive(channel))["camera_ids"])
            except Exception:
                log.warning("The feed is lost; boards are read every ten seconds.", exc_info=True)
                await asyncio.sleep(RETRY_S)

    def _note(self, camera_ids: list[int]) -> None:
        """No name at all means: everything."""
        self._stale.update(camera_ids)
        self._all_stale |= not camera_ids
        self._wake.set()

    async def _paint(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), self._until_due())
            await asyncio.sleep(max(GATHER_S, self._painted_at + PAINT_EVERY_S - monotonic()))
            self._wake.clear()
            self._painted_at = monotonic()
            try:
                await self._paint_once()
            except Exception:  # a board that gets no beat for 15 s says NOT LIVE
                log.warning("The boards could not be read.", exc_info=True)
                self._all_stale = True
                await asyncio.sleep(RETRY_S)

    async def _paint_once(self) -> None:
        started, at = monotonic(), now()
        boards = [*self.boards]
        newcomers = any(not board.look.painted for board in boards)
        every = self._all_stale or newcomers or started - self._read_all_at >= READ_ALL_EVERY_S
        beat = started - self._beat_at >= BEAT_EVERY_S
        stale, self._stale, self._all_stale = self._stale, set(), False
        looks = [board.look for board in boards]
        changes = await look_again(self.picture, looks, None if every else stale)
        self._read_all_at = started if every else self._read_all_at
        self._beat_at = started if beat else self._beat_at
        for board, changed in zip(boards, changes, strict=True):
            if beat or changed or not board.look.painted:
                board.put(changed, at)
            board.look = replace(board.look, painted=True)

    def _until_due(self) -> float:
        due = min(self._read_all_at + READ_ALL_EVERY_S, self._beat_at + BEAT_EVERY_S)
        return max(0.0, due - monotonic())


@database_sync_to_async
def look_again(picture: Picture, looks: list[Look], stale: Collection[int] | None) -> list[Changes]:
    return picture.look_again(looks, stale)


_hubs: WeakKeyDictionary[AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    """This process's hub (each event loop has its own, and a process has one loop)."""
    return _hubs.setdefault(asyncio.get_running_loop(), Hub())
