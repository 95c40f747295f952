"""A worker that takes no more work ends by itself; one that works, or is not asked, does not."""

import subprocess
import sys
from time import time

import pytest

from fleet import heartbeats
from fleet.watchdog import takes_no_work
from tests.patience import PATIENCE_S
from tests.surroundings import of_the_suite

WATCHED = """
import time
from fleet import celery, watchdog
celery.app.loader.import_default_modules()
watchdog.watch()
time.sleep(15)
"""


@pytest.mark.parametrize(
    ("beat", "worker", "busy", "stuck"),
    [
        (5, 5, False, False),
        (5, 31, False, True),
        (5, 31, True, False),  # it works, and may not come to it
        (5, 901, True, True),
        (31, 200, False, False),  # nobody asks
        (None, 200, False, False),
        (5, None, False, False),  # nobody has answered yet
    ],
)
def test_who_is_asked_and_does_not_answer_is_stuck(beat, worker, busy, stuck):
    assert takes_no_work(beat, worker, busy=busy) is stuck


@pytest.mark.parametrize(("age", "code"), [(60, 1), (0, 0)])
@pytest.mark.django_db(transaction=True)
def test_a_process_that_is_stuck_ends_and_another_goes_on(age, code):
    heartbeats.beat("beat", time() + 15)
    heartbeats.beat("worker", time() - age + (0 if age else 15))

    ended = subprocess.run(
        [sys.executable, "-c", WATCHED], env=of_the_suite(), check=False, timeout=PATIENCE_S
    )

    assert ended.returncode == code
