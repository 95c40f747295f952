"""`python -m fleet.services -- COMMAND…`: run a command with PostgreSQL and Redis beside it."""

import os
import signal
import subprocess
import sys
from types import FrameType

from fleet.paths import var_dir
from fleet.services.group import needed, running, sole_owner


def main(arguments: list[str]) -> int:
    command = arguments[1:] if arguments[:1] == ["--"] else arguments
    if not command:
        raise SystemExit("Say what to run: python -m fleet.services -- COMMAND…")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    var = var_dir()
    with sole_owner(var), running(needed(var)):
        return _run(command, {**os.environ, "VAR_DIR": str(var)})


def _run(command: list[str], environment: dict[str, str]) -> int:
    """The command shares our terminal; being asked to end is passed on to it and waited for."""
    relay = Relay()
    signal.signal(signal.SIGTERM, relay)
    signal.signal(signal.SIGINT, lambda *_: None)  # the terminal has told the command itself
    with subprocess.Popen(command, env=environment) as child:
        relay.to(child)
        return child.wait()


class Relay:
    """Passes SIGTERM on, also one that came while the command was being started."""

    def __init__(self) -> None:
        self.child: subprocess.Popen[bytes] | None = None
        self.asked = False

    def __call__(self, sign: int, _: FrameType | None) -> None:
        self.asked = True
        if self.child:
            self.child.terminate()

    def to(self, child: subprocess.Popen[bytes]) -> None:
        self.child = child
        if self.asked:
            child.terminate()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
