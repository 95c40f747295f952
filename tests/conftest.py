"""What every test may ask for. PostgreSQL and Redis are real; nothing is mocked."""

from datetime import UTC, datetime

import pytest

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def noon() -> datetime:
    return NOON
