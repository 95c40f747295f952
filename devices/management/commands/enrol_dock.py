"""`manage.py enrol_dock D03`: give a dock its token."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.timezone import now

from devices.access import actions as access
from devices.errors import Refused
from devices.inventory.models import Dock


class Command(BaseCommand):
    help = "Give a dock its token, shown once. --rotate: a new one; the old one ends in 24 hours."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", help="the dock's code, such as D03")
        parser.add_argument("--rotate", action="store_true", help="replace a token that is valid")

    def handle(self, *args: Any, code: str, rotate: bool, **options: Any) -> None:
        dock = Dock.objects.filter(code__iexact=code).first()
        if dock is None:
            raise CommandError(f"There is no dock {code}.")
        give = access.rotate if rotate else access.enrol_dock
        try:
            token = give(dock, by=None, now=now())
        except Refused as reason:
            raise CommandError(str(reason)) from None
        self.stdout.write(token)
        self.stderr.write("Put it into the dock now: it is shown this once.")
