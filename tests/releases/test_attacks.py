"""Whatever somebody tries in order to bring a camera what is not the department's, by the real
verifier and at the real doors: none of it is accepted, and nothing is kept or changed."""

import pytest
from asgiref.sync import sync_to_async

from devices.errors import Refused
from devices.health.models import CameraAttributes, CameraHealth
from devices.inventory.models import Camera
from devices.ledger import LedgerEntry
from devices.releases import actions, storage
from devices.releases.models import Release
from devices.releases.receiving.actions import Conflict, verify_received
from devices.rollouts.courses import actions as courses
from devices.rollouts.models import Deployment, DeploymentWord, Rollout
from devices.rollouts.rules import FINAL, Turn
from tests.ddi.asking import ask, feedback
from tests.ddi.conftest import a_client, with_turn
from tests.ddi.offers import BYTES, a_release
from tests.releases.images import description, end, entry, swu
from tests.releases.shelf import approved, meta, nothing_is_kept, received
from tests.rollouts.setting import docked, drafted

FILES = {"rootfs.bin": b"firmware " * 1000, "boot.bin": b"\1\2\3" * 777}
UNSIGNED = "The image is unsigned: sw-description.sig does not follow."
STRANGE = "It was signed by somebody whose certificate is not among ours."
FORGED = "The signature does not match: what was signed has been changed."
DAMAGED = "{} was damaged on the way: its sum is another."
SUCCESS = feedback("closed", "success")


def changed(raw, before, after):
    assert before in raw
    return raw.replace(before, after, 1)


def forged(maker):
    """Another description, with its sum, under the signature of the first."""
    said = description(FILES).encode()
    first = [
        entry("sw-description", said.replace(b"4.3.0", b"4.9.9")),
        entry("sw-description.sig", maker.sign(said)),
    ]
    return b"".join([*first, *(entry(name, one) for name, one in FILES.items()), end()])


def other_file(maker):
    """Another file, with its sum, under a description that was signed."""
    boot = entry("boot.bin", FILES["boot.bin"])
    return changed(swu(maker, FILES), boot, entry("boot.bin", b"\3\2\1" * 777))


def cut(raw, share):
    whole = raw[: -256 - 124]  # to the last byte of its last file
    return whole[: int(len(whole) * share)]


# What comes in, by whom, and the reason why nothing of it is kept.
UPLOADS = {
    "unsigned": (lambda maker, _: swu(None, FILES), UNSIGNED),
    "signed by a stranger": (lambda _, stranger: swu(stranger, FILES), STRANGE),
    "its signature taken away": (
        lambda maker, _: changed(swu(maker, FILES), b"sw-description.sig", b"sw-description.sih"),
        UNSIGNED,
    ),
    "a file changed": (
        lambda maker, _: changed(swu(maker, FILES), b"firmware firmware", b"firmware FIRMWARE"),
        DAMAGED.format("rootfs.bin"),
    ),
    "a file changed, and its sum": (
        lambda maker, _: other_file(maker),
        "boot.bin is not what was signed: its sha256 is another.",
    ),
    "its description changed": (
        lambda maker, _: changed(swu(maker, FILES), b'version = "4.3.0"', b'version = "4.9.9"'),
        DAMAGED.format("sw-description"),
    ),
    "its description changed, and its sum": (lambda maker, _: forged(maker), FORGED),
    **{
        f"cut after {share} of it": (
            lambda maker, _, share=share: cut(swu(maker, FILES), share),
            "The image is cut short.",
        )
        for share in (0.001, 0.3, 0.5, 0.9, 0.99)
    },
    "an old one said to be new": (
        lambda maker, _: swu(maker, FILES, version="4.2.9"),
        "The image says it is version 4.2.9; you said 4.3.0.",
    ),
}


