import pytest

from devices.roles import Role
from tests.rows import person


@pytest.fixture
def it(db):
    return person(Role.IT, name="it")


@pytest.fixture
def colleague(db):
    return person(Role.IT, name="colleague")


@pytest.fixture(autouse=True)
def _a_store_of_its_own(settings, tmp_path):
    settings.VAR_DIR = tmp_path
