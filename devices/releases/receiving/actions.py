"""What becomes of an upload: received, then verified or refused.

What is refused is not kept: its file and its row go, and the ledger says why.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Q

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

VERIFIED_WITHIN = timedelta(minutes=15)  # the verifier's own limit is ten
KEPT_UNVERIFIED = timedelta(days=1)
KEPT_UNNAMED = timedelta(days=1)  # an upload may take hours over a slow line
_TURN = 7_403_030  # any number of our own: one file at a time becomes a release


class Conflict(Refused):
    """There is another release of that version already."""


def refuse_early(meta: Meta, size: int) -> None:
    """Refuses, before a byte is read, what could not be received whatever the bytes are."""
    for reason in rules.refusals(meta, size):
        raise Refused(reason)
    if CameraModel.objects.filter(pk__in=meta.models).count() != len(set(meta.models)):
        raise Refused("One of those camera models is not known.")
    storage.refuse_if_full(size, held_bytes())


def held_bytes() -> int:
    """How much room all releases take."""
    return sum(Release.objects.values_list("size", flat=True))


def receive(received: Received, meta: Meta, *, by: Any, now: datetime) -> Release:
    """The file is a release that waits for its verification.

    The same bytes under the same version again are the same release. Other bytes are refused, and
    whatever is refused leaves nothing in the store.
    """
    try:
        release, made = _received(received, meta, by=by, now=now)
    except BaseException:
        storage.store().remove(received.key)
        raise
    if not made:
        storage.store().remove(received.key)
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
    if not Release.objects.filter(sha256=received.sha256, version=meta.version).exists():
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
    there = Release.objects.filter(kind=ReleaseKind.FIRMWARE, version=meta.version).first()
    if there is None:
        raise Conflict("Somebody uploaded this version at the same moment; look again.")
    if there.sha256 != received.sha256:
        raise Conflict(
            f"There is a firmware {meta.version} already, with other content. A version is one "
            "content for ever; give this one a version of its own."
        )
    return there


def verify_received(*, now: datetime) -> int:
    """The release that waits longest is verified, or gone with its reason; says how many were.

    One at a time and each by one worker: whoever claims it has until ``verify_by``, so that what
    a killed worker left is taken up again.
    """
    free = Q(verify_by=None) | Q(verify_by__lte=now)
    waiting = Release.objects.filter(state=ReleaseState.RECEIVED)
    if waiting.exclude(free).exists():
        return 0
    release = waiting.filter(free).order_by("uploaded_at").first()
    if release is None:
        return 0
    claimed = waiting.filter(free, pk=release.pk).update(verify_by=now + VERIFIED_WITHIN)
    return _verify(release, now=now) if claimed else 0


def _verify(release: Release, *, now: datetime) -> int:
    try:
        found = _judged(release, now)
    except Refused as refused:
        refuse(release, str(refused), now=now)
        return 1
    except Unable:
        return 0  # taken up again, until it is a day old
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
    return Meta(
        file_name=release.file_name,
        version=release.version,
        models=(),
        hardware=tuple(release.hardware),
    )


@transaction.atomic
def _verified(release: Release, found: Verified, *, now: datetime) -> None:
    RELEASE.move(release, ReleaseState.VERIFIED, signed_by=found.certificate, verify_by=None)
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
    storage.store().remove(release.key)


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
        named = file.whole and Release.objects.filter(key=file.key).exists()
        if not named and file.at <= now - KEPT_UNNAMED:
            store.remove(file.key)
            gone += 1
    return gone
