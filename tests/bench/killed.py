"""How soon every update goes on when a process that carries it dies: the story that kills each of
them while cameras are at every step, in a process of its own, and the seconds that it tells."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.bench.lines import Line, at_most
from tests.bench.stage import Stage

ROOT = Path(__file__).parents[2]
STORY = "tests/stories/test_killed_at_every_step.py"
GOAL_S = 30.0
# celery {'planned': '3.1 s', 'offered': '0.9 s'}
TOLD = re.compile(r"^\.?(?P<process>[\w.-]+) (?P<states>\{'planned': .*\})$", re.MULTILINE)
STATE = re.compile(r"'(?P<state>\w+)': '(?P<seconds>[\d.]+) s'")


def figures(_: Stage) -> Iterator[Line]:
    """A line for each process: the slowest of the six states that a camera can be in."""
    told = recoveries(_story())
    assert told, "The story told no seconds."
    for process, states in told.items():
        slowest = max(states, key=states.__getitem__)
        what = f"{process} is killed: every update goes on"
        yield at_most(what, states[slowest], GOAL_S, "s", more=slowest.replace("_", " "))


def recoveries(said: str) -> dict[str, dict[str, float]]:
    """Of each process that was killed, the seconds until a camera in each state went on."""
    return {
        one["process"]: {
            state["state"]: float(state["seconds"]) for state in STATE.finditer(one["states"])
        }
        for one in TOLD.finditer(said)
    }


def _story() -> str:
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-s", STORY],
        env=os.environ,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-4000:]
    return ran.stdout
