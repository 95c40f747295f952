"""What becomes of an upload: received, then verified or refused.

What is refused is not kept: its file and its row go, and the ledger says why.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import F

from devices import ledger
from devices.errors import Refused
from devices.inventory.models import CameraModel
from devices.ledger import Outcome
from devices.releases import rules, storage
from devices.releases.certificates.reading import believed
from devices.releases.models import RELEASE, Release, ReleaseKind, ReleaseState
from devices.releases.receiving import verifying
from devices.releases.receiving.verifying import Unable, Verified
from devices.releases.rules import Meta
from devices.releases.storage import Gone, Received
from devices.releases.telling import facts_of, subject_of

KEPT_UNVERIFIED = timedelta(days=1)
KEPT_UNNAMED = timedelta(days=1)  # an upload may take hours over a slow line
_TURN = 7_403_030  # any number of our own: one file at a time becomes a release
_VERIFIES = 7_403_031  # and one at a time is verified

log = logging.getLogger(__name__)


class Conflict(Refused):
    """There is another release of that version already, or of that content, or it is said to be
    for something else."""


def refuse_early(meta: Meta, size: int) -> None:
    """Refuses, before a byte is read, what could not be received whatever the bytes are."""
    for reason in rules.refusals(meta, size):
        raise Refused(reason)
    if CameraModel.objects.filter(pk__in=meta.models).count() != len(set(meta.models)):
        raise Refused("One of those camera models is not known.")
    storage.refuse_if_full(size, held_bytes())


def held_bytes() -> int:
    """How much room all releases take."""
    rows = Release.objects.filter(image_removed_at=None)
    return sum(rows.values_list("size", flat=True))


def receive(received: Received, meta: Meta, *, by: Any, now: datetime) -> Release:
    """The file is a release that waits for its verification.

    The same bytes of which the same is said again are the same release. Other bytes are refused,
    and so are bytes that are another version, or of which something else was said; whatever is
    refused leaves nothing in the store. What was recalled before it was approved stands in no way.
    """
    try:
        release, made = _received(received, meta, by=by, now=now)
    except BaseException:
        storage.discard(received.key)
        raise
    if not made:
        storage.discard(received.key)
    return release


@transaction.atomic
def _received(received: Received, meta: Meta, *, by: Any, now: datetime) -> tuple[Release, bool]:
    for reason in rules.refusals(meta, received.size):
        raise Refused(reason)
    _refuse_over_quota(received, meta)
    try:
        with transaction.atomic():
            release = Release.objects.create(
                kind=ReleaseKind.FIRMWARE,
                version=meta.version,
                hardware=sorted(set(meta.hardware)),
                from_versions=sorted(set(meta.from_versions)),
                notes=meta.notes.strip(),
                urgency=meta.urgency,
                minimum_battery_percent=meta.minimum_battery_percent,
                file_name=meta.file_name,
                signature=meta.signature,
                uploaded_at=now,
                uploaded_by=by,
                **_found(received),
            )
    except IntegrityError:
        return _the_same(received, meta), False
    release.fits.set(CameraModel.objects.filter(pk__in=meta.models))
    ledger.record("release received", subject_of(release), by=by, now=now, **facts_of(release))
    return release, True


def _refuse_over_quota(received: Received, meta: Meta) -> None:
    """Asked again of what has come, one file after the other: several may have come at once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_TURN])
    there = Release.objects.holding().filter(sha256=received.sha256, version=meta.version)
    if not there.exists():
        storage.refuse_over_quota(received.size, held_bytes())


def _found(received: Received) -> dict[str, Any]:
    return {
        "key": received.key,
        "size": received.size,
        "sha1": received.sha1,
        "md5": received.md5,
        "sha256": received.sha256,
    }


def _the_same(received: Received, meta: Meta) -> Release:
    firmware = Release.objects.holding().filter(kind=ReleaseKind.FIRMWARE)
    there = firmware.filter(version=meta.version).first()
    if there is None:
        raise Conflict(_why_not_anew(received))
    if there.sha256 != received.sha256:
        raise Conflict(
            f"There is a firmware {meta.version} already, with other content. A version is one "
            "content for ever; give this one a version of its own."
        )
    if differing := rules.differing(meta, _meta(there)):
        raise Conflict(
            f"{there} is here already, byte for byte, and something else was said of it: "
            f"{', '.join(differing)}. {_WAY_ON[ReleaseState(there.state)]}"
        )
    return there


_MAY_RECALL = "If that was mistyped, recall it before anybody approves it, and bring it again."
_WAY_ON = {
    ReleaseState.RECEIVED: _MAY_RECALL,
    ReleaseState.VERIFIED: _MAY_RECALL,
    ReleaseState.APPROVED: "It is approved, so what was said of it stays.",
    ReleaseState.RECALLED: "It was recalled, and does not come back.",
}


