"""Where the bytes of releases lie: a folder of this installation, or a bucket.

A file is there whole or not at all: it is written under another name, or as parts, and gets its
key when its last byte is safe. A key is drawn by lot, so nothing a person says becomes a path.
"""

import hashlib
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from django.conf import settings

from devices.errors import Refused

if TYPE_CHECKING:
    from devices.releases.models import Release

PIECE = 1024 * 1024
SPARE = 1024**3  # bytes left free beside a release: the database is on this disk too
PART = ".part"


class Full(Refused):
    """There is no room for it."""


@contextmanager
def _full_if_it_fails() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Full("The store took no more: it is full, or out of reach.") from error


class Gone(Exception):
    """No file of that key is in the store."""


@dataclass(frozen=True)
class Received:
    """A file in the store that no row names yet, and what was found of it on the way."""

    key: str
    size: int
    sha1: str
    md5: str
    sha256: str


@dataclass(frozen=True)
class Stored:
    """One file of the store; ``whole`` is false of what was never finished."""

    key: str
    size: int
    at: datetime
    whole: bool = True


class Writing(Protocol):
    """A file on its way into the store."""

    def write(self, piece: bytes) -> None: ...
    def keep(self) -> None: ...
    def drop(self) -> None: ...


class Opened(Protocol):
    """A file of the store. ``path`` is where it lies, if that is on this machine."""

    size: int
    path: Path | None

    def pieces(self, offset: int = 0, length: int | None = None) -> Iterator[bytes]: ...


class Store(Protocol):
    def begin(self, key: str) -> Writing: ...
    def open(self, key: str) -> Opened: ...
    def remove(self, key: str) -> None: ...
    def stored(self) -> Iterator[Stored]: ...
    def free(self) -> int | None: ...


def store() -> Store:
    """The store that this installation is set to."""
    return _store(settings.RELEASES_STORE, settings.VAR_DIR)


@cache
def _store(address: str, var_dir: Path) -> Store:
    if not address:
        return Folder(var_dir / "releases")
    from devices.releases.bucket import Bucket  # not loaded where there is none

    return Bucket(address)


def open_release(release: "Release") -> Opened:
    """The bytes of a release; raises Gone if the store has lost them."""
    return store().open(release.key)


def discard(key: str) -> None:
    """This file goes: now, or, while the store is out of reach, in a night with all that no row
    names."""
    with suppress(OSError):
        store().remove(key)


@dataclass
class Taking:
    """A file that is being received, hashed on the way. Refuses where nothing can be written."""

    key: str = field(default_factory=lambda: secrets.token_hex(16))
    size: int = 0

    def __post_init__(self) -> None:
        with _full_if_it_fails():
            self._writing = store().begin(self.key)
        self._hashes = [hashlib.sha1(usedforsecurity=False), hashlib.md5(usedforsecurity=False)]
        self._sha256 = hashlib.sha256()

    def write(self, piece: bytes) -> None:
        """Refuses what would eat into the room that the fleet keeps: others write meanwhile."""
        _refuse_if_low(len(piece))
        with _full_if_it_fails():
            self._writing.write(piece)
        for one in (*self._hashes, self._sha256):
            one.update(piece)
        self.size += len(piece)

    def keep(self) -> Received:
        """Every byte is safe under its key; no row names it yet."""
        with _full_if_it_fails():
            self._writing.keep()
        sha1, md5 = (one.hexdigest() for one in self._hashes)
        return Received(self.key, self.size, sha1, md5, self._sha256.hexdigest())

    def drop(self) -> None:
        """Nothing of it is kept."""
        self._writing.drop()


def take_in(pieces: Iterable[bytes]) -> Received:
    """All of these bytes, in the store. Nothing is kept of what does not come to its end."""
    taking = Taking()
    try:
        for piece in pieces:
            taking.write(piece)
        return taking.keep()
    except BaseException:
        taking.drop()
        raise


def refuse_if_full(size: int, held: int) -> None:
    """Refuses a file of ``size`` bytes where the department holds ``held`` and has no room.

    Nothing is reserved by it: each piece of the file asks for its own room again.
    """
    refuse_over_quota(size, held)
    _refuse_if_low(size)


def refuse_over_quota(size: int, held: int) -> None:
    """Refuses so many bytes beside those that all releases take."""
    quota = settings.RELEASES_QUOTA_GB * 1024**3
    if held + size > quota:
        raise Full(
            f"Releases may take {settings.RELEASES_QUOTA_GB} GB and take {_gb(held)} GB; this one "
            f"has {_gb(size)} GB."
        )


def _refuse_if_low(size: int) -> None:
    with _full_if_it_fails():
        free = store().free()
    if free is not None and free < size + SPARE:
        raise Full(
            f"The disk has {_gb(free)} GB free; this needs {_gb(size)} GB and leaves "
            f"{_gb(SPARE)} GB for the fleet."
        )


def _gb(size: int) -> str:
    return f"{size / 1024**3:.1f}"


class Folder:
    """A folder on this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def begin(self, key: str) -> "FileWriting":
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return FileWriting(self.folder / key)

    def open(self, key: str) -> "OpenedFile":
        path = self.folder / key
        try:
            return OpenedFile(path.stat().st_size, path)
        except FileNotFoundError:
            raise Gone(key) from None

    def remove(self, key: str) -> None:
        (self.folder / key).unlink(missing_ok=True)

    def stored(self) -> Iterator[Stored]:
        for path in sorted(self.folder.glob("*")) if self.folder.exists() else ():
            with suppress(FileNotFoundError):
                found = path.stat()
                at = datetime.fromtimestamp(found.st_mtime, UTC)
                yield Stored(path.name, found.st_size, at, path.suffix != PART)

    def free(self) -> int | None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return shutil.disk_usage(self.folder).free


class FileWriting:
    def __init__(self, path: Path) -> None:
        self._path, self._part = path, path.with_name(path.name + PART)
        # What a folder's access list says of others counts only as far as the group's bits allow.
        # Where a proxy sends the files, it reads them by such a list; the group alone reaches none.
        mode = 0o640 if settings.X_ACCEL_REDIRECT else 0o600
        self._file = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)

    def write(self, piece: bytes) -> None:
        view = memoryview(piece)
        while view:
            view = view[os.write(self._file, view) :]

    def keep(self) -> None:
        os.fsync(self._file)
        os.close(self._file)
        self._part.rename(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def drop(self) -> None:
        with suppress(OSError):
            os.close(self._file)
        self._part.unlink(missing_ok=True)


@dataclass
class OpenedFile:
    size: int
    path: Path | None

    def pieces(self, offset: int = 0, length: int | None = None) -> Iterator[bytes]:
        assert self.path is not None
        left = self.size - offset if length is None else length
        with self.path.open("rb") as file:
            file.seek(offset)
            while left > 0 and (piece := file.read(min(left, PIECE))):
                left -= len(piece)
                yield piece
