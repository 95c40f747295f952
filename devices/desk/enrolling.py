"""A badge is given to an officer: what a reader typed names them from now on.

It stands above the officers' own room because only a desk knows everything that a code can name.
"""

import re
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from devices.desk import seeing
from devices.errors import Refused
from devices.inventory import actions as inventory
from devices.inventory import codes
from devices.inventory.imports.importing import ONE_IMPORT_AT_A_TIME
from devices.inventory.models import Credential, CredentialKind, Officer

_READ = re.compile(r"[A-Z0-9]{3,64}", re.ASCII)  # as an import of officers takes them


@transaction.atomic
def enrol(
    officer: Officer, raw: str, kind: CredentialKind, *, by: Any, now: datetime
) -> Credential:
    """Whoever scans this is the officer from now on.

    Refuses what no reader types, and what names anybody or anything already, with or without
    leading zeros, as a desk would understand it. Takes turns with imports, which bring codes too.
    """
    code = seeing.code_in(raw)
    if not _READ.fullmatch(code):
        raise Refused("A badge reads as 3 to 64 letters and digits: scan it again.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_IMPORT_AT_A_TIME])
    if said := _taken(code, officer):
        raise Refused(said)
    return inventory.add_credential(officer, code, kind, by=by, now=now)


def _taken(code: str, officer: Officer) -> str:
    """What this code names already; whose badge it is at another station is not said."""
    found = seeing.named(code)
    whose = found.officer or _longer(code)
    if found.card or found.old_card:
        return "That is a desk's card and no badge."
    if whose is not None:
        mine = f"This names {officer} already."
        return mine if whose == officer.pk else "This badge names another officer: end it there."
    if found.camera is not None or _on_a_label(code):
        return "That is the label or code of a camera or bay, and no badge."
    return ""


def _longer(code: str) -> int | None:
    """Whose badge reads so with more zeros before it, as another reader may leave them out."""
    zeros = f"^0*{code.lstrip('0')}$"
    return (
        Officer.objects.filter(badge_number__iregex=zeros).values_list("pk", flat=True).first()
        or Credential.objects.filter(value__iregex=zeros).values_list("officer", flat=True).first()
    )


def _on_a_label(code: str) -> bool:
    return any(codes.number_on(code, kind) is not None for kind in (codes.CAMERA, codes.BAY))
