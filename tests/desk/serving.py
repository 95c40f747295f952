"""A web process on the suite's own database that may be killed, and a Redis that hangs."""

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from time import monotonic, sleep
from urllib.error import URLError
from urllib.request import urlopen

from django.contrib.auth.models import User
from django.test import Client

from tests.operations.machine import free_port
from tests.patience import PATIENCE_S
from tests.stories.department import ROOT
from tests.surroundings import of_the_suite

HOST = "127.0.0.1"


class Web:
    """A web process on the suite's database; killed, it starts again on the same port."""

    def __init__(self, **environment: str) -> None:
        self.port, self._environment = free_port(), environment
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        own = {"PORT": str(self.port), "DATABASE_POOL": "4", "LOG_LEVEL": "ERROR"}
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "fleet.web"],
            cwd=ROOT,
            env={**of_the_suite(), **own, **self._environment},
            stderr=subprocess.DEVNULL,  # that boards cannot be told is said there at length
        )
        until(self._lives)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _lives(self) -> bool:
        with suppress(URLError, OSError), urlopen(f"http://{HOST}:{self.port}/health/live"):
            return True
        return False


def until(claim: Callable[[], object]) -> None:
    """Ask again until it is so."""
    deadline = monotonic() + PATIENCE_S
    while not claim():
        assert monotonic() < deadline, "waited in vain"
        sleep(0.005)


@contextmanager
def web(**environment: str) -> Iterator[Web]:
    process = Web(**environment)
    process.start()
    try:
        yield process
    finally:
        process.kill()


@contextmanager
def hung_redis() -> Iterator[str]:
    """The address of a Redis that takes every connection and never says a word."""
    with closing(socket.create_server((HOST, 0), backlog=512)) as silent:
        yield f"redis://{HOST}:{silent.getsockname()[1]}/0"


def signed_in(user: User) -> str:
    """The cookie of somebody who has signed in."""
    client = Client()
    client.force_login(user)
    return f"sessionid={client.cookies['sessionid'].value}"
