"""Celery's beat, which also says that it lives.

Its sign of life does not pass through the worker, so each can be found missing alone.
"""

from contextlib import suppress
from time import monotonic, time
from typing import Any

from celery.beat import PersistentScheduler
from redis.exceptions import RedisError

from fleet import heartbeats

EVERY = 5.0  # seconds


class TellingScheduler(PersistentScheduler):
    told_at = -EVERY

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """A Redis that is away silences the sign of life, which is what it is for."""
        if monotonic() - self.told_at >= EVERY:
            self.told_at = monotonic()
            with suppress(RedisError):
                heartbeats.beat("beat", time())
        return min(super().tick(*args, **kwargs), EVERY)
