"""A desk as the page is one: its scans are kept, sent in order over a real network, and sent again
under the same name until there is an answer. And the network, which may fail."""

import http.client
import json
import re
import socket
import threading
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID, uuid4

from tests.patience import PATIENCE_S

HOST = "127.0.0.1"
SCANS = "/api/v1/desk/scans/"
CSRF = "c" * 32  # a browser sends the cookie's value in a header too
GOOD = frozenset({"issued", "returned", "taken", "transferred"})
LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)

Answer = dict[str, Any]


class Network:
    """What lies between desk and server; each request is a connection of its own."""

    def __init__(self, port: int) -> None:
        self._server, self.cut, self.answers_lost = port, False, False
        self._listens = socket.create_server((HOST, 0), backlog=64)
        self.port = int(self._listens.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listens.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listens.accept()
                threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        with closing(near), suppress(OSError):
            if self.cut:
                return
            asked = _request(near)
            with closing(socket.create_connection((HOST, self._server))) as far:
                far.sendall(asked)
                answer = b"".join(iter(lambda: far.recv(65536), b""))
            if not self.answers_lost:
                near.sendall(answer)


def _request(near: socket.socket) -> bytes:
    """All of it: the head, and as much as it says."""
    said = b""
    while b"\r\n\r\n" not in said:
        said += near.recv(65536)
    head, _, body = said.partition(b"\r\n\r\n")
    length = int(LENGTH.search(head)[1])  # type: ignore[index]
    while len(body) < length:
        body += near.recv(65536)
    return head + b"\r\n\r\n" + body


@dataclass
class Scan:
    """One scan as it is kept until it is answered."""

    key: UUID
    body: dict[str, Any]
    answer: Answer | None = None

    @property
    def well(self) -> bool:
        """Whether the desk beeped well because of it."""
        told = self.body["told"] or (self.answer or {}).get("result")
        return told in GOOD


@dataclass
class Clerk:
    """Somebody at a desk, signed in; ``ahead`` is how wrong the desk's clock is."""

    port: int
    desk: int
    cookie: str
    ahead: timedelta = timedelta()
    scans: list[Scan] = field(default_factory=list)
    context: Mapping[str, Any] = field(default_factory=dict)
    ago: timedelta = timedelta()  # so much earlier than now are things scanned

    @property
    def clock(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def scan(self, raw: str, *, told: str = "", **context: Any) -> Answer | None:
        """Keep it, then send all that is not answered; its answer, or None for now."""
        at = (self.clock - self.ago).isoformat()
        said = {**self.context, **context}
        if context:
            said["at"] = at
        body = {
            "event_id": str(uuid4()),
            "desk": self.desk,
            "seq": len(self.scans) + 1,
            "raw": raw,
            "scanned_at": at,
            "context": said or None,
            "told": told,
        }
        if not said:
            del body["context"]
        kept = Scan(UUID(body["event_id"]), body)
        self.scans.append(kept)
        self.send_what_waits()
        return kept.answer

    def send_what_waits(self) -> None:
        """In order; the first that gets no answer stops the rest."""
        for kept in self.scans:
            if kept.answer is None and not self.send(kept):
                return

    def send(self, kept: Scan) -> bool:
        """Whether there was an answer, which then counts for ever."""
        said = self.ask(kept.body)
        if said is None or said[0] != HTTPStatus.OK:
            assert said is None or said[0] >= HTTPStatus.INTERNAL_SERVER_ERROR, said
            return False
        kept.answer, self.context = said[1], said[1]["context"]
        return True

    def ask(self, body: Mapping[str, Any]) -> tuple[int, Answer] | None:
        """Status and answer to one sending; None when none came."""
        line = http.client.HTTPConnection(HOST, self.port, timeout=PATIENCE_S)
        headers = {
            "Host": "localhost",
            "Cookie": f"{self.cookie}; csrftoken={CSRF}",
            "X-CSRFToken": CSRF,
            "Content-Type": "application/json",
            "Idempotency-Key": str(body["event_id"]),
            "Connection": "close",
        }
        said = json.dumps({**body, "sent_at": self.clock.isoformat()})
        try:
            line.request("POST", SCANS, said, headers)
            answer = line.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException):
            return None
        finally:
            line.close()
