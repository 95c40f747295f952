"""A badge is given to an officer: what a reader typed names them from now on.

It stands above the officers' own room because only a desk knows everything that a code can name.
"""

from datetime import datetime
from typing import Any

from django.db import transaction

from devices.desk import seeing
from devices.errors import Refused
from devices.inventory import actions as inventory
from devices.inventory import codes, named
from devices.inventory.imports import importing
from devices.inventory.models import Credential, CredentialKind, Officer
from devices.inventory.naming import What


@transaction.atomic
def enrol(
    officer: Officer, raw: str, kind: CredentialKind, *, by: Any, now: datetime
) -> Credential:
    """Whoever scans this is the officer from now on, whichever sign parts it.

    Refuses what no reader types, and what names anybody or anything already, with or without
    leading zeros, as a desk would understand it. Takes turns with imports, which bring codes too.
    """
    code = codes.badge(seeing.code_in(raw))
    if not codes.SCANNED.fullmatch(code):
        raise Refused("A badge reads as 3 to 64 letters and digits: scan it again.")
    importing.take_turns()
    if said := _taken(code, officer):
        raise Refused(said)
    return inventory.add_credential(officer, code, kind, by=by, now=now)


def _taken(code: str, officer: Officer) -> str:
    """What this code names already; whose badge it is at another station is not said."""
    if codes.is_card(code):
        return "That is a desk's card and no badge."
    parts = code.split("-")
    if len(parts) > 1 and any(codes.number_on(x) is not None or codes.is_card(x) for x in parts):
        return "A camera's label or a desk's card was read with it: scan the badge alone."
    if codes.bare(code) in {codes.bare(one) for one in (officer.badge_number, *_badges(officer))}:
        return f"This names {officer} already."
    whose = named.whose(code, What.OFFICER, officer.badge_number)
    if whose.startswith(What.OFFICER):
        return "This badge names another officer: end it there."
    if whose:
        return "That is the label or code of a camera or bay, and no badge."
    return ""


def _badges(officer: Officer) -> list[str]:
    return list(officer.credentials.values_list("value", flat=True))
