"""Which bytes of a file a request asks for (RFC 9110). Pure."""

import re
from dataclasses import dataclass

_ONE = re.compile(rb"bytes=(\d{0,18})-(\d{0,18})", re.IGNORECASE)


class NotThere(ValueError):
    """What was asked for cannot be served: 416."""


class Changed(ValueError):
    """The file is not the one that the client has begun: 412."""


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes ``first`` to ``last``, both included."""

    first: int
    last: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1


def is_one_range(asked: bytes | None) -> bool:
    """Whether no more is asked for than one range, by a client that can write it."""
    return asked is None or _ONE.fullmatch(asked.strip()) is not None


def asked_for(headers: dict[bytes, bytes], *, tag: bytes, size: int) -> Span | None:
    """The one range of the file that is asked for; None for the whole of it.

    Several ranges, another unit and anything unreadable are `NotThere`, where the RFC would send
    the whole: a client that goes on where it was cut would put the whole behind what it has.
    Only an ``If-Range`` that does not match asks for the whole.
    """
    _only_if(headers.get(b"if-match"), tag)
    asked = headers.get(b"range")
    if asked is None or headers.get(b"if-range", tag).strip() != tag:
        return None
    found = _ONE.fullmatch(asked.strip())
    if found is None or not (found[1] or found[2]):
        raise NotThere
    if not found[1]:
        return _checked(max(0, size - int(found[2])), size - 1, size)
    return _checked(int(found[1]), min(int(found[2] or size), size - 1), size)


def _checked(first: int, last: int, size: int) -> Span:
    if not 0 <= first <= last < size:
        raise NotThere
    return Span(first, last)


def _only_if(match: bytes | None, tag: bytes) -> None:
    tags = [] if match is None else [one.strip() for one in match.split(b",")]
    if match is not None and tag not in tags and b"*" not in tags:
        raise Changed
