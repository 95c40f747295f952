"""What every test may ask for. PostgreSQL and Redis are real; nothing is mocked."""

from datetime import UTC, datetime

import pytest
from django.db import connection

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def noon() -> datetime:
    return NOON


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The suite's database, which may be emptied between tests, the ledger too.

    Servers that a test ran in threads may still hold a connection: the suite's end ends them.
    """
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE devices_ledgerentry DISABLE TRIGGER ledger_is_never_emptied")
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(autouse=True)
def _ask_for_the_policy_anew():
    """What one test's department decided is not remembered in the next."""
    yield
    from devices.department import current

    current.forget()
