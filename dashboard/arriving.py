"""What the door for large files (`fleet/arriving.py`) asks a page about a file that arrives.

It asks thrice with an empty body and one of these in the request's scope: whether this person may
send one, whether what they say of it can be, and at last what becomes of what came.
"""

import binascii
from base64 import b64decode
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from devices.errors import Refused
from devices.ledger import LedgerEntry
from devices.releases.models import Release
from devices.releases.plainly import plain_object
from devices.releases.receiving import actions as receiving
from devices.releases.rules import Meta, meta_from
from devices.releases.storage import Received

ASKED = "fleet.arriving"
TYPE = "application/vnd.fleet.release"
AS_WANTED = f"A release is sent as {TYPE}: a line of JSON, then the file."
LONGEST_LINE = 192 * 1024  # notes, and a detached signature of 64 KB in base64

_TYPES: dict[str, type] = {
    "file_name": str,
    "version": str,
    "models": list,
    "hardware": list,
    "from_versions": list,
    "notes": str,
    "urgency": str,
    "minimum_battery_percent": int,
    "signature": str,
    "size": int,
}
_INSIDE = {"models": int, "hardware": str, "from_versions": str}


@dataclass(frozen=True)
class May:
    """May this person send a file?"""


@dataclass(frozen=True)
class Line:
    """Can a file of ``size`` bytes be what this line says of it?"""

    text: bytes
    size: int


@dataclass(frozen=True)
class Came:
    """It came whole and is in the store."""

    text: bytes
    received: Received


@dataclass(frozen=True)
class Failed:
    """It did not come, and why."""

    status: int
    says: str


Question = May | Line | Came | Failed


def refuse_line(text: bytes, size: int | None) -> None:
    """Refuses, before the file is taken, what it cannot be by what is said of it."""
    told, said = meta(text)
    if size is not None and size != said:
        raise Refused(f"The file has {size} bytes; you said {said}.")
    receiving.refuse_early(told, said)


def take(text: bytes, received: Received, by: Any, now: datetime) -> Release:
    """What came is a release that waits for its verification, or is refused and gone."""
    told, _ = meta(text)
    return receiving.receive(received, told, by=by, now=now)


def became(key: str) -> tuple[Release | None, str | None]:
    """The release of this key; or why its file was refused; or neither, where none came."""
    release = Release.objects.filter(key=key).first()
    if release is not None:
        return release, None
    subject = receiving.upload_subject(key)
    entry = LedgerEntry.objects.filter(subject=subject, verb="release refused").first()
    return None, str(entry.facts["reason"]) if entry else None


def meta(text: bytes) -> tuple[Meta, int]:
    """What a line says of a file, and the size it says it has. Refuses what is not wanted here."""
    try:
        said = plain_object(text.decode(), longest=LONGEST_LINE)
    except UnicodeDecodeError:
        raise Refused("This is not in UTF-8.") from None
    if said.keys() != _TYPES.keys():
        raise Refused(f"Say of a release, and no more: {', '.join(_TYPES)}.")
    for name, kind in _TYPES.items():
        inside = said[name] if kind is list and isinstance(said[name], list) else ()
        if type(said[name]) is not kind or any(type(one) is not _INSIDE[name] for one in inside):
            raise Refused(f"What is said as {name} is of another kind than wanted.")
    if any(not 0 < one < 2**63 for one in said["models"]):
        raise Refused("One of those camera models is not known.")
    return _meta(said), said["size"]


def _meta(said: dict[str, Any]) -> Meta:
    try:
        signature = b64decode(said["signature"], validate=True)
    except (binascii.Error, ValueError):
        raise Refused("The signature does not come as base64.") from None
    return meta_from(said, signature)
