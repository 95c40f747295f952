"""What is done to a camera by hand: out of service, to repair, lost, and back."""

from datetime import datetime
from typing import Any

from django.db import transaction

from devices import feed, ledger
from devices.errors import Refused
from devices.inventory.models import SERVICE, Camera, ServiceChange, ServiceState

LONGEST_REASON = 200
VERBS = {
    ServiceState.OUT_OF_SERVICE: "taken out of service",
    ServiceState.IN_REPAIR: "sent to repair",
    ServiceState.LOST: "marked lost",
    ServiceState.IN_SERVICE: "put back in service",
}


@transaction.atomic
def change_service(
    camera: Camera, to: ServiceState, *, reason: str, by: Any, now: datetime
) -> None:
    """The camera is in this state of service, for this reason.

    Refuses without a reason, and a move that does not lead there from where the camera is
    by now. Retiring is no such move: it needs a second person.
    """
    if to not in VERBS:
        raise Refused(f"{camera} cannot be retired by one person alone.")
    reason = reason.strip()[:LONGEST_REASON]
    if not reason:
        raise Refused("Say why in a few words; it stays with the camera.")
    before = _state_by_now(camera)
    note = "" if to == ServiceState.IN_SERVICE else reason
    SERVICE.move(camera, to, service_note=note)
    ServiceChange.objects.create(
        camera=camera, before=before, after=to, reason=reason, at=now, by=by
    )
    ledger.record(VERBS[to], camera, by=by, now=now, before=before, after=to.value, reason=reason)
    feed.touch([camera.pk])


def _state_by_now(camera: Camera) -> str:
    """What the ledger calls before: not what somebody's page still showed. Locks the row."""
    locked = Camera.objects.select_for_update().values_list("service_state", flat=True)
    return str(locked.get(pk=camera.pk))
