"""`manage.py import_csv cameras fleet.csv`: the import, where there is no browser at hand."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.timezone import now

from devices.access.people import reach_of
from devices.custody import imports as following
from devices.errors import Refused
from devices.inventory import imports
from devices.inventory.imports import ACT_OF, Kind, Plan


class Command(BaseCommand):
    help = (
        "Show what a CSV file would change, row by row; with --apply, do it: all of it or nothing."
        " Exit code 1 and nothing changed with any error in the file."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=list(Kind), type=Kind, help="what the file holds")
        parser.add_argument("file", type=Path)
        parser.add_argument("--apply", action="store_true", help="do what is shown")
        parser.add_argument(
            "--as",
            dest="username",
            metavar="USERNAME",
            help="a person who may import this, as the ledger will say; else the fleet itself",
        )

    def handle(self, *args: Any, kind: Kind, file: Path, apply: bool, **options: Any) -> None:
        by, stations = _who(options["username"], kind)
        try:
            raw = file.read_bytes()
            found = imports.plan(kind, raw, stations=stations)
            self._show(found)
            if apply:
                digest = found.digest
                following.apply(kind, raw, by=by, now=now(), expected=digest, stations=stations)
        except OSError as fault:
            raise CommandError(f"{file} cannot be read: {fault.strerror}.") from None
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write("Done." if apply else "Nothing was imported; --apply does it.")

    def _show(self, found: Plan) -> None:
        """Every change and what is to be known beside, then every error, which ends it."""
        for one in found.changes:
            told = "; ".join(one.sentences)
            self.stdout.write(f"Line {one.line}: {one.name} {one.what}. {told}")
        for note in found.notes:
            self.stdout.write(note)
        for error in found.errors:
            self.stdout.write(f"Line {error.line}: {error.sentence}")
        if found.errors:
            raise CommandError(found.sentence)
        self.stdout.write(found.sentence)


def _who(username: str | None, kind: Kind) -> tuple[User | None, Collection[int] | None]:
    """Who acts and for which stations; the fleet itself for every one."""
    if username is None:
        return None, None
    user = User.objects.filter(username=username).first()
    if user is None:
        raise CommandError(f"There is no user {username}.")
    reach = reach_of(user, ACT_OF[kind])
    if reach is None:
        raise CommandError(f"{username} may not {ACT_OF[kind].value}.")
    return user, reach.stations
