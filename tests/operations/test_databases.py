"""The database: its pool while it is away and when it is back, and how times are read from it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import psycopg
import pytest
from django.conf import settings
from django.db import connection
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


@pytest.mark.django_db
@pytest.mark.parametrize("asked", ["UTC", "America/New_York", "Asia/Kathmandu"])
def test_times_are_read_in_utc_to_the_microsecond_wherever_they_were_said(asked):
    moment = datetime(2026, 11, 1, 1, 30, 0, 42, tzinfo=ZoneInfo(asked))

    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::timestamptz, NULL::timestamptz", [moment])
        read, missing = cursor.fetchone()

    assert (read, read.utcoffset()) == (moment.astimezone(UTC), timedelta())
    assert missing is None
