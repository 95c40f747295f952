"""What the bell in every page's corner says: how many alerts call, and the newest of them."""

import zlib
from dataclasses import dataclass
from datetime import datetime

from django.utils.timezone import get_current_timezone

from devices.access.people import Visible
from devices.alerts import looking
from devices.alerts.catalogue import SEVERITIES
from devices.alerts.models import Alert, AlertQuerySet
from devices.alerts.notices import ESCALATED_AFTER
from devices.alerts.texts import clock, lasted

UNTAKEN_FOR = lasted(ESCALATED_AFTER)
MOST_RUNG = 500  # past it the number is no longer the point


@dataclass(frozen=True)
class Bell:
    """``version`` differs whenever a page of alerts may look different; ``untaken`` says how many
    nobody took in time, or is empty."""

    calling: int
    untaken: str
    worst: str
    newest: str
    version: str
    unlooked: str


def within(reach: Visible) -> AlertQuerySet:
    """The alerts somebody sees: those of their stations; a person with one camera sees none."""
    if reach.officer_id is not None:
        return Alert.objects.none()
    return Alert.objects.at_stations(reach.stations)


def unlooked(at: datetime) -> str:
    """What every page of alerts says while nobody looks whether anything is wrong: then that
    nothing is told is no sign that nothing is. Empty while somebody does."""
    found = looking.unlooked(now=at)
    if found is None:
        return ""
    if found.since is None:
        return "NOT YET LOOKED AT"
    return f"NOT LOOKED AT since {clock(found.since, get_current_timezone(), at)}"


def bell(reach: Visible, at: datetime) -> Bell:
    """Two queries, however many alerts there are."""
    stale = unlooked(at)
    rows = list(within(reach).shown().urgent_first()[:MOST_RUNG])
    calling = [one for one in rows if one.calling]
    marks = [
        f"{one.seen_at}{one.acknowledged_at}{one.suppressed_until}{one.escalated_at}"
        for one in rows
    ]
    untaken = sum(one.untaken for one in calling)
    return Bell(
        calling=len(calling),
        untaken=f"{untaken} that nobody took for {UNTAKEN_FOR}" if untaken else "",
        worst=max((one.severity for one in calling), key=SEVERITIES.index, default=""),
        newest=max(calling, key=_fired).words if calling else "",
        version=f"{len(rows)} {zlib.crc32(' '.join([*marks, stale]).encode()):08x}",
        unlooked=stale,
    )


def _fired(one: Alert) -> tuple[datetime, int]:
    return one.fired_at or one.began_at, one.pk
