"""What a set of processes has used, as the kernel counts it."""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pids: Iterable[int]) -> float:
    """Processor time of these and of their children that have ended."""
    return sum(map(_ticks, pids)) / TICKS


def memory_mb(pids: Iterable[int]) -> float:
    """Proportional set size: what several share is counted once between them."""
    return sum(map(_pss_kb, pids)) / 1000


def _ticks(pid: int) -> int:
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15]))
    return 0


def _pss_kb(pid: int) -> int:
    with suppress(OSError):
        told = Path(f"/proc/{pid}/smaps_rollup").read_text()
        return next(int(line.split()[1]) for line in told.splitlines() if line.startswith("Pss:"))
    return 0
