"""Folders in which everything stands ready, made once for the whole suite and then copied.

A first start takes longer than most of what is asked of the fleet afterwards. One test starts from
nothing; the others have a copy, and `fleet.run` looks it through as it does at any other start.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.operations.machine import NOT_OURS

ROOT = Path(__file__).parents[2]


def prepared(factory: pytest.TempPathFactory, name: str) -> Path:
    """A VAR_DIR with an empty database of this version."""
    return _copied(_once(factory, "prepared", _prepare), factory.mktemp(name) / "var", _prepare)


def filled(factory: pytest.TempPathFactory, name: str) -> Path:
    """A VAR_DIR with West Hartford in it, as `manage.py demo` leaves it."""

    def fill(var: Path) -> None:
        _copied(_once(factory, "prepared", _prepare), var, _prepare)
        _run(var, "manage.py", "demo")

    return _copied(_once(factory, "filled", fill), factory.mktemp(name) / "var", fill)


Make = Callable[[Path], None]


def _prepare(var: Path) -> None:
    _run(var, "-m", "fleet.prepare")


def _once(factory: pytest.TempPathFactory, name: str, make: Make) -> Path:
    """The folder of this name, which the first worker that asks makes while others wait."""
    base = factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    done = shared / name / "var"
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            draft = shared / name / "draft"
            shutil.rmtree(draft, ignore_errors=True)
            make(draft)
            draft.rename(done)
    return done


def _copied(done: Path, var: Path, make: Make) -> Path:
    """Where the database has to run as nobody it lies elsewhere, and all is made again."""
    if (done / "postgres").exists():
        shutil.copytree(done, var, ignore=shutil.ignore_patterns("sockets", "lock", "logs"))
    else:
        make(var)
    return var


def _run(var: Path, *command: str) -> None:
    kept = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
    subprocess.run(
        [sys.executable, "-m", "fleet.services", "--", sys.executable, *command],
        cwd=ROOT,
        env={**kept, "VAR_DIR": str(var), "DEMO": "0"},
        stdout=subprocess.DEVNULL,
        check=True,
    )
