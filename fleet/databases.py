"""Turns the address of a database into the words Django wants to hear."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

SCHEMES = ("postgresql", "postgres")
POOL_TIMEOUT = 5  # seconds a request waits for a free connection before it fails
# A pool asks a database that is away ever more rarely, and nobody else meanwhile; given up this
# soon, the next request asks anew, so that a long outage is not followed by another as long.
RECONNECT_FOR = 5  # seconds


def connection(url: str, *, pool: int) -> dict[str, Any]:
    """Django's entry for the database at `url`, with at most `pool` connections a process.

    A pool rather than kept connections: under ASGI every request may meet another
    thread, and kept connections would pile up, one a thread.
    """
    parts = urlsplit(url)
    return {
        "ENGINE": "fleet.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "fleet",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": _host(parts.netloc),
        "PORT": str(parts.port or ""),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            **dict(parse_qsl(parts.query)),
            "pool": {
                "min_size": 1,
                "max_size": pool,
                "timeout": POOL_TIMEOUT,
                "reconnect_timeout": RECONNECT_FOR,
            },
        },
    }


def _host(netloc: str) -> str:
    """The host as written: a socket's folder (%2Fvar%2F…) must keep its capitals."""
    return unquote(netloc.rpartition("@")[2].partition(":")[0])