@pytest.mark.django_db
class TestUploads:
    @pytest.mark.parametrize("attack", UPLOADS)
    def test_what_is_no_image_of_ours(self, maker, stranger, it, at, believed, attack):
        made, reason = UPLOADS[attack]
        received(made(maker, stranger), it, at)

        assert verify_received(now=at) == 1

        assert nothing_is_kept()
        assert LedgerEntry.objects.get(verb="release refused").facts["reason"] == reason

    def test_the_same_version_with_other_content(self, maker, it, colleague, at, believed):
        first = approved(maker, it, colleague, at)

        with pytest.raises(Conflict, match="already, with other content"):
            received(swu(maker, FILES), it, at)

        assert Release.objects.get().sha256 == first.sha256
        assert [one.key for one in storage.store().stored()] == [first.key]

    @pytest.mark.parametrize("recalled", [False, True])
    def test_an_old_one_under_a_new_name(self, maker, it, colleague, at, believed, recalled):
        raw = b"no SWUpdate image" * 1000
        loose = {"file_name": "bodycam.bin", "hardware": (), "signature": maker.sign(raw)}
        old = received(raw, it, at, meta(version="4.1.0", **loose))
        assert verify_received(now=at) == 1
        old.refresh_from_db()
        actions.approve(old, by=colleague, now=at)
        if recalled:
            actions.recall(old, "It bricks.", by=it, now=at)

        with pytest.raises(Conflict, match=r"This file is Firmware 4\.1\.0, byte for byte"):
            received(raw, it, at, meta(version="4.9.9", **loose))

        assert Release.objects.get() == old
        assert [one.key for one in storage.store().stored()] == [old.key]

    def test_a_recalled_one_once_more(self, maker, it, colleague, at, believed):
        release = approved(maker, it, colleague, at)
        raw = storage.open_release(release).path.read_bytes()
        actions.recall(release, "It bricks.", by=it, now=at)

        assert received(raw, it, at) == release

        assert verify_received(now=at) == 0
        with pytest.raises(Refused):
            actions.approve(Release.objects.get(), by=colleague, now=at)
        assert Release.objects.get().state == "recalled"

    @pytest.mark.parametrize(
        ("versions", "why"),
        [
            (("4.2.1", "4.1.0"), "4.1.0 is older"),
            (("V4.3.0", "V4.1.0"), "V4.1.0 is older"),
            (("2024120101", "2024112901"), "2024112901 is older"),
            (("factory", "4.1.0"), "nobody can tell whether 4.1.0 is newer"),
            (("4.1.0+b9", "4.1.0+b7"), r"nobody can tell whether 4.1.0\+b7 is newer"),
        ],
    )
    @pytest.mark.usefixtures("believed")
    def test_an_old_one_that_was_good_once(self, it, maker, colleague, at, versions, why):
        runs, version = versions
        docked(2, at)
        CameraHealth.objects.update(firmware_version=runs)
        rollout = drafted(it, at, approved(maker, it, colleague, at, version))
        courses.approve(rollout, by=colleague, now=at)

        with pytest.raises(Refused, match=rf"No camera needs it. 2: It runs .*; {why}, and no"):
            courses.start(rollout, by=it, now=at)

        assert Rollout.objects.get().state == "approved"
        assert not Deployment.objects.exists()


@pytest.fixture
def client(transactional_db):
    return a_client()


@pytest.fixture
def offered(client):
    """A camera that an update is offered to."""
    return with_turn(client)


@pytest.fixture
def other(transactional_db):
    """A camera of another station, with an update of its own."""
    return with_turn(a_client("BWC-000900", code="N", number=900))


async def nothing_was_said_of(client, state):
    assert await client.state() == state
    assert not client.turn.fetched
    assert not await DeploymentWord.objects.aexists()
    assert not await LedgerEntry.objects.filter(verb__startswith="update").aexists()


class TestDownloads:
    async def test_another_cameras_image(self, offered, other):
        for name in (offered.file, f"{offered.file}.MD5SUM"):
            for answer in (
                await ask("GET", offered.base + name, other.token),
                await ask("HEAD", offered.base + name, other.token),
                await other.get(name),
                await other.get(name, headers={"range": "bytes=0-9"}),
            ):
                assert answer.status in (401, 404)
                assert BYTES[:9] not in answer.body
        assert (await other.get(offered.file.rpartition("/")[0])).status == 404

        await nothing_was_said_of(offered, Turn.OFFERED)
        await nothing_was_said_of(other, Turn.OFFERED)

    async def test_an_image_that_is_offered_to_nobody(self, offered):
        shelved = await sync_to_async(a_release)(b"secret")

        path = f"/softwaremodules/{shelved.pk}/artifacts"
        answers = [await offered.get(path), await offered.get(f"{path}/{shelved.file_name}")]

        assert [one.status for one in answers] == [404, 404]
        await nothing_was_said_of(offered, Turn.OFFERED)


class TestFeedback:
    @pytest.mark.parametrize("finished", ["failure", "success"])
    async def test_for_another_camera(self, offered, other, finished):
        said, number = feedback("closed", finished), offered.turn.offer

        answers = [
            await other.say(said, offer=number),
            await ask(
                "POST", f"{offered.base}/deploymentBase/{number}/feedback", other.token, said
            ),
            await other.say(said, offer=number, of="cancelAction"),
        ]

        assert [one.status for one in answers] == [404, 401, 404]
        await nothing_was_said_of(offered, Turn.OFFERED)

    async def test_a_success_without_the_bytes(self, client):
        await sync_to_async(with_turn)(client, Turn.INSTALLING)
        await client.head(client.file)
        await client.get(client.file + ".MD5SUM")

        answers = [await client.say(SUCCESS) for _ in range(3)]

        assert {one.status for one in answers} == {200}  # else clients repeat it for ever
        assert await client.state() == Turn.INSTALLING
        assert not client.turn.fetched
        assert await DeploymentWord.objects.acount() == 3

    async def test_a_success_of_what_was_never_offered(self, client):
        await sync_to_async(with_turn)(client, Turn.PLANNED)

        answers = [await client.say(SUCCESS, offer=one) for one in (client.turn.pk, 999_999)]

        assert [one.status for one in answers] == [404, 404]
        await nothing_was_said_of(client, Turn.PLANNED)

    async def test_a_success_after_the_end(self, client):
        for state in sorted(FINAL):
            await sync_to_async(with_turn)(client, state)

            assert (await client.say(SUCCESS)).status == 410

            await nothing_was_said_of(client, state)
            await client.turn.adelete()


async def test_another_cameras_attributes(client, other):
    said = {"data": {"hw": "9.9"}}

    answer = await ask("PUT", f"{client.base}/configData", other.token, said)

    assert answer.status == 401
    assert not await CameraAttributes.objects.aexists()
    assert await Camera.objects.filter(attributes=None).acount() == 2
