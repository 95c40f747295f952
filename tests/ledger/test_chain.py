"""Any change, removal, insertion or reordering by another hand is found."""

import json
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devices import ledger
from devices.ledger import GENESIS, LedgerEntry, LedgerHead
from devices.roles import Role
from tests.conftest import NOON
from tests.ledger.entries import another_hand, forged, rows, wrote
from tests.ledger.verifier import chained, hash_of
from tests.rows import person

pytestmark = pytest.mark.django_db

TABLE = "devices_ledgerentry"
CHANGES = {
    "another moment": "at = at + interval '1 microsecond'",
    "another actor": "actor_id = NULL",
    "another role": "roles = 'Auditor'",
    "no role": "roles = ''",
    "another address": "source = '10.0.0.8'",
    "another session": "session = ''",
    "another request": "request = 'other'",
    "another verb": "verb = 'put back in service'",
    "another camera": "subject = 'C9999'",
    "another outcome": "outcome = 'failed'",
    "another reason": 'facts = \'{"reason": ""}\'',
    "one fact more": 'facts = facts || \'{"by": "mistake"}\'',
    "no facts": "facts = '{}'",
    "another hash": "hash = repeat('0', 64)",
}
COLUMNS = "at, actor_id, roles, source, session, request, verb, subject, outcome, facts, hash"
OTHER_HANDS = {
    "the first is removed": f"DELETE FROM {TABLE} WHERE seq = 1",
    "one is removed": f"DELETE FROM {TABLE} WHERE seq = 3",
    "the last is removed": f"DELETE FROM {TABLE} WHERE seq = 5",
    "the tail is removed": f"DELETE FROM {TABLE} WHERE seq > 2",
    "all are removed": f"DELETE FROM {TABLE}",
    "one is added": f"INSERT INTO {TABLE} (seq, {COLUMNS})"
    f" SELECT 6, {COLUMNS} FROM {TABLE} WHERE seq = 5",
    "one is put in between": f"UPDATE {TABLE} SET seq = seq + 100 WHERE seq > 2;"
    f" UPDATE {TABLE} SET seq = seq - 99 WHERE seq > 100;"
    f" INSERT INTO {TABLE} (seq, {COLUMNS}) SELECT 3, {COLUMNS} FROM {TABLE} WHERE seq = 2",
    "one is put before": f"INSERT INTO {TABLE} (seq, {COLUMNS})"
    f" SELECT 0, {COLUMNS} FROM {TABLE} WHERE seq = 1",
    "two change places": f"UPDATE {TABLE} SET seq = 99 WHERE seq = 2;"
    f" UPDATE {TABLE} SET seq = 2 WHERE seq = 3; UPDATE {TABLE} SET seq = 3 WHERE seq = 99",
    "a number is left out": f"UPDATE {TABLE} SET seq = 6 WHERE seq = 5",
    "the head is moved back": "UPDATE devices_ledgerhead SET seq = 4",
    "the head is another": "UPDATE devices_ledgerhead SET hash = repeat('a', 64)",
    "the head is removed": "DELETE FROM devices_ledgerhead",
    "a camera is erased": f"UPDATE {TABLE} SET subject = '' WHERE subject = 'C0001'",
}


@pytest.fixture
def five():
    wrote(person(Role.IT))


def verified(**options):
    """Whether `manage.py verify_ledger` was content."""
    try:
        call_command("verify_ledger", **options)
    except CommandError:
        return False
    return True


def checkpoint_file(folder):
    call_command("ledger_checkpoint", stdout=(folder / "checkpoint.json").open("w"))
    return folder / "checkpoint.json"


def test_an_empty_ledger_and_one_as_written_hold(capsys):
    assert verified()
    wrote(None)

    assert verified()
    assert capsys.readouterr().out == "0 entries, unbroken.\n5 entries, unbroken.\n"


def test_every_entry_is_hashed_over_the_one_before_as_the_operators_book_says(five):
    before = GENESIS
    for row in rows():
        assert row["hash"] == hash_of(before, row)
        before = row["hash"]

    head = LedgerHead.objects.get()
    assert (head.seq, head.hash) == (5, before)


@pytest.mark.parametrize("seq", [1, 3, 5])
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_entry_is_found_wherever_it_stands(five, change, seq):
    with another_hand() as cursor:
        cursor.execute(f"UPDATE {TABLE} SET {change} WHERE seq = %s", [seq])

    found = {one.seq for one in ledger.breaks()}

    assert seq in found
    assert not verified()


@pytest.mark.parametrize("deed", OTHER_HANDS.values(), ids=OTHER_HANDS)
def test_what_another_hand_removes_adds_or_reorders_is_found(five, deed):
    with another_hand() as cursor:
        cursor.execute(deed)

    assert list(ledger.breaks())
    assert not verified()


