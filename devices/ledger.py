"""Who did what, append-only and chained: each entry's hash covers the one before it.

Acts of people and security events are entries; telemetry never is (about 1,250 appends a
second is what a chain with a locked head can do; measured, see docs/speed.md).
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn

from django.conf import settings
from django.db import models, transaction

GENESIS = "0" * 64


class Outcome(models.TextChoices):
    DONE = "done", "Done"
    DENIED = "denied", "Denied"
    FAILED = "failed", "Failed"


class LedgerHead(models.Model):
    """The one row that is locked while an entry is appended, so that the chain cannot fork."""

    seq = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default=GENESIS)

    def __str__(self) -> str:
        return f"ledger at {self.seq}"


class LedgerEntry(models.Model):
    """One act. Rows are never changed or removed: database triggers refuse it.

    ``roles`` are the actor's at that moment. An entry without a ``source`` was made on the
    server itself. ``session`` stands for the session without opening it.
    """

    seq = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True)
    roles = models.CharField(max_length=120, blank=True)
    source = models.CharField(max_length=45, blank=True)
    session = models.CharField(max_length=16, blank=True)
    request = models.CharField(max_length=64, blank=True)
    verb = models.CharField(max_length=60)
    subject = models.CharField(max_length=80, db_index=True)
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.DONE)
    facts = models.JSONField(default=dict)
    hash = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.seq} {self.verb} {self.subject}"


@dataclass(frozen=True)
class Circumstances:
    """Where an act comes from: a network address, a session and a request, as far as known."""

    source: str = ""
    session: str = ""
    request: str = ""


@dataclass(frozen=True)
class Checkpoint:
    """What the ledger was at a moment: kept elsewhere, it shows a cut or rewritten tail."""

    size: int
    hash: str
    at: datetime


@dataclass(frozen=True)
class Break:
    """Where the chain does not hold."""

    seq: int
    what: str


UNKNOWN = Circumstances()
_circumstances: ContextVar[Circumstances] = ContextVar("circumstances", default=UNKNOWN)


@contextmanager
def acting(circumstances: Circumstances) -> Iterator[None]:
    """Within this block every entry says that its act came from there."""
    token = _circumstances.set(circumstances)
    try:
        yield
    finally:
        _circumstances.reset(token)


def record(
    verb: str,
    subject: object,
    *,
    by: Any,
    now: datetime,
    outcome: Outcome = Outcome.DONE,
    **facts: Any,
) -> LedgerEntry:
    """Write down one act in the caller's transaction; if this fails, so does the act.

    ``by`` is the user who acted, or None for the fleet itself. Facts are texts, whole
    numbers, yes or no, and lists of them: the database would write a fraction differently.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("a ledger entry belongs to the transaction of the act it records")
    seq, before, roles = _locked_head(by)
    act = Said(verb, subject, facts)
    entry = _entry(act, seq=seq + 1, by=by, roles=roles, at=now, outcome=outcome)
    entry.hash = _hash(before, entry)
    entry.save(force_insert=True)
    LedgerHead.objects.update(seq=entry.seq, hash=entry.hash)
    return entry


@dataclass(frozen=True)
class Said:
    """One act of many that are written down together."""

    verb: str
    subject: object
    facts: dict[str, Any]


def record_all(acts: Sequence[Said], *, by: Any, now: datetime) -> None:
    """Write down many acts of one actor, in their order: the same entries as one by one."""
    if not acts:
        return
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("ledger entries belong to the transaction of the acts they record")
    seq, before, roles = _locked_head(by)
    entries = []
    for place, act in enumerate(acts, 1):
        entry = _entry(act, seq=seq + place, by=by, roles=roles, at=now)
        before = entry.hash = _hash(before, entry)
        entries.append(entry)
    LedgerEntry.objects.bulk_create(entries, batch_size=2000)
    LedgerHead.objects.update(seq=entries[-1].seq, hash=before)


