"""Reads an SWUpdate image's `sw-description`: as much of libconfig as it needs, strictly. Pure.

Written here because libconfig's readers for Python are not kept (the last release of the usual one
is of 2019), and because what is not understood must be refused and never guessed: there is no
`@include`, nothing twice, nothing deeper than sixteen levels.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from devices.errors import Refused

DEEPEST = 16
LONGEST = 256 * 1024  # bytes of sw-description
MOST_FILES = 200

_TOKEN = re.compile(
    r"""(?P<blank>\s+|\#[^\n]*|//[^\n]*|/\*.*?\*/)
      |(?P<string>"(?:[^"\\\n]|\\.)*")
      |(?P<number>[-+]?(?:0[xX][0-9A-Fa-f]+L{0,2}|\d+\.\d*(?:[eE][-+]?\d+)?|\d+L{0,2}))
      |(?P<name>[A-Za-z*][-A-Za-z0-9_*.]*)
      |(?P<mark>[={}()\[\]:;,])""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", '"': '"', "\\": "\\"}
_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{2}|.)", re.DOTALL)
_HASH = re.compile(r"[0-9a-f]{64}")
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+@-]{0,99}")
_LISTS = frozenset({"images", "files", "scripts"})


@dataclass(frozen=True)
class Description:
    """What an image says of itself: ``files`` are the SHA-256 of each file in it, by name."""

    version: str
    hardware: frozenset[str]
    files: Mapping[str, str]


def read(text: str) -> Description:
    """What this sw-description says; refuses what it does not say, or says unclearly."""
    software = _Reader(text).all().get("software")
    if not isinstance(software, dict):
        raise Refused("sw-description has no software group.")
    version = software.get("version")
    if not isinstance(version, str) or not version:
        raise Refused("sw-description has no version.")
    files: dict[str, str] = {}
    for one in _entries(software):
        _take(files, one)
    if not files:
        raise Refused("sw-description names no file.")
    return Description(version, frozenset(_hardware(software)), files)


def _entries(within: Any) -> Iterator[Mapping[str, Any]]:
    """Everything in any list of images, files or scripts, however deep."""
    if isinstance(within, dict):
        for name, value in within.items():
            if name in _LISTS and isinstance(value, list):
                yield from (one for one in value if isinstance(one, dict))
            yield from _entries(value)
    elif isinstance(within, list):
        for value in within:
            yield from _entries(value)


def _take(files: dict[str, str], entry: Mapping[str, Any]) -> None:
    name = entry.get("filename")
    if name is None:
        return  # SWUpdate allows it: a script of words alone
    if not isinstance(name, str) or not _FILE_NAME.fullmatch(name):
        raise Refused("sw-description names a file that is no plain name.")
    digest = str(entry.get("sha256", "")).lower()
    if not _HASH.fullmatch(digest):
        raise Refused(f"sw-description gives no sha256 for {name}.")
    if files.setdefault(name, digest) != digest:
        raise Refused(f"sw-description gives two sha256 for {name}.")
    if len(files) > MOST_FILES:
        raise Refused(f"sw-description names more than {MOST_FILES} files.")


def _hardware(within: Any) -> Iterator[str]:
    if isinstance(within, dict):
        for name, value in within.items():
            if name == "hardware-compatibility" and isinstance(value, list):
                yield from (one for one in value if isinstance(one, str))
            else:
                yield from _hardware(value)
    elif isinstance(within, list):
        for value in within:
            yield from _hardware(value)


class _Reader:
    """One text, from the front to the back, one token at a time."""

    def __init__(self, text: str) -> None:
        self.tokens = _tokens(text)
        self.at = 0

    def all(self) -> dict[str, Any]:
        found = self._settings(end=None, depth=0)
        if self._kind() is not None:
            raise Refused("sw-description is not libconfig.")
        return found

    def _settings(self, *, end: str | None, depth: int) -> dict[str, Any]:
        if depth > DEEPEST:
            raise Refused(f"sw-description is nested deeper than {DEEPEST} levels.")
        found: dict[str, Any] = {}
        while self._kind() == "name":
            name = self._take("name")
            if name in found:
                raise Refused(f"sw-description says {name[:40]} twice.")
            if not (self._skip("=") or self._skip(":")):
                raise Refused("sw-description is not libconfig.")
            found[name] = self._value(depth + 1)
            self._skip(";") or self._skip(",")
        if end is not None and not self._skip(end):
            raise Refused("sw-description is not libconfig.")
        return found

    def _value(self, depth: int) -> Any:
        if self._skip("{"):
            return self._settings(end="}", depth=depth)
        for begin, end in ("()", "[]"):
            if self._skip(begin):
                return self._list(end, depth)
        match self._kind():
            case "string":
                return self._strings()
            case "number":
                self._take("number")
                return None  # no number matters here
            case "name":
                word = self._take("name").lower()
                if word in ("true", "false"):
                    return word == "true"
        raise Refused("sw-description is not libconfig.")

    def _list(self, end: str, depth: int) -> list[Any]:
        if depth > DEEPEST:
            raise Refused(f"sw-description is nested deeper than {DEEPEST} levels.")
        found: list[Any] = []
        while not self._skip(end):
            found.append(self._value(depth + 1))
            if not self._skip(","):
                if self._skip(end):
                    break
                raise Refused("sw-description is not libconfig.")
        return found

    def _strings(self) -> str:
        """Strings that stand side by side are one."""
        parts = []
        while self._kind() == "string":
            parts.append(_ESCAPE.sub(_unescaped, self._take("string")[1:-1]))
        return "".join(parts)

    def _kind(self) -> str | None:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else None

    def _take(self, kind: str) -> str:
        found, text = self.tokens[self.at]
        if found != kind:
            raise Refused("sw-description is not libconfig.")
        self.at += 1
        return text

    def _skip(self, mark: str) -> bool:
        if self.at < len(self.tokens) and self.tokens[self.at] == ("mark", mark):
            self.at += 1
            return True
        return False


def _tokens(text: str) -> Sequence[tuple[str, str]]:
    found, at = [], 0
    while at < len(text):
        here = _TOKEN.match(text, at)
        if here is None or here.lastgroup is None:
            raise Refused("sw-description is not libconfig.")
        if here.lastgroup != "blank":
            found.append((here.lastgroup, here.group()))
        at = here.end()
    return found


def _unescaped(escape: re.Match[str]) -> str:
    said = escape[1]
    return chr(int(said[1:], 16)) if said[0] == "x" and len(said) == 3 else _ESCAPES.get(said, said)
