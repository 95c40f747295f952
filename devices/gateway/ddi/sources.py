"""Where the bytes of a download are read: on this machine's disk, or in a bucket."""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import ParamSpec, Protocol, TypeVar

from devices.releases.storage import Opened

P = ParamSpec("P")
T = TypeVar("T")

_threads = ThreadPoolExecutor(4, "bytes")


class Source(Protocol):
    """An open file. ``read`` gives at most so many bytes, and none at its end."""

    async def read(self, size: int, at: int) -> bytes | memoryview: ...
    def close(self) -> None: ...


class OnDisk:
    """A file of this machine; raises OSError where there is none."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)

    async def read(self, size: int, at: int) -> bytes | memoryview:
        """These bytes: at once when they are in memory, else by a thread, so that no disk holds up
        what else this process does."""
        at_once = self._read_from_memory(size, at)
        if at_once is not None:
            return at_once
        return await _in_thread(os.pread, self._file, size, at)

    def _read_from_memory(self, size: int, at: int) -> memoryview | None:
        room = bytearray(size)
        try:
            had = os.preadv(self._file, [room], at, os.RWF_NOWAIT)
        except OSError:  # not in memory, or a file system that cannot say
            return None
        return memoryview(room)[:had]

    def close(self) -> None:
        os.close(self._file)


class InBucket:
    """A file of a bucket, fetched piece by piece."""

    def __init__(self, found: Opened) -> None:
        self._found = found

    async def read(self, size: int, at: int) -> bytes:
        return await _in_thread(self._fetch, size, at)

    def _fetch(self, size: int, at: int) -> bytes:
        return b"".join(self._found.pieces(at, size))

    def close(self) -> None:
        """Nothing is held open between pieces."""


async def _in_thread(act: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    return await asyncio.get_running_loop().run_in_executor(_threads, partial(act, *args, **kwargs))
