"""What is done to releases that verified: approve, recall, order a rollback and confirm it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from devices import feed, ledger
from devices.errors import AnotherPerson, NotNow, Refused
from devices.inventory import actions as inventory
from devices.inventory.models import CameraModel
from devices.releases import rules
from devices.releases.certificates.reading import believed
from devices.releases.models import (
    RELEASE,
    Assignment,
    Release,
    ReleaseKind,
    ReleaseState,
    RollbackOrder,
)
from devices.releases.receiving import verifying
from devices.releases.receiving.verifying import Unable
from devices.releases.telling import facts_of, subject_of
from devices.releases.versions import why_ordered

LONGEST_REASON = 200


@transaction.atomic
def approve(release: Release, *, by: Any, now: datetime) -> None:
    """Cameras of its models may run it. Refuses its uploader, and a signer no longer believed."""
    _refuse_alone(release, by)
    signer = release.signed_by
    if signer is not None and signer.withdrawn_at is not None:
        raise Refused(f"{release} is signed by {signer}, which was withdrawn.")
    RELEASE.move(release, ReleaseState.APPROVED, approved_at=now, approved_by=by)
    if release.kind == ReleaseKind.PROFILE:
        release.fits.set(CameraModel.objects.all())  # those that came since it was made, too
    models = _locked_models(release)
    ledger.record("release approved", subject_of(release), by=by, now=now, **facts_of(release))
    _retell(models, release.kind)


def _refuse_alone(release: Release, by: Any) -> None:
    if by is None or by.pk is None:
        raise Refused("A person approves a release, not the fleet itself.")
    if release.uploaded_by_id == by.pk:
        raise AnotherPerson(f"You brought {release}; another person must approve it.")


@transaction.atomic
def recall(release: Release, reason: str, *, by: Any, now: datetime) -> None:
    """No camera is brought to it any more. Refuses without a reason.

    Where it was what cameras of a model should run, that is the latest other approved one now.
    """
    reason = _said(reason)
    RELEASE.move(release, ReleaseState.RECALLED, recalled_at=now, recalled_because=reason)
    models = _locked_models(release)
    ledger.record(
        "release recalled", subject_of(release), by=by, now=now, reason=reason, **facts_of(release)
    )
    for model in models:
        if standard_of(model, release.kind) == release.version:
            earlier = _latest_approved(model, release.kind)
            if earlier is not None:
                _want(model, release.kind, earlier.version, ())
    _retell(models, release.kind)


@transaction.atomic
def make_standard(release: Release, *, by: Any, now: datetime) -> None:
    """Every camera of its models should run it: what a finished rollout leaves.

    Refuses one that is not approved, and one that is older than what they should run now, or may
    be, unless a confirmed order says to go back.
    """
    locked = Release.objects.select_for_update(no_key=True).get(pk=release.pk)
    if locked.state != ReleaseState.APPROVED:
        raise Refused(f"{release} is not approved.")
    models = _whose_standard(release, _locked_models(release))
    for model in models:
        standard = standard_of(model, release.kind)
        why = _why_ordered(release.version, standard, release.kind)
        if why and order_in_force(release) is None:
            raise Refused(
                f"Cameras of {model} should run {standard}; {why}, so it needs a confirmed "
                "rollback order."
            )
    for model in models:
        _want(model, release.kind, release.version, ())
    ledger.record(
        "release made standard",
        subject_of(release),
        by=by,
        now=now,
        models=[str(model) for model in models],
        **facts_of(release),
    )
    _retell(models, release.kind)


def _locked_models(release: Release) -> list[CameraModel]:
    """The models that it is for, each act in turn on them: before the ledger, which whoever has
    them waits for."""
    rows = CameraModel.objects.filter(releases=release).order_by("pk")
    return list(rows.select_for_update(no_key=True))


def _whose_standard(release: Release, models: Sequence[CameraModel]) -> list[CameraModel]:
    """Whose standard it can be: a profile's, of the models that it is assigned to as such."""
    if release.profile_version is None:
        return list(models)
    assigned = Assignment.objects.filter(
        profile=release.profile_version.profile_id, model__isnull=False
    )
    ids = set(assigned.values_list("model", flat=True))
    return [model for model in models if model.pk in ids]


