"""What is said to a device unasked: that an update waits, so that it asks at once.

Only to a socket that asked for it (`?nudges=yes`), because to any other every frame is an answer.
A nudge names cameras and nothing else, and losing it costs one poll.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import parse_qs

from channels.layers import get_channel_layer
from redis.exceptions import RedisError

from devices import feed
from devices.gateway.http import Scope, Send
from devices.gateway.senders import Sender

log = logging.getLogger(__name__)

# A group forgets its members after a day (channels_redis); who is joined again is joined once.
JOIN_AGAIN_S = 3600.0


def asked_for(scope: Scope) -> bool:
    """Whether the device says that it understands them."""
    query = parse_qs(scope.get("query_string", b"")[:200].decode("latin-1"))
    return query.get("nudges") == ["yes"]


@asynccontextmanager
async def passed_on(sender: Sender, send: Send) -> AsyncIterator[None]:
    """Within this block the device hears what is meant for it."""
    listening = asyncio.ensure_future(_listen(_group(sender), send))
    try:
        yield
    finally:
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening


def _group(sender: Sender) -> str:
    if sender.dock_id is not None:
        return feed.dock_group(sender.dock_id)
    return feed.camera_group(sender.camera_id or 0)


async def _listen(group: str, send: Send) -> None:
    """Until the socket ends. Without Redis the device polls, as it would anyway."""
    layer = get_channel_layer()
    try:
        channel = await layer.new_channel()
        await layer.group_add(group, channel)
        try:
            while True:
                with suppress(TimeoutError):
                    async with asyncio.timeout(JOIN_AGAIN_S):
                        await _pass_on(await layer.receive(channel), send)
                        continue
                await layer.group_add(group, channel)
        finally:
            await layer.group_discard(group, channel)
    except (RedisError, OSError):
        log.warning("Redis does not answer: devices find updates when they poll.")


async def _pass_on(message: dict[str, object], send: Send) -> None:
    text = json.dumps({"nudge": {"poll": message["serials"]}})
    await send({"type": "websocket.send", "text": text})
