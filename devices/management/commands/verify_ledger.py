"""`manage.py verify_ledger`: is the record of who did what whole and unchanged?"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.timezone import now

from devices import ledger
from devices.ledger import Checkpoint


class Command(BaseCommand):
    help = "Check the chain of the ledger. Exit code 1 and a line for each place where it breaks."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--checkpoint",
            type=Path,
            help="a file that ledger_checkpoint printed: shows a tail that was cut or rewritten",
        )

    def handle(self, *args: Any, checkpoint: Path | None, **options: Any) -> None:
        held = None if checkpoint is None else _read(checkpoint)
        found = list(ledger.breaks(held))
        for one in found:
            self.stdout.write(f"Entry {one.seq}: {one.what}.")
        if found:
            raise CommandError("The ledger is not as it was written.")
        self.stdout.write(f"{ledger.checkpoint(now()).size} entries, unbroken.")
        if held is not None:
            self.stdout.write(f"The first {held.size} are those of {held.at:%Y-%m-%d %H:%M %Z}.")


def _read(path: Path) -> Checkpoint:
    try:
        match json.loads(path.read_text()):
            case {"size": int(size), "hash": str(last), "at": str(at)} if size >= 0:
                return Checkpoint(size=size, hash=last, at=datetime.fromisoformat(at))
    except (OSError, ValueError) as fault:
        raise CommandError(f"{path} cannot be read: {fault}.") from None
    raise CommandError(f"{path} is not a checkpoint of the ledger.")
