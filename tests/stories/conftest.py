from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.operations.prepared import filled
from tests.releases.images import Signer, signer
from tests.stories.department import Department, a_department


@pytest.fixture(scope="package")
def department(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Department]:
    """For stories that stay together: to start and fill it takes as long as they do.
    It ends with the last of them: a whole fleet runs in it."""
    with a_department(filled(tmp_path_factory, "push"), report_seconds=60) as one:
        yield one


@pytest.fixture
def maker(tmp_path: Path) -> Signer:
    return signer(tmp_path)
