"""Keeps wall screens true: read and drawn once for each reach, however many screens hang.

The feeds only say that something changed. Every five seconds all is read anyway, so that a
lost word heals, and a screen that hears nothing for fifteen says NOT LIVE.
"""

import asyncio
import contextlib
import logging
from asyncio import AbstractEventLoop
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any
from weakref import WeakKeyDictionary

from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from django.utils.timezone import localtime

from dashboard import wallboards
from dashboard.present import present
from devices import feed
from devices.access.people import Visible

log = logging.getLogger(__name__)

BEAT_EVERY_S = 5.0
REST_S = 1.0  # a wall is glanced at: a storm is drawn once a second,
REST_FACTOR = 4  # and where reading takes long, it takes a fifth of the time at most
RETRY_S = 1.0


@dataclass(frozen=True)
class Drawing:
    html: str
    at: datetime


@dataclass(eq=False)
class Viewer:
    """One open screen, and the newest drawing it has yet to be sent."""

    reach: Visible
    _next: Drawing | None = None
    _sent: str = ""
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, drawing: Drawing) -> None:
        """Leave it to be sent, in place of what was left before."""
        self._next = drawing
        self._wake.set()

    async def take(self) -> dict[str, Any]:
        """The next message: the time, and the board if it looks different than before."""
        await self._wake.wait()
        self._wake.clear()
        assert self._next is not None
        message = {
            "at": f"{localtime(self._next.at):%H:%M:%S}",
            "release": wallboards.release(),
        }
        if self._next.html != self._sent:
            message["board"] = self._sent = self._next.html
        return message


class Wallboards:
    """Listens while a screen hangs, and draws for all of them."""

    def __init__(self) -> None:
        self.viewers: set[Viewer] = set()
        self.drawings = 0
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def join(self, reach: Visible) -> Viewer:
        """Somebody to be drawn for from now on, beginning at once."""
        viewer = Viewer(reach)
        self.viewers.add(viewer)
        if not self._tasks:
            self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._paint())]
        self._wake.set()
        return viewer

    def leave(self, viewer: Viewer) -> None:
        """Forget this one; with the last one nothing is read any more."""
        self.viewers.discard(viewer)
        if not self.viewers:
            for task in self._tasks:
                task.cancel()
            self._tasks = []

    async def _listen(self) -> None:
        layer = get_channel_layer()
        while True:
            try:
                channel = await layer.new_channel()
                for group in (feed.GROUP, feed.ALERTS):
                    await layer.group_add(group, channel)
                while True:
                    await layer.receive(channel)
                    self._wake.set()
            except Exception:
                log.warning("The feed is lost; wall screens are read by the clock.", exc_info=True)
                await asyncio.sleep(RETRY_S)

    async def _paint(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), BEAT_EVERY_S)
            self._wake.clear()
            started = monotonic()
            try:
                await self._paint_once()
            except Exception:  # a screen that hears nothing says NOT LIVE by itself
                log.warning("The wallboards could not be read.", exc_info=True)
            took = monotonic() - started
            await asyncio.sleep(min(BEAT_EVERY_S, max(REST_S, REST_FACTOR * took)))

    async def _paint_once(self) -> None:
        viewers = [*self.viewers]
        drawn = await draw_for({viewer.reach for viewer in viewers})
        self.drawings += len(drawn)
        for viewer in viewers:
            viewer.put(drawn[viewer.reach])


@database_sync_to_async
def draw_for(reaches: Collection[Visible]) -> dict[Visible, Drawing]:
    asked = present()
    return {
        one: Drawing(wallboards.draw(wallboards.read(one, asked)), asked.now) for one in reaches
    }


_hubs: WeakKeyDictionary[AbstractEventLoop, Wallboards] = WeakKeyDictionary()


def hub() -> Wallboards:
    """This process's, as of the boards."""
    return _hubs.setdefault(asyncio.get_running_loop(), Wallboards())
