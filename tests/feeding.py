"""What the feed tells open boards while something is done."""

from collections.abc import Callable
from typing import Any

from asgiref.sync import async_to_sync, sync_to_async
from channels.layers import get_channel_layer

from devices import feed


def heard_while(*acts: Callable[[], Any]) -> dict[str, Any]:
    """The first message that a board hears while these are done, one after the other."""
    return dict(async_to_sync(_heard)(acts))


async def _heard(acts: tuple[Callable[[], Any], ...]) -> Any:
    layer = get_channel_layer()
    channel = await layer.new_channel()
    await layer.group_add(feed.GROUP, channel)
    for act in acts:
        await sync_to_async(act)()
    return await layer.receive(channel)
