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
    var = var_dir()
    with sole_owner(var), running(needed(var)):
        return _run(command)


def _run(command: list[str]) -> int:
    """The command shares our terminal; a signal to us is passed on and waited for."""
    with subprocess.Popen(command, env={**os.environ, "VAR_DIR": str(var_dir())}) as child:

        def pass_on(sign: int, _: FrameType | None) -> None:
            child.send_signal(sign)

        signal.signal(signal.SIGTERM, pass_on)
        signal.signal(signal.SIGINT, lambda *_: None)  # the terminal has told the child itself
        return child.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
