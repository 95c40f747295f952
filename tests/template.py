"""The database that those of the suite's workers are copies of.

To migrate takes a dozen seconds, to copy less than one. It is known by what the migrations say, so
that the next run finds it again.
"""

import hashlib
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import django
from django.db import connection

from tests.surroundings import of_the_suite

ROOT = Path(__file__).parents[1]
ONE_AT_A_TIME = 770_210_417


def template() -> str:
    """Its name. The first worker that asks makes it while the others wait."""
    prefix = f"{connection.settings_dict['NAME']}_suite_"
    name, draft = prefix + _version(), f"{prefix}draft"
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [ONE_AT_A_TIME])
        there = _templates(cursor, prefix)
        if name not in there:
            for old in there:
                cursor.execute(f'DROP DATABASE "{old}"')
            cursor.execute(f'DROP DATABASE IF EXISTS "{draft}"')
            cursor.execute(f'CREATE DATABASE "{draft}"')
            _migrate(draft)
            cursor.execute(f'ALTER DATABASE "{draft}" RENAME TO "{name}"')
    return name


def _version() -> str:
    said = hashlib.sha256(django.get_version().encode())
    for file in sorted((ROOT / "devices/migrations").glob("*.py")):
        said.update(file.read_bytes())
    return said.hexdigest()[:12]


def _templates(cursor: Any, prefix: str) -> list[str]:
    """Those of this suite, of whatever version; no other database's name reads like theirs."""
    cursor.execute("SELECT datname FROM pg_database")
    ours = re.compile(re.escape(prefix) + "[0-9a-f]{12}")
    return [name for (name,) in cursor.fetchall() if ours.fullmatch(name)]


def _migrate(database: str) -> None:
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        cwd=ROOT,
        env=of_the_suite(database),
        check=True,
    )
