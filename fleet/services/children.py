"""Starting and ending other programs so that none outlives us."""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

PR_SET_PDEATHSIG = 1
LINUX = sys.platform == "linux"


def spawn(
    command: Sequence[str | Path],
    *,
    log: Path,
    environment: Mapping[str, str] | None = None,
    when_orphaned: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own: Ctrl-C reaches only us, and we end it in turn.

    The kernel sends it `when_orphaned` should we be killed. Its words are added to `log`.
    """
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with log.open("ab") as words:
        return subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=subprocess.STDOUT,
            env=None if environment is None else dict(environment),
            start_new_session=True,
            preexec_fn=_dies_with_us(when_orphaned) if LINUX else None,  # noqa: PLW1509
        )


def _dies_with_us(sign: signal.Signals) -> Callable[[], None]:
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def promise() -> None:
        prctl(PR_SET_PDEATHSIG, sign)
        if os.getppid() != parent:
            os._exit(1)

    return promise


def still_dies_with_us(sign: signal.Signals) -> list[str]:
    """A prefix for commands that change user: the kernel forgets the promise there."""
    name = sign.name.removeprefix("SIG")
    return ["setpriv", f"--pdeathsig={name}"] if shutil.which("setpriv") else []


def how_it_ended(process: subprocess.Popen[bytes] | None) -> str:
    code = process.poll() if process else None
    if code is None:
        return "it runs"
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def end(
    process: subprocess.Popen[bytes], sign: signal.Signals = signal.SIGTERM, *, patience: float
) -> None:
    """`process` has ended: asked by `sign`, killed after `patience` seconds."""
    if process.poll() is not None:
        return
    process.send_signal(sign)
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def end_orphan(pid: int, named: str, sign: signal.Signals, *, patience: float) -> None:
    """A process left by a killed predecessor has ended, if `pid` is still that process.

    `named` must stand in its command line: the number may have passed to a stranger since.
    """
    deadline = monotonic() + patience
    while _is(pid, named):
        with suppress(ProcessLookupError):
            os.kill(pid, sign if monotonic() < deadline else signal.SIGKILL)
        sleep(0.1)


def end_all_in(folder: Path, sign: signal.Signals, *, patience: float) -> None:
    """No process has `folder` for its working directory: asked by `sign`, killed after patience."""
    deadline = monotonic() + patience
    while left := [pid for pid in _pids() if _works_in(pid, folder)]:
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, sign if monotonic() < deadline else signal.SIGKILL)
        sleep(0.1)


def _pids() -> Iterator[int]:
    return (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())


def _works_in(pid: int, folder: Path) -> bool:
    """Whether it does; one that ended has no folder, and a stranger's we may not see."""
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == folder
    except OSError:
        return False


def _is(pid: int, named: str) -> bool:
    try:
        return named.encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
