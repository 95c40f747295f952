import pytest

from tests.recalls.setting import a_small_fleet


@pytest.fixture
def fleet(db, noon):
    return a_small_fleet(noon)
