"""The database that those of the suite's workers are copies of.

To migrate takes a dozen seconds, to copy less than one. It is known by what the migrations say, so
that the next run finds it again.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import django
from django.db import connection

from tests.surroundings import of_the_suite

ROOT = Path(__file__).parents[1]
PREFIX = "suite_"
DRAFT = "draft_of_suite"


def template() -> str:
    """Its name. The first worker that asks makes it while the others wait."""
    name = PREFIX + _version()
    with (Path(os.environ["VAR_DIR_OF_THE_SUITE"]) / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        there = _templates()
        if name not in there:
            _run(*(f'DROP DATABASE "{old}"' for old in there))
            _run(f"DROP DATABASE IF EXISTS {DRAFT}", f"CREATE DATABASE {DRAFT}")
            _migrate()
            _run(f'ALTER DATABASE {DRAFT} RENAME TO "{name}"')
    return name


def _version() -> str:
    said = hashlib.sha256(django.get_version().encode())
    for file in sorted((ROOT / "devices/migrations").glob("*.py")):
        said.update(file.read_bytes())
    return said.hexdigest()[:12]


def _templates() -> list[str]:
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX])
        return [name for (name,) in cursor.fetchall()]


def _run(*commands: str) -> None:
    with connection._nodb_cursor() as cursor:
        for command in commands:
            cursor.execute(command)


def _migrate() -> None:
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        cwd=ROOT,
        env=of_the_suite(DRAFT),
        check=True,
    )
