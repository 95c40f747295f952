"""What is done to releases that verified: approve, recall, order a rollback and confirm it."""

from datetime import datetime
from typing import Any

from django.db import transaction

from devices import ledger
from devices.errors import AnotherPerson, NotNow, Refused
from devices.releases import rules, standards, storage
from devices.releases.certificates.reading import believed, why_not_believed
from devices.releases.models import (
    RELEASE,
    Certificate,
    Release,
    ReleaseKind,
    ReleaseState,
    RollbackOrder,
)
from devices.releases.receiving import verifying
from devices.releases.receiving.verifying import Unable
from devices.releases.telling import facts_of, subject_of

LONGEST_REASON = 200


@transaction.atomic
def approve(release: Release, *, by: Any, now: datetime) -> None:
    """Cameras of its models may run it. Refuses its uploader, and a signer no longer believed."""
    _refuse_alone(release, by)
    _refuse_unbelieved(str(release), release.signed_by, now)
    RELEASE.move(release, ReleaseState.APPROVED, approved_at=now, approved_by=by)
    models = standards.locked_models(release)
    ledger.record("release approved", subject_of(release), by=by, now=now, **facts_of(release))
    standards.retell(models, release.kind)


def _refuse_alone(release: Release, by: Any) -> None:
    if by is None or by.pk is None:
        raise Refused("A person approves a release, not the fleet itself.")
    if release.uploaded_by_id == by.pk:
        raise AnotherPerson(f"You brought {release}; another person must approve it.")


def _refuse_unbelieved(signed: str, signer: Certificate | None, now: datetime) -> None:
    """A profile has no signer: who approves it stands for it."""
    if signer is not None and (why := why_not_believed(signer, now)):
        raise Refused(f"{signed} is signed by {signer}, {why}.")


@transaction.atomic
def recall(release: Release, reason: str, *, by: Any, now: datetime) -> None:
    """No camera is brought to it any more. Refuses without a reason.

    Where it was what cameras of a model should run, that is the latest other approved one now; of
    a profile its own latest other version, and where it has none, nobody says any more.
    """
    reason = _said(reason)
    RELEASE.move(release, ReleaseState.RECALLED, recalled_at=now, recalled_because=reason)
    models = standards.locked_models(release)
    ledger.record(
        "release recalled", subject_of(release), by=by, now=now, reason=reason, **facts_of(release)
    )
    for model in models:
        standards.fall_back(model, release)
    standards.retell(models, release.kind)


@transaction.atomic
def remove_image(release: Release, *, by: Any, now: datetime) -> None:
    """The bytes of a recalled release are gone and make room; what it was stays.

    Whether something still brings it is asked by who knows (`rollouts.images`). A file that could
    not be removed goes in the night, because no row needs it any more.
    """
    rows = Release.objects.filter(pk=release.pk, state=ReleaseState.RECALLED, image_removed_at=None)
    if not rows.update(image_removed_at=now):
        raise NotNow(f"Only a release that is recalled, and has its image, can lose it: {release}.")
    ledger.record("release image removed", subject_of(release), by=by, now=now, **facts_of(release))
    key = release.key

    def remove() -> None:
        storage.store().remove(key)

    transaction.on_commit(remove, robust=True)


@transaction.atomic
def make_standard(release: Release, *, by: Any, now: datetime) -> None:
    """Every camera of its models should run it: what a finished rollout leaves.

    Refuses one that is not approved, and one that is older than what they should run now, or may
    be, unless a confirmed order says to go back.
    """
    locked = Release.objects.select_for_update(no_key=True).get(pk=release.pk)
    if locked.state != ReleaseState.APPROVED:
        raise Refused(f"{release} is not approved.")
    models = standards.whose_standard(release, standards.locked_models(release))
    for model in models:
        standard = standards.standard_of(model, release.kind)
        why = standards.why_ordered_after(release.version, standard, release.kind)
        if why and order_in_force(release) is None:
            raise Refused(
                f"Cameras of {model} should run {standard}; {why}, so it needs a confirmed "
                "rollback order."
            )
    for model in models:
        standards.want(model, release.kind, release.version, ())
    ledger.record(
        "release made standard",
        subject_of(release),
        by=by,
        now=now,
        models=[str(model) for model in models],
        **facts_of(release),
    )
    standards.retell(models, release.kind)


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
    """Cameras may go back to the order's release.

    Refuses whoever ordered it, a second time, a signer no longer believed, and a release that is
    not approved any more.
    """
    if by is None or by.pk is None or order.ordered_by_id == by.pk:
        raise AnotherPerson("Another person than who ordered it must confirm a rollback.")
    _refuse_unbelieved("This order", order.signed_by, now)
    release = Release.objects.select_for_update(no_key=True).get(pk=order.release_id)
    if release.state != ReleaseState.APPROVED:
        raise NotNow(f"{release} is not approved.")
    rows = RollbackOrder.objects.filter(pk=order.pk, confirmed_at=None)
    if not rows.update(confirmed_at=now, confirmed_by=by):
        raise NotNow("This order is confirmed already.")
    order.refresh_from_db()
    models = standards.locked_models(order.release)
    _tell_order("rollback confirmed", order, by=by, now=now)
    standards.retell(models, order.release.kind)


@transaction.atomic
def tell_anew() -> None:
    """What counts as good of profiles is what this version says: rows were told by another one."""
    standards.retell(standards.every_model_locked(), ReleaseKind.PROFILE)


def order_in_force(release: Release) -> RollbackOrder | None:
    """The latest confirmed order by which cameras may go back to this release, if there is one."""
    if release.state != ReleaseState.APPROVED:
        return None
    return next((one for one in confirmed_orders(release) if not why_ended(one)), None)


def confirmed_orders(release: Release) -> list[RollbackOrder]:
    """The confirmed orders to go back to this release, the latest first; some may have ended."""
    rows = release.rollback_orders.exclude(confirmed_at=None).select_related("signed_by")
    return list(rows.order_by("-confirmed_at"))


def why_ended(order: RollbackOrder) -> str:
    """Why a confirmed order counts no more; empty while it does.

    A certificate is withdrawn because somebody else may sign with it: nobody can tell any more who
    wanted the order. One that merely ended was good when it was confirmed.
    """
    if order.signed_by.withdrawn_at is not None:
        return f"{order.signed_by}, which signed the order to go back, was withdrawn"
    return ""


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
