"""The door of large files: asked before a byte, streamed to the store, kept whole or not at all."""

import asyncio
import json
import shutil
from contextlib import suppress
from types import SimpleNamespace

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.middleware.csrf import _get_new_csrf_string

from devices.ledger import LedgerEntry
from devices.releases import storage
from devices.releases.models import Release
from devices.roles import Role
from fleet import arriving, asgi
from tests.dashboard.boards import cookie_of
from tests.releases.images import swu
from tests.releases.shelf import nothing_is_kept
from tests.rows import a_model, person

pytestmark = pytest.mark.django_db(transaction=True)
TOKEN = _get_new_csrf_string()


def line(length, **said):
    told = {
        "file_name": "bodycam.swu",
        "size": length,
        "version": "4.3.0",
        "models": [a_model().pk],
        "hardware": ["1.0"],
        "from_versions": [],
        "notes": "",
        "urgency": "low",
        "minimum_battery_percent": 30,
        "signature": "",
        **said,
    }
    return json.dumps(told).encode() + b"\n"


class Sender:
    """Somebody's browser that sends a body in pieces, and notes how much was asked for."""

    path = "/releases/upload/"

    def __init__(self, user, body, *, length=None, cut_after=None, headers=None):
        self.pieces = [body[n : n + 65_536] for n in range(0, len(body), 65_536)] or [b""]
        self.length = len(body) if length is None else length
        self.cut_after = cut_after
        self.more = len(body) < self.length < 10**9
        cookie = f"csrftoken={TOKEN}" + (f"; sessionid={cookie_of(user)}" if user else "")
        self.headers = {
            "host": "testserver",
            "content-type": arriving.TYPE,
            "content-length": str(self.length),
            "cookie": cookie,
            "x-csrftoken": TOKEN,
            **(headers or {}),
        }
        self.read = 0
        self.status, self.body, self.answered = None, b"", {}

    async def send_it(self):
        scope = {
            "type": "http",
            "http_version": "1.1",
            "scheme": "http",
            "method": "POST",
            "path": self.path,
            "raw_path": self.path.encode(),
            "query_string": b"",
            "headers": [
                (name.encode(), value.encode()) for name, value in self.headers.items() if value
            ],
            "client": ("127.0.0.1", 5),
            "server": ("testserver", 80),
        }
        await asgi.application(scope, self._give, self._take)
        return self

    async def _give(self):
        if self.cut_after is not None and self.read >= self.cut_after:
            return {"type": "http.disconnect"}
        if self.read >= len(self.pieces):
            await asyncio.Event().wait()
        piece = self.pieces[self.read]
        self.read += 1
        more = self.read < len(self.pieces) or self.more
        return {"type": "http.request", "body": piece, "more_body": more}

    async def _take(self, message):
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.answered = {name.lower(): value for name, value in message["headers"]}
        else:
            self.body += message.get("body", b"")

    @property
    def says(self):
        return json.loads(self.body)["says"]


@pytest.fixture
async def it():
    return await sync_to_async(person)(Role.IT, name="it")


async def sent(user, body, **how):
    sender = await sync_to_async(Sender)(user, body, **how)
    return await sender.send_it()


async def whole(raw, **said):
    return await sync_to_async(line)(len(raw), **said) + raw


async def test_a_file_comes_in_pieces_and_is_a_release(it, maker):
    raw = await sync_to_async(swu)(maker, {"rootfs.bin": bytes(3_000_000)})

    answer = await sent(it, await whole(raw))

    release = await Release.objects.select_related("uploaded_by").aget()
    assert answer.status == 200
    assert json.loads(answer.body) == {"key": release.key, "address": f"/releases/{release.pk}/"}
    assert release.uploaded_by == it
    assert storage.open_release(release).path.read_bytes() == raw
    entry = await LedgerEntry.objects.aget(verb="release received")
    assert (entry.source, bool(entry.session)) == ("127.0.0.1", True)


@pytest.mark.parametrize("role", [one for one in Role if one is not Role.IT], ids=str)
async def test_who_may_not_is_told_before_a_byte_is_read(role):
    user = await sync_to_async(person)(role)

    answer = await sent(user, b"x" * 200_000)

    assert (answer.status, answer.read) == (403, 0)
    assert answer.answered[b"connection"] == b"close"


async def test_who_is_not_signed_in_is_asked_to_before_a_byte_is_read(db):
    answer = await sent(None, b"x" * 200_000)

    assert (answer.status, answer.read) == (302, 0)
    assert answer.answered[b"location"].startswith(b"/sign-in/")


@pytest.mark.parametrize(
    "headers", [{"x-csrftoken": ""}, {"x-csrftoken": "x" * 32}, {"origin": "https://evil.example"}]
)
async def test_another_sites_form_sends_nothing(it, headers):
    answer = await sent(it, b"x" * 200_000, headers=headers)

    assert (answer.status, answer.read) == (403, 0)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content-length": ""}, 411),
        ({"content-length": "-5"}, 411),
        ({"content-length": str(3 * 1024**3)}, 413),
        ({"content-length": "9" * 400}, 413),
        ({"content-type": "multipart/form-data; boundary=x"}, 415),
        ({"content-type": "text/plain"}, 415),
    ],
)
async def test_a_request_that_cannot_be_a_release_is_refused_unread(it, headers, status):
    answer = await sent(it, b"x" * 200_000, headers=headers)

    assert (answer.status, answer.read) == (status, 0)


