"""What is larger than anything people may send is refused before it is read, on the real server."""

import json
import re
import socket
from itertools import repeat

import pytest

from devices.inventory.imports.reading import MOST_BYTES
from devices.roles import Role
from fleet.bodies import LARGEST, THROWN_AWAY
from tests.rows import person

MB = 1024**2
KERNEL = 16 * MB  # what the two ends of a line on one machine may hold between them
PIECE = b"x" * 64 * 1024
FORM = b"Content-Type: multipart/form-data; boundary=b\r\n"


class Line:
    """One connection to the server, spoken by hand."""

    def __init__(self, server, head: bytes, path: bytes = b"/import/") -> None:
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=20)
        self.socket.sendall(b"POST %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n" % (path, head))
        self.sent = 0

    def pump(self, pieces) -> None:
        """Send until all is sent or the server will not have more."""
        try:
            for piece in pieces:
                self.socket.sendall(piece)
                self.sent += len(piece)
        except OSError:
            return

    def answer(self) -> tuple[int, bytes, bytes]:
        """The status, the head and the body of what the server said."""
        with self.socket, self.socket.makefile("rb") as said:
            head = b"".join(iter(said.readline, b"\r\n"))
            size = re.search(rb"(?i)^content-length: (\d+)", head, re.MULTILINE)
            assert size, head
            return int(head.split(b" ", 2)[1]), head.lower(), said.read(int(size[1]))


def declared(size: int) -> bytes:
    return FORM + b"Content-Length: %d\r\n" % size


CHUNKED = FORM + b"Transfer-Encoding: chunked\r\n"


def chunks(pieces):
    for piece in pieces:
        yield b"%x\r\n%s\r\n" % (len(piece), piece)


def test_what_says_that_it_is_too_large_is_refused_unread(server):
    line = Line(server, declared(10 * 1024 * MB))

    status, head, body = line.answer()

    assert status == 413
    assert b"That is larger than 5 MB" in body
    assert b"connection: close" in head


def test_whoever_goes_on_sending_is_cut_off(server):
    line = Line(server, declared(10 * 1024 * MB))

    line.pump(repeat(PIECE))

    assert line.sent < THROWN_AWAY + KERNEL


def test_a_body_that_does_not_say_how_long_it_is_is_cut_at_the_limit(server):
    line = Line(server, CHUNKED)

    line.pump(chunks(repeat(PIECE)))

    assert line.sent < LARGEST + THROWN_AWAY + KERNEL


@pytest.mark.parametrize("head", [declared(8 * MB), CHUNKED], ids=["declared", "chunked"])
def test_somewhat_too_large_is_taken_off_the_line_so_that_the_answer_arrives(server, head):
    line = Line(server, head)
    pieces = [PIECE] * (8 * MB // len(PIECE))
    line.pump(chunks([*pieces, b""]) if head is CHUNKED else pieces)

    status, _, body = line.answer()

    assert status == 413
    assert body.endswith(b"</html>\n")


@pytest.mark.parametrize("size", [LARGEST, MOST_BYTES])
def test_the_largest_that_may_be_sent_is_read(server, size):
    """And then refused like any form without its cookie."""
    line = Line(server, declared(size))
    line.pump([b"x" * size])

    status, _, _ = line.answer()

    assert status == 403


def test_an_address_of_the_api_answers_with_a_problem(server):
    line = Line(server, declared(LARGEST + 1), b"/api/v1/cameras/")

    status, head, body = line.answer()

    assert status == json.loads(body)["status"] == 413
    assert b"content-type: application/problem+json" in head


def test_a_browser_shows_the_page_and_the_next_file_is_taken(open_page, tmp_path):
    page = open_page(person(Role.IT))
    large, small = tmp_path / "large.csv", tmp_path / "small.csv"
    large.write_bytes(b"code,name\n" + b"HQ,Headquarters\n" * (12 * MB // 16))
    small.write_bytes(b"code,name\nHQ,Headquarters\n")

    for file, heading in ((large, "That is larger than 5 MB"), (small, "1 would be added")):
        page.goto("/import/")
        page.check("input[value=stations]")
        page.set_input_files("#id_file", file)
        page.click("main button.primary")

        assert heading in page.locator("main h1").inner_text()