def test_each_place_is_told_in_a_line(five, capsys):
    with another_hand() as cursor:
        cursor.execute(f"UPDATE {TABLE} SET verb = '' WHERE seq = 2")
        cursor.execute(f"DELETE FROM {TABLE} WHERE seq IN (3, 4)")

    assert not verified()

    assert capsys.readouterr().out.splitlines() == [
        "Entry 2: does not match its hash.",
        "Entry 3: entries 3 to 4 are missing.",
        "Entry 5: does not match its hash.",
    ]


class TestCheckpoint:
    """Who owns the database can write a ledger that holds; what was kept elsewhere convicts it."""

    @pytest.fixture
    def held(self, five, tmp_path):
        return checkpoint_file(tmp_path)

    def test_it_holds_and_goes_on_holding(self, held, capsys):
        assert verified(checkpoint=held)
        wrote(None)

        assert verified(checkpoint=held)
        assert "The first 5 are those of " in capsys.readouterr().out

    def test_it_says_the_size_the_hash_and_the_time(self, held):
        said = json.loads(held.read_text())

        assert said.keys() == {"size", "hash", "at"}
        assert (said["size"], said["hash"]) == (5, LedgerHead.objects.get().hash)

    def test_a_tail_that_was_cut_off_is_found(self, held):
        forged(rows()[:4])

        assert verified()
        assert not verified(checkpoint=held)

    def test_a_tail_that_was_rewritten_is_found(self, held):
        told = rows()
        told[3]["facts"] = {"reason": "never happened"}

        forged(chained(told))

        assert verified()
        assert not verified(checkpoint=held)

    def test_an_entry_that_was_put_in_is_found(self, held):
        told = rows()

        forged(chained([told[0], *told]))

        assert verified()
        assert not verified(checkpoint=held)

    def test_a_ledger_begun_anew_is_found(self, held):
        with another_hand() as cursor:
            cursor.execute(f"DELETE FROM {TABLE}")
            cursor.execute("DELETE FROM devices_ledgerhead")

        assert verified()
        assert not verified(checkpoint=held)

    def test_one_of_an_empty_ledger_holds_for_every_ledger(self, tmp_path):
        held = checkpoint_file(tmp_path)
        wrote(None)

        assert verified(checkpoint=held)

    @pytest.mark.parametrize(
        "said",
        [
            "",
            "{",
            "[]",
            '{"size": 5}',
            '{"size": -1, "hash": "", "at": "2030-01-01"}',
            '{"size": 5, "hash": "", "at": "noon"}',
            '{"size": "5", "hash": "", "at": "2030-01-01"}',
        ],
    )
    def test_what_is_no_checkpoint_is_refused(self, tmp_path, said):
        file = tmp_path / "checkpoint.json"
        file.write_text(said)

        with pytest.raises(CommandError, match=r"is not a checkpoint|cannot be read"):
            call_command("verify_ledger", checkpoint=file)

    def test_a_file_that_is_not_there_is_refused(self, tmp_path):
        with pytest.raises(CommandError, match="cannot be read"):
            call_command("verify_ledger", checkpoint=tmp_path / "none.json")


def test_an_entry_appended_while_the_chain_is_read_is_no_break(five):
    reading = ledger.breaks()
    with another_hand() as cursor:
        cursor.execute(f"UPDATE {TABLE} SET verb = '' WHERE seq = 1")
    first = next(reading)
    wrote(None)

    assert (first.seq, [one.seq for one in reading]) == (1, [])


TOLD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab é"), inner, max_size=4),
    max_leaves=20,
)


@given(facts=TOLD, offset=st.integers(-720, 720))
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_whatever_is_told_reads_back_as_it_was_hashed(db, facts, offset):
    with transaction.atomic():
        ledger.record("told", "C0001", by=None, now=NOON + timedelta(minutes=offset), facts=facts)

    assert list(ledger.breaks()) == []


@pytest.mark.parametrize("number", [0.5, 1e16, -0.0, float("nan"), float("inf")])
def test_a_fraction_is_not_told_because_it_would_read_back_differently(number):
    with pytest.raises(TypeError, match="keeps no fractions"), transaction.atomic():
        ledger.record("told", "C0001", by=None, now=NOON, facts=[number])

    assert not LedgerEntry.objects.exists()


def test_a_moment_is_the_same_in_every_time_zone():
    eastern = NOON.astimezone(ZoneInfo("America/New_York"))
    with transaction.atomic():
        ledger.record("told", "C0001", by=None, now=eastern)

    assert list(ledger.breaks()) == []
