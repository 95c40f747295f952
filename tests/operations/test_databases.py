"""The database: its pool while it is away and when it is back, and how times are read from it."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import psycopg
import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.db import DataError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from psycopg.pq import Format
from psycopg_pool import ConnectionPool, PoolTimeout

from devices import planned
from fleet import databases
from fleet.postgresql.base import DatabaseWrapper

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

    for one in (connection.cursor(), connection.chunked_cursor(), connection.planned_cursor()):
        with one as cursor:
            cursor.execute("SELECT %s::timestamptz, NULL::timestamptz", [moment])
            read, missing = cursor.fetchone()

        assert (read, read.utcoffset()) == (moment.astimezone(UTC), timedelta())
        assert missing is None


@pytest.mark.django_db
def test_times_are_read_by_what_is_compiled():
    connection.ensure_connection()
    times = psycopg.adapters.types["timestamptz"].oid

    reader = connection.connection.adapters.get_loader(times, Format.TEXT)

    assert reader.__module__ == "psycopg_binary._psycopg"


# --- What is planned once -----------------------------------------------------------------------

_DOUBLED = "SELECT %(one)s::int * 2, %(at)s::timestamptz"
_HELD = (
    "SELECT statement, generic_plans, custom_plans FROM pg_prepared_statements"
    " WHERE statement LIKE %s ORDER BY statement"
)
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def held(like):
    """What this connection has planned, and how often each plan of it was used."""
    with connection.cursor() as cursor:
        cursor.execute(_HELD, [like])
        return cursor.fetchall()


@pytest.mark.django_db
def test_a_statement_is_planned_once_for_any_values():
    found = [planned.select(_DOUBLED, one=one, at=NOON) for one in (1, 2, 30_000)]

    assert found == [[(2, NOON)], [(4, NOON)], [(60_000, NOON)]]
    ((_, generic, custom),) = held("SELECT $1::int * 2%")
    assert (generic, custom) == (3, 0)


@pytest.mark.django_db
def test_so_are_the_statements_of_models_and_those_outside_are_not():
    Group.objects.create(name="outside")
    with planned.statements():
        Group.objects.create(name="inside")
        with transaction.atomic():
            names = set(Group.objects.filter(name__endswith="side").values_list("name", flat=True))

    assert names == {"inside", "outside"}
    inserts = held("INSERT INTO%auth_group%")
    assert [used for _, *used in inserts] == [[1, 0]]
    assert not held("SAVEPOINT%") + held("RELEASE%")


@pytest.mark.django_db
def test_what_is_taken_back_takes_no_plan_with_it():
    planned.select(_DOUBLED, one=1, at=NOON)
    with planned.statements(), suppress(IntegrityError), transaction.atomic():
        Group.objects.create(name="twice")
        Group.objects.create(name="twice")

    assert planned.select(_DOUBLED, one=2, at=NOON) == [(4, NOON)]
    assert not Group.objects.filter(name="twice").exists()
    assert [used for _, *used in held("SELECT $1::int * 2%")] == [[2, 0]]


@pytest.mark.django_db(transaction=True)
def test_after_a_transaction_is_taken_back_it_is_planned_anew():
    planned.select(_DOUBLED, one=1, at=NOON)
    with suppress(IntegrityError), transaction.atomic():
        Group.objects.create(name="twice")
        Group.objects.create(name="twice")

    assert planned.select(_DOUBLED, one=2, at=NOON) == [(4, NOON)]
    assert [used for _, *used in held("SELECT $1::int * 2%")] == [[1, 0]]


@pytest.mark.django_db
def test_what_has_a_plan_of_its_own_each_time_keeps_it():
    with planned.statements(), planned.each_time():
        assert not Group.objects.filter(name="each time").exists()

    assert not held("SELECT%auth_group%")


@pytest.mark.django_db
def test_a_value_that_no_statement_can_hold_is_refused_as_ever_and_logged():
    with CaptureQueriesContext(connection) as asked, pytest.raises(DataError):
        planned.select("SELECT %(one)s::text", one="a\x00b")

    assert [one["sql"] for one in asked] == [None]


@pytest.mark.django_db
def test_one_in_the_databases_own_form_reads_the_same():
    with planned.cursor(binary=True) as cursor:
        cursor.execute(_DOUBLED, {"one": 3, "at": NOON})

        assert cursor.fetchall() == [(6, NOON)]


@pytest.mark.django_db
def test_logs_show_a_planned_statement_with_its_values():
    with CaptureQueriesContext(connection) as asked:
        planned.select(_DOUBLED, one=21, at=NOON)

    (said,) = [one["sql"] for one in asked]
    assert said.startswith("SELECT 21::int * 2, '2026-11-01")


def test_options_of_an_address_stay_beside_ours():
    address = settings.DATABASE_URL.split("?")[0]
    entry = databases.connection(f"{address}?options=-c%20jit%3Doff", pool=1)
    whole = {**connection.settings_dict, **entry}

    params = DatabaseWrapper(whole).get_connection_params()

    assert params["options"] == "-c jit=off -c plan_cache_mode=force_generic_plan"
