"""Rings an alarm clock of `fleet.celery` before its time; whoever asks waits for nothing.

Redis may be away: then nothing rings, the log says so, and beat rings a period later.
"""

import logging
from threading import Thread

from celery import Celery
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

WORTH_FOR_S = 5  # as beat has it: the next one does its work


def ring(clock: str) -> Thread:
    """The clock rings, soon or not at all."""
    ringing = Thread(target=_ring, args=(clock,), daemon=True)
    ringing.start()
    return ringing


def _ring(clock: str) -> None:
    from fleet.celery import app  # a web process that never asks does without it

    send(app, clock)


def send(app: Celery, clock: str) -> bool:
    """Whether the worker will be told."""
    try:
        app.send_task(clock, expires=WORTH_FOR_S, retry=False)
    except (OperationalError, RedisError, OSError):
        log.warning("Redis does not answer: %s comes by its own clock.", clock)
        return False
    return True
