"""One cell of a spreadsheet: what it may hold, and a sentence when it does not."""

import re
import unicodedata
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from devices.inventory.codes import SCANNED
from devices.inventory.tags import LONGEST_TAG, MEANT, MOST_TAGS, written, wrong

Reader = Callable[[str], Any]

HARD_SPACE = "\u00a0"  # what is copied from a web page has them
SHORTEST_TAG = 8  # an RFID tag in hexadecimal is at least this long, and may look like 12345E67
FIRST_YEAR, LAST_YEAR = 1990, 2100  # of a camera's installation; others are typing errors

_FORMULA = ("=", "+", "-", "@")
_WHOLE = re.compile(r"[0-9]{1,9}", re.ASCII)
_SCIENTIFIC = re.compile(r"[0-9]+([.,][0-9]+)?E[+-]?[0-9]{1,3}", re.ASCII | re.IGNORECASE)
_CODE = re.compile(r"[A-Z0-9][A-Z0-9._-]*", re.ASCII)
_TOKEN = re.compile(r"[A-Z0-9]{3,64}", re.ASCII)
_MONTHS = "(JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)"
_MONTH = re.compile(rf"{_MONTHS}-[0-9]{{2}}|[0-9]{{1,2}}-{_MONTHS}", re.ASCII)  # 12-3456, 12-3
_SERIAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_MAC = re.compile(r"([0-9A-F]{2}:){5}[0-9A-F]{2}", re.ASCII)
_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", re.ASCII)
_BAY = re.compile(r"([A-Z0-9][A-Z0-9._-]*)-([1-9][0-9]{0,2})", re.ASCII)


class Unfit(ValueError):
    """The cell cannot be taken; the message ends a sentence that begins with the column's name."""


@dataclass(frozen=True)
class Column:
    """A column of a sheet. An empty cell of one that is not ``required`` reads as ``empty``."""

    name: str
    read: Reader
    required: bool = False
    empty: Any = ""

    def value(self, cell: str) -> Any:
        """What the cell says, or Unfit."""
        text = cell.replace(HARD_SPACE, " ").strip()
        if not text:
            if self.required:
                raise Unfit("is empty")
            return self.empty
        if not text.isprintable():
            raise Unfit("holds an invisible or control character")
        return self.read(unicodedata.normalize("NFC", text))


def text(longest: int) -> Reader:
    """Plain words; a spreadsheet would run what begins like a formula."""

    def read(cell: str) -> str:
        if cell.startswith(_FORMULA):
            raise Unfit("begins like a formula (= + - @)")
        if len(cell) > longest:
            raise Unfit(f"is longer than {longest} characters")
        return cell

    return read


def code(longest: int) -> Reader:
    """A short name in capitals, such as D03."""

    def read(cell: str) -> str:
        found = cell.upper()
        if not _CODE.fullmatch(found):
            raise Unfit("may hold the letters A to Z, digits, dot, hyphen and underscore")
        if len(found) > longest:
            raise Unfit(f"is longer than {longest} characters")
        return _not_a_number_in_disguise(found)

    return read


def serial(cell: str) -> str:
    """A serial number, as the device says it over the wire."""
    if not _SERIAL.fullmatch(cell) or len(cell) > 40:
        raise Unfit("may hold up to 40 letters A to Z, digits, dots, hyphens and underscores")
    return _not_a_number_in_disguise(cell)


def badges(cell: str) -> tuple[str, ...]:
    """What a scanner reads of badges, with spaces between them."""
    found = _codes(cell)
    for one in found:
        if not SCANNED.fullmatch(one):
            raise Unfit(
                "holds codes of 3 to 64 letters and digits (and a hyphen for the sign that parts"
                " a badge), with spaces between them"
            )
        if _MONTH.fullmatch(one):
            raise Unfit("was rewritten by a spreadsheet (12-3456 to Dec-56); make the column text")
    return found


