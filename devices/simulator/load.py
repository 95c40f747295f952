"""Load: many docks of eight that only talk, as cheaply as can be, beside the server they load.

Words are made once; only sequence, time and battery are filled in.
"""

import asyncio
import json
import re
import ssl
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import urlsplit

from devices.simulator.light_socket import Socket, greeting
from devices.simulator.line import DOOR

BAYS = 8
NO_ANSWER = re.compile(rb'\{\s*("type"\s*:\s*)?"nudge"')
_SEQUENCE, _MOMENT, _BATTERY = "7777777777", "1970-01-01T00:00:00+00:00", 55


def dock_code(n: int) -> str:
    """The n-th synthesised dock, counted from 0."""
    return f"L{n + 1:05}"


def serial(n: int) -> str:
    """The n-th synthesised camera, counted from 0; eight of them to a dock, in order."""
    return f"BWC-L{n + 1:06}"


class Words:
    """What one dock says again and again of the cameras in its bays."""

    def __init__(self, serials: Sequence[str], boot: int) -> None:
        self.boot, self.serials = boot, serials
        batch = {
            "id": "load",
            "sent_at": _MOMENT,
            "reports": [_report(one, bay, boot) for bay, one in enumerate(serials, 1)],
        }
        self._text = json.dumps(batch, separators=(",", ":")).encode()

    def at(self, sequence: int, moment: bytes) -> bytes:
        """The batch in which every camera is at this sequence and measures at this moment."""
        battery = b'"battery_percent":%d' % (20 + sequence % 80)
        return (
            self._text.replace(_SEQUENCE.encode(), b"%d" % sequence)
            .replace(_MOMENT.encode(), moment)
            .replace(b'"battery_percent":%d' % _BATTERY, battery)
        )


def _report(serial: str, bay: int, boot: int) -> dict[str, object]:
    return {
        "serial": serial,
        "boot": boot,
        "sequence": int(_SEQUENCE),
        "device_time": _MOMENT,
        "clock_offset_s": 0.2,
        "docked": True,
        "bay": bay,
        "mode": "off",
        "battery_percent": _BATTERY,
        "battery_state": "charging",
        "battery_health_percent": 97,
        "storage_used_mb": 2600,
        "storage_free_mb": 61400,
        "firmware_version": "4.2.1",
        "profile_version": "7",
        "temperature_c": 27.5,
    }


class Talker:
    """One dock: keeps ``window`` batches under way, or one each ``every_s`` seconds."""

    def __init__(
        self, words: Words, token: str, load: "LoadDriver", *, window: int, every_s: float
    ) -> None:
        self._words, self._token, self._load = words, token, load
        self._window, self._every_s = window, every_s
        self._next = 0
        self._owed: deque[int] = deque()  # sequences of the batches not yet answered
        self._again: deque[int] = deque()
        self._socket: Socket | None = None
        self._ended = asyncio.Event()

    async def run(self, first_after_s: float) -> None:
        """Open, talk, and open again when the line breaks, until cancelled."""
        await asyncio.sleep(first_after_s)
        address, loop = self._load.address, asyncio.get_running_loop()
        secure = ssl.create_default_context() if address.scheme == "wss" else None
        host = address.hostname or ""
        port = address.port or (443 if secure else 80)
        while True:
            self._ended.clear()
            with suppress(OSError):
                await loop.create_connection(self._made, host, port, ssl=secure)
                await self._ended.wait()
            await asyncio.sleep(1)

    def _made(self) -> Socket:
        address = self._load.address
        path = address.path.rstrip("/") + DOOR
        return Socket(self, greeting(address.netloc, path, self._token))

    def opened(self, socket: Socket) -> None:
        self._socket = socket
        self._load.open_sockets += 1
        self._speak()

    def _speak(self) -> None:
        """Send what the window has room for; batches that were never answered go first."""
        while self._socket is not None and len(self._owed) < self._window:
            if self._again:
                sequence = self._again.popleft()
            else:
                sequence, self._next = self._next, self._next + 1
            self._owed.append(sequence)
            self._socket.send(self._words.at(sequence, self._load.moment()))

    def heard(self, payload: bytes) -> None:
        """Frames are answered in order; a problem is the answer to a batch as well."""
        if not self._owed or NO_ANSWER.match(payload):
            return
        self._owed.popleft()
        self._load.count(payload)
        if self._every_s:
            asyncio.get_running_loop().call_later(self._every_s, self._speak)
        else:
            self._speak()

    def lost(self) -> None:
        if self._socket is not None:
            self._load.open_sockets -= 1
        self._socket = None
        self._again.extendleft(reversed(self._owed))
        self._owed.clear()
        self._ended.set()


class LoadDriver:
    """Drives ``len(tokens)`` docks of eight; read the counters whenever you like.

    ``every_s`` 0 asks again as soon as an answer comes: that measures what the server can take.
    """

    def __init__(
        self,
        url: str,
        docks: Sequence[tuple[str, Sequence[str]]],
        *,
        boot: int,
        window: int = 1,
        every_s: float = 0.0,
    ) -> None:
        """``docks`` are pairs of a token and the serials in its bays, in bay order."""
        self.address = urlsplit(url)
        self.stored = self.duplicate = self.refused = self.open_sockets = 0
        self._moment, self._moment_at = b"", 0.0
        self.every_s = every_s
        self.talkers = [
            Talker(Words(serials, boot), token, self, window=window, every_s=every_s)
            for token, serials in docks
        ]

    async def run(self) -> None:
        """Talk until cancelled. Docks that speak now and then start spread over their interval."""
        apart_s = max(self.every_s, 0.001 * len(self.talkers)) / max(1, len(self.talkers))
        async with asyncio.TaskGroup() as group:
            for place, talker in enumerate(self.talkers):
                group.create_task(talker.run(place * apart_s))

    async def measure(self, seconds: float) -> float:
        """Reports stored a second, over ``seconds`` of talking."""
        began, before = time.perf_counter(), self.stored
        await asyncio.sleep(seconds)
        return (self.stored - before) / (time.perf_counter() - began)

    def moment(self) -> bytes:
        """The time, made into words at most a hundred times a second."""
        if (now := time.monotonic()) - self._moment_at > 0.01:
            self._moment, self._moment_at = datetime.now(UTC).isoformat().encode(), now
        return self._moment

    def count(self, payload: bytes) -> None:
        self.stored += payload.count(b'"result":"stored"')
        self.duplicate += payload.count(b'"result":"duplicate"')
        self.refused += payload.count(b'"result":"refused"')


def synthesised(tokens: dict[str, str], cameras: int) -> list[tuple[str, Sequence[str]]]:
    """Docks and serials for this many cameras; KeyError names the first dock without a token."""
    return [
        (tokens[dock_code(dock)], [serial(n) for n in range(first, min(first + BAYS, cameras))])
        for dock, first in enumerate(range(0, cameras, BAYS))
    ]
