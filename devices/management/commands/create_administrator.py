"""`manage.py create_administrator NAME`: the first person, where there is no browser at hand."""

from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils.timezone import now

from devices.access import actions as access
from devices.errors import Refused
from devices.roles import Role


class Command(BaseCommand):
    help = "Create a person who may create accounts. The password is asked for, never an argument."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        password = getpass("Password: ")
        if password != getpass("The same again: "):
            raise CommandError("The two passwords differ.")
        try:
            with transaction.atomic():
                user = access.create_user(username, password, by=None, now=now())
                access.grant(user, Role.ADMINISTRATOR, by=None, now=now())
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"{username} may now sign in.")
