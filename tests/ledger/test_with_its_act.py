"""An act and its entry are one transaction, whatever happens and however many act at once."""

import pytest
from django.db import DatabaseError, connection, transaction

from devices import ledger
from devices.inventory import actions
from devices.inventory.models import Camera, ServiceState
from devices.ledger import LedgerEntry, LedgerHead
from tests.racing import race
from tests.rows import a_camera, a_station

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def camera(noon):
    return a_camera(417, a_station(), noon)


def lose(camera, noon):
    actions.change_service(camera, ServiceState.LOST, reason="gone", by=None, now=noon)


def test_an_entry_outside_a_transaction_is_refused(noon):
    with pytest.raises(RuntimeError, match="belongs to the transaction of the act"):
        ledger.record("told", "C0417", by=None, now=noon)

    assert not LedgerEntry.objects.exists()


def test_where_the_entry_cannot_be_written_the_act_has_not_happened(camera, noon):
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE devices_ledgerentry ADD CONSTRAINT full_disk CHECK (false) NOT VALID"
        )
    try:
        with pytest.raises(DatabaseError, match="full_disk"):
            lose(camera, noon)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE devices_ledgerentry DROP CONSTRAINT full_disk")

    assert Camera.objects.get().service_state == ServiceState.IN_SERVICE
    assert not LedgerHead.objects.filter(seq__gt=0).exists()


def test_where_the_act_is_undone_nothing_was_written_down(camera, noon):
    with transaction.atomic():
        lose(camera, noon)
        transaction.set_rollback(True)

    assert Camera.objects.get().service_state == ServiceState.IN_SERVICE
    assert not LedgerEntry.objects.exists()
    assert list(ledger.breaks()) == []


def test_sixteen_who_write_at_once_make_one_chain(noon):
    """From the very first entry on, when there is no head yet to be locked."""

    def write(number):
        for turn in range(5):
            with transaction.atomic():
                ledger.record("told", f"{number} {turn}", by=None, now=noon)

    race(write, runners=16)

    assert list(LedgerEntry.objects.order_by("seq").values_list("seq", flat=True)) == [
        *range(1, 81)
    ]
    assert list(ledger.breaks()) == []


def test_a_writer_that_gives_up_leaves_no_gap(noon):
    def write(number):
        for turn in range(4):
            with transaction.atomic():
                ledger.record("told", f"{number} {turn}", by=None, now=noon)
                if number % 2:
                    transaction.set_rollback(True)

    race(write, runners=16)

    assert LedgerEntry.objects.count() == 32
    assert list(ledger.breaks()) == []
