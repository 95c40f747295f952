"""What the bell in every page's corner says: how many alerts call, and the newest of them."""

import zlib
from dataclasses import dataclass

from devices.access.people import Visible
from devices.alerts.catalogue import SEVERITIES
from devices.alerts.models import Alert, AlertQuerySet

MOST_RUNG = 500  # past it the number is no longer the point


@dataclass(frozen=True)
class Bell:
    """``version`` differs whenever a page of alerts may look different."""

    calling: int
    worst: str
    newest: str
    version: str


def within(reach: Visible) -> AlertQuerySet:
    """The alerts somebody sees: those of their stations; a person with one camera sees none."""
    if reach.officer_id is not None:
        return Alert.objects.none()
    return Alert.objects.at_stations(reach.stations)


def bell(reach: Visible) -> Bell:
    """One query, however many alerts there are."""
    rows = list(within(reach).shown().order_by("-fired_at")[:MOST_RUNG])
    calling = [one for one in rows if one.calling]
    marks = [f"{one.seen_at}{one.acknowledged_at}{one.suppressed_until}" for one in rows]
    return Bell(
        calling=len(calling),
        worst=max((one.severity for one in calling), key=SEVERITIES.index, default=""),
        newest=calling[0].words if calling else "",
        version=f"{len(rows)} {zlib.crc32(' '.join(marks).encode()):08x}",
    )
