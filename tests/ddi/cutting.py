"""A line to the server that is cut again and again, as in a dock with a bad contact."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

PIECE = 16 * 1024


@dataclass
class Cutter:
    """Listens on ``port``; what carries more than ``after`` bytes is cut, ``times`` times."""

    port: int
    after: int
    times: int
    asked: list[str] = field(default_factory=list)  # the ranges that were asked for

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def cutting(to: int, *, after: int, times: int) -> Iterator[Cutter]:
    """A line to that port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        cutter = Cutter(door.getsockname()[1], after, times)
        threading.Thread(target=_listen, args=(door, to, cutter), daemon=True).start()
        yield cutter
        with suppress(OSError):
            door.shutdown(socket.SHUT_RDWR)


def _listen(door: socket.socket, to: int, cutter: Cutter) -> None:
    with suppress(OSError):
        while True:
            near, _ = door.accept()
            far = socket.create_connection(("127.0.0.1", to))
            threading.Thread(target=_carry_questions, args=(near, far, cutter), daemon=True).start()
            threading.Thread(target=_carry_answers, args=(far, near, cutter), daemon=True).start()


def _carry_questions(near: socket.socket, far: socket.socket, cutter: Cutter) -> None:
    with suppress(OSError):
        while piece := near.recv(PIECE):
            for line in piece.decode("latin-1").splitlines():
                if line.lower().startswith("range:"):
                    cutter.asked.append(line.partition(":")[2].strip())
            far.sendall(piece)
    _end(near, far)


def _carry_answers(far: socket.socket, near: socket.socket, cutter: Cutter) -> None:
    carried = 0
    with suppress(OSError):
        while piece := far.recv(PIECE):
            near.sendall(piece)
            carried += len(piece)
            if carried > cutter.after and cutter.times > 0:
                cutter.times -= 1
                break
    _end(near, far)


def _end(*lines: socket.socket) -> None:
    for line in lines:
        with suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)
        line.close()
