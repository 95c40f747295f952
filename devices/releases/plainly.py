"""Reads JSON that people or their programs send about releases. Pure."""

import json
from typing import Any, NoReturn

from devices.errors import Refused


def plain_object(text: str, *, longest: int) -> dict[str, Any]:
    """One JSON object; refuses a name said twice, fractions, more than ``longest`` characters."""
    if len(text) > longest:
        raise Refused(f"This has more than {longest} characters.")
    try:
        said = json.loads(
            text, object_pairs_hook=_once, parse_float=_no_fraction, parse_constant=_no_fraction
        )
    except (ValueError, RecursionError):
        raise Refused(
            "This is no JSON as it is wanted here: each name once, no fractions."
        ) from None
    if not isinstance(said, dict):
        raise Refused("This is no JSON object.")
    return said


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name twice")
    return found


def _no_fraction(said: str) -> NoReturn:
    raise ValueError(said[:20])
