"""The last signs of life of the worker and of beat, kept in Redis.

They say whether sweeps are being made; no fact about a camera is kept here.
"""

from django.conf import settings
from redis import Redis

PATIENCE = 60.0  # seconds without a sign of life before a part counts as gone
KEPT_FOR = 3600  # seconds


def client() -> Redis:
    """A client that gives up quickly: a health check must answer while Redis does not."""
    return Redis.from_url(
        settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2, decode_responses=True
    )


def beat(part: str, at: float) -> None:
    with client() as redis:
        redis.set(_key(part), at, ex=KEPT_FOR)


def age(part: str, now: float) -> float | None:
    """Seconds since `part` gave a sign of life; None when it gave none within the hour."""
    with client() as redis:
        at = redis.get(_key(part))
    return None if at is None else max(0.0, now - float(at))


def _key(part: str) -> str:
    return f"{settings.REDIS_PREFIX}:heartbeat:{part}"
