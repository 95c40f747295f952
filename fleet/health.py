"""Is it alive, and is it fit to work: for whoever restarts, routes or pages.

Live asks nothing of anybody. Ready names every part, so that the page at night
already says which one it is.
"""

from collections.abc import Callable
from time import time

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from psycopg_pool import PoolTimeout
from redis.exceptions import RedisError

from fleet import heartbeats

OK = "ok"


def live(_: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": OK})


def ready(_: HttpRequest) -> JsonResponse:
    """200 when all parts work, 503 when one does not; never later than a few seconds."""
    now = time()
    parts = {"database": _database(), "redis": _redis()}
    parts["beat"] = _heartbeat("beat", now)
    parts["worker"] = _heartbeat("worker", now) if parts["beat"] == OK else _unknown(parts["redis"])
    fit = all(word == OK for word in parts.values())
    answer = {"status": OK if fit else "not ready", "parts": parts}
    return JsonResponse(answer, status=200 if fit else 503, headers={"Cache-Control": "no-store"})


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, PoolTimeout):
        return "does not answer"
    return OK


def _redis() -> str:
    return _asked(lambda: heartbeats.client().ping() and OK)


def _heartbeat(part: str, now: float) -> str:
    return _asked(lambda: _judged(heartbeats.age(part, now)))


def _judged(age: float | None) -> str:
    if age is None:
        return "has given no sign of life"
    return OK if age < heartbeats.PATIENCE else f"last heard {age:.0f} s ago"


def _unknown(redis: str) -> str:
    """The worker's heart is wound by beat: without beat there is nothing to judge by."""
    return "unknown while beat is silent" if redis == OK else "unknown while Redis is away"


def _asked(question: Callable[[], object]) -> str:
    try:
        return str(question())
    except RedisError:
        return "does not answer"
