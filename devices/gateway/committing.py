"""Group commit: whatever arrived while one transaction was written goes into the next.

One thread writes, so no timer is needed: an idle process commits a lone batch at once, a
busy one gathers hundreds. Every sender is answered only after the commit of its own batch.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from random import Random

from asgiref.sync import SyncToAsync
from django.db import close_old_connections
from django.utils.timezone import now

from devices.department import current
from devices.gateway import protocol
from devices.gateway.protocol import Knock
from devices.wire import Answer

MOST_RECORDS = 1000  # in one transaction: more would make the first of them wait
MOST_WAITING = 2000  # messages; past it senders are told to come back

log = logging.getLogger(__name__)


class Overloaded(Exception):
    """More is waiting than can be written soon. Nothing was kept; the sender comes back."""


class NotStored(Exception):
    """The database did not take it. Nothing was kept; the sender comes back."""


class Committer:
    """Writes what the doors of one process carry in, one transaction after the other."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[Knock, asyncio.Future[Answer]]] = deque()
        self._writing: asyncio.Task[None] | None = None
        self._write = SyncToAsync(
            _write, thread_sensitive=False, executor=ThreadPoolExecutor(1, "committer")
        )

    async def submit(self, knock: Knock) -> Answer:
        """The answer to this message, after its commit."""
        if len(self._waiting) >= MOST_WAITING:
            raise Overloaded
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((knock, answer))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all())
        return await answer

    async def _write_all(self) -> None:
        while self._waiting:
            group = self._next_group()
            answers = await self._write([knock for knock, _ in group])
            for (_, waiting), answer in zip(group, answers, strict=True):
                if waiting.done():  # the sender left; what it said is kept all the same
                    continue
                if answer is None:
                    waiting.set_exception(NotStored())
                else:
                    waiting.set_result(answer)

    def _next_group(self) -> list[tuple[Knock, asyncio.Future[Answer]]]:
        group, records = [], 0
        while self._waiting and records < MOST_RECORDS:
            knock, answer = self._waiting.popleft()
            group.append((knock, answer))
            records += len(knock.message.reports) + len(knock.message.events)
        return group


_chance = Random()  # noqa: S311  (it only spreads the docks' next contacts)


def _write(knocks: Sequence[Knock]) -> Sequence[Answer | None]:
    """The answers to these messages; None for one that could not be stored.

    When a group fails its messages are tried one by one, so that one of them cannot keep
    the others out; whatever the reason, the writer goes on and the sender comes back.
    """
    try:
        return protocol.receive(knocks, now=now(), policy=current.policy(), chance=_chance)
    except Exception:
        if len(knocks) == 1:
            log.exception("a batch was not stored")
            return [None]
    finally:
        close_old_connections()
    return [answer for knock in knocks for answer in _write([knock])]
