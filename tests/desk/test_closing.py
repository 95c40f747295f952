"""A shift at a desk is closed when nothing waits, and what it came to is kept for good."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from devices.desk.closing import actions as closing
from devices.desk.closing.actions import Waiting
from devices.desk.models import DeskClosing, DeskConflict
from devices.desk.settling import actions as settling
from devices.desk.settling.actions import Has
from devices.errors import Refused
from devices.inventory import codes
from devices.ledger import LedgerEntry
from devices.policy import Policy
from tests.desk.test_settling import a_conflict, by_hand, found_out

C0531, C0532, C0533 = (codes.label(number) for number in (531, 532, 533))
pytestmark = pytest.mark.django_db
POLICY = Policy()
NOTHING = Waiting(0, 0)


def close(house, waiting=NOTHING, *, after=None, later=timedelta()):
    desk = house.desk
    told = {"by": desk.by, "now": desk.now + later, "policy": POLICY}
    return closing.close(desk.desk, waiting, after=after, **told)


def counted(one):
    return one.issued, one.returned, one.out, one.overdue, one.settled


def test_what_a_shift_came_to_is_counted_without_what_was_undone(house):
    house.desk.quickly("1031", C0531)
    house.desk.quickly("1044", C0532)
    back = house.desk.scan(C0531)
    assert back["result"] == "returned", back
    house.desk.quickly("1017", C0533)
    undone = house.desk.scan(codes.card("UNDO"))
    assert undone["result"] == "undone"

    made = close(house)

    assert counted(made) == (2, 1, 1, 0, 0)
    assert LedgerEntry.objects.get(verb="desk closed").facts["issued"] == 2


def test_the_next_shift_counts_from_there_and_what_is_overdue_by_then(house):
    house.desk.quickly("1031", C0531)
    first = close(house)

    house.desk.quickly("1044", C0532)
    second = close(house, after=first.pk, later=timedelta(hours=9))

    assert counted(first) == (1, 0, 1, 0, 0)
    assert counted(second) == (1, 0, 2, 2, 0)
    assert (second.after, second.since) == (first, first.at)


@pytest.mark.parametrize(
    ("waiting", "sentence"),
    [
        (Waiting(2, 0), "2 scans are not sent yet"),
        (Waiting(0, 1), "1 scan is not done"),
        (Waiting(1, 2), r"1 scan is not sent yet.*2 scans are not done"),
    ],
)
def test_it_is_not_closed_while_the_browser_keeps_a_scan(house, waiting, sentence):
    with pytest.raises(Refused, match=sentence):
        close(house, waiting)

    assert not DeskClosing.objects.exists()


def test_it_is_not_closed_while_something_is_unsettled(house):
    conflict = a_conflict(house)

    with pytest.raises(Refused, match="1 thing that this desk told must be settled"):
        close(house)

    told = by_hand(house)
    seen = found_out(house, Has.AS_RECORDED)
    settling.settle(conflict, seen, told=told, policy=POLICY)
    assert close(house, later=timedelta(minutes=1)).settled == 1
    assert DeskConflict.objects.count() == 1


def test_one_shift_is_closed_once(house):
    close(house)

    with pytest.raises(Refused, match="closed this shift already"):
        close(house)


def test_the_database_keeps_it(house):
    made = close(house)

    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        DeskClosing.objects.filter(pk=made.pk).update(issued=9)
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        DeskClosing.objects.filter(pk=made.pk).delete()
