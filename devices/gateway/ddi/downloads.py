"""A release's bytes: which of them, by whom, and from where."""

from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import quote

from django.conf import settings

from devices.department import current
from devices.gateway.ddi import turns
from devices.gateway.ddi.ranges import Changed, NotThere, Span, asked_for, is_one_range
from devices.gateway.ddi.sources import InBucket, OnDisk, Source
from devices.gateway.http import Refusal
from devices.releases.models import Release
from devices.releases.storage import Gone, open_release
from devices.rollouts import actions as rollouts
from devices.rollouts.models import Deployment
from devices.rollouts.room import BYTES_OF_MBIT, speed
from devices.rollouts.rules import Turn

Headers = list[tuple[bytes, bytes]]

MD5SUM = ".MD5SUM"
_KIND = (b"content-type", b"application/octet-stream")


@dataclass(frozen=True)
class Opened:
    """An answer about a file: its head, and what follows of an open file or as a text.

    ``bytes_a_second``: no faster is the file sent.
    """

    status: int
    headers: Headers
    file: Source | None = None
    span: Span | None = None
    text: bytes = b""
    bytes_a_second: int = 0

    def close(self) -> None:
        if self.file is not None:
            self.file.close()


def opened(
    camera_id: int, release_id: int, name: str, headers: dict[bytes, bytes], *, now: datetime
) -> Opened:
    """The file of this name as this camera may have it; the caller closes it.

    Names are compared and never looked up, so none leads elsewhere. Refuses 404, 412 and 416, and
    503 when the bytes are not where they should be.
    """
    turn = turns.with_bytes_of(camera_id, release_id, now)
    if turn is None or name not in _names(turn.rollout.release):
        raise Refusal(404, "There is no such file for this camera.")
    release = turn.rollout.release
    if name != release.file_name:
        return _md5sum(release)
    pace = _pace(turn)
    if settings.X_ACCEL_REDIRECT:
        if not is_one_range(headers.get(b"range")):
            raise _no_such_range(release)
        found = _elsewhere(release, pace)
    else:
        found = _here(release, headers)
    if not turn.fetched or turn.state == Turn.OFFERED:
        _fetch(turn.pk, found, now)
    return replace(found, bytes_a_second=pace)


def head(camera_id: int, release_id: int, name: str, *, now: datetime) -> Opened:
    """The same without the bytes, and without it counting as asking for them."""
    turn = turns.with_bytes_of(camera_id, release_id, now)
    if turn is None or name not in _names(turn.rollout.release):
        raise Refusal(404, "There is no such file for this camera.")
    release = turn.rollout.release
    if name != release.file_name:
        return _md5sum(release)
    if settings.X_ACCEL_REDIRECT:
        return _elsewhere(release, _pace(turn))
    return Opened(200, _about(release, release.size))


def _pace(turn: Deployment) -> int:
    """How many bytes a second its camera may have: see `room.speed`."""
    return speed(turn.rollout.most_mbit_each, current.policy()) * BYTES_OF_MBIT


def _names(release: Release) -> tuple[str, str]:
    return release.file_name, release.file_name + MD5SUM


def _md5sum(release: Release) -> Opened:
    text = f"{release.md5}  {release.file_name}\n".encode()
    return Opened(200, [(b"content-type", b"text/plain"), _length(len(text))], text=text)


def _fetch(turn_id: int, found: Opened, now: datetime) -> None:
    try:
        rollouts.fetching(turn_id, now)
    except rollouts.NotOffered:
        found.close()
        raise Refusal(404, "There is no such file for this camera.") from None


def _here(release: Release, headers: dict[bytes, bytes]) -> Opened:
    try:
        span = asked_for(headers, tag=_tag(release), size=release.size)
    except NotThere:
        raise _no_such_range(release) from None
    except Changed:
        raise Refusal(412, "The file is another one.") from None
    file = _open(release)
    if span is None:
        whole = Span(0, release.size - 1)
        return Opened(200, _about(release, release.size), file, whole)
    said = f"bytes {span.first}-{span.last}/{release.size}".encode()
    told = [*_about(release, span.length), (b"content-range", said)]
    return Opened(206, told, file, span)


def _no_such_range(release: Release) -> Refusal:
    there = (b"content-range", f"bytes */{release.size}".encode())
    return Refusal(416, "This range cannot be had.", there)


def _open(release: Release) -> Source:
    try:
        found = open_release(release)
        file: Source = OnDisk(found.path) if found.path else InBucket(found)
    except (OSError, Gone):
        raise Refusal(503, "The file is away.") from None
    if found.size != release.size:
        file.close()
        raise Refusal(503, "The file is away.")
    return file


def _elsewhere(release: Release, pace: int) -> Opened:
    """The proxy in front sends the file, its ranges and its tag, and no faster than this."""
    at = settings.X_ACCEL_REDIRECT.rstrip("/") + "/" + quote(release.key)
    told = [(b"x-accel-redirect", at.encode()), (b"x-accel-limit-rate", str(pace).encode())]
    return Opened(200, [_KIND, _length(0), *told])


def _about(release: Release, length: int) -> Headers:
    return [_KIND, _length(length), (b"etag", _tag(release)), (b"accept-ranges", b"bytes")]


def _tag(release: Release) -> bytes:
    return f'"{release.sha1}"'.encode()


def _length(length: int) -> tuple[bytes, bytes]:
    return b"content-length", str(length).encode()
