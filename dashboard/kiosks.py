"""How a kiosk is known, by a cookie of its own, and which kiosks a person may set up."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, QuerySet

from dashboard.paired import PairedCookie
from devices.access.people import Visible
from devices.custody.models import Desk, DeskKind
from devices.desk.kiosk import proving
from devices.desk.kiosk.models import KioskToken

COOKIE = "kiosk"
KEPT = PairedCookie(COOKIE, "/kiosk/")


def kiosk_of(cookies: Mapping[str, str], now: datetime) -> Desk | None:
    """The kiosk whose browser this is; None for anybody else's, whoever is signed in there."""
    return proving.proven(KEPT.of(cookies), now)


def kiosks_within(reach: Visible) -> QuerySet[Desk]:
    """The kiosks of stations within reach that have not ended, with their tokens in force."""
    force = Prefetch("tokens", KioskToken.objects.filter(revoked_at=None), "in_force")
    rows: QuerySet[Any] = Desk.objects.filter(kind=DeskKind.KIOSK, ended_at=None)
    rows = rows.select_related("station").prefetch_related(force)
    if reach.officer_id is not None:
        return rows.none()
    return rows if reach.stations is None else rows.filter(station__in=reach.stations)