def _why_not_anew(received: Received) -> str:
    firmware = Release.objects.holding().filter(kind=ReleaseKind.FIRMWARE)
    other = firmware.filter(sha256=received.sha256).first()
    if other is None:
        return "Somebody uploaded this version at the same moment; look again."
    return (
        f"This file is {other}, byte for byte, and an image does not become another version by "
        f"another name. If {other.version} was mistyped, recall it before anybody approves it."
    )


def verify_received(*, now: datetime) -> int:
    """The release that waits longest is verified, or gone with its reason; says how many were.

    One at a time, by one worker. One that could not be verified, whatever kept it, lets the others
    go first: it is no fault of theirs.
    """
    with _alone() as alone:
        waiting = Release.objects.filter(state=ReleaseState.RECEIVED)
        release = waiting.order_by(F("tried_at").asc(nulls_first=True), "uploaded_at", "pk").first()
        if not alone or release is None:
            return 0
        waiting.filter(pk=release.pk).update(tried_at=now)
        return _verify(release, now=now)


@contextmanager
def _alone() -> Iterator[bool]:
    """While nobody else verifies; False when somebody does. It ends with the line to the database,
    and so with its process: what a killed worker left is taken up at once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_VERIFIES])
        (alone,) = cursor.fetchone()
        try:
            yield alone
        finally:
            if alone:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_VERIFIES])


def _verify(release: Release, *, now: datetime) -> int:
    try:
        found = _judged(release, now)
    except Refused as refused:
        refuse(release, str(refused), now=now)
        return 1
    except (Unable, OSError) as why:  # taken up again, until it is a day old
        log.warning("%s could not be verified: %r", subject_of(release), why)
        return 0
    _verified(release, found, now=now)
    return 1


def _judged(release: Release, now: datetime) -> Verified:
    try:
        opened = storage.open_release(release)
    except Gone:
        raise Refused("Its file is gone from the store.") from None
    signature = bytes(release.signature) or None
    trusted = believed()
    if opened.path is None:
        found = verifying.verify(opened.pieces(), trusted, signature=signature, now=now)
    else:
        with opened.path.open("rb") as file:
            found = verifying.verify(file, trusted, signature=signature, now=now)
    if signature is None:
        for reason in rules.against_image(_meta(release), found.version, found.hardware):
            raise Refused(reason)
    return found


def _meta(release: Release) -> Meta:
    """What was said of it when it came."""
    return Meta(
        file_name=release.file_name,
        version=release.version,
        models=tuple(release.fits.values_list("pk", flat=True)),
        hardware=tuple(release.hardware),
        from_versions=tuple(release.from_versions),
        notes=release.notes,
        urgency=release.urgency,
        minimum_battery_percent=release.minimum_battery_percent,
        signature=bytes(release.signature),
    )


@transaction.atomic
def _verified(release: Release, found: Verified, *, now: datetime) -> None:
    RELEASE.move(release, ReleaseState.VERIFIED, signed_by=found.certificate)
    ledger.record(
        "release verified",
        subject_of(release),
        by=None,
        now=now,
        signed_by=found.certificate.fingerprint,
        **facts_of(release),
    )


def refuse(release: Release, reason: str, *, now: datetime) -> None:
    """Nothing is left of a release that was only received, but this entry.

    The entry stands under the upload's key, by which its uploader asks what became of it.
    """
    with transaction.atomic():
        gone, _ = Release.objects.filter(pk=release.pk, state=ReleaseState.RECEIVED).delete()
        if not gone:
            return
        ledger.record(
            "release refused",
            upload_subject(release.key),
            by=release.uploaded_by,
            now=now,
            outcome=Outcome.FAILED,
            reason=reason,
            **facts_of(release),
        )
    storage.discard(release.key)


def upload_subject(key: str) -> str:
    """What an upload is called in the ledger before it is a release."""
    return f"upload {key}"


def sweep(*, now: datetime) -> int:
    """What nobody names goes from the store, and what nobody could verify in a day with it."""
    for release in Release.objects.filter(
        state=ReleaseState.RECEIVED, uploaded_at__lte=now - KEPT_UNVERIFIED
    ):
        refuse(release, "It could not be verified within a day.", now=now)
    store, gone = storage.store(), 0
    for file in list(store.stored()):
        rows = Release.objects.filter(key=file.key, image_removed_at=None)
        named = file.whole and rows.exists()
        if not named and file.at <= now - KEPT_UNNAMED:
            store.remove(file.key)
            gone += 1
    return gone
