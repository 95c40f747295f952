"""A bucket of S3, or of anything that speaks like it, by way of obstore."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import obstore
from obstore import delete
from obstore.exceptions import BaseError
from obstore.store import S3Store

from devices.releases.storage import PIECE, Gone, Stored

PREFIX = "releases/"
PART_SIZE = 8 * PIECE  # 2 GB in 256 parts; S3 takes 10,000 of 5 MB and more
PARTS_AT_ONCE = 2  # so that an upload holds at most three parts in memory
REGION = "us-east-1"


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
        )

    def begin(self, key: str) -> "BucketWriting":
        return BucketWriting(self._store, PREFIX + key)

    def open(self, key: str) -> "OpenedObject":
        try:
            found = obstore.head(self._store, PREFIX + key)
        except FileNotFoundError:
            raise Gone(key) from None
        return OpenedObject(found["size"], None, self._store, PREFIX + key)

    def remove(self, key: str) -> None:
        delete(self._store, PREFIX + key)

    def stored(self) -> Iterator[Stored]:
        for some in obstore.list(self._store, PREFIX):
            for one in some:
                key = one["path"].removeprefix(PREFIX)
                yield Stored(key, one["size"], one["last_modified"])

    def free(self) -> int | None:
        """A bucket does not say."""
        return None


class BucketWriting:
    """Parts that become an object when the last is there."""

    def __init__(self, store: Any, path: str) -> None:
        self._store, self._path = store, path
        self._writer = obstore.open_writer(
            store, path, buffer_size=PART_SIZE, max_concurrency=PARTS_AT_ONCE
        )

    def write(self, piece: bytes) -> None:
        try:
            self._writer.write(piece)
        except BaseError as error:
            raise OSError(str(error)) from error

    def keep(self) -> None:
        try:
            self._writer.close()
        except BaseError as error:
            raise OSError(str(error)) from error

    def drop(self) -> None:
        """Parts that never became an object are nobody's; the bucket's own rule removes them."""


@dataclass
class OpenedObject:
    size: int
    path: Path | None
    store: Any
    name: str

    def pieces(self, offset: int = 0, length: int | None = None) -> Iterator[bytes]:
        end = self.size if length is None else min(self.size, offset + length)
        for start in range(offset, end, PIECE):
            piece = obstore.get_range(
                self.store, self.name, start=start, end=min(start + PIECE, end)
            )
            yield bytes(piece)