def _entry(
    act: Said, *, seq: int, by: Any, roles: str, at: datetime, outcome: Outcome = Outcome.DONE
) -> LedgerEntry:
    origin = _circumstances.get()
    return LedgerEntry(
        seq=seq,
        at=at,
        actor=by,
        roles=roles[:120],
        source=origin.source[:45],
        session=origin.session[:16],
        request=origin.request[:64],
        verb=act.verb,
        subject=str(act.subject)[:80],
        outcome=outcome,
        facts=_as_stored(act.facts),
    )


def checkpoint(now: datetime) -> Checkpoint:
    """What the ledger is now."""
    head = _head()
    return Checkpoint(size=head.seq, hash=head.hash, at=now)


def breaks(held: Checkpoint | None = None) -> Iterator[Break]:
    """Every place where the ledger was changed, cut, reordered or added to by another hand.

    Who owns the database could rewrite all of it, head and hashes too; that shows against
    a checkpoint that was ``held`` elsewhere.
    """
    head, last, there = _head(), LedgerEntry(seq=0, hash=GENESIS), ""
    for entry in _entries_with_their_head():
        head = LedgerHead(seq=entry.head_seq or 0, hash=entry.head_hash or GENESIS)
        if entry.seq <= last.seq:
            yield Break(entry.seq, "stands before the first entry")
            continue
        if entry.seq != last.seq + 1:
            yield Break(last.seq + 1, f"entries {last.seq + 1} to {entry.seq - 1} are missing")
        if entry.hash != _hash(last.hash, entry):
            yield Break(entry.seq, "does not match its hash")
        if held is not None and entry.seq == held.size:
            there = entry.hash
        last = entry
    if (head.seq, head.hash) != (last.seq, last.hash):
        yield Break(head.seq, "the head does not match the last entry")
    if held is not None and held.size and there != held.hash:
        yield Break(held.size, "is not what the checkpoint says of it")


def _entries_with_their_head() -> Iterator[Any]:
    """In one statement, so that what is appended meanwhile does not look like a break."""
    head = LedgerHead.objects.all()
    entries = LedgerEntry.objects.order_by("seq").annotate(
        head_seq=models.Subquery(head.values("seq")[:1]),
        head_hash=models.Subquery(head.values("hash")[:1]),
    )
    return entries.iterator()


def _head() -> LedgerHead:
    return LedgerHead.objects.first() or LedgerHead()


_HEAD = """
SELECT head.seq, head.hash, coalesce((
    SELECT string_agg(role.name, ', ' ORDER BY role.name COLLATE "C")
    FROM auth_group role JOIN auth_user_groups mine ON mine.group_id = role.id
    WHERE mine.user_id = %s), '')
FROM devices_ledgerhead head WHERE head.id = 1 FOR UPDATE OF head"""


def _locked_head(by: Any) -> tuple[int, str, str]:
    """The last entry's number and hash, its row locked until this transaction ends; and the roles
    of who acts."""
    asked = [by.pk if by is not None else None]
    with transaction.get_connection().cursor() as cursor:
        cursor.execute(_HEAD, asked)
        if (head := cursor.fetchone()) is None:  # the very first
            LedgerHead.objects.get_or_create(pk=1)
            cursor.execute(_HEAD, asked)
            head = cursor.fetchone()
    seq, before, roles = head
    return seq, before, roles


def _as_stored(facts: dict[str, Any]) -> Any:
    return json.loads(json.dumps(facts), parse_float=_no_fraction, parse_constant=_no_fraction)


def _no_fraction(number: str) -> NoReturn:
    raise TypeError(f"the ledger keeps no fractions such as {number}")


def _hash(before: str, entry: LedgerEntry) -> str:
    """Over everything the entry tells; what is not told of its circumstances is left out."""
    told: dict[str, Any] = {
        "seq": entry.seq,
        "at": entry.at.astimezone(UTC).isoformat(),
        "actor": entry.actor_id,
        "verb": entry.verb,
        "subject": entry.subject,
        "facts": entry.facts,
    }
    circumstances = {
        "roles": entry.roles,
        "source": entry.source,
        "session": entry.session,
        "request": entry.request,
        "outcome": "" if entry.outcome == Outcome.DONE else entry.outcome,
    }
    told |= {name: value for name, value in circumstances.items() if value}
    canonical = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(f"{before}\n{canonical}".encode()).hexdigest()
