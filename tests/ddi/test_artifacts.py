"""A release's bytes: whole, in parts, and only for whom they are."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from asgiref.sync import sync_to_async
from django.utils.timezone import now

from devices.gateway.ddi.ranges import Changed, NotThere, Span, asked_for
from devices.releases.storage import Taking
from devices.rollouts.actions import FETCHES_FOR
from devices.rollouts.models import Deployment, Rollout
from devices.rollouts.rules import Turn
from tests.ddi.asking import ask
from tests.ddi.offers import BYTES
from tests.gateway.words import token_of
from tests.releases.buckets import bucket

SIZE = len(BYTES)
TAG = b'"tag"'


def tag_of(client):
    return f'"{client.turn.rollout.release.sha1}"'


def _bring(key):
    taking = Taking(key)
    taking.write(BYTES)
    taking.keep()


class TestWhole:
    async def test_get(self, offered):
        answer = await offered.get(offered.file, headers={"accept": "application/octet-stream"})

        assert (answer.status, answer.body) == (200, BYTES)
        assert answer.headers == {
            b"content-type": b"application/octet-stream",
            b"content-length": str(SIZE).encode(),
            b"etag": tag_of(offered).encode(),
            b"accept-ranges": b"bytes",
        }

    async def test_head_is_the_same_without_bytes_and_begins_nothing(self, offered):
        got = await offered.head(offered.file, headers={"range": "bytes=0-1"})

        assert (got.status, got.body) == (200, b"")
        assert got.headers[b"content-length"] == str(SIZE).encode()
        assert await offered.state() == Turn.OFFERED
        assert not offered.turn.fetched

    async def test_the_first_get_is_the_begin_of_a_download(self, offered):
        await offered.get(offered.file)

        assert await offered.state() == Turn.DOWNLOADING
        assert offered.turn.fetched

    async def test_an_update_that_installs_as_it_downloads_stays_installing(self, turned):
        client = await turned(Turn.INSTALLING)

        await client.get(client.file)

        assert await client.state() == Turn.INSTALLING
        assert client.turn.fetched

    async def test_md5sum_is_as_the_tool_prints_it(self, offered):
        release = offered.turn.rollout.release

        answer = await offered.get(offered.file + ".MD5SUM")

        assert answer.body == f"{release.md5}  {release.file_name}\n".encode()
        assert await offered.state() == Turn.OFFERED

    async def test_the_list_of_a_module(self, offered):
        release = offered.turn.rollout.release

        answer = await offered.get(f"/softwaremodules/{release.pk}/artifacts")

        (artifact,) = answer.json()
        assert (artifact["filename"], artifact["size"]) == (release.file_name, SIZE)

    async def test_two_lines_of_one_client_at_once(self, offered):
        whole, part = await asyncio.gather(
            offered.get(offered.file),
            offered.get(offered.file, headers={"range": f"bytes={SIZE // 2}-"}),
        )

        assert whole.body == BYTES
        assert part.body == BYTES[SIZE // 2 :]

    async def test_another_method_is_405(self, offered):
        answer = await ask("PUT", offered.base + offered.file, offered.token, {})

        assert (answer.status, answer.headers[b"allow"]) == (405, b"GET, HEAD")

    async def test_bytes_that_are_away_or_damaged_are_503(self, offered, settings):
        path = Path(settings.VAR_DIR) / "releases" / offered.turn.rollout.release.key

        path.write_bytes(BYTES[:-1])
        shorter = await offered.get(offered.file)
        path.unlink()
        gone = await offered.get(offered.file)

        assert (shorter.status, gone.status) == (503, 503)
        assert await offered.state() == Turn.OFFERED

    async def test_what_lies_in_a_bucket_is_passed_on_whole_and_in_parts(self, offered, settings):
        with bucket() as settings.RELEASES_STORE:
            await sync_to_async(_bring)(offered.turn.rollout.release.key)

            whole = await offered.get(offered.file)
            part = await offered.get(offered.file, headers={"range": f"bytes={SIZE // 2}-"})

        assert (whole.status, whole.body) == (200, BYTES)
        assert (part.status, part.body) == (206, BYTES[SIZE // 2 :])

    async def test_a_bucket_out_of_reach_is_503(self, offered, settings):
        with bucket() as settings.RELEASES_STORE:
            await sync_to_async(_bring)(offered.turn.rollout.release.key)

        answer = await offered.get(offered.file)

        assert answer.status == 503
        assert await offered.state() == Turn.OFFERED

    async def test_a_proxy_that_sends_files_itself_is_told_where(self, offered, settings):
        settings.X_ACCEL_REDIRECT = "/releases-inside/"
        await Rollout.objects.aupdate(most_mbit_each=8)

        answers = [await offered.head(offered.file), await offered.get(offered.file)]

        at = f"/releases-inside/{offered.turn.rollout.release.key}".encode()
        assert [one.headers[b"x-accel-redirect"] for one in answers] == [at, at]
        # 8 Mbit/s: nginx wants bytes a second.
        assert [one.headers[b"x-accel-limit-rate"] for one in answers] == [b"1000000"] * 2
        assert [one.body for one in answers] == [b"", b""]
        assert await offered.state() == Turn.DOWNLOADING

    @pytest.mark.parametrize(
        "asked", ["bytes=0-1,3-4", "bytes=" + "0-," * 1000 + "0-", "lines=1-2", "bytes=x-"]
    )
    async def test_a_proxy_is_not_told_to_send_several_ranges(self, offered, settings, asked):
        settings.X_ACCEL_REDIRECT = "/releases-inside/"

        answer = await offered.get(offered.file, headers={"range": asked})

        assert (answer.status, b"x-accel-redirect" in answer.headers) == (416, False)
        assert answer.headers[b"content-range"] == f"bytes */{SIZE}".encode()
        assert await offered.state() == Turn.OFFERED
        one = await offered.get(offered.file, headers={"range": "bytes=5-"})
        assert (one.status, b"x-accel-redirect" in one.headers) == (200, True)


ELSEWHERE = [
    "../secret-key",
    "..",
    ".",
    "..\\secret-key",
    "../../../../../../etc/passwd",
    "%2e%2e%2fsecret-key",
    "..%c0%afsecret-key",
    "....//secret-key",
    "/etc/passwd",
    "//etc/passwd",
    "secret-key\x00.swu",
    "\uff0e\uff0e/secret-key",
    "x" * 5000,
    "",
    ".MD5SUM",
    "*.swu",
]


class TestForWhom:
    async def test_a_pause_after_the_begin_takes_nothing_away(self, turned):
        for state in (Turn.DOWNLOADING, Turn.INSTALLING):
            client = await turned(state, fetched=True, course="paused")
            assert (await client.get(client.file)).status == 200
            await Deployment.objects.all().adelete()

    async def test_who_took_too_long_fetches_on_for_some_hours_and_no_more(self, turned):
        for ago, status in ((timedelta(minutes=1), 200), (FETCHES_FOR, 404)):
            client = await turned(Turn.TIMED_OUT, fetched=True, ended_at=now() - ago)
            module = client.file.rpartition("/")[0]

            assert (await client.get(client.file)).status == status
            assert (await client.head(client.file)).status == status
            assert (await client.get(module)).status == status
            await Deployment.objects.all().adelete()

    async def test_a_dock_fetches_for_its_cameras(self, offered, dock):
        token = await sync_to_async(token_of)(dock, now())

        answer = await ask("GET", offered.base + offered.file, token)

        assert answer.body == BYTES

    async def test_no_spelling_of_a_name_leads_elsewhere(self, offered):
        at, _, _ = offered.file.rpartition("/")

        for name in ELSEWHERE:
            assert (await offered.get(f"{at}/{name}")).status == 404, name

    async def test_no_spelling_of_a_module_leads_elsewhere(self, offered):
        name = offered.turn.rollout.release.file_name

        for number in ["0", "-1", "1.5", "x", "999999999999", "", "1/.."]:
            answer = await offered.get(f"/softwaremodules/{number}/artifacts/{name}")
            assert answer.status == 404, number


PARTS = [
    ("bytes=0-", 0, SIZE - 1),
    ("bytes=0-0", 0, 0),
    ("bytes=100-199", 100, 199),
    ("Bytes=131071-131073", 131071, 131073),
    (f"bytes={SIZE - 1}-", SIZE - 1, SIZE - 1),
    ("bytes=5-99999999999", 5, SIZE - 1),
    ("bytes=-7", SIZE - 7, SIZE - 1),
    ("bytes=-99999999999", 0, SIZE - 1),
]
NO_PARTS = [
    "bytes=5-3",
    f"bytes={SIZE}-",
    f"bytes={SIZE}-{SIZE + 9}",
    "bytes=-0",
    "bytes=-",
    "bytes=",
    "bytes=a-b",
    "bytes=0-1,5-6",
    "bytes=0-9,5-14",
    "bytes=" + ",".join(["0-"] * 1000),
    "bytes=0-1,",
    "bytes=" + "9" * 4000 + "-",
    "items=0-1",
    "0-1",
    "",
    "bytes=+1-2",
    "bytes=1 - 2",
    "bytes=--1",
    "bytes=0x10-0x20",
]


class TestRanges:
    async def test_a_part(self, offered):
        for asked, first, last in PARTS:
            answer = await offered.get(offered.file, headers={"range": asked})

            assert (answer.status, answer.body) == (206, BYTES[first : last + 1]), asked
            assert answer.headers[b"content-range"] == f"bytes {first}-{last}/{SIZE}".encode()
            assert answer.headers[b"content-length"] == str(last + 1 - first).encode()

    async def test_what_cannot_be_had_is_416_and_never_the_whole(self, offered):
        for asked in NO_PARTS:
            answer = await offered.get(offered.file, headers={"range": asked})

            assert answer.status == 416, asked
            assert answer.headers[b"content-range"] == f"bytes */{SIZE}".encode()
            assert len(answer.body) < 1000
        assert await offered.state() == Turn.OFFERED

    async def test_a_part_of_what_has_changed_is_the_whole(self, offered):
        told = {"range": "bytes=5-9"}

        same = await offered.get(offered.file, headers={**told, "if-range": tag_of(offered)})
        other = await offered.get(offered.file, headers={**told, "if-range": '"other"'})
        by_date = await offered.get(
            offered.file, headers={**told, "if-range": "Wed, 21 Oct 2015 07:28:00 GMT"}
        )

        assert (same.status, same.body) == (206, BYTES[5:10])
        assert [(one.status, one.body) for one in (other, by_date)] == [(200, BYTES)] * 2

    async def test_what_must_be_the_same_and_is_not_is_412(self, offered):
        tags = ['"other"', '"a", "b"', "W/" + tag_of(offered), ""]

        for tag in tags:
            answer = await offered.get(offered.file, headers={"if-match": tag})
            assert answer.status == 412
        for tag in (tag_of(offered), "*", f'"a", {tag_of(offered)}'):
            answer = await offered.get(offered.file, headers={"if-match": tag})
            assert answer.status == 200

    def test_any_bytes_in_a_range_give_a_part_or_a_refusal(self):
        for asked in _anything():
            try:
                span = asked_for({b"range": asked}, tag=TAG, size=10)
            except (NotThere, Changed):
                continue
            assert isinstance(span, Span)
            assert 0 <= span.first <= span.last < 10


def _anything() -> Iterator[bytes]:
    chance = Random(5)
    for _ in range(20_000):
        tail = bytes(chance.choices(b"0123456789-, \t\x00\xffbytes=", k=chance.randint(0, 9)))
        yield chance.choice([b"bytes=", b""]) + tail
