"""`manage.py verify_ledger`: is the record of who did what whole and unchanged?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from devices import ledger


class Command(BaseCommand):
    help = "Check the chain of the ledger. Exit code 1 and a line for each place where it breaks."

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(ledger.breaks())
        for one in found:
            self.stdout.write(f"Entry {one.seq}: {one.what}.")
        if found:
            raise CommandError("The ledger is not as it was written.")
        head = ledger.LedgerHead.objects.first() or ledger.LedgerHead()
        self.stdout.write(f"{head.seq} entries, unbroken. Checkpoint: {head.seq} {head.hash}")
