"""Ends a worker that takes no more work, so that whoever watches over it starts another.

When Redis goes at the wrong moment, just as a worker begins, Celery may wait for ever at a line
that nobody answers, and say nothing (celery issues 8030 and 10302). What it had taken is done again
by the next one; nothing else is lost.
"""

import logging
import os
from threading import Thread
from time import sleep, time

from celery.worker import state
from redis.exceptions import RedisError

from fleet import heartbeats

log = logging.getLogger(__name__)

LOOK_EVERY_S = 5.0
# Beat asks for a sign of life every ten seconds; three that are missed by a worker with nothing to
# do were never taken. Who works may not come to them; nothing that is asked takes 15 minutes.
IDLE_FOR_S, BUSY_FOR_S = 30.0, 900.0


def watch() -> None:
    """From now on, until the process ends."""
    Thread(target=_watch, name="watchdog", daemon=True).start()


def takes_no_work(beat_age: float | None, worker_age: float | None, *, busy: bool) -> bool:
    """Whether beat asks and no worker answers; ages in seconds, None is never."""
    if beat_age is None or beat_age > IDLE_FOR_S or worker_age is None:
        return False
    return worker_age > (BUSY_FOR_S if busy else IDLE_FOR_S)


def _watch() -> None:
    while True:
        sleep(LOOK_EVERY_S)
        if _stuck():
            log.critical("This worker takes no more work; it ends, and another is started.")
            os._exit(1)


def _stuck() -> bool:
    try:
        ages = [heartbeats.age(part, time()) for part in ("beat", "worker")]
    except RedisError:  # then nobody works, and nobody is to blame
        return False
    return takes_no_work(*ages, busy=bool(state.active_requests))
