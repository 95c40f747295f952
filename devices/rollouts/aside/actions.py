"""Putting a camera aside, and ending that."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from devices import feed, ledger
from devices.errors import NotNow, Refused
from devices.inventory.models import Camera
from devices.ledger import Said
from devices.rollouts.courses.actions import GIVEN_UP, UNDER_WAY
from devices.rollouts.drafts import LONGEST_REASON
from devices.rollouts.models import Deployment, PutAside, Rollout
from devices.rollouts.rules import FINAL, NEEDS_NOTHING, PUT_ASIDE, Event, Turn
from devices.rollouts.turns import actions as turns


@transaction.atomic
def put_aside(camera: Camera, reason: str, *, by: Any, now: datetime) -> PutAside:
    """No rollout takes this camera until that ends; what was planned or offered is skipped.

    Wants a reason, refuses one that is aside already. What downloads is told to stop; what
    installs goes on to its proof, and is not tried again.
    """
    reason = _said(reason)
    if PutAside.objects.filter(camera=camera, ended_at=None).exists():
        raise NotNow(f"{camera} is put aside already.")
    put = put_all_aside({camera.pk: reason}, by=by, now=now)
    return put[0]


def put_all_aside(reasons: Mapping[int, str], *, by: Any, now: datetime) -> list[PutAside]:
    """The same of several, by id; those that are aside already stay so. Within a transaction."""
    rows = turns_of(reasons).filter(rollout__state__in=UNDER_WAY)
    rows = rows.exclude(state__in=FINAL - {Turn.CANCELLED})
    told = {pk: f"{PUT_ASIDE}{reasons[camera]}" for pk, camera in _cameras_of(rows)}
    turns.move_all(rows, Event.PUT_ASIDE, by=by, now=now, reasons=told, each=True)
    aside = set(
        PutAside.objects.filter(camera__in=reasons, ended_at=None).values_list("camera", flat=True)
    )
    cameras = Camera.objects.filter(pk__in=reasons.keys() - aside).order_by("pk")
    put = PutAside.objects.bulk_create(
        PutAside(camera=camera, reason=reasons[camera.pk][:LONGEST_REASON], at=now, by=by)
        for camera in cameras
    )
    said = [Said("put aside from updates", one.camera, {"reason": one.reason}) for one in put]
    ledger.record_all(said, by=by, now=now)
    feed.touch([one.camera_id for one in put])
    return put


@transaction.atomic
def end_put_aside(put: PutAside, reason: str, *, by: Any, now: datetime) -> None:
    """Rollouts take the camera again, those under way too; its failures are forgotten.

    Wants a reason: what was done to it. Refuses what has ended already.
    """
    reason = _said(reason)
    under_way = _kept_under_way(put.camera_id)
    if not PutAside.objects.filter(pk=put.pk, ended_at=None).update(ended_at=now):
        raise NotNow(f"{put.camera} is not put aside any more.")
    put.ended_at = now
    rows = turns_of([put.camera_id]).filter(
        rollout__in=under_way, state__in=(Turn.SKIPPED, *GIVEN_UP)
    )
    rows = rows.exclude(state=Turn.SKIPPED, reason__startswith=NEEDS_NOTHING)
    again = turns.move_all(rows, Event.RETRY, by=by, now=now, each=True)
    Deployment.objects.filter(pk__in=again).update(attempts=0, failed_at=None)
    ledger.record("put aside ended", put.camera, by=by, now=now, reason=reason, was=put.reason)
    feed.touch([put.camera_id])


def _kept_under_way(camera_id: int) -> list[int]:
    """The rollouts under way in which this camera has a turn, locked so that none of them ends
    meanwhile: an abort passes over turns that have ended. Before any turn, as everywhere; and who
    repairs another's work comes after it."""
    whose = turns_of([camera_id]).values("rollout")
    rows = Rollout.objects.filter(state__in=UNDER_WAY, pk__in=whose).order_by("pk")
    return list(rows.select_for_update(no_key=True).values_list("pk", flat=True))


def turns_of(camera_ids: Any) -> Any:
    return Deployment.objects.filter(camera__in=list(camera_ids))


def _cameras_of(rows: Any) -> list[tuple[int, int]]:
    return list(rows.values_list("pk", "camera_id"))


def _said(reason: str) -> str:
    reason = " ".join(reason.split())[:LONGEST_REASON]
    if not reason:
        raise Refused("Say why in a few words; it stays with the camera.")
    return reason
