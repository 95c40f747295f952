import pytest

from devices.roles import Role
from tests.api.callers import program, token_of
from tests.rows import person


@pytest.fixture
def it(db):
    return person(Role.IT, name="it")


@pytest.fixture
def colleague(db):
    return person(Role.IT, name="colleague")


@pytest.fixture
def one(it):
    """A program of the person who makes what two people decide."""
    return program(token_of(it))


@pytest.fixture
def other(colleague):
    """A program of the person who approves it."""
    return program(token_of(colleague))
