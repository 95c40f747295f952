"""The supervisor, with the real processes below it."""

import os
import signal
import subprocess
import sys

import pytest

from tests.operations.machine import Machine, alive, running, until
from tests.operations.prepared import prepared
from tests.patience import PATIENCE_S

# By their commands: PostgreSQL has workers of its own, and a process for each connection.
PARTS = ("fleet.web", "fleet.celery", "fleet.beat", "redis-server", "bin/postgres")


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    with running(prepared(tmp_path_factory, "machine")) as machine:
        yield machine.ready()


def _run(machine: Machine, module: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", module],
        env={**machine.environment, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )


@pytest.mark.parametrize("part", PARTS)
def test_a_part_that_is_killed_starts_again(machine, part):
    killed = machine.child(part)

    os.kill(killed, signal.SIGKILL)

    until(lambda: not alive(killed), machine)
    until(lambda: any(part in each for each in machine.children().values()), machine)
    machine.ready()


def test_a_second_start_at_the_same_time_is_refused(machine):
    second = _run(machine, "fleet.run")

    assert second.returncode == 1
    assert second.stderr.startswith("This fleet is already running (process ")


def test_nothing_is_reset_while_it_runs(machine):
    reset = _run(machine, "fleet.reset")

    assert reset.returncode == 1
    assert (machine.var / "postgres").exists()


def test_a_taken_port_is_a_sentence(machine, tmp_path):
    neighbour = _run(machine, "fleet.run", VAR_DIR=str(tmp_path / "var"))

    assert neighbour.returncode == 1
    assert f"127.0.0.1:{machine.port} cannot be listened on" in neighbour.stderr
    assert "Traceback" not in neighbour.stderr


def test_what_is_written_is_for_its_owner_alone(machine):
    open_to_others = [
        path
        for path in (machine.var, *machine.var.iterdir())
        if path.stat().st_mode & 0o077 and path.name not in {"lock", "static", "prepared"}
    ]

    assert machine.var.stat().st_mode & 0o077 == 0
    assert [path for path in open_to_others if path.suffix in {"", ".txt"}] == []


def test_it_ends_whole_and_a_second_start_resumes_the_same_database(tmp_path):
    """The first start is one from nothing, as on a fresh clone."""
    machine = Machine(tmp_path / "var")
    passwords = []

    for sign in (signal.SIGTERM, signal.SIGINT):
        machine.start()
        children = machine.ready().children()
        passwords.append((machine.var / "database-url").read_text())
        for _ in range(20):  # somebody is impatient, and a signal may meet the answer to another
            machine.process.send_signal(sign)
        assert machine.end(sign) == 0
        assert [pid for pid in children if alive(pid)] == []

    assert passwords[0] == passwords[1]


def test_a_supervisor_that_is_killed_takes_its_children_along_and_the_next_start_heals(
    tmp_path_factory,
):
    """And what is left of it is gone with a reset."""
    machine = Machine(prepared(tmp_path_factory, "killed"))
    machine.start()
    children = machine.ready().children()

    machine.end(signal.SIGKILL)

    until(lambda: not any(alive(pid) for pid in children), machine)
    machine.start()
    assert machine.ready().end() == 0
    assert _run(machine, "fleet.reset").returncode == 0
    assert [path.name for path in machine.var.iterdir()] == ["lock"]
