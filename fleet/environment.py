"""Reads the environment, one kind of value at a time.

A wrong value ends the start with one sentence that names the variable, what it
held and what it may hold. A variable that is absent or empty has its default.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import available_timezones

YES = frozenset({"1", "true", "yes", "on"})
NO = frozenset({"0", "false", "no", "off"})


class WrongVariable(SystemExit):
    """The process ends here, and its last words are this sentence."""

    def __init__(self, name: str, expected: str, *, secret: bool = False) -> None:
        held = "something else" if secret else repr(os.environ.get(name, ""))
        super().__init__(f"{name} must be {expected}; it is {held}.")


def text(name: str, default: str = "", *, longest: int = 200) -> str:
    value = os.environ.get(name, "").strip() or default
    if len(value) > longest or not value.isprintable():
        raise WrongVariable(name, f"printable text of at most {longest} characters")
    return value


def secret(name: str, *, shortest: int) -> str:
    """A value that is never repeated, not even in a complaint about it."""
    value = os.environ.get(name, "").strip()
    if value and len(value) < shortest:
        raise WrongVariable(name, f"at least {shortest} characters long", secret=True)
    return value


def flag(name: str, *, default: bool) -> bool:
    value = os.environ.get(name, "").strip().lower()
    if not value:
        return default
    if value not in YES | NO:
        raise WrongVariable(name, "1 or 0")
    return value in YES


def whole(name: str, default: int, *, lowest: int, highest: int) -> int:
    value = os.environ.get(name, "").strip() or str(default)
    if not (value.isascii() and value.isdigit() and lowest <= int(value[:9]) <= highest):
        raise WrongVariable(name, f"a whole number from {lowest} to {highest}")
    return int(value)


def choice(name: str, default: str, *, among: tuple[str, ...]) -> str:
    value = os.environ.get(name, "").strip() or default
    if value not in among:
        raise WrongVariable(name, f"one of {', '.join(among)}")
    return value


def names(name: str, default: tuple[str, ...] = ()) -> list[str]:
    """A list written with commas."""
    value = os.environ.get(name, "")
    return [part.strip() for part in value.split(",") if part.strip()] or list(default)


def origins(name: str) -> list[str]:
    """A list of `https://host` written with commas."""
    given = names(name)
    if any(not urlsplit(each).netloc or urlsplit(each).path for each in given):
        raise WrongVariable(name, "a list of addresses such as https://fleet.example.org")
    return given


def folder(name: str, default: Path) -> Path:
    value = Path(os.environ.get(name, "").strip() or default).expanduser().absolute()
    if value.exists() and not value.is_dir():
        raise WrongVariable(name, "a folder")
    return value


def url(name: str, *, schemes: tuple[str, ...]) -> str:
    """An address that may hold a password, so it is not repeated when it is wrong."""
    value = os.environ.get(name, "").strip()
    if value and urlsplit(value).scheme not in schemes:
        starts = " or ".join(f"{scheme}://" for scheme in schemes)
        raise WrongVariable(name, f"an address that starts with {starts}", secret=True)
    return value


def time_zone(name: str, default: str) -> str:
    value = os.environ.get(name, "").strip() or default
    if value not in available_timezones():
        raise WrongVariable(name, "a time zone such as America/New_York")
    return value