@pytest.mark.parametrize(
    "said",
    [
        {"version": ""},
        {"file_name": "../../etc/passwd"},
        {"file_name": "x" * 4096},
        {"models": [10**30]},
        {"models": [2**62]},
        {"models": ["1"]},
        {"models": [True]},
        {"models": 1},
        {"hardware": None},
        {"minimum_battery_percent": 30.5},
        {"notes": "\x00"},
        {"notes": "\ud800"},
        {"signature": "not base64"},
        {"more": 1},
        {"size": 5},
    ],
)
async def test_what_is_said_wrongly_is_refused_before_the_file_is_taken(it, said):
    raw = bytes(2_000_000)

    answer = await sent(it, await whole(raw, **said))

    assert answer.status == 422
    assert answer.says
    assert answer.read * 65_536 < 1_200_000  # the piece in which the line stood, and no more
    assert await sync_to_async(nothing_is_kept)()


@pytest.mark.parametrize(
    "body",
    [b"", b"\n", b"{}\n", b"[" * 100_000 + b"\n", b"\xff\n", b'{"a":1,"a":2}\nx', b"x" * 400],
)
async def test_what_has_no_line_of_ours_is_refused(it, body):
    answer = await sent(it, body)

    assert answer.status == 422
    assert await sync_to_async(nothing_is_kept)()


@pytest.mark.parametrize("share", [0.2, 0.5, 0.99])
async def test_a_sender_who_is_cut_off_leaves_nothing(it, share):
    body = await whole(bytes(6_500_000))
    pieces = len(body) // 65_536 + 1

    answer = await sent(it, body, cut_after=int(pieces * share))

    assert answer.status is None
    assert await sync_to_async(nothing_is_kept)()


async def test_a_sender_who_falls_silent_is_told_and_leaves_nothing(it, monkeypatch):
    monkeypatch.setattr(arriving, "SILENT_FOR_S", 0.1)
    raw = bytes(3_000_000)
    body = await whole(raw)

    answer = await sent(it, body[:2_000_000], length=len(body))

    assert (answer.status, answer.says[:12]) == (408, "Nothing came")
    assert await sync_to_async(nothing_is_kept)()


async def test_less_than_was_said_is_not_kept(it):
    body = await whole(bytes(3_000_000))
    sender = await sync_to_async(Sender)(it, body[:2_000_000], length=len(body))
    sender.more = False

    await sender.send_it()

    assert sender.status == 400
    assert await sync_to_async(nothing_is_kept)()


async def test_other_content_under_the_same_version_is_a_conflict(it):
    await sent(it, await whole(b"one" * 1000))

    answer = await sent(it, await whole(b"two" * 1000))

    assert answer.status == 409
    assert "with other content" in answer.says
    assert len(list(storage.store().stored())) == 1


async def test_the_same_content_with_something_else_said_of_it_is_a_conflict(it):
    await sent(it, await whole(b"one" * 1000))

    answer = await sent(it, await whole(b"one" * 1000, urgency="critical", notes="Mends clips."))

    assert answer.status == 409
    assert "something else was said of it: notes, urgency" in answer.says
    assert len(list(storage.store().stored())) == 1


@pytest.mark.parametrize("wrong", ["no folder", "no file"])
async def test_a_store_that_takes_nothing_is_507(it, wrong, monkeypatch):
    folder = settings.VAR_DIR / "releases"
    if wrong == "no folder":
        folder.write_bytes(b"")
    else:
        monkeypatch.setattr("secrets.token_hex", lambda _: "taken")
        folder.mkdir()
        (folder / "taken.part").write_bytes(b"")

    answer = await sent(it, await whole(b"x" * 1000))

    assert answer.status == 507
    assert "full, or out of reach" in answer.says
    assert not await Release.objects.aexists()


async def test_a_full_store_is_said(it):
    settings.RELEASES_QUOTA_GB, before = 0, settings.RELEASES_QUOTA_GB
    try:
        answer = await sent(it, await whole(b"x" * 1000))
    finally:
        settings.RELEASES_QUOTA_GB = before

    assert answer.status == 507
    assert "Releases may take" in answer.says


async def test_a_disk_that_others_fill_while_it_comes_is_said_and_nothing_is_left(it, monkeypatch):
    def usage(path):
        comes = any(one.stat().st_size > 1_500_000 for one in path.glob("*"))
        return SimpleNamespace(free=storage.SPARE + (0 if comes else 10**9))

    monkeypatch.setattr(shutil, "disk_usage", usage)

    answer = await sent(it, await whole(bytes(6_000_000)))

    assert answer.status == 507
    assert "leaves 1.0 GB for the fleet" in answer.says
    assert answer.answered[b"connection"] == b"close"
    assert await sync_to_async(nothing_is_kept)()


async def test_only_so_many_come_in_at_once(it, monkeypatch):
    monkeypatch.setattr(arriving, "AT_ONCE", 1)
    body = await whole(bytes(2_000_000))
    slow = await sync_to_async(Sender)(it, body[:1_500_000], length=len(body))
    going = asyncio.create_task(slow.send_it())
    while not slow.read:
        await asyncio.sleep(0.01)

    answer = await sent(it, body)

    going.cancel()
    with suppress(asyncio.CancelledError):
        await going
    assert answer.status == 503
    assert await sync_to_async(nothing_is_kept)()


async def test_who_may_no_longer_is_stopped_while_it_comes(it, monkeypatch):
    monkeypatch.setattr(arriving, "ASK_AGAIN_S", 0.0)
    sender = await sync_to_async(Sender)(it, await whole(bytes(6_000_000)))
    give = sender._give

    async def until_disabled():
        if sender.read == 40:
            it.is_active = False
            await it.asave()
        return await give()

    sender._give = until_disabled

    await sender.send_it()

    assert sender.status == 302
    assert sender.read < len(sender.pieces)
    assert await sync_to_async(nothing_is_kept)()
