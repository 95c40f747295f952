"""`python -m fleet.prepare`: the database and the files are what this version expects.

Safe to repeat: what is already so stays so.
"""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fleet.settings")

from fleet import settings
from fleet.paths import BASE_DIR

SOURCES = ("fleet", "devices", "dashboard", "examples", "requirements.txt")
STAMP = settings.VAR_DIR / "prepared"


def main() -> None:
    import django
    from django.core.management import call_command

    STAMP.unlink(missing_ok=True)
    now = stamp()
    django.setup()
    call_command("migrate", interactive=False)
    call_command("collectstatic", interactive=False)
    if settings.DEMO:
        call_command("demo")
    _tell_what_counts_as_good()
    _offer_the_first_page()
    STAMP.write_text(now)


def _tell_what_counts_as_good() -> None:
    """Readiness reads what the last act on a release left: an earlier version may have done it."""
    from devices.releases import actions

    actions.tell_anew()


def _offer_the_first_page() -> None:
    """An empty installation gets its set-up code; one with people needs none."""
    from dashboard import first_run

    if first_run.wanted():
        first_run.code()
    else:
        first_run.forget_code()


def needed() -> bool:
    """Whether anything may have changed since the last time. A database of the department's
    own may have been changed by others, so there it is always needed.
    """
    if os.environ.get("DATABASE_URL", "").strip() or not STAMP.exists():
        return True
    return STAMP.read_text() != stamp()


def stamp() -> str:
    """Stands for this version's files, this installation's database and the demo's choice."""
    seen = hashlib.sha256(f"{settings.DATABASE_URL} {settings.DEMO}".encode())
    for path in sorted(_files()):
        found = path.stat()
        seen.update(f"{path} {found.st_size} {found.st_mtime_ns}\n".encode())
    return seen.hexdigest()


def _files() -> Iterator[Path]:
    for name in SOURCES:
        path = BASE_DIR / name
        found = path.rglob("*") if path.is_dir() else [path]
        yield from (each for each in found if each.is_file() and each.suffix != ".pyc")


if __name__ == "__main__":
    main()
