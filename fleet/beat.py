"""`python -m fleet.beat`: rings the alarm clocks of `fleet.celery`, and says that it lives.

Celery's own command would load every table to ring a bell; this sends tasks by name and
costs half the memory. Its sign of life does not pass through the worker, so that each of
the two can be found missing alone. Two beats may run: every sweep bears being repeated.
"""

import logging.config
import signal
import sys
from contextlib import suppress
from time import monotonic, time
from typing import Any

from celery.beat import PersistentScheduler, Service
from django.conf import settings
from redis.exceptions import RedisError

from fleet import heartbeats
from fleet.celery import app

EVERY = 5.0  # seconds


class TellingScheduler(PersistentScheduler):
    told_at = -EVERY

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """A Redis that is away silences the sign of life, which is what it is for."""
        if monotonic() - self.told_at >= EVERY:
            self.told_at = monotonic()
            with suppress(RedisError):
                heartbeats.beat("beat", time())
        return float(min(super().tick(*args, **kwargs), EVERY))


def main() -> None:
    logging.config.dictConfig(settings.LOGGING)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    schedule = settings.VAR_DIR / "beat-schedule"
    Service(app, scheduler_cls=TellingScheduler, schedule_filename=str(schedule)).start()


if __name__ == "__main__":
    main()
