"""What figures share: fleets of 140 and of 100,000 cameras, and servers that show them.

Each is made when it is first asked for, and gone at the end.
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from time import monotonic, sleep
from types import TracebackType
from urllib.parse import urlsplit, urlunsplit
from urllib.request import urlopen

import psycopg

from fleet import settings
from tests.bench import inside
from tests.bench.driver import Dock
from tests.bench.inside import ROOT
from tests.operations.machine import Machine, free_port, running

SMALL, LARGE = 140, 100_000
PATIENCE_S = 60


@dataclass(frozen=True)
class Asked:
    """What the command line wants."""

    runs: int
    seconds: float
    history: int
    rows: int
    days: float
    first: float
    scans: int
    minutes: float
    first_run: bool


@dataclass(frozen=True)
class Fleet:
    """A fleet in a database: docks that may speak, and the cookie of somebody signed in."""

    cameras: int
    url: str
    docks: list[Dock]
    cookie: str
    camera_ids: list[int]


@dataclass(frozen=True)
class Stack:
    """The whole fleet as `make run` starts it, with 140 cameras."""

    machine: Machine
    fleet: Fleet


class Stage:
    """Hands out what figures need."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self._end = contextlib.ExitStack()
        self.fleet = cache(self._fleet)
        self.stack = cache(self._stack)

    def __enter__(self) -> "Stage":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end.close()

    def folder(self) -> Path:
        """A new empty folder, short enough for the path of a socket."""
        return Path(self._end.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))

    def _fleet(self, cameras: int) -> Fleet:
        url = self._end.enter_context(database(f"fleet_bench_{cameras}"))
        return made(cameras, url, self.asked.history if cameras == LARGE else 0)

    def _stack(self) -> Stack:
        machine = self._end.enter_context(running(self.folder() / "var")).ready()
        url = (machine.var / "database-url").read_text().strip()
        return Stack(machine, made(SMALL, url, 0, VAR_DIR=str(machine.var)))


@contextlib.contextmanager
def web(fleet: Fleet) -> Iterator[int]:
    """A web process on this fleet's database; its port."""
    with served(fleet) as (port, _):
        yield port


@contextlib.contextmanager
def served(fleet: Fleet, **environment: str) -> Iterator[tuple[int, int]]:
    """The same with more in its environment; its port and its number."""
    port = free_port()
    own = {"DATABASE_URL": fleet.url, "PORT": str(port), "LOG_LEVEL": "WARNING", "DEMO": "0"}
    own |= environment
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "fleet.web"], env={**os.environ, **own}, cwd=ROOT
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/health/live")
        yield port, process.pid
    finally:
        process.terminate()
        process.wait()


def wait_for(address: str, patience_s: float = PATIENCE_S) -> None:
    """The page answers."""
    deadline = monotonic() + patience_s
    while monotonic() < deadline:
        with contextlib.suppress(OSError), urlopen(address, timeout=5):
            return
        sleep(0.02)
    raise SystemExit(f"{address} does not answer.")


@contextlib.contextmanager
def database(name: str) -> Iterator[str]:
    """An empty database of this name, gone at the end."""
    admin = settings.DATABASE_URL
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield urlunsplit(urlsplit(admin)._replace(path=f"/{name}"))
        finally:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def made(cameras: int, url: str, history: int, **environment: str) -> Fleet:
    """A fleet in this empty database."""
    made = json.loads(inside.said("fleet", f"{cameras}", f"{history}", url=url, **environment))
    docks = [Dock(token, serials) for token, serials in made.pop("docks")]
    return Fleet(cameras=cameras, url=url, docks=docks, **made)
