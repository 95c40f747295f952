"""What the fleet said it has: a line for every record it answered for.

Tests hold this against the database, so it is written before anything else is done.
"""

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from devices.simulator.outbox import Fate


class Ledger:
    """Counts in memory; every fate in `fates` or, for long runs, in an append-only file."""

    def __init__(self, path: Path | None = None, *, keep: bool = False) -> None:
        self.counts: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.fates: list[Fate] = []
        self._keep = keep
        self._file = path.open("a", encoding="utf-8") if path else None

    def enter(self, fates: Iterable[Fate]) -> None:
        for fate in fates:
            self.counts[fate.result] += 1
            if fate.reason:
                self.reasons[fate.reason] += 1
            if self._keep:
                self.fates.append(fate)
            if self._file:
                self._file.write(_line(fate))
        if self._file:
            self._file.flush()

    def close(self) -> None:
        if self._file:
            self._file.close()


def _line(fate: Fate) -> str:
    record = fate.record
    words = {
        "kind": record.kind,
        "device": record.device,
        "boot": record.boot,
        "sequence": record.sequence,
        "result": fate.result,
    }
    return json.dumps(words) + "\n"
