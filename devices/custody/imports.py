"""The inventory's imports as people do them: custody follows within the same transaction.

The inventory lies below and knows nothing of custody, so whoever imports asks here.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from devices.custody.following.actions import follow_assignments
from devices.inventory import imports as inventory
from devices.inventory.imports import Import, Kind, Plan, importing


def _follow(by: Any, now: datetime) -> None:
    follow_assignments(by=by, now=now)


IMPORTS: dict[Kind, Import] = {
    kind: replace(one, then=_follow) for kind, one in inventory.IMPORTS.items()
}


def apply(
    kind: Kind,
    raw: bytes,
    *,
    by: Any,
    now: datetime,
    expected: str | None = None,
    stations: Collection[int] | None = None,
) -> Plan:
    """Import the whole file, as `importing.apply` does, and whose the cameras are with it."""
    what = IMPORTS[kind]
    return importing.apply(what, raw, by=by, now=now, expected=expected, stations=stations)
