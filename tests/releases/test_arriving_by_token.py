"""The door of large files for programs: the same streaming, the API's own refusals."""

import json

import pytest
from asgiref.sync import sync_to_async

from devices.access.scopes import Scope
from devices.releases.models import Release
from devices.releases.receiving import actions as receiving
from devices.roles import Role
from tests.api.callers import PROBLEM, program, refused, token_of
from tests.releases.images import swu
from tests.releases.shelf import nothing_is_kept
from tests.releases.test_arriving import Sender, whole
from tests.rows import person

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESS = "/api/v1/releases/upload/"


async def sent(token, body, **headers):
    told = {"authorization": f"Bearer {token}", "cookie": "", "x-csrftoken": "", **headers}
    sender = await sync_to_async(Sender)(None, body, headers=told)
    sender.path = ADDRESS
    return await sender.send_it()


def problem(answer, status):
    assert answer.status == status, answer.body
    assert answer.answered[b"content-type"].decode() == PROBLEM
    return json.loads(answer.body)["detail"]


@pytest.fixture
def token(it):
    return token_of(it, [Scope.SET_RELEASES])


async def test_a_program_brings_a_release_and_asks_what_it_became(it, token, believed, maker, at):
    raw = await sync_to_async(swu)(maker, {"rootfs.bin": bytes(3_000_000)})
    body = await whole(raw)

    first, again = await sent(token, body), await sent(token, body)

    told = json.loads(first.body)
    assert (first.status, again.body) == (200, first.body)
    release = await Release.objects.aget()
    assert (told["key"], told["release"]["id"]) == (release.key, release.pk)
    assert (told["release"]["state"], told["release"]["uploaded_by"]) == ("received", it.pk)
    await sync_to_async(receiving.verify_received)(now=at)
    ask = sync_to_async(program(token).get)
    became = (await ask(f"/api/v1/releases/uploads/{release.key}/")).json()
    assert became == {"state": "verified", "release": release.pk, "reason": None}


async def test_what_was_refused_says_why_by_its_key(token, believed, at):
    raw = await sync_to_async(swu)(None)
    told = json.loads((await sent(token, await whole(raw))).body)
    await sync_to_async(receiving.verify_received)(now=at)
    ask = sync_to_async(program(token).get)

    became = (await ask(f"/api/v1/releases/uploads/{told['key']}/")).json()

    assert (became["state"], became["release"]) == ("refused", None)
    assert "sw-description.sig" in became["reason"]
    for key in ("0" * 32, "x"):
        assert refused(await ask(f"/api/v1/releases/uploads/{key}/"), 404)


async def test_who_may_not_is_told_before_a_byte_is_read(it):
    make = sync_to_async(token_of)
    reading = await make(it, [Scope.RELEASES])
    auditor = await make(await sync_to_async(person)(Role.AUDITOR))

    for token, status in ((reading, 403), (auditor, 403), ("a.nobody.knows", 401)):
        answer = await sent(token, b"x" * 200_000)

        assert problem(answer, status)
        assert answer.read == 0


async def test_what_cannot_be_is_a_problem_and_nothing_is_kept(token):
    raw = bytes(2_000_000)
    body = await whole(raw)

    wrong = await sent(token, await whole(raw, version=""))
    assert "A version" in problem(wrong, 422)
    assert wrong.read * 65_536 < 1_200_000
    other_type = {"content-type": "text/plain"}
    assert "a line of JSON" in problem(await sent(token, body, **other_type), 415)
    assert "Content-Length" in problem(await sent(token, body, **{"content-length": ""}), 411)
    assert await sync_to_async(nothing_is_kept)()
    assert (await sent(token, body)).status == 200
    assert "other content" in problem(await sent(token, await whole(raw + b"x")), 409)
    mistyped = await sent(token, await whole(raw, minimum_battery_percent=90))
    assert "something else was said of it: least battery" in problem(mistyped, 409)
