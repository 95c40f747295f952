"""Listening to the feed as an open board does, through the real Redis."""

from collections.abc import Callable
from typing import Any

from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer

from devices import feed


async def told_by(act: Callable[[], Any]) -> list[list[int]]:
    """The names in each message the feed carried while ``act`` ran and committed."""
    layer = get_channel_layer()
    channel = await layer.new_channel()
    await layer.group_add(feed.GROUP, channel)
    await sync_to_async(act)()
    await layer.group_send(feed.GROUP, {"type": "the.end"})
    told = []
    while (message := await layer.receive(channel))["type"] != "the.end":
        told.append(message["camera_ids"])
    await layer.group_discard(feed.GROUP, channel)
    return told
