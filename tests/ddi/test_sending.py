"""Sending a file in pieces: no faster than it is taken, and no longer than it may be."""

import asyncio
import os
from collections.abc import Iterator
from math import inf
from time import monotonic

import pytest

from devices.gateway.ddi import sending
from devices.gateway.ddi.ranges import Span
from devices.gateway.ddi.sending import MOST_OF_ONE, PIECE, Line, send_part
from devices.gateway.ddi.sources import OnDisk

CONTENT = os.urandom(PIECE * 5 + 77)
WHOLE = Span(0, len(CONTENT) - 1)


@pytest.fixture
def file(tmp_path) -> Iterator[OnDisk]:
    (tmp_path / "image").write_bytes(CONTENT)
    opened = OnDisk(tmp_path / "image")
    yield opened
    opened.close()


class Client:
    """Takes pieces while it is ready; leaves when told to."""

    def __init__(self, *, ready: bool = True) -> None:
        self.pieces: list[bytes] = []
        self.ready, self.left = asyncio.Event(), asyncio.Event()
        self.believed = True
        if ready:
            self.ready.set()

    async def send(self, message) -> None:
        await self.ready.wait()
        self.pieces.append(bytes(message["body"]))
        self.more = message["more_body"]
        await asyncio.sleep(0)

    async def receive(self):
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def still(self) -> bool:
        return self.believed

    def line(self, bytes_a_second: float = inf) -> Line:
        return Line(self.send, self.receive, self.still, bytes_a_second)

    @property
    def had(self) -> bytes:
        return b"".join(self.pieces)


async def test_a_file_goes_out_whole_and_in_pieces(file):
    client = Client()

    await send_part(file, WHOLE, client.line(), camera_id=1)

    assert client.had == CONTENT
    assert max(map(len, client.pieces)) == PIECE
    assert not client.more


async def test_a_part_goes_out_from_its_first_to_its_last_byte(file):
    client = Client()

    await send_part(file, Span(PIECE - 1, PIECE * 2 + 1), client.line(), camera_id=1)

    assert client.had == CONTENT[PIECE - 1 : PIECE * 2 + 2]


async def test_nothing_is_read_for_who_has_left(file):
    client = Client()
    client.left.set()
    line = client.line()
    await asyncio.sleep(0)

    await send_part(file, WHOLE, line, camera_id=1)

    assert client.pieces == []


async def test_no_piece_is_read_before_the_last_was_taken(file):
    client = Client(ready=False)

    sent = asyncio.create_task(send_part(file, WHOLE, client.line(), camera_id=1))
    await asyncio.sleep(0.05)
    assert client.pieces == []
    client.ready.set()
    await sent

    assert client.had == CONTENT


async def test_who_takes_nothing_is_let_go(file, monkeypatch):
    monkeypatch.setattr(sending, "STALLED_S", 0.05)
    client = Client(ready=False)

    await send_part(file, WHOLE, client.line(), camera_id=1)

    assert client.pieces == []


async def test_a_download_ends_when_its_token_does(file, monkeypatch):
    monkeypatch.setattr(sending, "RECHECK_S", 0.0)
    client = Client()
    client.believed = False

    await send_part(file, WHOLE, client.line(), camera_id=1)

    assert len(client.pieces) == 1


async def test_a_fifth_line_of_one_camera_ends_its_first_and_nobody_elses(file):
    clients = [Client(ready=False) for _ in range(MOST_OF_ONE + 1)]
    other = Client(ready=False)

    sent = [
        asyncio.create_task(send_part(file, WHOLE, client.line(), camera_id=1))
        for client in clients
    ]
    sent.append(asyncio.create_task(send_part(file, WHOLE, other.line(), camera_id=2)))
    await asyncio.sleep(0.05)
    for client in (*clients, other):
        client.ready.set()
    await asyncio.gather(*sent)

    assert [client.had == CONTENT for client in (*clients, other)] == [False, *[True] * 5]


async def test_a_file_that_is_cut_short_meanwhile_ends_the_line(file, tmp_path):
    client = Client()
    os.truncate(tmp_path / "image", PIECE)

    await send_part(file, WHOLE, client.line(), camera_id=1)

    assert client.had == CONTENT[:PIECE]


async def test_a_file_is_sent_no_faster_than_it_may_be(file):
    client, began = Client(), monotonic()

    await send_part(file, WHOLE, client.line(len(CONTENT) / 0.3), camera_id=1)

    assert monotonic() - began >= 0.3
    assert client.had == CONTENT


async def test_two_lines_of_one_camera_share_its_speed_and_another_has_its_own(file):
    one, two, other, ended = Client(), Client(), Client(), {}

    async def sent(client, camera_id):
        await send_part(file, WHOLE, client.line(len(CONTENT) / 0.2), camera_id=camera_id)
        ended[client] = monotonic() - began

    began = monotonic()
    await asyncio.gather(sent(one, 1), sent(two, 1), sent(other, 2))

    assert max(ended[one], ended[two]) >= 0.4
    assert ended[other] < max(ended[one], ended[two])
    assert one.had == two.had == other.had == CONTENT


async def test_what_the_disk_made_late_is_not_caught_up_for_long(file):
    sending_to = sending._Sending()
    await sending_to.turn(1, inf)
    await asyncio.sleep(0.3)
    began = monotonic()

    await sending_to.turn(1000, 1000 / 0.2)

    assert monotonic() - began >= 0.2 - sending.LATE_S
