"""What a desk told while it was cut off and the record denies, settled by a person."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from devices.custody import actions as custody
from devices.custody.actions import Told
from devices.custody.models import CustodyEvent
from devices.desk.models import DeskConflict
from devices.desk.settling import actions as settling
from devices.desk.settling.actions import Finding, Has
from devices.errors import Refused
from devices.inventory import codes
from devices.ledger import LedgerEntry
from devices.policy import Policy

C0531, C0532 = codes.label(531), codes.label(532)
pytestmark = pytest.mark.django_db
POLICY = Policy()


def a_conflict(house):
    """Desk 1 gave C0531 to 1044 while it was cut off; desk 2 had given it to 1031."""
    house.other_desk.quickly("1031", C0531)
    house.desk.quickly("1044")
    answer = house.desk.scan(C0531, told="issued")
    assert answer["result"] == "conflict"
    return DeskConflict.objects.get(settled_at=None)


def by_hand(house):
    return Told(by=house.desk.by, now=house.desk.now + timedelta(minutes=1))


def found_out(house, has, badge="", how="Asked both at roll call"):
    """By somebody who looks at the record as it is now."""
    held = custody.open_custody(house.spares[0])
    return Finding(has, how, house.officers.get(badge), held.pk if held else None)


def settle(house, has, badge="", how="Asked both at roll call"):
    conflict = a_conflict(house)
    finding = found_out(house, has, badge, how)
    settling.settle(conflict, finding, told=by_hand(house), policy=POLICY)
    return DeskConflict.objects.get()


@pytest.mark.parametrize(
    ("has", "badge", "holder", "verb"),
    [
        (Has.AS_RECORDED, "", "1031", "checked_out"),
        (Has.OFFICER, "1031", "1031", "checked_out"),
        (Has.OFFICER, "1044", "1044", "transferred"),
        (Has.OFFICER, "1017", "1017", "transferred"),
        (Has.NOBODY, "", "", "checked_in"),
    ],
)
def test_the_record_says_what_the_person_found_out(house, has, badge, holder, verb):
    settled = settle(house, has, badge)

    assert house.holder(house.spares[0]) == holder
    assert settled.settled_how == "Asked both at roll call"
    last = CustodyEvent.objects.filter(camera=house.spares[0]).order_by("id").last()
    assert last.verb == verb
    assert LedgerEntry.objects.filter(verb="desk conflict settled").count() == 1


def test_who_has_a_camera_of_their_own_has_it_on_loan_and_what_it_was_like_is_kept(house):
    settle(house, Has.OFFICER, "1017")

    held = custody.open_custody(house.spares[0])
    assert (held.kind, str(held.loan_of)) == ("loan", "C0417")
    assert CustodyEvent.objects.filter(camera=house.spares[0]).order_by("id").last().snapshot


def test_one_that_came_in_meanwhile_goes_to_whom_they_say(house):
    conflict = a_conflict(house)
    house.desk.scan(C0531, after_s=60)
    assert house.holder(house.spares[0]) == ""

    finding = found_out(house, Has.OFFICER, "1044")
    settling.settle(conflict, finding, told=by_hand(house), policy=POLICY)

    assert house.holder(house.spares[0]) == "1044"


@pytest.mark.parametrize("has", list(Has))
@pytest.mark.parametrize("went_on", [False, True])
def test_a_record_that_changed_since_they_looked_is_looked_at_again(house, has, went_on):
    conflict = a_conflict(house)
    finding = found_out(house, has, "1044")
    house.desk.scan(C0531, after_s=60)
    if went_on:
        house.other_desk.now = house.desk.now
        house.other_desk.quickly("1017", C0531)
    holder = house.holder(house.spares[0])

    with pytest.raises(Refused, match="The record has changed since you looked") as refused:
        settling.settle(conflict, finding, told=by_hand(house), policy=POLICY)

    assert ("1017 holds C0531" if went_on else "Nobody holds C0531.") in str(refused.value)
    assert house.holder(house.spares[0]) == holder == ("1017" if went_on else "")
    assert DeskConflict.objects.get().settled_at is None


def test_it_is_settled_once_and_in_words(house):
    with pytest.raises(Refused, match="Say in a sentence"):
        settle(house, Has.AS_RECORDED, how="  ")
    conflict = DeskConflict.objects.get()
    seen = found_out(house, Has.AS_RECORDED)
    settling.settle(conflict, seen, told=by_hand(house), policy=POLICY)

    with pytest.raises(Refused, match="settled it already"):
        settling.settle(conflict, seen, told=by_hand(house), policy=POLICY)


def test_what_cannot_be_done_leaves_it_open(house):
    conflict = a_conflict(house)
    house.desk.quickly("1044", C0532)  # so that 1044 holds another for the shift

    finding = found_out(house, Has.OFFICER, "1044")
    with pytest.raises(Refused, match="1044 holds C0532"):
        settling.settle(conflict, finding, told=by_hand(house), policy=POLICY)
    finding = found_out(house, Has.OFFICER)
    with pytest.raises(Refused, match="Say which officer"):
        settling.settle(conflict, finding, told=by_hand(house), policy=POLICY)

    assert DeskConflict.objects.get().settled_at is None
    assert house.holder(house.spares[0]) == "1031"


def test_where_no_camera_is_known_only_words_settle_it(house):
    house.desk.scan(codes.label(998), told="returned")
    conflict = DeskConflict.objects.get()
    told = by_hand(house)

    for has in (Has.NOBODY, Has.OFFICER):
        finding = Finding(has, "It is here", house.officers["1031"])
        with pytest.raises(Refused, match="Which camera it was is not known"):
            settling.settle(conflict, finding, told=told, policy=POLICY)
    found = Finding(Has.AS_RECORDED, "A label from another department")
    settling.settle(conflict, found, told=told, policy=POLICY)

    assert DeskConflict.objects.get().settled_how == "A label from another department"
    assert LedgerEntry.objects.get(verb="desk conflict settled").subject == "desk HQ/Desk 1"


def test_the_database_drops_and_changes_none(house):
    settled = settle(house, Has.AS_RECORDED)
    rows = DeskConflict.objects.filter(pk=settled.pk)

    with pytest.raises(DatabaseError, match="never removed"), transaction.atomic():
        rows.delete()
    with pytest.raises(DatabaseError, match="settled is never changed"), transaction.atomic():
        rows.update(settled_how="otherwise")
