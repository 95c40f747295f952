"""`manage.py demo`: West Hartford's fleet, with a token for every device and a log-in per role."""

import csv
import os
import secrets
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils.timezone import now

from devices.access import actions as access
from devices.battery import actions as battery
from devices.custody import imports
from devices.department import current
from devices.inventory.imports import Kind, importing
from devices.inventory.models import Camera, Dock, Officer, Station
from devices.management import desk_day, past_shifts
from devices.management.past import Past
from devices.roles import Role
from devices.roster import imports as roster
from devices.roster.roll_call import actions as roll_call

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "west-hartford"
OFFICER = "217"  # whose camera the demo's officer sees


class Command(BaseCommand):
    help = "Fill an empty installation with the demonstration fleet; a filled one stays as it is."

    def handle(self, *args: Any, **options: Any) -> None:
        if Station.objects.exists() or User.objects.exists():
            self.stdout.write("This installation is not empty; nothing was changed.")
            return
        with transaction.atomic():
            fill(now())
        self.stdout.write("The demonstration fleet is set up.")


def fill(now: datetime) -> None:
    """The inventory and the roster by the same import that people use, what was before, then
    tokens, people, and a desk at each station with what is out over it.

    The two files are written inside the transaction: if either fails, nothing is kept.
    """
    for kind in Kind:
        imports.apply(kind, (EXAMPLE / f"{kind.value}.csv").read_bytes(), by=None, now=now)
    for part in (roster.Kind.SHIFTS, roster.Kind.ROTATIONS):
        raw = (EXAMPLE / f"{part.value}.csv").read_bytes()
        importing.apply(roster.at(part, now), raw, by=None, now=now)
    told = Past(EXAMPLE, now).tell()
    battery.adopt(told.spells, told.months, told.forecasts, now=now)
    past_shifts.plan(now)
    roll_call.keep_outcomes(past_shifts.outcomes(told, current.policy()))
    _write_privately("demo-tokens.csv", [("device", "token"), *_tokens(now)], ",")
    _write_privately("demo-logins.txt", _people(now), "\t")
    quartermaster = User.objects.get(username=Role.QUARTERMASTER.value.lower())
    desk_day.begin(now, current.policy(), by=quartermaster)


def _tokens(now: datetime) -> Iterable[tuple[str, str]]:
    for dock in Dock.objects.all():
        yield dock.code, access.enrol_dock(dock, by=None, now=now)
    for camera in Camera.objects.filter(model__radio=True).select_related("model"):
        yield camera.serial, access.enrol_camera(camera, by=None, now=now)


def _people(now: datetime) -> Iterable[tuple[str, str, str]]:
    """One person a role, and one more for IT, because what one brings another approves; posted to
    every station: role, name and password, said only here."""
    for role, name in ((Role.IT, "colleague"), *((role, role.value.lower()) for role in Role)):
        password = secrets.token_urlsafe(12)
        officer = Officer.objects.get(badge_number=OFFICER) if role is Role.OFFICER else None
        user = access.create_user(name, password, by=None, now=now, officer=officer)
        access.grant(user, role, by=None, now=now)
        access.post(user, Station.objects.all(), by=None, now=now)
        yield role.value, name, password


def _write_privately(name: str, rows: Iterable[tuple[str, ...]], delimiter: str) -> None:
    """A file in VAR_DIR that nobody but its owner may read, from its first byte on."""
    path = settings.VAR_DIR / name
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(handle, "w", newline="") as file:
        csv.writer(file, delimiter=delimiter, lineterminator="\n").writerows(rows)
