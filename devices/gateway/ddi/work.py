"""Work on the database for one request, in threads of this door's own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from asgiref.sync import SyncToAsync
from django.db import close_old_connections

from devices.gateway.gathering import Overloaded

MOST_WAITING = 500  # requests; past it clients are told to come back

P = ParamSpec("P")
T = TypeVar("T")

_threads = ThreadPoolExecutor(2, "ddi")
_waiting: set[object] = set()


async def in_thread(act: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What this act returns, made in a thread; Overloaded when too many wait for one."""
    if len(_waiting) >= MOST_WAITING:
        raise Overloaded
    mark = object()
    _waiting.add(mark)
    try:
        asked = SyncToAsync(_acted, thread_sensitive=False, executor=_threads)
        return await asked(partial(act, *args, **kwargs))
    finally:
        _waiting.discard(mark)


def _acted(act: Callable[[], T]) -> T:
    try:
        return act()
    finally:
        close_old_connections()
