from datetime import UTC, datetime

import pytest

from devices.roles import Role
from tests.releases import images, shelf
from tests.rows import person


@pytest.fixture(scope="session")
def keys(tmp_path_factory):
    """A folder for what openssl makes; a key takes a tenth of a second."""
    return tmp_path_factory.mktemp("keys")


@pytest.fixture(scope="session")
def maker(keys):
    """Whose certificate the department has."""
    return images.signer(keys)


@pytest.fixture(scope="session")
def stranger(keys):
    """Somebody who signs as well, and whom nobody here knows."""
    return images.signer(keys, "stranger")


@pytest.fixture
def at():
    """Keys are made when the tests run, so their certificates are in force today."""
    return datetime.now(UTC)


@pytest.fixture(autouse=True)
def _a_store_of_its_own(settings, tmp_path):
    settings.VAR_DIR, settings.RELEASES_STORE = tmp_path, ""


@pytest.fixture
def it(db):
    return person(Role.IT, name="it")


@pytest.fixture
def colleague(db):
    return person(Role.IT, name="colleague")


@pytest.fixture
def believed(maker, it, at):
    """The department has the maker's certificate."""
    return shelf.trust(maker, it, at)
