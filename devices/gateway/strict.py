"""Reads JSON from machines, and refuses everything two parsers might read differently."""

import json
import re
import unicodedata
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Unsound:
    """Stands where something was that two parsers might read differently. No schema takes it.

    So it is refused with the record it stands in, and the other records are kept.
    """

    sentence: str


TWINS = Unsound("A name stands twice in one object.")
NO_NUMBER = Unsound("NaN and Infinity are not numbers.")
TOO_LONG = Unsound(f"A whole number has more than {MOST_DIGITS} digits.")
UNWANTED = Unsound("A text holds a control character, a surrogate or an invisible character.")
NOT_NFC = Unsound("A text is not in the normal form NFC.")


def parse(raw: bytes) -> Any:
    """The value in ``raw``, with ``Unsound`` where it is; Malformed when it is no JSON at all."""
    if _too_deep(raw):
        raise Malformed(f"The JSON is nested deeper than {DEEPEST} levels.")
    try:
        value = json.loads(
            raw.decode(),
            object_pairs_hook=_without_twins,
            parse_constant=_no_number,
            parse_int=_whole if _LONG_NUMBER.search(raw) else None,
        )
    except UnicodeDecodeError:
        raise Malformed("The body is not UTF-8.") from None
    except (ValueError, RecursionError):
        raise Malformed("The body is not JSON.") from None
    return value if b"\\" not in raw and raw.isascii() else _sound(value)


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


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any] | Unsound:
    made = dict(pairs)
    return made if len(made) == len(pairs) else TWINS


def _no_number(_: str) -> Unsound:
    return NO_NUMBER


def _whole(digits: str) -> int | Unsound:
    return int(digits) if len(digits) <= MOST_DIGITS else TOO_LONG


def _sound(value: Any) -> Any:
    """The value with its unwanted texts as ``Unsound``; an object that is named by one, too."""
    match value:
        case str():
            return _fault_of(value) or value
        case dict():
            faults = filter(None, map(_fault_of, value))
            return next(faults, None) or {name: _sound(inner) for name, inner in value.items()}
        case list():
            return [_sound(inner) for inner in value]
        case _:
            return value


def _fault_of(text: str) -> Unsound | None:
    if _UNWANTED.search(text):
        return UNWANTED
    return None if unicodedata.is_normalized("NFC", text) else NOT_NFC
