"""What every test may ask for. PostgreSQL and Redis are real; nothing is mocked."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import TransactionTestCase
from hypothesis import HealthCheck, settings

from tests import emptying
from tests.patience import PATIENCE_S
from tests.template import template

pytest_plugins = ["tests.browser.serving"]  # one server for each worker of the suite

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


TransactionTestCase._fixture_teardown = lambda _: emptying.empty()

# How long an example takes is the machine's affair: no test is a stopwatch.
settings.register_profile(
    "suite", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("suite")


@pytest.fixture(scope="session", autouse=True)
def _notices_take_their_time():
    """To start the process that carries a notice takes a machine that is kept busy for longer than
    a notice may take in service."""
    from devices.alerts import carrying, sending

    assert sending.FIRST_PAUSE.total_seconds() > carrying.DEADLINE_S
    carrying.DEADLINE_S = round(PATIENCE_S)


@pytest.fixture
def noon() -> datetime:
    return NOON


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings, django_db_blocker):
    with django_db_blocker.unblock():
        connection.settings_dict["TEST"]["TEMPLATE"] = template()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The suite's database, which no power cut has to be survived by. Servers that a test ran in
    threads may still hold a connection: the suite's end ends them."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        name = connection.ops.quote_name(connection.settings_dict["NAME"])
        cursor.execute(f"ALTER DATABASE {name} SET synchronous_commit TO off")
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(autouse=True)
def _nobody_was_wrong_yet():
    """All tests come from one address: what one of them guessed wrong slows down no other."""
    from tests.api.callers import forget_wrong_tokens

    forget_wrong_tokens()


@pytest.fixture(autouse=True)
def _ask_for_the_policy_anew():
    """What one test's department decided is not remembered in the next."""
    yield
    from devices.department import current

    current.forget()
