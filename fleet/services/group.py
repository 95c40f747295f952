"""The services this installation needs, started and stopped together, one owner at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from fleet.services import places
from fleet.services.postgres import Postgres
from fleet.services.redis import Redis


class Service(Protocol):
    name: str

    @property
    def says(self) -> str: ...
    @property
    def ended(self) -> bool: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...
    def last_words(self) -> str: ...


@contextmanager
def sole_owner(var: Path) -> Iterator[None]:
    """Nobody else runs on this VAR_DIR. The kernel frees the lock however we end."""
    places.private(var)
    with (var / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            pid = lock.read().strip() or "unknown"
            raise SystemExit(
                f"This fleet is already running (process {pid}). End that one first, "
                "or choose another VAR_DIR."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def needed(var: Path) -> list[Service]:
    """What the environment did not bring, in the order of starting."""
    services: list[Service] = []
    if not os.environ.get("DATABASE_URL", "").strip():
        services.append(Postgres(var))
    if not os.environ.get("REDIS_URL", "").strip():
        services.append(Redis(var))
    return services


@contextmanager
def running(services: list[Service]) -> Iterator[None]:
    started: list[Service] = []
    try:
        for service in services:
            started.append(service)
            service.start()
        yield
    finally:
        for service in reversed(started):
            service.stop()
