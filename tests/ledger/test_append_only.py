"""The database itself refuses to change or remove an entry, whoever asks."""

import pytest
from django.db import DatabaseError, connection, transaction

from devices import ledger
from devices.ledger import Circumstances, LedgerEntry, Outcome
from devices.roles import Role
from tests.ledger.entries import wrote
from tests.rows import person

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE devices_ledgerentry SET verb = 'nothing'",
        "UPDATE devices_ledgerentry SET seq = seq + 10",
        "DELETE FROM devices_ledgerentry",
        "DELETE FROM devices_ledgerentry WHERE seq = 5",
        "TRUNCATE devices_ledgerentry",
        "TRUNCATE auth_user CASCADE",
        "INSERT INTO devices_ledgerentry SELECT * FROM devices_ledgerentry WHERE seq = 1"
        " ON CONFLICT (seq) DO UPDATE SET verb = 'nothing'",
        "MERGE INTO devices_ledgerentry AS one USING (SELECT 1 AS seq) AS other"
        " ON one.seq = other.seq WHEN MATCHED THEN DELETE",
    ],
)
def test_no_statement_changes_or_removes_an_entry(noon, statement):
    wrote(None)
    connection.check_constraints()  # or a statement would be refused for what waits to be checked

    with pytest.raises(DatabaseError, match=r"append-only|never emptied"), transaction.atomic():
        connection.cursor().execute(statement)

    assert LedgerEntry.objects.count() == 5
    assert list(ledger.breaks()) == []


def test_a_person_who_acted_cannot_be_erased():
    somebody = person(Role.IT)
    wrote(somebody)

    with pytest.raises(DatabaseError), transaction.atomic():
        somebody.delete()

    assert LedgerEntry.objects.filter(actor=somebody).count() == 5


def test_an_entry_says_who_acted_as_what_from_where_and_with_what_result(noon):
    somebody = person(Role.IT)
    origin = Circumstances(source="10.0.0.7", session="5e551011", request="a-request")

    with transaction.atomic(), ledger.acting(origin):
        ledger.record(
            "denied", "/import/", by=somebody, now=noon, outcome=Outcome.DENIED, method="GET"
        )

    entry = LedgerEntry.objects.get()
    assert (entry.actor, entry.roles, entry.at) == (somebody, "IT", noon)
    assert (entry.source, entry.session, entry.request) == ("10.0.0.7", "5e551011", "a-request")
    assert (entry.verb, entry.subject, entry.outcome) == ("denied", "/import/", Outcome.DENIED)
    assert entry.facts == {"method": "GET"}


def test_where_an_act_came_from_ends_with_the_block(noon):
    with ledger.acting(Circumstances(source="10.0.0.7")):
        pass

    with transaction.atomic():
        entry = ledger.record("told", "C0001", by=None, now=noon)

    assert (entry.source, entry.roles, entry.outcome) == ("", "", Outcome.DONE)
