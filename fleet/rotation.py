"""Logs that do not fill the disk."""

import os
import shutil
from pathlib import Path

LARGEST = 5_000_000  # bytes of one log; as much again is kept of its past


def bound(folder: Path) -> None:
    """No log in `folder` is much larger than LARGEST.

    The past is copied and the log emptied under the writer's hand: it appends, so its
    next line is the first. A line written in between is lost, which a log may bear.
    """
    for log in folder.glob("*.log"):
        if log.stat().st_size > LARGEST:
            shutil.copyfile(log, log.with_suffix(".log.1"))
            os.truncate(log, 0)
