"""What is no batch, and who is no device, is refused at both doors and changes nothing."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from devices.access import tokens
from devices.access.models import DeviceToken, Quarantined
from devices.access.tokens import TokenKind
from devices.gateway.doors import BAD_TEXT, NOT_ALLOWED, NOT_PROVEN, TOO_BIG
from devices.health.models import CameraHealth, DockHealth, EarlierBoot, Placement, Reading
from devices.wire import MOST_BYTES, MOST_RECORDS
from tests.gateway.faulty import RTL, SURPRISE, Raw, written
from tests.gateway.knocking import JSON, Reply, Socket, post
from tests.gateway.words import batch, report, token_of
from tests.rows import a_camera, a_dock, a_station

pytestmark = pytest.mark.django_db(transaction=True)
TABLES = (CameraHealth, DockHealth, EarlierBoot, Placement, Reading, Quarantined)


@pytest.fixture
def station(transactional_db):
    return a_station()


@pytest.fixture
def camera(station):
    return a_camera(417, station, datetime.now(UTC), health={})


@pytest.fixture
def token(station, camera):
    return token_of(a_dock("D01", station), datetime.now(UTC))


@pytest.fixture(autouse=True)
def _nothing_changed(camera):
    """Every test here leaves the rows as they were."""
    before = rows()
    yield
    assert rows() == before


def rows():
    with connection.cursor() as cursor:
        found = []
        for table in TABLES:
            cursor.execute(f"SELECT t::text FROM {table._meta.db_table} t ORDER BY 1")
            found.append(cursor.fetchall())
        return found


def assert_a_problem(told, status):
    """RFC 9457, short, and nothing of what was sent."""
    assert told["status"] == status
    assert told["type"] == "about:blank"
    assert told["title"].endswith(".")
    assert len(told["request_id"]) == 32
    said = json.dumps(told)
    assert len(said) <= 8 * 1024
    assert SURPRISE not in said
    for fault in told.get("errors", ()):
        assert fault["detail"].isprintable()


def assert_a_refusal(reply: Reply, status):
    assert reply.status == status
    assert reply.headers[b"content-type"] == b"application/problem+json"
    assert reply.headers[b"cache-control"] == b"no-store"
    assert_a_problem(reply.json(), status)


def deep(depth):
    """A batch, which is one level by itself, nested so deep."""
    return batch(surprise=Raw("[" * (depth - 1) + "]" * (depth - 1)))


def without(name):
    return {field: value for field, value in batch(report()).items() if field != name}


# The text of a message; the status over HTTP, and the same over the socket or its close code.
MESSAGES = {
    "nothing": ("", 400, NOT_ALLOWED),
    "a blank": (" ", 400, 400),
    "half a batch": (written(batch(report()))[:-3], 400, 400),
    "two batches": (written(batch(report())) * 2, 400, 400),
    "plain words": (SURPRISE, 400, 400),
    "a mark of byte order": ("\ufeff" + written(batch(report())), 400, 400),
    "17 deep": (written(deep(17)), 400, 400),
    "5,000 deep": (written(deep(5_000)), 400, 400),
    "16 deep": (written(deep(16)), 422, 422),
    "a list": (written([batch(report())]), 422, 422),
    "null": ("null", 422, 422),
    "a number": ("7", 422, 422),
    "not a number": ("NaN", 422, 422),
    "an empty object": ("{}", 422, 422),
    "a name that stands twice": ('{"id": "1", ' + written(batch(report()))[1:], 422, 422),
    "no id": (written(without("id")), 422, 422),
    "no time": (written(without("sent_at")), 422, 422),
    "an id of 10,000 letters": (written(batch(report(), id="x" * 10_000)), 422, 422),
    "an id that runs backwards": (written(batch(report(), id=f"b{RTL}1")), 422, 422),
    "an id in markup": (written(batch(report(), id=f"<b>{SURPRISE}</b>")), 422, 422),
    "an id that is half a character": (written(batch(report(), id="\ud800")), 422, 422),
    "a number for an id": (written(batch(report(), id=Raw("9" * 4_000))), 422, 422),
    "the year 9999": (written(batch(report(), sent_at="9999-01-01T00:00:00Z")), 422, 422),
    "the year 1": (written(batch(report(), sent_at="0001-01-01T00:00:00Z")), 422, 422),
    "no offset": (written(batch(report(), sent_at="2030-01-01T00:00:00")), 422, 422),
    "a time that is none": (written(batch(report(), sent_at=f"now {SURPRISE}")), 422, 422),
    "an unknown field": (written(batch(report(), surprise=SURPRISE)), 422, 422),
    "an unknown field in markup": (written({**batch(report()), f"<i>{SURPRISE}": 1}), 422, 422),
    "300 unknown fields": (
        written({**batch(), **{f"f{n}_{SURPRISE}" * 3: SURPRISE for n in range(300)}}),
        422,
        422,
    ),
    "an object for reports": (written(batch(reports={"0": report()})), 422, 422),
    "a text for events": (written({**batch(report()), "events": "none"}), 422, 422),
    "one record too many": (written(batch(*[{}] * (MOST_RECORDS + 1))), 422, 422),
    "10,000 records": (written(batch(*[{}] * 10_000)), 422, 422),
    "10,000 events": (written(batch(events=[{}] * 10_000)), 422, 422),
    "1 MB in one record": (
        written(batch(report(), report(firmware_version=SURPRISE * 100_000))),
        413,
        TOO_BIG,
    ),
    "one byte too many": (written(batch(report())).ljust(MOST_BYTES + 1), 413, TOO_BIG),
}


async def test_over_http_each_is_refused_with_a_problem(token):
    for name, (text, status, _) in MESSAGES.items():
        reply = await post(text.encode(), token)

        assert reply.status == status, name
        assert_a_refusal(reply, status)


async def test_over_a_socket_each_is_refused_and_the_socket_stays_open_where_it_can(token):
    socket = await Socket(token).open()
    for name, (text, _, expected) in MESSAGES.items():
        told = await socket.say(text)

        if isinstance(told, int):
            assert told == expected, name
            socket = await Socket(token).open()
        else:
            assert told["status"] == expected, name
            assert_a_problem(told, expected)


@pytest.mark.parametrize(
    "raw",
    [
        b"\xff\xfe",
        written(batch(report())).encode("utf-16"),
        written(batch(report())).encode("utf-32"),
        b'{"id": "\xed\xa0\x80"}',
        b'{"id": "\xc0\xaf"}',
        b"\x1f\x8b\x08\x00" + bytes(100),
    ],
    ids=["no text", "utf-16", "utf-32", "half a character", "too long a spelling", "gzip"],
)
async def test_a_body_that_is_not_utf_8_is_refused(token, raw):
    assert_a_refusal(await post(raw, token), 400)


async def test_half_a_character_in_a_frame_closes_the_socket(token):
    socket = await Socket(token).open()

    assert await socket.say('{"id": "\ud800"}') == BAD_TEXT


async def test_a_binary_frame_closes_the_socket(token):
    socket = await Socket(token).open()
    frame = written(batch(report())).encode()

    await socket.door.send_input({"type": "websocket.receive", "bytes": frame})

    assert await socket.hear() == NOT_ALLOWED


GZIP = (b"content-encoding", b"gzip")


@pytest.mark.parametrize(
    "headers",
    [
        (),
        ((b"content-type", b""),),
        ((b"content-type", b"text/plain"),),
        ((b"content-type", b"text/html; x=application/json"),),
        ((b"content-type", b"multipart/form-data; boundary=x"),),
        ((b"content-type", b"application/json-patch+json"),),
        ((b"content-type", b"\xff\xfe"),),
        (JSON, GZIP),
        (JSON, (b"content-encoding", b"identity")),
    ],
)
async def test_another_type_or_anything_encoded_is_refused(token, headers):
    reply = await post(batch(report()), token, headers=headers)

    assert_a_refusal(reply, 415)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
async def test_another_method_is_refused(token, method):
    reply = await post(batch(report()), token, method=method)

    assert_a_refusal(reply, 405)
    assert reply.headers[b"allow"] == b"POST"


SECRET = "a2" * 16
TOKENS = {
    "none": "",
    "garbled": "ab c\xff",
    "of nobody": f"d.abcdefgh.{SECRET}",
    "of no kind": f"x.abcdefgh.{SECRET}",
    "of 10,000 letters": "d." + "a" * 10_000,
    "with a quote": "d.abcdefg'.--",
    "with nothing in it": "d.abcdefgh.\x00",
}


async def assert_not_let_in(token):
    reply = await post(batch(report()), token)
    socket = await Socket(token).open()

    assert_a_refusal(reply, 401)
    assert reply.headers[b"www-authenticate"] == b"Bearer"
    assert await socket.hear() == NOT_PROVEN


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS)
async def test_a_token_that_is_none_of_ours_lets_nobody_in(token):
    await assert_not_let_in(token)


async def test_a_revoked_token_lets_nobody_in(token):
    await DeviceToken.objects.aupdate(revoked_at=datetime.now(UTC) - timedelta(minutes=1))

    await assert_not_let_in(token)


async def test_the_right_key_with_another_secret_lets_nobody_in(token):
    await assert_not_let_in(token[:-1] + ("a" if token[-1] != "a" else "b"))


async def test_a_persons_token_lets_nobody_in(token):
    await assert_not_let_in(tokens.mint(TokenKind.API).plaintext)


@pytest.mark.parametrize(
    "header",
    [
        (b"origin", b"https://fleet.example"),
        (b"origin", b"null"),
        (b"cookie", b"sessionid=stolen"),
    ],
)
async def test_a_browser_is_turned_away(token, header):
    reply = await post(batch(report()), token, headers=(JSON, header))
    socket = await Socket(token, headers=(header,)).open()

    assert_a_refusal(reply, 403)
    assert await socket.hear() == NOT_ALLOWED


async def test_a_sender_that_leaves_in_the_middle_of_its_body_is_no_failure(token):
    assert_a_refusal(await post(b'{"id": "1", "sent', token, leaves=True), 400)
