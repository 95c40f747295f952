"""Group commit: the messages of many senders are written in one transaction.

Every sender is answered only after the commit of its own message.
"""

import logging
from collections.abc import Sequence
from random import Random

from django.db import close_old_connections
from django.utils.timezone import now

from devices.department import current
from devices.gateway import protocol
from devices.gateway.gathering import Gathering
from devices.gateway.protocol import Knock
from devices.wire import Answer

MOST_RECORDS = 500  # in one transaction: more would make the first of them wait
WRITERS = 2  # one works while the other waits for the database

log = logging.getLogger(__name__)


class NotStored(Exception):
    """The database did not take it. Nothing was kept; the sender comes back."""


async def commit(knock: Knock) -> Answer:
    """The answer to this message, after its commit."""
    answer = await _commits.ask(knock)
    if answer is None:
        raise NotStored
    return answer


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


def _records(knock: Knock) -> int:
    return len(knock.message.reports) + len(knock.message.events)


_commits: Gathering[Knock, Answer | None] = Gathering(
    "committer", _write, threads=WRITERS, most=MOST_RECORDS, weight=_records
)
