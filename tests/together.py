"""Which tests of the suite stay on one worker, and which begin: what takes long goes first, lest
the others wait for it at the end. Those stay together that share what takes long to start.

Loaded by pytest before it collects. The groups that pytest-xdist itself knows are written into a
test's id, where pytest does not look any more since 9.2.
"""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).parents[1]
BROWSER = "tests/browser/"
# Three stories about one department, which takes a minute to start and fill.
PUSH = {
    "tests/stories/test_a_push.py",
    "tests/stories/test_killed_at_every_step.py",
    "tests/stories/test_swupdate_is_pushed.py",
}

LONG = ("tests/stories/", "tests/operations/", "tests/week/", "tests/api/test_schema.py")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """By chance, as they come, but for what is long."""
    items.sort(key=lambda item: _turn(item.nodeid.partition("::")[0]))


def _turn(file: str) -> int:
    return 0 if file.startswith(LONG) else 1 if _shares(file) else 2


@pytest.hookimpl
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    return Together(config, log)


class Together(LoadScopeScheduling):
    """Hands out what belongs together as one piece, everything else test by test."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        if file in PUSH:
            return "push"
        return file if _shares(file) else nodeid


@cache
def _shares(file: str) -> bool:
    return file.startswith(BROWSER) or 'scope="module"' in (ROOT / file).read_text()
