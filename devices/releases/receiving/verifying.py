"""The verifier, sent out and waited for."""

import json
import os
import shutil
import subprocess
import sys
import threading
from base64 import b64encode
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from django.conf import settings

from devices.errors import Refused
from devices.releases.models import Certificate
from devices.releases.receiving.verifier import DEADLINE_S

LONGEST_ANSWER = 64 * 1024
BROKE = "It could not be read within the limits of memory and time that an image has."


class Unable(Exception):
    """Nothing was found out: the server lacks what verifying needs."""


@dataclass(frozen=True)
class Verified:
    """Whose certificate stands behind a file, and what an SWUpdate image says of itself."""

    certificate: Certificate
    version: str = ""
    hardware: tuple[str, ...] = ()


def verify(
    source: IO[bytes] | Iterable[bytes],
    certificates: Sequence[Certificate],
    *,
    signature: bytes | None,
    now: datetime,
) -> Verified:
    """What stands behind these bytes: an SWUpdate image, or anything with a detached signature.

    Refuses with the reason. An open file is handed over as it is; anything else is poured in.
    """
    if not certificates:
        raise Refused("The department has no certificate to verify with; add one first.")
    said = _sent_out(source, _task(certificates, signature, now))
    if "refused" in said:
        raise Refused(str(said["refused"])[:300])
    try:
        certificate = certificates[int(said["anchor"])]
        hardware = tuple(map(str, said.get("hardware", ())))
    except (KeyError, IndexError, TypeError, ValueError):
        raise Refused(BROKE) from None
    return Verified(certificate, str(said.get("version", "")), hardware)


def _task(
    certificates: Sequence[Certificate], signature: bytes | None, now: datetime
) -> dict[str, Any]:
    openssl = shutil.which("openssl")
    if openssl is None:
        raise Unable("The server has no openssl: nothing can be verified.")
    return {
        "openssl": openssl,
        "anchors": [one.pem for one in certificates],
        "at": int(now.timestamp()),
        "signed_inside": signature is None,
        "signature": b64encode(signature or b"").decode(),
    }


def _sent_out(source: IO[bytes] | Iterable[bytes], task: dict[str, Any]) -> dict[str, Any]:
    """The verifier gets no environment, and of our files the one to judge and its task."""
    fd = os.memfd_create("task")
    os.write(fd, json.dumps(task).encode())
    os.lseek(fd, 0, os.SEEK_SET)
    opened = hasattr(source, "fileno")
    try:
        child = subprocess.Popen(  # noqa: S603 (every word of it is ours)
            [sys.executable, "-m", "devices.releases.receiving.verifier", str(fd)],
            stdin=source if opened else subprocess.PIPE,  # type: ignore[arg-type]
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=settings.BASE_DIR,
            env={},
            pass_fds=[fd],
        )
    finally:
        os.close(fd)
    with child:
        timer = threading.Timer(DEADLINE_S + 5, child.kill)
        timer.start()
        pouring = None if opened else _Pouring(source, child)
        assert child.stdout is not None
        answer = child.stdout.read(LONGEST_ANSWER)
        child.kill()
        timer.cancel()
    if pouring is not None and (failed := pouring.result()) is not None:
        raise Unable("The store could not be read to its end.") from failed
    return _told(answer)


class _Pouring(threading.Thread):
    """Beside the reading of the answer: a verifier that refuses early stops reading."""

    def __init__(self, source: Iterable[bytes], child: "subprocess.Popen[bytes]") -> None:
        super().__init__(daemon=True)
        self._source, self._into = source, child.stdin
        self._failed: Exception | None = None
        self.start()

    def run(self) -> None:
        assert self._into is not None
        try:
            with suppress(BrokenPipeError), self._into as into:
                for piece in self._source:
                    into.write(piece)
        except Exception as failed:
            self._failed = failed

    def result(self) -> Exception | None:
        """What kept the source from being read to its end, if anything did."""
        self.join()
        return self._failed


def _told(answer: bytes) -> dict[str, Any]:
    try:
        said = json.loads(answer)
    except ValueError:
        raise Refused(BROKE) from None
    if not isinstance(said, dict):
        raise Refused(BROKE)
    return said