def _retell(models: Sequence[CameraModel], kind: str) -> None:
    """Each model counts as good what is approved for it and certainly not older than its standard.

    A version that was ordered back counts although it is older.
    """
    for model in models:
        standard = standard_of(model, kind)
        approved = Release.objects.filter(kind=kind, fits=model, state=ReleaseState.APPROVED)
        ordered = set(approved.filter(_CONFIRMED).values_list("version", flat=True))
        accepted = {
            version
            for version in approved.values_list("version", flat=True)
            if version in ordered or not _why_ordered(version, standard, kind)
        }
        _want(model, kind, standard, accepted - {standard})
    if models:
        feed.touch_all()


def _why_ordered(version: str, standard: str, kind: str) -> str:
    """Why this may follow the standard by an order alone; where none is said anything may."""
    profile = kind == ReleaseKind.PROFILE
    return why_ordered(version, standard, profile=profile) if standard else ""


def standard_of(model: CameraModel, kind: str) -> str:
    """Which version cameras of this model should run; empty if nobody said."""
    return model.firmware_version if kind == ReleaseKind.FIRMWARE else model.profile_version


def _want(model: CameraModel, kind: str, version: str, accepted: Collection[str]) -> None:
    if kind == ReleaseKind.FIRMWARE:
        inventory.want_firmware(model, version, accepted)
    else:
        inventory.want_profile(model, version, accepted)
    model.refresh_from_db()


def _latest_approved(model: CameraModel, kind: str) -> Release | None:
    rows = Release.objects.filter(kind=kind, fits=model, state=ReleaseState.APPROVED)
    return rows.order_by("-approved_at").first()


_CONFIRMED = Q(rollback_orders__confirmed_at__isnull=False)


@transaction.atomic
def order_rollback(
    release: Release, reason: str, signature: bytes, *, by: Any, now: datetime
) -> RollbackOrder:
    """An order to go back to this release, which another person must confirm.

    ``signature`` is a detached CMS signature, in DER, of `rules.order_text`. Refuses one that no
    certificate of ours stands behind, and a release that is not approved.
    """
    reason = _said(reason)
    if release.state != ReleaseState.APPROVED:
        raise NotNow(f"{release} is not approved.")
    if not signature:
        raise Refused("The order is unsigned: send the signature of its text (CMS, DER).")
    text = rules.order_text(release.kind, release.version, release.sha256, reason)
    try:
        found = verifying.verify([text.encode()], believed(), signature=signature, now=now)
    except Unable as unable:
        raise Refused(str(unable)) from None
    order = RollbackOrder.objects.create(
        release=release,
        reason=reason,
        signature=signature,
        signed_by=found.certificate,
        ordered_at=now,
        ordered_by=by,
    )
    _tell_order("rollback ordered", order, by=by, now=now)
    return order


@transaction.atomic
def confirm_rollback(order: RollbackOrder, *, by: Any, now: datetime) -> None:
    """Cameras may go back to the order's release. Refuses whoever ordered it, and a second time."""
    if by is None or by.pk is None or order.ordered_by_id == by.pk:
        raise AnotherPerson("Another person than who ordered it must confirm a rollback.")
    rows = RollbackOrder.objects.filter(pk=order.pk, confirmed_at=None)
    if not rows.update(confirmed_at=now, confirmed_by=by):
        raise NotNow("This order is confirmed already.")
    order.refresh_from_db()
    models = _locked_models(order.release)
    _tell_order("rollback confirmed", order, by=by, now=now)
    _retell(models, order.release.kind)


def order_in_force(release: Release) -> RollbackOrder | None:
    """The latest confirmed order to go back to this release, if there is one."""
    return release.rollback_orders.exclude(confirmed_at=None).order_by("-confirmed_at").first()


def _tell_order(verb: str, order: RollbackOrder, *, by: Any, now: datetime) -> None:
    ledger.record(
        verb,
        subject_of(order.release),
        by=by,
        now=now,
        order=order.pk,
        reason=order.reason,
        signed_by=order.signed_by.fingerprint,
    )


def _said(reason: str) -> str:
    reason = " ".join(reason.split())[:LONGEST_REASON]
    if not reason:
        raise Refused("Say why in a few words; it stays with the release.")
    return reason
