from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from django.db import transaction

from devices.errors import Refused
from devices.health.models import CameraAttributes
from devices.inventory.models import Camera

MOST = 100  # of one camera


class Mode(StrEnum):
    MERGE = "merge"
    REPLACE = "replace"
    REMOVE = "remove"


@transaction.atomic
def keep_attributes(
    camera_id: int, told: Mapping[str, str | None], *, mode: Mode, now: datetime
) -> None:
    """Keep what a camera says of itself; a name without a value is forgotten.

    Refuses what would leave it with more than ``MOST``.
    """
    Camera.objects.select_for_update(of=("self",), no_key=True).get(pk=camera_id)
    row = CameraAttributes.objects.filter(camera=camera_id).first()
    kept = {} if row is None or mode is Mode.REPLACE else dict(row.told)
    for name, value in told.items():
        if value is None or mode is Mode.REMOVE:
            kept.pop(name, None)
        else:
            kept[name] = value
    if len(kept) > MOST:
        raise Refused(f"{MOST} attributes of one camera are kept.")
    CameraAttributes.objects.update_or_create(
        camera_id=camera_id, defaults={"told": kept, "told_at": now}
    )
