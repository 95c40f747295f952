"""Promising a spare that is fit: what the roster keeps for an officer, readiness has judged."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from devices.errors import Refused
from devices.inventory.models import Camera, Officer
from devices.policy import Policy
from devices.readiness import facts, shifts
from devices.readiness.remedies import need_of_a_spare
from devices.roster.models import Shift, StandIn
from devices.roster.roll_call import actions


@dataclass(frozen=True)
class Offer:
    """A spare for an officer; ``fault_id`` is the fault of their own camera that it is for."""

    officer: Officer
    camera: Camera
    fault_id: int | None = None


@transaction.atomic
def promise_spare(shift: Shift, offer: Offer, *, by: Any, now: datetime, policy: Policy) -> StandIn:
    """A spare that is fit for the officer's duty is kept for it, and for nobody else.

    Refuses with every reason one that is not, or of which it is not known, beside all that the
    roster refuses. It is judged once it is locked: who finds a fault with it, holds it or takes it
    out of service at the same moment comes before or after, and is never missed.
    """
    officer, camera = offer.officer, offer.camera
    promise = actions.promise_spare(shift, officer, camera, by=by, now=now, fault_id=offer.fault_id)
    (found,) = shifts.named([shift.pk], now=now, policy=policy)
    post = next(one for one in found.posts if one.duty.officer_id == officer.pk)
    known = dict(facts.read([camera.pk], now=now))[camera.pk]
    readiness = known.judged(need_of_a_spare(post, now), policy, now)
    if not readiness.ready:
        against = " ".join(one.sentence for one in readiness.reasons)
        raise Refused(f"{against} It is not promised; choose another spare.")
    return promise
