"""A whole fleet for one test: `python -m fleet.run` in a folder and on a port of its own."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

from tests.patience import PATIENCE_S


class Machine:
    def __init__(self, var: Path, *prefix: str, **environment: str) -> None:
        self.var = var
        self.port = free_port()
        self.out = var.parent / f"{var.name}.out"
        own = {"VAR_DIR": str(var), "PORT": str(self.port), "DEMO": "0", **environment}
        kept = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
        self.environment = {**kept, **own}
        self.prefix = prefix
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """What an earlier start said is gone: its ready line would speak for this one."""
        with self.out.open("wb") as words:
            self.process = subprocess.Popen(
                [*self.prefix, sys.executable, "-m", "fleet.run"],
                env=self.environment,
                stdout=words,
                stderr=words,
                start_new_session=True,
            )

    def ready(self) -> "Machine":
        """The ready line stands and every part has given its sign of life."""
        until(lambda: "Ready in" in self.said() or self.ended(), self)
        assert not self.ended(), self.said()
        until(lambda: self.asks("/health/ready")[0] == 200, self)
        return self

    def ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def end(self, sign: signal.Signals = signal.SIGTERM) -> int:
        assert self.process
        if not self.ended():
            self.process.send_signal(sign)
        return self.process.wait(PATIENCE_S)

    def said(self) -> str:
        return self.out.read_text() if self.out.exists() else ""

    def asks(self, path: str) -> tuple[int, dict[str, object]]:
        web = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            web.request("GET", path, headers={"Host": "localhost"})
            answer = web.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException):
            return 0, {}
        finally:
            web.close()

    def children(self) -> dict[int, str]:
        """Every process below ours, by its command line."""
        assert self.process
        found, waiting = {}, [self.process.pid]
        while waiting:
            pid = waiting.pop()
            for kid in _kids(pid):
                found[kid] = _command(kid)
                waiting.append(kid)
        return found

    def child(self, words: str) -> int:
        return next(pid for pid, command in self.children().items() if words in command)


NOT_OURS = {"DATABASE_URL", "REDIS_URL", "REDIS_PREFIX", "ALLOWED_HOSTS"}


@contextmanager
def running(var: Path, *prefix: str, **environment: str) -> Iterator[Machine]:
    machine = Machine(var, *prefix, **environment)
    machine.start()
    try:
        yield machine
    finally:
        machine.end()


def until(claim: Callable[[], bool], machine: Machine | None = None) -> None:
    deadline = monotonic() + PATIENCE_S
    while not claim():
        assert monotonic() < deadline, machine.said() if machine else "waited in vain"
        sleep(0.1)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def free_port() -> int:
    with socket.socket() as knock:
        knock.bind(("127.0.0.1", 0))
        return int(knock.getsockname()[1])


def _kids(pid: int) -> list[int]:
    try:
        return [int(kid) for kid in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""
