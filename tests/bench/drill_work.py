"""The badges of the drill, and what is in the record after it, as JSON. Runs inside Django."""

import json

from devices.custody.models import CustodyEvent, CustodyVerb
from devices.desk.models import DeskConflict
from devices.inventory.models import Credential, CredentialKind, Officer
from tests.desk.racing import overlaps, present, replayed

VERBS = {CustodyVerb.CHECKED_OUT: "issued", CustodyVerb.CHECKED_IN: "returned"}


def main(what: str) -> str:
    """``cards``, or afterwards ``record``."""
    return json.dumps({"cards": _cards, "record": _record}[what]())


def _cards() -> dict[str, str]:
    """A card for each officer, by badge number. Those of this fleet are numbers of cameras too, and
    what a busy machine reads slowly may have been typed: then the desk asks which was meant."""
    officers = list(Officer.objects.order_by("pk"))
    found = Credential.objects.bulk_create(
        Credential(officer=one, kind=CredentialKind.RFID, value=f"04A1{one.pk:04X}")
        for one in officers
    )
    return {one.officer.badge_number: one.value for one in found}


def _record() -> dict[str, object]:
    """Every act that a desk put on record, and whether the record can be true."""
    rows = CustodyEvent.objects.exclude(desk=None).select_related("camera", "officer")
    events = [
        {
            "label": one.camera.label,
            "badge": one.officer.badge_number if one.officer else "",
            "verb": VERBS.get(CustodyVerb(one.verb), one.verb),
        }
        for one in rows
    ]
    return {
        "events": events,
        "overlaps": overlaps(),
        "untrue": int(replayed() != present()),
        "conflicts": DeskConflict.objects.count(),
    }
