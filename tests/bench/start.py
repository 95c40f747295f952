"""How long `make run` takes until a page answers: with everything there, and in a fresh clone."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

from tests.bench.inside import ROOT
from tests.bench.lines import Line, at_most
from tests.bench.stage import Stage, wait_for
from tests.operations.machine import NOT_OURS, free_port

AGAIN_S, FIRST_S, PATIENCE_S = 5, 90, 300


def figures(stage: Stage) -> Iterator[Line]:
    var = stage.folder() / "var"
    _seconds(ROOT, VAR_DIR=str(var))
    yield at_most("second make run, to a page", _seconds(ROOT, VAR_DIR=str(var)), AGAIN_S, "s")
    if stage.asked.first_run:
        clone = stage.folder() / "fleet"
        subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
        yield at_most(
            "first make run in a fresh clone, pip included", _seconds(clone), FIRST_S, "s"
        )


def _seconds(checkout: Path, **environment: str) -> float:
    """From `make run` to the first page, with the demonstration as anybody meets it."""
    port = free_port()
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in {*NOT_OURS, "DEMO", "VAR_DIR"}
    }
    began = monotonic()
    running = subprocess.Popen(
        ["make", "run"],
        cwd=checkout,
        env={**kept, "PORT": str(port), **environment},
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/sign-in/", PATIENCE_S)
        return monotonic() - began
    finally:
        os.killpg(running.pid, signal.SIGTERM)
        running.wait()
