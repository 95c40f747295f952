"""Loaded by pytest before Django's settings: each worker of the suite has its own part of Redis and
its own folder, in which a sweep of one finds nothing of another's."""

import os
from pathlib import Path
from typing import Any

import pytest

from fleet.paths import var_dir
from fleet.services import places

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
os.environ["REDIS_PREFIX"] = f"test-{WORKER}"
# What distributes the tests has been here before its workers.
_shared = Path(os.environ.setdefault("VAR_DIR_OF_THE_SUITE", str(var_dir())))
for _name, _url in (
    ("DATABASE_URL", places.database_url(_shared)),
    ("REDIS_URL", places.redis_url(_shared)),
):
    os.environ[_name] = os.environ.get(_name, "").strip() or _url
os.environ["VAR_DIR"] = str(_shared / WORKER)
os.environ.setdefault("DEMO", "0")
os.environ["ALLOWED_HOSTS"] = "testserver"
os.environ["DATABASE_POOL"] = "66"  # a race of sixty-four needs more than a web process does


def pytest_configure(config: pytest.Config) -> None:
    from django.conf import settings
    from redis import Redis
    from redis.exceptions import RedisError

    # Each test's client would look through every static file anew; real servers serve them.
    settings.WHITENOISE_USE_FINDERS = False
    settings.PASSWORD_HASHERS = ["tests.hashing.QuickArgon2"]
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
