"""Several desks at the same moment: nobody waits for another in a circle, and one camera has one
holder."""

from dataclasses import replace
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import transaction

from devices import ledger
from devices.custody.models import CustodyEvent
from devices.desk.by_hand import actions as by_hand
from devices.desk.by_hand.actions import Hand
from devices.desk.cards import CARDS
from devices.roster.models import StandIn
from tests.desk.conftest import POLICY
from tests.desk.racing import contest, overlaps, present, racers, replayed
from tests.desk.test_scanning import a_promise
from tests.patience import PATIENCE_S
from tests.racing import race, while_waiting

pytestmark = pytest.mark.django_db(transaction=True)

CODE = {one.word: one.code for one in CARDS}


def test_a_loan_and_a_scan_of_the_own_camera_do_not_wait_for_each_other(house):
    """The loan refers to the own camera when it commits, with the ledger's head in its hand; the
    other desk has the own camera in its hand and waits for the head."""
    both = Barrier(2, timeout=PATIENCE_S)

    def lend():
        answer = house.desk.quickly("1017", house.spares[0].label)
        both.wait()
        return answer

    def look_and_take():
        house.other_desk.scan(house.own.label)
        both.wait()
        return house.other_desk.scan("1017")

    @transaction.atomic
    def act(number):
        return (lend, look_and_take)[number]()["result"]

    assert race(act, runners=2) == ["issued", "taken"]


def test_an_undo_locks_no_other_camera_than_its_own(house):
    """At each desk the other's camera was scanned last, and waits for a badge."""
    first, second = house.spares[:2]
    mine, theirs = house.desk, house.other_desk
    mine.quickly("1031", first.label)
    theirs.quickly("1044", second.label)
    for desk, anothers in ((mine, second), (theirs, first)):
        desk.context = {"camera": str(anothers), "at": desk.now.isoformat()}

    answers = race(lambda n: (mine, theirs)[n].scan(CODE["UNDO"], after_s=5), runners=2)

    assert [one["result"] for one in answers] == ["undone", "undone"]


def test_a_promise_that_ends_and_a_camera_handed_out_do_not_wait_for_each_other(house):
    """Whoever frees a spare has its promise in their hand and goes for the ledger's head."""
    promise, given = a_promise(house, house.spares[0], "1031"), house.spares[1]
    row = StandIn.objects.filter(pk=promise.pk)
    now = house.desk.now

    answer = while_waiting(
        lambda: row.update(ended_at=now),
        lambda: house.desk.quickly("1031", given.label),
        lambda: ledger.record("spare freed", promise.camera, by=None, now=now),
    )

    assert answer["result"] == "issued"
    assert list(row.values_list("handed_at", flat=True)) == [None]


def test_two_swaps_that_cross_do_not_wait_for_each_other(house):
    """Each wants the camera that the other brings back: neither may have it, and both hear so."""
    first, second = house.spares[:2]
    house.desk.quickly("1031", first.label)
    house.other_desk.quickly("1044", second.label)
    swaps = (("1031", first, second), ("1044", second, first))

    def swap(number):
        badge, back, out = swaps[number]
        hand = Hand(house.desk.by, house.desk.now, POLICY)
        return by_hand.swap(house.officers[badge], back, out, hand)

    answers = race(swap, runners=2)

    assert [str(one).split(" since")[0] for one in answers] == [
        f"1044 holds {second}",
        f"1031 holds {first}",
    ]


def test_two_desks_that_scan_one_camera_give_it_to_one_officer(house):
    for desk, badge in ((house.desk, "1031"), (house.other_desk, "1044")):
        desk.scan(badge)

    answers = race(
        lambda n: (house.desk, house.other_desk)[n].scan(house.spares[0].label, after_s=1),
        runners=2,
    )

    won, lost = sorted(answers, key=lambda one: one["result"])
    assert (won["result"], lost["result"]) == ("issued", "refused")
    assert lost["code"] == "first"
    assert lost["message"].startswith("C0531 was issued 0 s ago at Desk ")
    assert f" to {won['officer']}. " in lost["message"]
    assert lost["card"]["badge"] == lost["officer"]  # who stands there still does
    assert lost["take"]["camera"] != "C0531"


def test_two_desks_that_read_one_badge_give_one_camera(house):
    for desk in (house.desk, house.other_desk):
        desk.scan("1031")

    answers = race(
        lambda n: (house.desk, house.other_desk)[n].scan(house.spares[n].label, after_s=1),
        runners=2,
    )

    won, lost = sorted(answers, key=lambda one: one["result"])
    assert (won["result"], lost["result"]) == ("issued", "refused")
    assert lost["message"].startswith(f"1031 was given {won['camera']} 0 s ago at Desk ")


def test_one_scan_sent_sixteen_times_at_once_has_one_effect_and_one_answer(house):
    house.desk.scan("1031")
    key, context = uuid4(), dict(house.desk.context)
    tabs = [replace(house.desk, context=dict(context)) for _ in range(16)]

    answers = race(
        lambda n: tabs[n].scan(house.spares[0].label, after_s=1, key=key), runners=len(tabs)
    )

    assert answers[0]["result"] == "issued"
    assert all(one == answers[0] for one in answers)
    assert CustodyEvent.objects.filter(scan=key).count() == 1


def test_sixty_four_racers_leave_one_holder_each_and_everybody_an_answer(house):
    running = racers(house.station, house.desk.by, range(64), house.desk.now)

    found = contest(running, house.spares[:3], scans=4)

    assert (found.exceptions, found.strays) == ([], [])
    assert found.results.total() == 64 * 4
    assert found.results["refused"] > found.results["issued"] > 0
    assert CustodyEvent.objects.filter(verb="checked_out").count() == found.results["issued"]
    assert overlaps() == 0
    assert replayed() == present()
