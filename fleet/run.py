"""`python -m fleet.run`: the whole fleet on this machine, until Ctrl-C.

Starts what the environment did not bring (PostgreSQL, Redis), brings the database up to
date, then keeps the web process, the worker, beat and, with DEMO=1, the simulator running.
"""

import http.client
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

from fleet import parts, prepare, settings
from fleet.services import children
from fleet.services.group import needed, sole_owner
from fleet.supervisor import Ending, Program, Supervisor
from fleet.terminal import colourful, say

VAR = settings.VAR_DIR
LOGS = VAR / "logs"
LOGINS = VAR / "demo-logins.txt"
SETUP_CODE = VAR / "first-run-code"
WEB_PATIENCE = 60.0  # seconds until the first page; a slow disk is given time


def main() -> None:
    started = monotonic()
    ending = Ending()
    with sole_owner(VAR), _supervisor(ending) as supervisor:
        _refuse_a_taken_port()
        _start_everything(supervisor)
        ending.unwinds = False
        _greet(monotonic() - started)
        supervisor.keep(ending)


@contextmanager
def _supervisor(ending: Ending) -> Iterator[Supervisor]:
    supervisor = Supervisor(LOGS)
    try:
        yield supervisor
    finally:
        if ending.asked:
            say("\nEnding …")
        if supervisor.end():
            say("Ended.")


def _start_everything(supervisor: Supervisor) -> None:
    os.environ.update({"VAR_DIR": str(VAR), "PYTHONUNBUFFERED": "1", "MALLOC_ARENA_MAX": "2"})
    known = LOGINS.exists()
    for service in needed(VAR):
        supervisor.start(service)
        say(f"{service.says} runs.")
    if prepare.needed():
        _prepare()
    supervisor.start(_program("web", parts.WEB))
    _wait_for_the_web(supervisor)
    supervisor.start(_program("worker", parts.WORKER))
    supervisor.start(_program("beat", parts.BEAT))
    if settings.DEMO and (VAR / "demo-tokens.csv").exists():
        supervisor.start(_program("simulator", parts.simulator()))
        _show_logins(known=known)


def _program(name: str, module: tuple[str, ...]) -> Program:
    return Program(name, parts.command(module), LOGS / f"{name}.log")


def _prepare() -> None:
    log = LOGS / "prepare.log"
    log.unlink(missing_ok=True)
    process = children.spawn(parts.command(("fleet.prepare",)), log=log)
    try:
        code = process.wait()
    finally:
        children.end(process, patience=5)
    if code:
        last = (log.read_text().strip().splitlines() or ["it gave no reason"])[-1]
        raise SystemExit(f"The database could not be prepared: {last}\nThe whole story: {log}")


def _wait_for_the_web(supervisor: Supervisor) -> None:
    deadline = monotonic() + WEB_PATIENCE
    while not _answers():
        if monotonic() > deadline:
            raise SystemExit(f"The pages do not answer. The reason is in {LOGS / 'web.log'}.")
        supervisor.look_once()
        sleep(0.05)


def _answers() -> bool:
    host = parts.address().removeprefix("http://").rpartition(":")[0].strip("[]")
    web = http.client.HTTPConnection(host, settings.PORT, timeout=5)
    try:
        web.request("GET", "/health/live", headers={"Host": "localhost"})
        return web.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        web.close()


def _refuse_a_taken_port() -> None:
    family = socket.AF_INET6 if ":" in settings.BIND else socket.AF_INET
    with socket.socket(family) as knock:
        knock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            knock.bind((settings.BIND, settings.PORT))
        except OSError as error:
            raise SystemExit(
                f"{settings.BIND}:{settings.PORT} cannot be listened on ({error.strerror}). "
                f"Choose another port: PORT={settings.PORT % 65000 + 1} make run"
            ) from None


def _greet(seconds: float) -> None:
    say(f"Ready in {seconds:.1f} s: {colourful(parts.address() + '/')}   (Ctrl-C ends it)")
    if SETUP_CODE.exists():
        say(f"Set-up code of this empty installation: {SETUP_CODE.read_text().strip()}")
    say(f"Logs: {_near(LOGS)}")


def _show_logins(*, known: bool) -> None:
    """The passwords are shown once; afterwards only where they are kept."""
    if known or not LOGINS.exists():
        say(f"The demo log-ins are in {_near(LOGINS)}.")
    else:
        say(LOGINS.read_text().rstrip())


def _near(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


if __name__ == "__main__":
    main()
