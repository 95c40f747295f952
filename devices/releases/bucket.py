"""A bucket of S3, or of anything that speaks like it, by way of obstore.

Whatever goes wrong with it is an OSError, as with a disk.
"""

import logging
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from queue import Full, Queue
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

import obstore
from obstore import delete
from obstore.exceptions import BaseError
from obstore.store import S3Store

from devices.releases.storage import PIECE, Gone, Stored

if TYPE_CHECKING:
    from obstore.store import RetryConfig

PREFIX = "releases/"
PART_SIZE = 8 * PIECE  # 2 GB in 256 parts; S3 takes 10,000 of 5 MB and more
PARTS_AT_ONCE = 2  # so that an upload holds at most three parts in memory
REGION = "us-east-1"
LOOK_AGAIN_S = 0.2  # whether anybody still takes what waits to be handed over
# Who waits for a file holds a thread that other cameras' words wait for: by itself the client tries
# ten times within three minutes.
RETRIES: "RetryConfig" = {"max_retries": 3, "retry_timeout": timedelta(seconds=15)}

log = logging.getLogger(__name__)


@contextmanager
def _as_a_disk() -> Iterator[None]:
    try:
        yield
    except BaseError as error:
        raise OSError(str(error)) from error


class Bucket:
    """``address`` is s3://key:secret@host/bucket?region=…; s3+http:// goes without TLS."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        plain = parts.scheme == "s3+http"
        host = parts.netloc.rpartition("@")[2]
        region = parse_qs(parts.query).get("region", [REGION])[0]
        self._store = S3Store(
            parts.path.strip("/"),
            endpoint=f"{'http' if plain else 'https'}://{host}",
            region=region,
            access_key_id=unquote(parts.username or ""),
            secret_access_key=unquote(parts.password or ""),
            virtual_hosted_style_request=False,
            client_options={"allow_http": plain},
            retry_config=RETRIES,
        )

    def begin(self, key: str) -> "BucketWriting":
        return BucketWriting(self._store, PREFIX + key)

    def open(self, key: str) -> "OpenedObject":
        try:
            with _as_a_disk():
                found = obstore.head(self._store, PREFIX + key)
        except FileNotFoundError:
            raise Gone(key) from None
        return OpenedObject(found["size"], None, self._store, PREFIX + key)

    def remove(self, key: str) -> None:
        with _as_a_disk():
            delete(self._store, PREFIX + key)

    def stored(self) -> Iterator[Stored]:
        with _as_a_disk():
            listed = [one for some in obstore.list(self._store, PREFIX) for one in some]
        for one in listed:
            yield Stored(one["path"].removeprefix(PREFIX), one["size"], one["last_modified"])

    def free(self) -> int | None:
        """A bucket does not say."""
        return None


class _Dropped(Exception):
    """What is sent does not come to its end: the library removes the parts that it has sent."""


class BucketWriting:
    """Parts that become an object when the last is there.

    The library has a file to write to, which leaves its parts in the bucket if it is not closed. It
    removes them when what it asks for the next piece breaks off, so it asks for them here, in a
    thread of its own. What a killed process had sent the bucket's own rule removes.
    """

    def __init__(self, store: Any, path: str) -> None:
        self._path = path
        self._pieces: Queue[bytes | None] = Queue(maxsize=1)  # None: no more of them
        self._sent: Future[None] = Future()
        self._dropped = False
        Thread(target=self._send, args=(store,), daemon=True).start()

    def _send(self, store: Any) -> None:
        try:
            with _as_a_disk():
                obstore.put(
                    store,
                    self._path,
                    self._asked_for(),
                    chunk_size=PART_SIZE,
                    max_concurrency=PARTS_AT_ONCE,
                )
        except BaseException as why:  # whoever waits for it is told
            self._sent.set_exception(why)
        else:
            self._sent.set_result(None)

    def _asked_for(self) -> Iterator[bytes]:
        while (piece := self._pieces.get()) is not None and not self._dropped:
            yield piece
        if self._dropped:
            raise _Dropped

    def write(self, piece: bytes) -> None:
        while not self._handed_over(piece):
            if self._dropped:
                raise _Dropped
        if self._sent.done():
            self._sent.result()

    def keep(self) -> None:
        self._end()
        self._sent.result()

    def drop(self) -> None:
        self._dropped = True
        self._end()
        why = self._sent.exception()
        if isinstance(why, OSError):
            log.warning("What was sent of %s may be in the bucket still: %s", self._path, why)

    def _end(self) -> None:
        while not self._handed_over(None):
            pass

    def _handed_over(self, piece: bytes | None) -> bool:
        """Or nobody asks for one any more. A file may be dropped while its piece waits in another
        thread: whichever waits looks for itself whether the sender has ended."""
        if self._sent.done():
            return True
        with suppress(Full):
            self._pieces.put(piece, timeout=LOOK_AGAIN_S)
            return True
        return False


@dataclass
class OpenedObject:
    size: int
    path: Path | None
    store: Any
    name: str

    def pieces(self, offset: int = 0, length: int | None = None) -> Iterator[bytes]:
        end = self.size if length is None else min(self.size, offset + length)
        for start in range(offset, end, PIECE):
            upto = min(start + PIECE, end)
            with _as_a_disk():
                piece = bytes(obstore.get_range(self.store, self.name, start=start, end=upto))
            yield piece
