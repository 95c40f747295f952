"""Reads the cpio of an SWUpdate image from a stream, strictly, once, and keeps none of it. Pure.

Formats `newc` (070701) and `crc` (070702). Whatever is no plain file with a plain name of its own
is refused: folders, links, devices, paths, the same name twice.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from devices.errors import Refused

HEADER = 110
MOST_FILES = 202  # those that sw-description may name, itself and its signature
MOST_PADDING = 64 * 1024
PIECE = 1024 * 1024
TRAILER = "TRAILER!!!"
TRUNCATED = "The image is cut short."

_PLAIN_FILE = 0o100000
_HEX = re.compile(rb"[0-9A-Fa-f]{104}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+@-]{0,99}")

Read = Callable[[int], bytes]


@dataclass(frozen=True)
class Entry:
    """One file's header."""

    name: str
    size: int
    crc: int | None
    linked_to: tuple[int, int, int] | None


@dataclass(frozen=True)
class Told:
    """What a file was found to be; ``kept`` are its bytes, where they were asked for."""

    size: int
    sha256: str
    kept: bytes = b""


class Archive:
    """An image on its way through: its files in their order, each read to its end at once."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._at = 0
        self._names: set[str] = set()
        self._links: set[tuple[int, int, int]] = set()

    def files(self) -> Iterator[Entry]:
        """Each file's header; its bytes must be taken before the next is asked for."""
        while (entry := self._header()).name != TRAILER:
            self._admit(entry)
            yield entry
        self._end(entry)

    def take(self, entry: Entry, *, keep_up_to: int = 0) -> Told:
        """Read this file's bytes; refuses if they do not have the sum that its header says."""
        if keep_up_to and entry.size > keep_up_to:
            raise Refused(f"{entry.name} is larger than {keep_up_to // 1024} KB.")
        sha256, total, kept, left = hashlib.sha256(), 0, b"", entry.size
        while left:
            piece = self._exactly(min(left, PIECE))
            sha256.update(piece)
            if entry.crc is not None:
                total += sum(piece)
            if keep_up_to:
                kept += piece
            left -= len(piece)
        self._pad()
        if entry.crc is not None and total & 0xFFFFFFFF != entry.crc:
            raise Refused(f"{entry.name} was damaged on the way: its sum is another.")
        return Told(entry.size, sha256.hexdigest(), kept)

    def _header(self) -> Entry:
        raw = self._exactly(HEADER)
        magic, fields = raw[:6], raw[6:]
        if magic not in (b"070701", b"070702") or not _HEX.fullmatch(fields):
            raise Refused("The image is no cpio archive in newc or crc format.")
        value = [int(fields[8 * n : 8 * n + 8], 16) for n in range(13)]
        inode, mode, links, size, major, minor = *value[:2], value[4], value[6], value[7], value[8]
        name = self._name(value[11])
        if name != TRAILER and mode & 0o170000 != _PLAIN_FILE:
            raise Refused("The image holds something other than plain files.")
        crc = value[12] if magic == b"070702" else None
        linked = (inode, major, minor) if links > 1 else None
        return Entry(name, size, crc, linked)

    def _name(self, length: int) -> str:
        if not 2 <= length <= 101:
            raise Refused("The image holds a file whose name is empty or too long.")
        raw = self._exactly(length)
        self._pad()
        name = raw[:-1].decode("ascii", "replace")
        if raw[-1] or not (name == TRAILER or _NAME.fullmatch(name)) or ".." in name:
            raise Refused("The image holds a file whose name is no plain name.")
        return name

    def _admit(self, entry: Entry) -> None:
        if entry.name in self._names:
            raise Refused(f"The image holds {entry.name} twice.")
        if entry.linked_to is not None and entry.linked_to in self._links:
            raise Refused(f"The image holds {entry.name} as a link.")
        self._names.add(entry.name)
        if entry.linked_to is not None:
            self._links.add(entry.linked_to)
        if len(self._names) > MOST_FILES:
            raise Refused(f"The image holds more than {MOST_FILES} files.")

    def _end(self, trailer: Entry) -> None:
        """Nothing follows but the zeros that fill the last block."""
        rest = self._read(MOST_PADDING + 1)
        if trailer.size or len(rest) > MOST_PADDING or rest.strip(b"\0"):
            raise Refused("The image has something after its end.")

    def _exactly(self, size: int) -> bytes:
        raw = self._read(size)
        if len(raw) != size:
            raise Refused(TRUNCATED)
        self._at += size
        return raw

    def _pad(self) -> None:
        if self._exactly(-self._at % 4).strip(b"\0"):
            raise Refused("The image is no cpio archive in newc or crc format.")
