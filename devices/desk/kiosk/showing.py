"""What a kiosk shows after a scan: one sentence, and the one camera it is about."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from devices.custody.models import Desk
from devices.desk.kiosk import texts
from devices.desk.kiosk.models import KioskVisit
from devices.desk.rules import Act, Code
from devices.inventory.models import Bay


@dataclass(frozen=True)
class Place:
    """A bay in its dock, so that it can be drawn as it hangs on the wall."""

    dock: str
    bay: int
    bays: int


@dataclass(frozen=True)
class Shown:
    """``result`` is what happened, as at a desk, or ``take`` or ``pin``: what is to be done."""

    scan: str
    result: str
    says: str
    camera: str | None = None
    place: Place | None = None


def of_scan(answer: Mapping[str, Any]) -> Shown:
    """A judged scan, without what is nobody's business here."""
    text = texts.TEXTS.get((answer["result"], answer["code"]), texts.SOMETHING_ELSE)
    camera = answer["camera"]
    said = text.format(camera=camera or "")
    return Shown(answer["event_id"], answer["result"], said, camera if camera else None)


def of_visit(visit: KioskVisit, holds: list[str]) -> Shown:
    """What the officer who stands there may take; or holds already."""
    scan = str(visit.scan)
    if holds:
        return Shown(scan, "shown", texts.HOLDS.format(holds=", ".join(holds)))
    if visit.camera is None:
        return Shown(scan, "refused", texts.NONE_READY)
    camera, bay = visit.camera.name, visit.bay
    if bay is None:
        return Shown(scan, "take", texts.TAKE_HERE.format(camera=camera), camera)
    said = texts.TAKE.format(camera=camera, place=bay)
    return Shown(scan, "take", said, camera, place_of(bay))


def place_of(bay: Bay) -> Place:
    """One query: how many bays the dock has."""
    return Place(bay.dock.code, bay.position, bay.dock.bays.count())


def taken(desk: Desk, scan: UUID) -> Shown | None:
    """What the officer of this badge scan is shown once the camera they were offered is theirs."""
    visits = KioskVisit.objects.filter(pk=scan, desk=desk, settled_at__isnull=False)
    visit = visits.select_related("camera").first()
    if visit is None or visit.camera is None:
        return None
    text = texts.TEXTS[Act.ISSUE, Code.DONE]
    return Shown(str(scan), "issued", text.format(camera=visit.camera.name), visit.camera.name)
