"""What becomes of an upload; of what is refused nothing is left but an entry in the ledger."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from devices.errors import Refused
from devices.ledger import LedgerEntry
from devices.releases import storage
from devices.releases.models import Release, ReleaseState
from devices.releases.receiving import actions
from devices.releases.receiving.actions import Conflict
from devices.releases.storage import Full, Taking
from tests.racing import race
from tests.releases.images import swu
from tests.releases.shelf import meta, nothing_is_kept, received, verified

pytestmark = pytest.mark.django_db


def told(verb):
    return [(one.subject, one.facts) for one in LedgerEntry.objects.filter(verb=verb)]


def test_a_release_is_received_with_what_was_found_on_the_way(maker, it, at):
    raw = swu(maker)

    release = received(raw, it, at)

    assert (release.state, release.size) == (ReleaseState.RECEIVED, len(raw))
    assert storage.open_release(release).path.read_bytes() == raw
    ((subject, facts),) = told("release received")
    assert (subject, facts["sha256"]) == ("firmware 4.3.0", release.sha256)


def test_what_came_at_once_is_held_to_the_quota_one_after_the_other(maker, it, at, settings):
    settings.RELEASES_QUOTA_GB = 1
    for one in ("4.3.0", "4.4.0"):
        actions.refuse_early(meta(version=one), 600 * 1024**2)
    first, second = (
        replace(storage.take_in([swu(maker)]), size=600 * 1024**2, sha256=digit * 64)
        for digit in "12"
    )
    kept = actions.receive(first, meta(), by=it, now=at)

    with pytest.raises(Full, match=r"Releases may take 1 GB and take 0\.6 GB"):
        actions.receive(second, meta(version="4.4.0"), by=it, now=at)

    assert Release.objects.get() == kept
    assert [one.key for one in storage.store().stored()] == [first.key]


def test_the_same_file_again_is_the_same_release_though_the_quota_is_reached(
    maker, it, at, settings
):
    raw = swu(maker)
    first = received(raw, it, at)
    settings.RELEASES_QUOTA_GB = 0

    assert received(raw, it, at) == first


def test_it_is_verified_by_itself(maker, it, at, believed):
    release = verified(maker, it, at)

    assert (release.state, release.signed_by) == (ReleaseState.VERIFIED, believed)
    ((_, facts),) = told("release verified")
    assert facts["signed_by"] == believed.fingerprint


def test_a_file_of_any_other_format_is_verified_by_its_detached_signature(maker, it, at, believed):
    raw = b"some maker's own format" * 100
    said = meta(file_name="r2.bin", hardware=(), signature=maker.sign(raw))
    release = received(raw, it, at, said)

    actions.verify_received(now=at)

    release.refresh_from_db()
    assert release.state == ReleaseState.VERIFIED


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (
            {"hardware": ("2.0", "2.1")},
            "The image is not for hardware 1.0; it is for 2.0, 2.1.",
        ),
        ({"hardware": ()}, "The image is not for hardware 1.0; it is for none."),
    ],
)  # fmt: skip
def test_an_image_that_does_not_hold_leaves_nothing_but_its_reason(
    maker, it, at, believed, made, reason
):
    release = received(swu(**{"by": maker, **made}), it, at)

    actions.verify_received(now=at)

    assert nothing_is_kept()
    ((subject, facts),) = told("release refused")
    assert subject == f"upload {release.key}"
    assert facts["reason"] == reason


def test_a_withdrawn_certificate_is_believed_no_more(maker, it, at, believed):
    from devices.releases.certificates.actions import withdraw_certificate

    withdraw_certificate(believed, by=it, now=at)
    received(swu(maker), it, at)

    actions.verify_received(now=at)

    assert nothing_is_kept()
    assert "no certificate to verify with" in told("release refused")[0][1]["reason"]


def test_the_same_bytes_again_are_the_same_release(maker, it, at):
    raw = swu(maker)

    assert received(raw, it, at) == received(raw, it, at)

    assert len(list(storage.store().stored())) == 1
    assert len(told("release received")) == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_contents_at_once_one_becomes_the_version(maker, it, at):
    images = [swu(maker, {"rootfs.bin": b"%d" % n}) for n in range(8)]

    outcomes = race(lambda n: received(images[n], it, at), runners=8)

    assert sum(isinstance(one, Release) for one in outcomes) == 1
    assert sum(isinstance(one, Conflict) for one in outcomes) == 7
    assert len(list(storage.store().stored())) == 1


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"file_name": "../../etc/passwd"}, "A file's name has at most 100"),
        ({"file_name": "x" * 4096}, "A file's name has at most 100"),
        ({"file_name": "a\u202egnp.swu"}, "A file's name has at most 100"),
        ({"file_name": ""}, "A file's name has at most 100"),
        ({"version": "4.3.0; drop"}, "A version has at most 40"),
        ({"version": "../4.3.0"}, "A version has at most 40"),
        ({"hardware": ()}, "Say which hardware revisions"),
        ({"hardware": ("<b>",)}, "Name at most 50 hardware"),
        ({"from_versions": tuple(f"1.{n}" for n in range(51))}, "Name at most 50 versions"),
        ({"notes": "x" * 4001}, "Notes are plain text"),
        ({"notes": "\x1b[31m"}, "Notes are plain text"),
        ({"urgency": "panic"}, "Say how urgent"),
        ({"minimum_battery_percent": 101}, "The least battery"),
        ({"signature": b"0"}, "carries its signature inside"),
        ({"file_name": "r2.bin"}, "It is unsigned"),
    ],
)
def test_what_is_said_wrongly_is_refused_and_leaves_nothing(maker, it, at, said, reason):
    with pytest.raises(Refused, match=reason):
        received(swu(maker), it, at, meta(**said))

    assert nothing_is_kept()


@pytest.mark.parametrize(
    ("size", "reason"),
    [(0, "The file is empty."), (2 * 1024**3 + 1, "The file is larger than 2 GB.")],
)
def test_a_size_that_cannot_be_is_refused_before_a_byte_is_read(it, size, reason):
    with pytest.raises(Refused, match=reason):
        actions.refuse_early(meta(), size)


def test_a_model_that_nobody_has_is_refused_before_a_byte_is_read(db):
    from devices.releases.rules import Meta

    said = Meta(file_name="a.swu", version="1", models=(999,), hardware=("1.0",))

    with pytest.raises(Refused, match="One of those camera models is not known"):
        actions.refuse_early(said, 1000)


def test_one_worker_verifies_at_a_time_and_a_killed_ones_work_is_taken_up(maker, it, at, believed):
    release = received(swu(maker), it, at)
    Release.objects.filter(pk=release.pk).update(verify_by=at + actions.VERIFIED_WITHIN)

    assert actions.verify_received(now=at) == 0
    assert actions.verify_received(now=at + actions.VERIFIED_WITHIN) == 1

    release.refresh_from_db()
    assert release.state == ReleaseState.VERIFIED


def test_a_server_without_openssl_refuses_nothing_and_tries_again(
    maker, it, at, believed, monkeypatch
):
    release = received(swu(maker), it, at)
    monkeypatch.setenv("PATH", "/nowhere")

    assert actions.verify_received(now=at) == 0

    monkeypatch.undo()
    assert actions.verify_received(now=at + actions.VERIFIED_WITHIN) == 1
    release.refresh_from_db()
    assert release.state == ReleaseState.VERIFIED


def test_what_the_store_lost_before_it_was_verified_is_no_release(maker, it, at, believed):
    release = received(swu(maker), it, at)
    storage.store().remove(release.key)

    actions.verify_received(now=at)

    assert nothing_is_kept()


def test_files_that_nobody_names_go_after_a_day(maker, it, at):
    kept = received(swu(maker), it, at)
    storage.take_in([b"its transaction failed"])
    Taking().write(b"its process was killed")

    assert actions.sweep(now=at) == 0
    assert actions.sweep(now=at + timedelta(hours=23)) == 0
    assert len(list(storage.store().stored())) == 3

    # A day later nobody has verified the third either: it goes with its row.
    assert actions.sweep(now=at + timedelta(hours=25)) == 2
    assert nothing_is_kept()
    assert told("release refused")[0][0] == f"upload {kept.key}"


def test_what_verified_is_never_swept(maker, it, at, believed):
    release = verified(maker, it, at)

    assert actions.sweep(now=at + timedelta(days=400)) == 0

    assert storage.open_release(release).size == release.size


def test_the_database_itself_keeps_what_verified(maker, it, at, believed):
    release = verified(maker, it, at)

    for change in ({"sha256": "0" * 64}, {"key": "other"}, {"signature": b"0"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Release.objects.filter(pk=release.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        Release.objects.filter(pk=release.pk).delete()
