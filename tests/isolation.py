"""Loaded by pytest before Django's settings: each worker of the suite has its own part of Redis."""

import os
from typing import Any

import pytest

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
os.environ["REDIS_PREFIX"] = f"test-{WORKER}"
os.environ.setdefault("DEMO", "0")
os.environ["ALLOWED_HOSTS"] = "testserver"
os.environ["DATABASE_POOL"] = "66"  # a race of sixty-four needs more than a web process does


def pytest_configure(config: pytest.Config) -> None:
    from django.conf import settings
    from redis import Redis
    from redis.exceptions import RedisError

    # Each test's client would look through every static file anew; real servers serve them.
    settings.WHITENOISE_USE_FINDERS = False
    try:
        _forget(Redis.from_url(settings.REDIS_URL))
    except RedisError:
        pytest.exit(
            "The suite needs PostgreSQL and Redis beside it: run `make test`, or "
            "`python -m fleet.services -- python -m pytest …`.",
            returncode=3,
        )


def _forget(redis: Any) -> None:
    """What an earlier run counted: the people of this one have the same numbers."""
    for key in redis.scan_iter(match=f"test-{WORKER}:*"):
        redis.delete(key)
