"""Store and forward: what a device has to say and nobody has yet acknowledged.

A record is encoded once and keeps its boot and sequence whatever happens to the line, so that
sending it again changes nothing on the other side.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from itertools import count
from typing import NamedTuple

from devices.wire import Answer, Result, Verdict


class Kind(StrEnum):
    REPORT = "report"
    EVENT = "event"


class Record(NamedTuple):
    kind: Kind
    device: str
    boot: int
    sequence: int
    words: str


class Fate(NamedTuple):
    """What became of a record."""

    record: Record
    result: Result
    reason: str | None


class Outbox:
    """Records in the order they were made; a bounded number of batches under way."""

    def __init__(self, *, name: str, most_kept: int, batch_records: int, in_flight: int) -> None:
        self.name, self.most_kept = name, most_kept
        self.batch_records, self.in_flight = batch_records, in_flight
        self.waiting: deque[Record] = deque()
        self.sent: dict[str, list[Record]] = {}
        self.dropped = 0
        self._numbers = count(1)

    def __len__(self) -> int:
        return len(self.waiting) + sum(map(len, self.sent.values()))

    def add(self, record: Record) -> None:
        """Keep one more; when memory is full the oldest goes, and is counted."""
        if len(self.waiting) >= self.most_kept:
            self.waiting.popleft()
            self.dropped += 1
        self.waiting.append(record)

    @property
    def may_send(self) -> bool:
        return len(self.sent) < self.in_flight

    def take(self) -> tuple[str, list[Record]]:
        """The next batch, now under way, and its id. It may be empty: that is a greeting."""
        size = min(self.batch_records, len(self.waiting))
        batch = [self.waiting.popleft() for _ in range(size)]
        id = f"{self.name}:{next(self._numbers)}"
        self.sent[id] = batch
        return id, batch

    def answered(self, answer: Answer) -> list[Fate]:
        """Let go of what was answered. An unasked answer, or one cut short, settles nothing."""
        batch = self.sent.get(answer.id)
        if batch is None or not _fits(batch, answer):
            return []
        del self.sent[answer.id]
        verdicts = {Kind.REPORT: iter(answer.reports), Kind.EVENT: iter(answer.events)}
        return [_fate(record, verdicts[record.kind]) for record in batch]

    def refused_whole(self, reason: str) -> list[Fate]:
        """The oldest batch was not understood at all; saying it again would not help."""
        if not self.sent:
            return []
        batch = self.sent.pop(next(iter(self.sent)))
        return [Fate(record, Result.REFUSED, reason) for record in batch]

    def line_lost(self) -> None:
        """Whatever is unanswered has to be said again, in the same order, before the rest."""
        for batch in reversed(self.sent.values()):
            self.waiting.extendleft(reversed(batch))
        self.sent.clear()


def frame(id: str, sent_at: datetime, records: Sequence[Record]) -> str:
    """A Batch in words. The records are encoded already."""
    reports = ",".join(record.words for record in records if record.kind is Kind.REPORT)
    events = ",".join(record.words for record in records if record.kind is Kind.EVENT)
    head = f'{{"id":"{id}","sent_at":"{sent_at.isoformat()}"'
    return f'{head},"reports":[{reports}],"events":[{events}]}}'


def _fits(batch: Sequence[Record], answer: Answer) -> bool:
    reports = sum(record.kind is Kind.REPORT for record in batch)
    return (reports, len(batch) - reports) == (len(answer.reports), len(answer.events))


def _fate(record: Record, verdicts: Iterator[Verdict]) -> Fate:
    verdict = next(verdicts)
    return Fate(record, verdict.result, verdict.reason or verdict.code)
