"""Rude lines at the real server: each is closed or held back, and no other dock notices."""

import json
import socket
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.frames import Opcode
from websockets.sync.client import connect

from devices.gateway.doors import BAD_TEXT, MOST_FRAMES_A_SECOND, NOT_ALLOWED, TOO_BIG
from devices.wire import MOST_BYTES
from tests.gateway.faulty import written
from tests.gateway.words import batch, report, token_of
from tests.rows import a_camera, a_dock, a_station

pytestmark = pytest.mark.django_db(transaction=True)
MB = 1024**2
PROMPT_S = 5.0
HANDSHAKE = (
    b"GET /gateway/v1/socket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
    b"Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    b"Sec-WebSocket-Version: 13\r\nAuthorization: Bearer %s\r\n\r\n"
)


@pytest.fixture
def docks(transactional_db):
    """The tokens of a rude dock and of a polite one; the polite one's camera is 418."""
    now, station = datetime.now(UTC), a_station()
    for number in (417, 418):
        a_camera(number, station, now)
    return [token_of(a_dock(code, station), now) for code in ("D01", "D02")]


@pytest.fixture
def rude(docks):
    return docks[0]


@pytest.fixture
def polite(server, docks):
    """Speaks as a dock should, and fails the test if it is not answered promptly."""
    with line_of(server, docks[1]) as line:
        numbers = iter(range(1_000))

        def speak():
            line.send(json.dumps(batch(report("BWC-000418", sequence=next(numbers)))))
            assert json.loads(line.recv(timeout=PROMPT_S))["reports"] == [{"result": "stored"}]

        speak()
        yield speak
        speak()


def line_of(server, token):
    return connect(
        server.address.replace("http", "ws") + "/gateway/v1/socket",
        additional_headers={"Authorization": f"Bearer {token}"},
        close_timeout=0.1,
        max_size=None,
    )


def closing_of(line):
    """The code the server closes with, whatever it says before."""
    with suppress(ConnectionClosed):
        while True:
            line.recv(timeout=PROMPT_S)
    return line.close_code


@contextmanager
def raw_line(server, token):
    """A socket spoken by hand, for what no client would send; a small window, to fill soon."""
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.settimeout(PROMPT_S)
        line.connect(("127.0.0.1", server.port))
        line.sendall(HANDSHAKE % token.encode())
        said = b""
        while not said.endswith(b"\r\n\r\n"):
            said += line.recv(1)
        assert said.startswith(b"HTTP/1.1 101")
        yield line


def head(opcode, size, *, final=True):
    """What stands before a frame's payload; its mask is zeros, which leave it as it is.

    Alone it says already that too much will come. A payload still on its way when the line is
    shut would reset it, and nobody could read why it was shut.
    """
    begins = bytes([(0x80 if final else 0) | opcode])
    if size < 126:
        begins += bytes([0x80 | size])
    elif size < 2**16:
        begins += b"\xfe" + size.to_bytes(2)
    else:
        begins += b"\xff" + size.to_bytes(8)
    return begins + bytes(4)


def frame(opcode, payload, *, final=True):
    return head(opcode, len(payload), final=final) + payload


def close_code(line):
    """The code in the server's closing frame, past whatever it says before."""
    said = b""
    while piece := line.recv(64 * 1024):
        said += piece
    closing = said.index(b"\x88")
    return int.from_bytes(said[closing + 2 : closing + 4])


def test_a_frame_of_one_megabyte_is_refused(server, rude, polite):
    with raw_line(server, rude) as line:
        line.sendall(head(Opcode.TEXT, MB))

        assert close_code(line) == TOO_BIG


def test_fragments_without_end_are_refused(server, rude, polite):
    with raw_line(server, rude) as line:
        line.sendall(frame(Opcode.TEXT, b"[" * 60_000, final=False))
        for _ in range(MOST_BYTES // 60_000 - 1):
            line.sendall(frame(Opcode.CONT, b"[" * 60_000, final=False))
        line.sendall(head(Opcode.CONT, 60_000, final=False))

        assert close_code(line) == TOO_BIG


def test_bad_utf_8_is_refused(server, rude, polite):
    with line_of(server, rude) as line:
        line.send(b'{"id": "\xff"}', text=True)

        assert closing_of(line) == BAD_TEXT


def test_a_binary_frame_is_refused(server, rude, polite):
    with line_of(server, rude) as line:
        line.send(written(batch(report())).encode())

        assert closing_of(line) == NOT_ALLOWED


def test_what_breaks_the_websockets_own_rules_is_refused(server, rude, polite):
    with raw_line(server, rude) as line:
        line.sendall(b"\x81\x02{}")  # not masked

        assert close_code(line) == 1002


def test_a_thousand_frames_in_a_second_are_too_many(server, rude, polite):
    with line_of(server, rude) as line:
        with suppress(ConnectionClosed):
            for _ in range(5 * MOST_FRAMES_A_SECOND):
                line.send("{")

        assert closing_of(line) == NOT_ALLOWED


def test_a_thousand_good_messages_at_once_are_answered_in_turn_or_refused(server, rude, polite):
    with line_of(server, rude) as line, suppress(ConnectionClosed):
        for n in range(5 * MOST_FRAMES_A_SECOND):
            line.send(json.dumps(batch(report(sequence=n))))
            if n % 100 == 0:
                polite()


def test_a_line_that_breaks_in_the_middle_of_a_frame_is_no_failure(server, rude, polite):
    with raw_line(server, rude) as line:
        line.sendall(frame(Opcode.TEXT, b"[" * 60_000)[:30_000])


# --- What fills the server's memory ------------------------------------------------------------


def memory_of(server):
    """Bytes of the server's own in memory."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    (kilobytes,) = (row.split()[1] for row in status.splitlines() if row.startswith("RssAnon"))
    return int(kilobytes) * 1024


def pump(line, piece, most):
    """Send until so much has gone or the server takes no more; how much it took."""
    line.settimeout(1.0)
    sent = 0
    try:
        while sent < most:
            sent += line.send(piece)
    except TimeoutError:
        pass
    return sent


def test_a_dock_that_never_reads_is_read_no_further(server, rude, polite):
    body = written(batch(*[{}] * 500)).encode()  # its answer is thirty times as long
    with raw_line(server, rude) as line:
        before = memory_of(server)

        took = pump(line, frame(Opcode.TEXT, body) * 100, 64 * MB)

        assert took < 16 * MB
        assert memory_of(server) - before < 16 * MB
        polite()


def test_pings_whose_answers_nobody_reads_do_not_pile_up(server, rude, polite):
    with raw_line(server, rude) as line:
        pump(line, frame(Opcode.PING, b"x" * 125) * 500, MB)
        before = memory_of(server)

        pump(line, frame(Opcode.PING, b"x" * 125) * 500, 32 * MB)

        assert memory_of(server) - before < 8 * MB
        polite()


HALVES = [
    b"",
    HANDSHAKE[:40],
    HANDSHAKE[:-2] % b"x",
    b"POST /gateway/v1/reports HTTP/1.1\r\nHost: ",
]


@pytest.mark.parametrize("half", HALVES, ids=["silence", "a start", "no end", "a request"])
def test_two_hundred_half_open_handshakes_keep_nobody_out(server, polite, half):
    with ExitStack() as lines:
        for _ in range(200):
            line = lines.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            line.sendall(half)

        polite()
        line = lines.enter_context(socket.create_connection(("127.0.0.1", server.port)))
        line.settimeout(PROMPT_S)
        line.sendall(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert line.recv(15) == b"HTTP/1.1 200 OK"
