"""Which of two versions is older, as far as they tell it. Pure.

A version is numbers with dots (``4.2.1``, ``v4.2``, ``V4.2``), then perhaps what it is before
(``-rc.2``) and a note (``+build7``), as semver.org has them; a missing number is 0. Or it is a name
and a number (``patrol-7``), which is compared within its name alone. Two that differ in nothing but
their note, and whatever cannot be read, are told apart by nobody: who could be made older by it
asks for an order.
"""

import re
from enum import Enum, auto
from functools import total_ordering
from typing import Any

_LONGEST = 40  # digits; what a whole version has at most
_NUMBERED = re.compile(
    rf"[vV]?(\d{{1,{_LONGEST}}}(?:\.\d{{1,{_LONGEST}}})*)"
    r"(?:-([0-9A-Za-z.-]+))?(?:\+([0-9A-Za-z.-]+))?",
    re.ASCII,
)
_NAMED = re.compile(rf"([A-Za-z][A-Za-z0-9_-]*)-(\d{{1,{_LONGEST}}})", re.ASCII)


class Age(Enum):
    """How one version stands to another."""

    OLDER = auto()
    SAME = auto()
    NEWER = auto()
    UNKNOWN = auto()  # nobody can tell


def age(version: str, than: str) -> Age:
    """How ``version`` stands to ``than``; one that is written alike is the same, whatever it is."""
    if version == than:
        return Age.SAME
    one, other = _read(version), _read(than)
    if one is None or other is None or one[0] != other[0]:
        return Age.UNKNOWN
    if one[1] == other[1]:
        return Age.SAME if one[2] == other[2] else Age.UNKNOWN
    return Age.OLDER if one[1] < other[1] else Age.NEWER


def is_older(version: str, than: str) -> bool:
    """Whether ``version`` certainly comes before ``than``."""
    return age(version, than) is Age.OLDER


def why_ordered(version: str, runs: str, *, profile: bool = False) -> str:
    """Why whoever runs ``runs`` comes to ``version`` by a signed order alone; empty if it need not.

    It is older, or nobody can tell that it is not. Of a profile's version: whoever runs another
    profile changes it, and does not go back.
    """
    if profile and _name(version) != _name(runs):
        return ""
    match age(version, runs):
        case Age.OLDER:
            return f"{version} is older"
        case Age.UNKNOWN:
            return f"nobody can tell whether {version} is newer"
        case _:
            return ""


def _name(version: str) -> str | None:
    """Of which profile it is a version; None of what is none of any."""
    named = _NAMED.fullmatch(version)
    return named[1].lower() if named else None


def _read(version: str) -> tuple[str, Any, str] | None:
    """The name it is compared within, what is compared, and its note."""
    if numbered := _NUMBERED.fullmatch(version):
        numbers = [int(part) for part in numbered[1].split(".")]
        while numbers and not numbers[-1]:
            numbers.pop()
        return "", (tuple(numbers), _Before(numbered[2])), numbered[3] or ""
    if named := _NAMED.fullmatch(version):
        return named[1].lower(), int(named[2]), ""
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
