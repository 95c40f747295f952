"""Entries as rows of the database, and another hand that changes them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from devices import ledger
from devices.ledger import Circumstances, LedgerEntry, LedgerHead, Outcome
from tests.conftest import NOON

AT_THE_DESK = Circumstances(source="10.0.0.7", session="5e551011", request="a-request")
PLAIN = ("seq", "verb", "subject", "outcome", "facts", "hash")
PLAIN += ("roles", "source", "session", "request")


def wrote(actor: Any, *, entries: int = 5) -> None:
    """Some acts of somebody at a desk, the third of them denied."""
    for number in range(entries):
        outcome = Outcome.DENIED if number == 2 else Outcome.DONE
        with transaction.atomic(), ledger.acting(AT_THE_DESK):
            ledger.record(
                "taken out of service",
                f"C{number:04d}",
                by=actor,
                now=NOON + timedelta(minutes=number),
                outcome=outcome,
                reason=f"lens {number}",
            )


def rows() -> list[dict[str, Any]]:
    """Every entry, as somebody without our code would read it out of the database."""
    return [
        {
            **{name: getattr(entry, name) for name in PLAIN},
            "actor": entry.actor_id,
            "at": entry.at.astimezone(UTC).isoformat(),
        }
        for entry in LedgerEntry.objects.order_by("seq")
    ]


@contextmanager
def another_hand() -> Iterator[Any]:
    """The database's superuser, whom no trigger stops."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        yield cursor
        cursor.execute("SET session_replication_role = origin")


def forged(told: list[dict[str, Any]]) -> None:
    """These rows are the whole ledger, and its head says so."""
    with another_hand():
        LedgerEntry.objects.all().delete()
        for row in told:
            at = datetime.fromisoformat(row["at"])
            plain = {name: row[name] for name in PLAIN}
            LedgerEntry.objects.create(**plain, at=at, actor_id=row["actor"])
        LedgerHead.objects.update(seq=told[-1]["seq"], hash=told[-1]["hash"])
