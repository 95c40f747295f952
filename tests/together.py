"""Which tests of the suite stay on one worker: those that share what takes long to start.

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
# Two stories about one department, which takes a minute to start and fill.
PUSH = {"tests/stories/test_a_push.py", "tests/stories/test_killed_at_every_step.py"}


@pytest.hookimpl
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    return Together(config, log)


class Together(LoadScopeScheduling):
    """Hands out what belongs together as one piece, the largest first, and then test by test."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        if file in PUSH:
            return "push"
        return file if _shares(file) else nodeid


@cache
def _shares(file: str) -> bool:
    return file.startswith(BROWSER) or 'scope="module"' in (ROOT / file).read_text()
