"""Who did what, append-only and chained: each entry's hash covers the one before it.

Acts of people and security events are entries; telemetry never is (about 1,250 appends a
second is what a chain with a locked head can do; measured, see docs/speed.md).
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models, transaction

GENESIS = "0" * 64


class LedgerHead(models.Model):
    """The one row that is locked while an entry is appended, so that the chain cannot fork."""

    seq = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default=GENESIS)

    def __str__(self) -> str:
        return f"ledger at {self.seq}"


class LedgerEntry(models.Model):
    """One act. Rows are never changed or removed: a database trigger refuses both."""

    seq = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True)
    verb = models.CharField(max_length=60)
    subject = models.CharField(max_length=80, db_index=True)
    facts = models.JSONField(default=dict)
    hash = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.seq} {self.verb} {self.subject}"


@dataclass(frozen=True)
class Break:
    """Where the chain does not hold."""

    seq: int
    what: str


def record(verb: str, subject: object, *, by: Any, now: datetime, **facts: Any) -> LedgerEntry:
    """Write down one act in the caller's transaction; if this fails, so does the act.

    ``by`` is the user who acted, or None for the fleet itself.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("a ledger entry belongs to the transaction of the act it records")
    head, _ = LedgerHead.objects.select_for_update().get_or_create(pk=1)
    entry = LedgerEntry(
        seq=head.seq + 1, at=now, actor=by, verb=verb, subject=str(subject)[:80], facts=facts
    )
    entry.hash = _hash(head.hash, entry)
    entry.save(force_insert=True)
    LedgerHead.objects.update(seq=entry.seq, hash=entry.hash)
    return entry


def breaks() -> Iterator[Break]:
    """Every place where the ledger was changed, cut, reordered or added to by another hand."""
    before, expected = GENESIS, 0
    for entry in LedgerEntry.objects.order_by("seq").iterator():
        expected += 1
        if entry.seq != expected:
            yield Break(expected, f"entries {expected} to {entry.seq - 1} are missing")
            expected = entry.seq
        if entry.hash != _hash(before, entry):
            yield Break(entry.seq, "does not match its hash")
        before = entry.hash
    head = LedgerHead.objects.first() or LedgerHead()
    if (head.seq, head.hash) != (expected, before):
        yield Break(head.seq, "the head does not match the last entry")


def _hash(before: str, entry: LedgerEntry) -> str:
    told = {
        "seq": entry.seq,
        "at": entry.at.isoformat(),
        "actor": entry.actor_id,
        "verb": entry.verb,
        "subject": entry.subject,
        "facts": entry.facts,
    }
    canonical = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(f"{before}\n{canonical}".encode()).hexdigest()
