"""Which of two versions is older. Pure.

A version is numbers with dots (``4.2.1``, ``v4.2``), then perhaps what it is before (``-rc.2``) and
a note that counts for nothing (``+build7``), as semver.org has them; a missing number is 0. A
profile's version is its name and a number (``patrol-7``) and is compared within its name alone.
Of two versions that cannot be compared neither is older: what is not understood is refused
nowhere, and what stands in a rollout's way is decided by people.
"""

import re
from functools import total_ordering
from typing import Any

_NUMBERED = re.compile(r"v?(\d{1,9}(?:\.\d{1,9}){0,7})(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?")
_NAMED = re.compile(r"([A-Za-z][A-Za-z0-9_-]*)-(\d{1,9})")


def is_older(version: str, than: str) -> bool:
    """Whether ``version`` comes before ``than``; False where they cannot be compared."""
    one, other = _read(version), _read(than)
    if one is None or other is None or one[0] != other[0]:
        return False
    return bool(one[1] < other[1])


def _read(version: str) -> tuple[str, Any] | None:
    """The name it is compared within, and what is compared."""
    if named := _NAMED.fullmatch(version):
        return named[1].lower(), int(named[2])
    if numbered := _NUMBERED.fullmatch(version):
        numbers = [int(part) for part in numbered[1].split(".")]
        while numbers and not numbers[-1]:
            numbers.pop()
        return "", (tuple(numbers), _Before(numbered[2]))
    return None


@total_ordering
class _Before:
    """What comes after the numbers: nothing is the release itself, and later than anything."""

    def __init__(self, said: str | None) -> None:
        parts = said.split(".") if said else []
        # A number comes before a word, as semver has it.
        self.key = (
            said is None,
            tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts),
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Before) and self.key == other.key

    def __lt__(self, other: "_Before") -> bool:
        return self.key < other.key

    def __hash__(self) -> int:
        return hash(self.key)
