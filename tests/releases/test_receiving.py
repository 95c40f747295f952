"""What becomes of an upload; of what is refused nothing is left but an entry in the ledger."""

import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from devices.errors import Refused
from devices.inventory.models import CameraModel
from devices.ledger import LedgerEntry
from devices.releases import actions as releases
from devices.releases import storage
from devices.releases.models import Release, ReleaseState
from devices.releases.receiving import actions
from devices.releases.receiving.actions import Conflict
from devices.releases.storage import Full, Taking
from tests.browser.serving import wait_until
from tests.racing import race
from tests.releases.images import swu
from tests.releases.shelf import approved, meta, nothing_is_kept, received, verified
from tests.rows import NO_ROW, a_model
from tests.surroundings import of_the_suite

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


def test_a_file_whose_version_was_mistyped_comes_again_when_that_was_recalled(
    maker, it, at, believed
):
    raw = b"no SWUpdate image" * 1000
    loose = {"file_name": "bodycam.bin", "hardware": (), "signature": maker.sign(raw)}
    mistyped = received(raw, it, at, meta(version="4.30", **loose))
    assert actions.verify_received(now=at) == 1
    mistyped.refresh_from_db()
    with pytest.raises(actions.Conflict, match="recall it before anybody approves it"):
        received(raw, it, at, meta(version="4.3.0", **loose))

    releases.recall(mistyped, "It is 4.3.0.", by=it, now=at)

    assert received(raw, it, at, meta(version="4.3.0", **loose)) != mistyped


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


def test_an_image_of_which_something_was_mistyped_comes_again_when_that_was_recalled(
    maker, it, colleague, at, believed, settings
):
    mistyped = verified(maker, it, at, minimum_battery_percent=90)
    raw = storage.open_release(mistyped).path.read_bytes()
    releases.recall(mistyped, "It needs 30 %.", by=it, now=at)

    again = received(raw, it, at)

    assert (again != mistyped, again.state) == (True, ReleaseState.RECEIVED)
    assert actions.verify_received(now=at) == 1
    again.refresh_from_db()
    releases.approve(again, by=colleague, now=at)
    assert again.minimum_battery_percent == 30
    assert received(raw, it, at) == again
    mistyped.refresh_from_db()
    assert mistyped.state == ReleaseState.RECALLED
    with pytest.raises(IntegrityError), transaction.atomic():
        Release.objects.filter(pk=mistyped.pk).update(approved_at=at)


def test_what_comes_again_after_a_recall_is_held_to_the_quota(maker, it, at, believed, settings):
    mistyped = verified(maker, it, at)
    raw = storage.open_release(mistyped).path.read_bytes()
    releases.recall(mistyped, "It needs 20 %.", by=it, now=at)
    settings.RELEASES_QUOTA_GB = 0

    with pytest.raises(Full):
        received(raw, it, at)

    assert Release.objects.get() == mistyped


def test_other_bytes_may_have_a_version_that_came_to_nobody(maker, it, at, believed):
    releases.recall(verified(maker, it, at), "The wrong file.", by=it, now=at)

    assert received(swu(maker, {"rootfs.bin": b"the right one"}), it, at).version == "4.3.0"


SAID = {"from_versions": ("4.2.0", "4.2.1"), "hardware": ("1.0", "1.1"), "notes": "Mends clips."}


def test_the_same_said_in_another_order_is_the_same(maker, it, at):
    raw = swu(maker)
    one, other = a_model(), CameraModel.objects.create(maker="Other", name="X")
    first = received(raw, it, at, meta(one, other, **SAID))

    turned = {"from_versions": ("4.2.1", "4.2.0"), "hardware": ("1.1", "1.0", "1.0")}
    again = received(
        raw, it, at, meta(other, one, **{**SAID, **turned, "notes": " Mends clips.\n"})
    )

    assert again == first


