"""Tells every open board which cameras to look at again.

The feed carries names, never news: a message says *these cameras changed* and the listener
reads their present state. Messages may then be lost, repeated or reordered by the channel
layer without any board showing a stale camera for longer than one re-reading.
"""

import asyncio
import logging
from collections.abc import Collection, Mapping
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

GROUP = "fleet.changes"
ALERTS = "fleet.alerts"
SENT_WITHIN_S = 0.5
MOST_NAMES = 1000  # a longer list says "look at everything": cheaper than naming it


def touch(camera_ids: Collection[int]) -> None:
    """Announce, once the current transaction commits, that these cameras changed.

    A board that cannot be reached never undoes the change it would have shown: the
    boards re-read what they show every few seconds.
    """
    if camera_ids:
        _announce_on_commit(sorted(camera_ids))


def touch_all() -> None:
    """Announce that so much changed that every board should read again."""
    _announce_on_commit([])


def _announce_on_commit(camera_ids: list[int]) -> None:
    """A function, and no partial: Django writes the name of what failed, and a partial has none."""

    def announce() -> None:
        _announce(camera_ids)

    transaction.on_commit(announce, robust=True)


def _announce(camera_ids: list[int]) -> None:
    named = camera_ids if len(camera_ids) <= MOST_NAMES else []
    message = {"type": "cameras.changed", "camera_ids": named}
    async_to_sync(_send)(GROUP, message)


def alerts_changed() -> None:
    """Announce, once the current transaction commits, that there is something new to tell."""
    transaction.on_commit(_announce_alerts, robust=True)


def _announce_alerts() -> None:
    async_to_sync(_send)(ALERTS, {"type": "alerts.changed"})


def dock_group(dock_id: int) -> str:
    """What is said unasked to a dock's open socket."""
    return f"fleet.dock.{dock_id}"


def camera_group(camera_id: int) -> str:
    """The same of a camera that speaks for itself."""
    return f"fleet.camera.{camera_id}"


def nudge(serials_by_group: Mapping[str, Collection[str]]) -> None:
    """Tell these devices, once the current transaction commits, to ask for updates at once."""
    told = {group: sorted(serials) for group, serials in serials_by_group.items()}

    def announce() -> None:
        async_to_sync(_nudge)(told)

    if told:
        transaction.on_commit(announce, robust=True)


async def _nudge(told: Mapping[str, list[str]]) -> None:
    messages = ((group, {"type": "nudge", "serials": said}) for group, said in told.items())
    await asyncio.gather(*(_send(group, message) for group, message in messages))


async def _send(group: str, message: dict[str, Any]) -> None:
    """Whoever announces waits for this, a scan at a desk too: a Redis that hangs keeps nobody."""
    try:
        async with asyncio.timeout(SENT_WITHIN_S):
            await get_channel_layer().group_send(group, message)
    except (TimeoutError, OSError, RedisError):
        log.warning("Redis does not answer: boards find out when they read again.")
