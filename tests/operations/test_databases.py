"""The pool of connections, while the database is away and when it is back."""

import psycopg
import pytest
from django.conf import settings
from psycopg_pool import ConnectionPool, PoolTimeout

from fleet import databases

OUTAGE = 7.5  # seconds; a pool that doubles its patience next asks after fifteen


class Database(psycopg.Connection):
    """The real one, when it is there."""

    away = True

    @classmethod
    def connect(cls, *args, **kwargs):
        if cls.away:
            raise psycopg.OperationalError("away")
        return super().connect(*args, **kwargs)


def test_a_database_that_is_back_is_found_at_once_however_long_it_was_away(monkeypatch):
    entry = databases.connection(settings.DATABASE_URL, pool=2)
    named = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST"}
    whose = {name: entry[key] for name, key in named.items()} | {"port": entry["PORT"] or None}

    with ConnectionPool(
        kwargs=whose, connection_class=Database, open=True, **entry["OPTIONS"]["pool"]
    ) as pool:
        with pytest.raises(PoolTimeout):
            pool.getconn(timeout=OUTAGE)
        monkeypatch.setattr(Database, "away", False)

        with pool.connection(timeout=databases.POOL_TIMEOUT) as found:
            assert found.execute("SELECT 1").fetchone() == (1,)