@pytest.mark.parametrize(
    ("otherwise", "words"),
    [
        ({"minimum_battery_percent": 90}, "least battery"),
        ({"urgency": "critical"}, "urgency"),
        ({"notes": ""}, "notes"),
        ({"hardware": ("1.0",)}, "hardware"),
        ({"from_versions": ()}, "versions it may come from"),
        ({"file_name": "other.swu"}, "file name"),
        ({"urgency": "high", "notes": "", "models": ()}, "camera models, notes, urgency"),
    ],
)
def test_the_same_file_of_which_something_else_is_said_is_no_repetition(
    maker, it, at, otherwise, words
):
    raw = swu(maker)
    kept = received(raw, it, at, meta(**SAID))
    other = CameraModel.objects.create(maker="Other", name="X")
    models = [a_model(), other] if "models" in otherwise else [a_model()]
    told = {name: said for name, said in otherwise.items() if name != "models"}

    with pytest.raises(Conflict, match=rf"something else was said of it: {words}\. If that was"):
        received(raw, it, at, meta(*models, **{**SAID, **told}))

    assert Release.objects.get() == kept
    assert [one.key for one in storage.store().stored()] == [kept.key]


def test_nor_is_one_with_another_signature(maker, it, at):
    raw = b"no SWUpdate image" * 1000
    loose = {"file_name": "bodycam.bin", "hardware": ()}
    received(raw, it, at, meta(signature=maker.sign(raw), **loose))

    with pytest.raises(Conflict, match="something else was said of it: signature"):
        received(raw, it, at, meta(signature=b"another", **loose))


@pytest.mark.parametrize("recalled", [False, True])
def test_what_was_approved_is_said_for_ever(maker, it, colleague, at, believed, recalled):
    release = approved(maker, it, colleague, at)
    raw = storage.open_release(release).path.read_bytes()
    if recalled:
        releases.recall(release, "It bricks.", by=it, now=at)

    says = "was recalled, and does not come back" if recalled else "is approved, so what was said"
    with pytest.raises(Conflict, match=f"said of it: urgency. It {says}"):
        received(raw, it, at, meta(urgency="high"))


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

    said = Meta(file_name="a.swu", version="1", models=(NO_ROW,), hardware=("1.0",))

    with pytest.raises(Refused, match="One of those camera models is not known"):
        actions.refuse_early(said, 1000)


@pytest.mark.django_db(transaction=True)
def test_one_worker_verifies_at_a_time_and_a_killed_ones_work_is_taken_up(maker, it, at, believed):
    release = received(swu(maker), it, at)

    with a_worker_that_verifies() as kill:
        assert actions.verify_received(now=at) == 0
        kill()
        wait_until(lambda: actions.verify_received(now=at) == 1)

    release.refresh_from_db()
    assert release.state == ReleaseState.VERIFIED


VERIFIES = """
import sys, time
import django; django.setup()
from devices.releases.receiving import actions
with actions._alone() as alone:
    print(alone, flush=True)
    time.sleep(600)
"""


@contextmanager
def a_worker_that_verifies():
    """A process that has begun to; what is given kills it."""
    told = {**of_the_suite(), "DJANGO_SETTINGS_MODULE": "fleet.settings"}
    words = [sys.executable, "-c", VERIFIES]
    with subprocess.Popen(words, env=told, stdout=subprocess.PIPE) as worker:
        try:
            assert worker.stdout.readline() == b"True\n"
            yield worker.kill
        finally:
            worker.kill()


def test_what_cannot_be_read_keeps_no_other_file_waiting(maker, it, at, believed, monkeypatch):
    unreadable = received(swu(maker), it, at)
    good = received(swu(maker, version="4.4.0"), it, at, meta(version="4.4.0"))
    opened = storage.open_release

    def opens(release):
        if release == unreadable:
            raise PermissionError(13, "the store refuses this one")
        return opened(release)

    monkeypatch.setattr(storage, "open_release", opens)
    done = [actions.verify_received(now=at + timedelta(seconds=2 * n)) for n in range(3)]

    assert done == [0, 1, 0]
    good.refresh_from_db()
    assert good.state == ReleaseState.VERIFIED
    monkeypatch.undo()
    assert actions.verify_received(now=at + timedelta(minutes=1)) == 1


def test_a_server_without_openssl_refuses_nothing_and_tries_again(
    maker, it, at, believed, monkeypatch
):
    release = received(swu(maker), it, at)
    monkeypatch.setenv("PATH", "/nowhere")

    assert actions.verify_received(now=at) == 0

    monkeypatch.undo()
    assert actions.verify_received(now=at + timedelta(seconds=2)) == 1
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