def tokens(cell: str) -> tuple[str, ...]:
    """What a scanner reads of cameras, with spaces between them. Without a sign: a camera's code
    is looked up as it is, and signs change with the keyboard."""
    found = _codes(cell)
    if not all(_TOKEN.fullmatch(one) for one in found):
        raise Unfit("holds codes of 3 to 64 letters and digits, with spaces between them")
    return found


def _codes(cell: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(cell.upper().split()))
    for one in found:
        if len(one) < SHORTEST_TAG:
            _not_a_number_in_disguise(one)
    return found


def tags(cell: str) -> tuple[str, ...]:
    """Words that cameras are sorted by, with spaces between them."""
    found = tuple(written(cell))
    if wrong(found):
        raise Unfit(f"holds up to {MOST_TAGS} words of up to {LONGEST_TAG} {MEANT}")
    return found


def macs(cell: str) -> tuple[str, ...]:
    """The bays' network addresses in the order of their positions, with spaces between them."""
    found = tuple(cell.upper().replace("-", ":").split())
    if not all(_MAC.fullmatch(one) for one in found):
        raise Unfit("holds addresses such as 00:1A:2B:3C:4D:5E, with spaces between them")
    if len(set(found)) < len(found):
        raise Unfit("names an address twice")
    return found


def whole(lowest: int, highest: int) -> Reader:
    def read(cell: str) -> int:
        if not _WHOLE.fullmatch(_not_a_number_in_disguise(cell)):
            raise Unfit("is not a whole number in digits")
        if not lowest <= int(cell) <= highest:
            raise Unfit(f"must be from {lowest} to {highest}")
        return int(cell)

    return read


def hours(cell: str) -> float:
    if not re.fullmatch(r"[0-9]{1,3}(\.[0-9])?", cell, re.ASCII) or not float(cell):
        raise Unfit("is a number of hours such as 12 or 11.5")
    return float(cell)


def day(cell: str) -> date:
    try:
        found = date.fromisoformat(cell) if _DAY.fullmatch(cell) else None
    except ValueError:
        found = None
    if found is None:
        raise Unfit("is written as year-month-day, such as 2024-03-18")
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise Unfit(f"lies in the years {FIRST_YEAR} to {LAST_YEAR}")
    return found


def time_of_day(cell: str) -> time:
    """A time on a clock of 24 hours."""
    found = _TIME.fullmatch(cell)
    if not found:
        raise Unfit("is a time of day such as 07:00 or 23:00")
    return time(int(found[1]), int(found[2]))


def yes_no(cell: str) -> bool:
    match cell.lower():
        case "yes" | "y" | "true" | "1":
            return True
        case "no" | "n" | "false" | "0":
            return False
    raise Unfit("is yes or no")


def one_of(choices: Collection[str]) -> Reader:
    def read(cell: str) -> str:
        if cell.lower() not in choices:
            raise Unfit(f"is one of: {', '.join(choices)}")
        return cell.lower()

    return read


def bay(cell: str) -> tuple[str, int]:
    """A dock's code and a position: D01-3."""
    found = _BAY.fullmatch(cell.upper())
    if not found:
        raise Unfit("names a dock and a position, such as D01-3")
    return found[1], int(found[2])


def _not_a_number_in_disguise(cell: str) -> str:
    if _SCIENTIFIC.fullmatch(cell):
        raise Unfit("was rewritten by a spreadsheet (1E5); make the column text and write it out")
    return cell


def shown(value: Any) -> str:
    """A value as people read it in the preview."""
    match value:
        case None | "" | ():
            return "empty"
        case bool():
            return "yes" if value else "no"
        case (str(dock), int(position)):
            return f"{dock}-{position}"
        case tuple():
            return " ".join(value)
        case time():
            return f"{value:%H:%M}"
        case _:
            return str(value)


def skeleton(value: str) -> str:
    """The same for two texts that people mistake for one another: O and 0, I, L and 1."""
    return value.upper().translate(_LOOK_ALIKE)


_LOOK_ALIKE = str.maketrans("OIL", "011")
