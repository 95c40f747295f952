"""Tells every open board which cameras to look at again.

The feed carries names, never news: a message says *these cameras changed* and the listener
reads their present state. Messages may then be lost, repeated or reordered by the channel
layer without any board showing a stale camera for longer than one re-reading.
"""

from collections.abc import Collection

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

GROUP = "fleet.changes"
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
    def announce() -> None:  # with a name of its own: Django logs it when it fails
        _announce(camera_ids)

    transaction.on_commit(announce, robust=True)


def _announce(camera_ids: list[int]) -> None:
    named = camera_ids if len(camera_ids) <= MOST_NAMES else []
    message = {"type": "cameras.changed", "camera_ids": named}
    async_to_sync(get_channel_layer().group_send)(GROUP, message)
