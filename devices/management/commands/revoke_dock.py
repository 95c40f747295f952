"""`manage.py revoke_dock D03`: shut a dock out."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.timezone import now

from devices.access import actions as access
from devices.errors import Refused
from devices.inventory.models import Dock


class Command(BaseCommand):
    help = "End every token of a dock now. Its open sockets close within 30 seconds."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", help="the dock's code, such as D03")
        parser.add_argument("--reason", default="", help="why, for the ledger")

    def handle(self, *args: Any, code: str, reason: str, **options: Any) -> None:
        dock = Dock.objects.filter(code__iexact=code).first()
        if dock is None:
            raise CommandError(f"There is no dock {code}.")
        try:
            access.revoke(dock, by=None, now=now(), reason=reason)
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"{dock} is shut out.")
