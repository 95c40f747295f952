"""How often something happened lately, counted in Redis; without Redis, never yet."""

from contextlib import suppress
from datetime import timedelta

from django.core.cache import cache


def times(what: str, *, within: timedelta) -> int:
    """Count ``what`` once more, and say how often it was since its first within this span."""
    count = 0
    with suppress(Exception):  # whatever ails the cache decides nothing
        cache.add(what, 0, timeout=within.total_seconds())
        count = cache.incr(what)
    return count
