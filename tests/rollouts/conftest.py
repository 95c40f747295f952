import pytest

from devices.releases import actions as releases
from devices.releases.profiles.actions import Target, assign, make_version
from devices.releases.profiles.schema import USUAL
from devices.roles import Role
from tests.rows import a_model, person


@pytest.fixture
def it(db):
    return person(Role.IT, name="it")


@pytest.fixture
def colleague(db):
    return person(Role.IT, name="colleague")


@pytest.fixture
def patrol(it, colleague, noon):
    """A profile, approved and assigned to the usual model."""
    model = a_model()
    version = make_version("patrol", USUAL, based_on=0, by=it, now=noon)
    releases.approve(version.release, by=colleague, now=noon)
    assign(version.profile, Target(model=model), by=it, now=noon)
    return version


@pytest.fixture(autouse=True)
def _a_store_of_its_own(settings, tmp_path):
    settings.VAR_DIR = tmp_path
