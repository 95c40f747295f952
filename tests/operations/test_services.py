"""PostgreSQL and Redis of our own, in the places where they are hard to keep."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest

from fleet.services import places
from fleet.services.postgres import Postgres, binaries
from tests.operations.machine import NOT_OURS, alive, until
from tests.patience import PATIENCE_S

QUESTION = (
    "from django.db import connection as c; k = c.cursor(); "
    "k.execute('SHOW fsync'); print('fsync', k.fetchone()[0])"
)
WE_ARE_ROOT = os.getuid() == 0
AS_ROOT = () if WE_ARE_ROOT else ("unshare", "--user", "--map-root-user")
# Root without its powers: what root owns, this user owns, and nothing else.
AS_SOMEBODY = ("unshare", "--user", "--map-user=1000", "--map-group=1000")
AS_NOBODY = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups")


def _may(*command: str | Path) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


SHELL = [sys.executable, "manage.py", "shell", "--no-imports", "-c", QUESTION]


def _services(var, *command: str, prefix=()) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
    return subprocess.run(
        [*prefix, sys.executable, "-m", "fleet.services", "--", *command],
        env={**environment, "VAR_DIR": str(var), "HOME": str(var)},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )


def _reset(var: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
    command = [sys.executable, "-m", "fleet.reset"]
    subprocess.run(command, env={**environment, "VAR_DIR": str(var)}, check=True)


def test_a_committed_row_is_on_the_disk(tmp_path):
    answer = _services(tmp_path / "var", *SHELL)

    assert answer.stdout == "fsync on\n", answer.stderr


def test_a_folder_too_deep_for_a_socket_is_no_hindrance(tmp_path):
    var = tmp_path / ("deep" * 20) / ("deeper" * 10) / "var"

    answer = _services(var, *SHELL)

    assert answer.stdout == "fsync on\n", answer.stderr
    _reset(var)
    assert not places.sockets(var).exists()


def test_the_commands_own_verdict_is_ours(tmp_path):
    assert _services(tmp_path / "var", "sh", "-c", "exit 7").returncode == 7


def test_a_stale_note_of_a_predecessor_is_no_hindrance(tmp_path):
    var = tmp_path / "var"
    assert _services(var, "true").returncode == 0
    note = var / "postgres" / "data" / "postmaster.pid"
    note.write_text(f"{os.getpid()}\n{note.parent}\n")

    assert _services(var, "true").returncode == 0


def test_a_busy_backend_of_a_killed_postgresql_is_gone_before_the_next_one_starts(tmp_path):
    postgres = Postgres(tmp_path / "var")
    postgres.start()
    client = psycopg.connect(places.database_url(postgres.var))
    client.pgconn.send_query(b"DO 'BEGIN LOOP NULL; END LOOP; END'")
    backend = client.info.backend_pid
    until(lambda: _is_busy(backend))

    postgres.process.kill()
    postgres.process.wait()
    assert alive(backend)
    postgres.start()

    gone = not alive(backend)
    postgres.stop()
    _reset(postgres.var)
    assert gone


def _is_busy(pid: int) -> bool:
    """Whether it has computed for a tenth of a second."""
    user, *_ = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:]
    return int(user) >= os.sysconf("SC_CLK_TCK") / 10


def test_an_ordinary_user_can_run_them(ordinary_user):
    prefix, folder = ordinary_user

    answer = _services(folder / "var", *SHELL, prefix=prefix)

    assert answer.stdout == "fsync on\n", answer.stderr


def test_root_without_user_namespaces_steps_down_to_nobody(tmp_path):
    """A `unshare` that refuses stands before the real one, as on a hardened machine."""
    var, bin_ = tmp_path / "var", tmp_path / "bin"
    bin_.mkdir()
    (bin_ / "unshare").write_text("#!/bin/sh\nexit 1\n")
    (bin_ / "unshare").chmod(0o755)
    path = f"PATH={bin_}:{os.environ['PATH']}"

    answer = _services(var, *SHELL, prefix=(*AS_ROOT, "env", path))

    if _may(*AS_ROOT, *AS_NOBODY, "test", "-x", binaries() / "postgres"):
        assert answer.stdout == "fsync on\n", answer.stderr
    else:
        assert answer.stderr.startswith("PostgreSQL refuses to run as root, and nobody may not")
    _reset(var)


def test_a_service_that_is_asked_to_end_ends(tmp_path):
    environment = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
    command = [sys.executable, "-m", "fleet.services", "--", "sh", "-c", "echo up; sleep 600"]
    with subprocess.Popen(
        command, env={**environment, "VAR_DIR": str(tmp_path / "var")}, stdout=subprocess.PIPE
    ) as services:
        assert services.stdout
        services.stdout.readline()

        services.send_signal(signal.SIGTERM)

        services.wait(60)
    assert not (tmp_path / "var" / "postgres" / "data" / "postmaster.pid").exists()


@pytest.fixture
def ordinary_user(tmp_path):
    """How a command becomes an ordinary user's, and a folder where that user may write."""
    if not WE_ARE_ROOT:
        yield (), tmp_path
    elif _may(*AS_SOMEBODY, "true"):
        yield AS_SOMEBODY, tmp_path
    else:
        folder = Path(tempfile.mkdtemp(prefix="fleet-test-"))  # pytest's own are for root alone
        shutil.chown(folder, "nobody", "nogroup")
        yield AS_NOBODY, folder
        shutil.rmtree(folder)
