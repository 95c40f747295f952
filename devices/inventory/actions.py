"""What is done by hand to a camera (out of service, to repair, lost, and back; its tags) and an
officer (suspended, and back; their badges).

And, for the rooms that decide it: whose a camera is, and what cameras of a model should run.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction

from devices import feed, ledger
from devices.errors import Refused
from devices.inventory import codes
from devices.inventory import tags as words
from devices.inventory.imports import importing
from devices.inventory.models import (
    SERVICE,
    Camera,
    CameraModel,
    Credential,
    CredentialKind,
    EndedCredential,
    Officer,
    ServiceChange,
    ServiceState,
    UpdateStage,
)

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
    before = _state_by_now(camera, to)
    note = "" if to == ServiceState.IN_SERVICE else reason
    SERVICE.move(camera, to, service_note=note)
    ServiceChange.objects.create(
        camera=camera, before=before, after=to, reason=reason, at=now, by=by
    )
    ledger.record(VERBS[to], camera, by=by, now=now, before=before, after=to.value, reason=reason)
    feed.touch([camera.pk])


def _state_by_now(camera: Camera, to: ServiceState) -> str:
    """What the ledger calls before: not what somebody's page still showed. Locks the row.

    Refuses to send evidence to somebody's workshop.
    """
    turns = Camera.objects.select_for_update(no_key=True)
    state, held_at = turns.values_list("service_state", "held_at").get(pk=camera.pk)
    if held_at is not None and to == ServiceState.IN_REPAIR:
        raise Refused(f"{camera} is held as evidence: it stays here until that ends.")
    return str(state)


@transaction.atomic
def hold(camera: Camera, reason: str, *, by: Any, now: datetime) -> None:
    """The camera is evidence of a critical incident: it stays as it is and goes to nobody.

    Refuses without a reason, one that is held already, and one that is retired.
    """
    reason = reason.strip()[:LONGEST_REASON]
    if not reason:
        raise Refused("Say what happened, and its number; it stays with the camera.")
    if camera.service_state == ServiceState.RETIRED:
        raise Refused(f"{camera} is retired.")
    free = Camera.objects.filter(pk=camera.pk, held_at=None)
    if not free.update(held_for=reason, held_at=now):
        raise Refused(f"{camera} is held as evidence already.")
    camera.held_for, camera.held_at = reason, now
    end_offer(camera)
    ledger.record("held as evidence", camera, by=by, now=now, reason=reason)
    feed.touch([camera.pk])


@transaction.atomic
def release_hold(camera: Camera, reason: str, *, by: Any, now: datetime) -> None:
    """The evidence is safe elsewhere: the camera is as any other. Refuses without a reason, and a
    camera that is not held."""
    reason = reason.strip()[:LONGEST_REASON]
    if not reason:
        raise Refused("Say where the evidence is now; it stays with the camera.")
    locked = Camera.objects.select_for_update(no_key=True).get(pk=camera.pk)
    if locked.held_at is None:
        raise Refused(f"{camera} is not held as evidence.")
    Camera.objects.filter(pk=camera.pk).update(held_for="", held_at=None)
    camera.held_for, camera.held_at = "", None
    ledger.record(
        "evidence hold ended",
        camera,
        by=by,
        now=now,
        reason=reason,
        was_held_for=locked.held_for,
        held_since=locked.held_at.isoformat(),
    )
    feed.touch([camera.pk])


@transaction.atomic
def tag(camera: Camera, tags: Collection[str], *, by: Any, now: datetime) -> bool:
    """The camera has these tags and no others; says whether that is a change.

    Refuses what is no tag, and more than a camera may have, in a sentence.
    """
    if because := words.wrong(tags):
        raise Refused(because)
    wanted = sorted(set(tags))
    rows = Camera.objects.select_for_update(no_key=True)
    had = rows.values_list("tags", flat=True).get(pk=camera.pk)
    if wanted == sorted(had):
        return False
    Camera.objects.filter(pk=camera.pk).update(tags=wanted)
    camera.tags = wanted
    ledger.record("tagged", camera, by=by, now=now, before=had, after=wanted)
    return True


def give_to(camera: Camera, officer: Officer | None) -> None:
    """The camera is this officer's own, or nobody's: for custody, which tells of it."""
    Camera.objects.filter(pk=camera.pk).update(officer=officer)
    camera.officer = officer


def end_offer(camera: Camera) -> None:
    """An update that was offered and has not begun is offered no more: for custody, which has the
    row locked. Whoever offered it finds the row so."""
    offered = Camera.objects.filter(pk=camera.pk, update_stage=UpdateStage.OFFERED)
    offered.update(update_stage=UpdateStage.NONE, updating_until=None)


def want_firmware(model: CameraModel, version: str, accepted: Collection[str]) -> None:
    """Cameras of this model should run ``version``; meanwhile these others count as well."""
    rows = CameraModel.objects.filter(pk=model.pk)
    rows.update(firmware_version=version, firmware_accepted=sorted(accepted))


def want_profile(model: CameraModel, version: str, accepted: Collection[str]) -> None:
    """The same of their profile."""
    rows = CameraModel.objects.filter(pk=model.pk)
    rows.update(profile_version=version, profile_accepted=sorted(accepted))


def refuse_profiles(model: CameraModel, versions: Collection[str]) -> None:
    """No camera of this model is good with any of these, where nobody says what it should run."""
    CameraModel.objects.filter(pk=model.pk).update(profile_refused=sorted(versions))


@transaction.atomic
def suspend(officer: Officer, reason: str, *, by: Any, now: datetime) -> None:
    """The officer is given no camera while this lasts. Wants a reason."""
    _turn(officer, _why(reason), suspended=False)
    _tell(officer, "officer suspended", reason, by, now)


@transaction.atomic
def let_back(officer: Officer, reason: str, *, by: Any, now: datetime) -> None:
    """The officer is given cameras again. Wants a reason."""
    _why(reason)
    _turn(officer, "", suspended=True)
    _tell(officer, "officer let back", reason, by, now)


@transaction.atomic
def add_credential(
    officer: Officer, value: str, kind: CredentialKind, *, by: Any, now: datetime
) -> Credential:
    """Whoever scans this is the officer from now on, beside what already names them, whatever
    files say; a badge that was taken away before is one again.

    For the desk, which knows what else a code could name. Refuses an officer who has left, and a
    value that another brought at this very moment.
    """
    if not Officer.objects.select_for_update(no_key=True).get(pk=officer.pk).active:
        raise Refused(f"{officer} has left: no badge.")
    made, new = Credential.objects.get_or_create(
        value=value, defaults={"officer": officer, "kind": kind, "by_hand": True}
    )
    if not new:
        raise Refused("This badge names an officer already.")
    EndedCredential.objects.filter(bare=codes.bare(value)).delete()
    _tell_of(made, "badge added", by, now)
    return made


@transaction.atomic
def end_credential(credential: Credential, reason: str, *, by: Any, now: datetime) -> None:
    """Whoever scans this is nobody from now on, and no file of officers brings it back. Wants a
    reason; refuses what is gone already. Takes turns with imports, which bring badges too."""
    said, officer = _why(reason), credential.officer
    importing.take_turns()
    mine = Credential.objects.filter(pk=credential.pk, officer=officer)
    if not mine.delete()[0]:
        raise Refused(f"{officer} has this badge no more.")
    EndedCredential.objects.update_or_create(
        bare=codes.bare(credential.value), defaults={"ended_at": now}
    )
    _tell_of(credential, "badge taken away", by, now, reason=said)


def _tell_of(credential: Credential, verb: str, by: Any, now: datetime, **facts: Any) -> None:
    """In the ledger by its kind and ending, for it stays there for years and is read elsewhere;
    and to every desk, which judges by itself while it is cut off."""
    about = {"kind": str(credential.kind), "ends_in": credential.ending, **facts}
    ledger.record(verb, f"officer {credential.officer}", by=by, now=now, **about)
    feed.touch_all()


def _why(reason: str) -> str:
    said = reason.strip()[:LONGEST_REASON]
    if not said:
        raise Refused("Say why in a few words; it stays with the officer.")
    return said


def _turn(officer: Officer, because: str, *, suspended: bool) -> None:
    """From suspended or not to the other; refuses what is so already."""
    locked = Officer.objects.select_for_update(no_key=True).get(pk=officer.pk)
    if bool(locked.suspended_because) != suspended:
        said = "not suspended" if suspended else "suspended already"
        raise Refused(f"{officer} is {said}.")
    Officer.objects.filter(pk=officer.pk).update(suspended_because=because)
    officer.suspended_because = because


def _tell(officer: Officer, verb: str, reason: str, by: Any, now: datetime) -> None:
    ledger.record(verb, f"officer {officer}", by=by, now=now, reason=_why(reason))
    feed.touch(list(officer.cameras.values_list("pk", flat=True)))
