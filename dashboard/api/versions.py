"""ETags: what an answer would say, told without drawing it.

They are made from the values read for it and from nothing the sender may not see, so equal
tags mean equal answers: counts and newest times would miss a row changed twice in a moment,
or one changed and another gone.
"""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

from django.utils.http import parse_etags
from rest_framework.request import Request

FORM = "1"  # raise it when the same values are drawn otherwise


def version(values: Sequence[Any]) -> str:
    """A weak tag: the same meaning, not the same bytes."""
    return f'W/"{blake2b(repr((FORM, values)).encode(), digest_size=12).hexdigest()}"'


def still_fresh(request: Request, tag: str) -> bool:
    """Whether the sender says it already has this answer."""
    held = parse_etags(request.headers.get("If-None-Match", ""))
    return "*" in held or tag.removeprefix("W/") in {each.removeprefix("W/") for each in held}
