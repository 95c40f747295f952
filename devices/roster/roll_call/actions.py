"""Promising a spare for a shift, ending the promise, and recording an inspection."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from devices import feed, ledger
from devices.errors import Refused
from devices.inventory.models import Camera, Officer, ServiceState
from devices.policy import Policy
from devices.roster.models import Duty, InHand, Inspection, Outcome, Reservation, Shift, StandIn
from devices.roster.refusing import in_sentences

LONGEST_CAUSE = 60


@transaction.atomic
def promise_spare(
    shift: Shift,
    officer: Officer,
    camera: Camera,
    *,
    by: Any,
    now: datetime,
    fault_id: int | None = None,
) -> StandIn:
    """The spare is kept for this officer on this shift, and for nobody else.

    ``fault_id`` is the fault of the officer's own camera that it is promised for. Refuses a
    camera that is somebody's own, of another station, not in service, promised to another or
    reserved meanwhile; an officer who is not on the shift, has left or is suspended; and a shift
    that is over. Whether the camera is fit is readiness's to judge (`readiness.promising`).
    """
    officer = Officer.objects.select_for_update(no_key=True).get(pk=officer.pk)
    camera = Camera.objects.select_for_update(no_key=True).get(pk=camera.pk)
    if shift.ends_at <= now:
        raise Refused(f"{shift} is over; a spare for it would help nobody.")
    if not Duty.objects.filter(shift=shift, officer=officer).exists():
        raise Refused(f"{officer} is not on {shift}; put the officer on first.")
    if said := _barred(officer) or _no_spare(camera, shift):
        raise Refused(said)
    other = StandIn.objects.filter(shift=shift, camera=camera, ended_at=None).first()
    if other is not None and other.officer_id != officer.pk:
        raise Refused(f"{camera} is promised to {other.officer} for {shift}; choose another spare.")
    if _reserved_for_another(camera, officer, shift):
        raise Refused(f"{camera} is reserved during {shift}; choose another spare.")
    with in_sentences():
        promise = StandIn.objects.create(
            shift=shift,
            officer=officer,
            camera=camera,
            offered_at=now,
            offered_by=by,
            fault_id=fault_id,
        )
    ledger.record(
        "spare promised",
        camera,
        by=by,
        now=now,
        officer=officer.badge_number,
        shift=str(shift),
        on=shift.on.isoformat(),
        fault=fault_id,
    )
    feed.touch([camera.pk])
    return promise


@transaction.atomic
def end_promise(promise: StandIn, *, by: Any, now: datetime) -> None:
    """The spare is free again. Refuses a promise that has ended."""
    if not StandIn.objects.filter(pk=promise.pk, ended_at=None).update(ended_at=now):
        raise Refused(f"The promise of {promise.camera} to {promise.officer} has ended already.")
    promise.ended_at = now
    ledger.record(
        "spare freed",
        promise.camera,
        by=by,
        now=now,
        officer=promise.officer.badge_number,
        shift=str(promise.shift),
    )
    feed.touch([promise.camera_id])


def promised_now(officer: Officer, *, now: datetime, policy: Policy) -> list[StandIn]:
    """What is promised to the officer for now, locked until the transaction of whoever asks ends.

    A shift's cameras go out as long before it begins as a pre-shift test made then counts for it.

    Asked before the verb that hands a camera out: whoever frees a spare takes its promise first
    and the head of the ledger then, and so does this. Mostly there is none, and a cheap question
    finds that out.
    """
    mine = StandIn.objects.filter(officer=officer, ended_at=None)
    if not mine.exists():
        return []
    until = now + policy.test_counts_for
    near = mine.filter(shift__begins_at__lte=until, shift__ends_at__gt=now)
    turns = near.select_for_update(no_key=True, of=("self",)).order_by("pk")
    return list(turns.select_related("camera", "officer", "shift"))


@transaction.atomic(savepoint=False)
def settle_promises(
    promises: Collection[StandIn], camera: Camera, *, by: Any, now: datetime
) -> None:
    """The officer has this camera in hand, so what was promised to them for now is over.

    The promise of this very camera is kept; that of another spare is not needed any more.
    """
    for one in promises:
        kept = one.camera_id == camera.pk
        rows = StandIn.objects.filter(pk=one.pk, ended_at=None)
        rows.update(ended_at=now, handed_at=now if kept else None)
        ledger.record(
            "promised spare handed out" if kept else "spare freed",
            one.camera,
            by=by,
            now=now,
            officer=one.officer.badge_number,
            shift=str(one.shift),
        )
    feed.touch([one.camera_id for one in promises])


@transaction.atomic
def renew_promise(
    officer: Officer, camera: Camera, *, handed_at: datetime, by: Any, now: datetime
) -> None:
    """It was not handed out after all: promised again, unless it was promised anew since."""
    kept = StandIn.objects.filter(officer=officer, camera=camera, handed_at=handed_at)
    one = kept.select_related("shift").first()
    if one is None:
        return
    other = Q(officer=officer) | Q(camera=camera)
    if StandIn.objects.filter(other, shift=one.shift, ended_at=None).exists():
        return
    StandIn.objects.filter(pk=one.pk).update(ended_at=None, handed_at=None)
    badge, shift = officer.badge_number, str(one.shift)
    ledger.record("spare promised again", camera, by=by, now=now, officer=badge, shift=shift)


@transaction.atomic
def take_in_hand(
    shift: Shift, officer: Officer, words: str, cause: str = "", *, by: Any, now: datetime
) -> InHand:
    """This person deals with the officer's camera for this shift, as ``words`` say, and with this
    ``cause`` alone; with whatever there is, if it is empty.

    Refuses without words, a shift that is over, and an officer who is not on it.
    """
    if not words.strip():
        raise Refused("Say in a few words what is done about it.")
    if shift.ends_at <= now:
        raise Refused(f"{shift} is over.")
    if not Duty.objects.filter(shift=shift, officer=officer).exists():
        raise Refused(f"{officer} is not on {shift}.")
    said = words.strip()[:200]
    row, _ = InHand.objects.update_or_create(
        shift=shift,
        officer=officer,
        cause=cause.strip()[:LONGEST_CAUSE],
        defaults={"words": said, "at": now, "by": by},
    )
    badge = officer.badge_number
    about, verb = row.cause, "taken in hand"
    ledger.record(verb, shift, by=by, now=now, officer=badge, cause=about, words=said)
    feed.touch(list(officer.cameras.values_list("pk", flat=True)))
    return row


def keep_outcomes(outcomes: Collection[Outcome]) -> int:
    """Keep how these shifts stood when they began; one that is kept already stays as it is."""
    before = Outcome.objects.filter(pk__in=[one.shift_id for one in outcomes]).count()
    Outcome.objects.bulk_create(outcomes, ignore_conflicts=True)
    return len(outcomes) - before


@transaction.atomic
def inspect(shift: Shift, found: Mapping[str, Any], *, by: Any, now: datetime) -> Inspection:
    """A person looked at the shift's readiness; ``found`` is what the screen said, as it said it.

    Refuses when the screen said nothing, and a shift that is over.
    """
    if not found:
        raise Refused("There is nothing to record: the screen said nothing.")
    if shift.ends_at <= now:
        raise Refused(f"{shift} is over; an inspection is of a shift to come or under way.")
    inspection = Inspection.objects.create(shift=shift, at=now, by=by, found=dict(found))
    ledger.record(
        "shift inspected",
        shift,
        by=by,
        now=now,
        on=shift.on.isoformat(),
        station=shift.station.code,
        found=dict(found),
    )
    return inspection


def _reserved_for_another(camera: Camera, officer: Officer, shift: Shift) -> bool:
    kept = Reservation.objects.filter(
        camera=camera, ended_at=None, begins_at__lt=shift.ends_at, ends_at__gt=shift.begins_at
    )
    return any(one.officer_id != officer.pk for one in kept)


def _barred(officer: Officer) -> str | None:
    if not officer.active:
        return f"{officer} has left and takes no camera."
    if officer.suspended_because:
        return f"{officer} is suspended and takes no camera."
    return None


def _no_spare(camera: Camera, shift: Shift) -> str | None:
    if camera.officer_id is not None:
        return f"{camera} is {camera.officer}'s own camera, not a spare."
    if camera.station_id != shift.station_id:
        return f"{camera} is at {camera.station}; the shift is at {shift.station}."
    if camera.service_state != ServiceState.IN_SERVICE:
        return f"{camera} is {camera.get_service_state_display().lower()}."
    if camera.held_at is not None:
        return f"{camera} is held as evidence."
    if camera.custodies.filter(closed_at=None).exists():
        return f"{camera} is given out; choose another spare."
    return None
