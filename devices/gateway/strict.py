"""Reads JSON from machines, and refuses everything two parsers might read differently."""

import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

DEEPEST = 16
MOST_DIGITS = 20  # the schemas refuse what is past 2^53; this keeps the reading itself cheap

_LONG_NUMBER = re.compile(rb"\d{16}")
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
# Controls, line separators, and the invisible characters that reorder or hide text.
_UNWANTED = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


class Malformed(ValueError):
    """Not the JSON we read. The message is a sentence; it never repeats the input."""


def parse(raw: bytes) -> Any:
    """The value in ``raw``, or Malformed."""
    if _too_deep(raw):
        raise Malformed(f"The JSON is nested deeper than {DEEPEST} levels.")
    try:
        text = raw.decode()
        value = json.loads(
            text,
            object_pairs_hook=_without_twins,
            parse_constant=_no_such_number,
            parse_int=_whole if _LONG_NUMBER.search(raw) else None,
        )
    except Malformed:
        raise
    except UnicodeDecodeError:
        raise Malformed("The body is not UTF-8.") from None
    except (ValueError, RecursionError):
        raise Malformed("The body is not JSON.") from None
    if (b"\\" in raw or not raw.isascii()) and any(map(_unwanted, _strings(value))):
        raise Malformed("A text holds a control character, a surrogate or an invisible character.")
    return value


def is_plain(raw: bytes) -> bool:
    """Whether every byte of ``raw`` stands for itself: ASCII, and nothing escaped."""
    return raw.isascii() and b"\\" not in raw


def names_at_most(raw: bytes) -> int:
    """How many names the objects of this plain JSON hold, counting those that stand twice.

    A text that begins with a colon is counted too, so the answer may be too high, never too low.
    """
    return raw.translate(None, b" \t\r\n").count(b'":')


def _too_deep(raw: bytes) -> bool:
    """Whether brackets nest deeper than allowed, found before anything recursive reads them.

    Only brackets are looked at, and pairs are struck out from the inside, so a plain batch
    takes three passes of C code. Brackets inside texts are set aside only when they disturb.
    """
    if _still_nested(raw.translate(None, _NOT_BRACKETS)):
        return _still_nested(_STRING.sub(b"", raw).translate(None, _NOT_BRACKETS))
    return False


def _still_nested(brackets: bytes) -> bool:
    for _ in range(DEEPEST):
        if not brackets:
            return False
        brackets = brackets.replace(b"{}", b"").replace(b"[]", b"")
    return bool(brackets)


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise Malformed("A name stands twice in one object.")
    return made


def _no_such_number(_: str) -> None:
    raise Malformed("NaN and Infinity are not JSON.")


def _whole(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise Malformed(f"A whole number has more than {MOST_DIGITS} digits.")
    return int(digits)


def _strings(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for name, inner in value.items():
                yield name
                yield from _strings(inner)
        case list():
            for inner in value:
                yield from _strings(inner)


def _unwanted(text: str) -> bool:
    return bool(_UNWANTED.search(text)) or not unicodedata.is_normalized("NFC", text)
