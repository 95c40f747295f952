"""`python -m tests.bench.inside fleet|queries …`: one of them, with Django set up.

They run in processes of their own, because Django knows one database a process.
"""

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).parents[2]


def said(module: str, *words: str, url: str, **environment: str) -> str:
    """What this module says when it is run on the database at ``url``."""
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.bench.inside", module, *words],
        env={**os.environ, "DATABASE_URL": url, "DEMO": "0", "LOG_LEVEL": "WARNING", **environment},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return ran.stdout


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fleet.settings")
    import django

    django.setup()
    sys.stdout.write(import_module(f"tests.bench.{sys.argv[1]}").main(*sys.argv[2:]))
