"""The verbs of custody, and what each refuses."""

from datetime import timedelta

import pytest

from devices.custody import actions
from devices.custody.actions import Held, HoldsAnother, Terms
from devices.custody.models import Custody, CustodyEvent, CustodyKind
from devices.errors import Refused
from devices.inventory.models import Camera, ServiceState
from devices.ledger import LedgerEntry

HOUR = timedelta(hours=1)
LOAN = CustodyKind.LOAN


def test_whoever_checks_a_camera_out_answers_for_it(room):
    event = room.give(room.spare, "1031", terms=Terms(due_at=room.now + 8 * HOUR))

    assert room.holder(room.spare) == "shift 1031"
    assert (event.verb, event.opened.due_at) == ("checked_out", room.now + 8 * HOUR)
    entry = LedgerEntry.objects.get(verb="checked out")
    assert (entry.subject, entry.actor) == ("C0531", room.by)
    assert entry.facts == {
        "officer": "1031",
        "custody": event.opened.pk,
        "kind": "shift",
        "desk": "Desk 1",
        "event": event.pk,
        "via": "desk",
    }


def test_a_camera_that_somebody_holds_is_not_checked_out(room):
    room.give(room.spare, "1031")

    with pytest.raises(Held, match="1031 holds C0531 since 01 Jan"):
        room.give(room.spare, "1044")

    assert room.holder(room.spare) == "shift 1031"


def test_an_officer_has_one_camera_for_a_shift(room):
    room.give(room.spare, "1031")

    with pytest.raises(HoldsAnother, match="1031 holds C0531"):
        room.give(room.other, "1031", terms=Terms(LOAN, room.own))

    assert room.holder(room.other) == ""


def test_a_second_one_is_extra(room):
    room.give(room.spare, "1031")
    room.give(room.other, "1031", terms=Terms(extra=True))

    assert room.holder(room.other) == "shift 1031"


def test_what_only_a_loan_has_is_left_out_of_anything_else(room):
    event = room.give(room.spare, "1017", terms=Terms(loan_of=room.own))

    assert event.opened.loan_of is None


def test_a_camera_that_comes_in_is_nobodys(room):
    room.give(room.spare, "1031")

    event = actions.check_in(room.spare, told=room.told(after=HOUR))

    assert (room.holder(room.spare), event.verb) == ("", "checked_in")
    assert event.closed.closed_at == room.now + HOUR


def test_a_camera_that_is_in_does_not_come_in(room):
    with pytest.raises(Refused, match="C0531 is in: nobody holds it"):
        actions.check_in(room.spare, told=room.told())


def test_a_lost_camera_is_found_and_does_not_just_come_in(room):
    room.give(room.spare, "1031")
    actions.report_lost(room.spare, told=room.told(reason="Left in a taxi"))

    with pytest.raises(Refused, match="C0531 was reported lost: say on its page that it is found"):
        actions.check_in(room.spare, told=room.told(after=HOUR))

    assert room.holder(room.spare) == "shift 1031"


def swap(room, badge, back, out, **told):
    both = room.told(**told)
    return actions.swap(room.officers[badge], back, out, returned=both, given=both)


def test_a_swap_gives_another_camera_on_the_same_terms(room):
    due_at = room.now + 8 * HOUR
    room.give(room.spare, "1017", terms=Terms(LOAN, room.own, due_at))

    swapped = swap(room, "1017", room.spare, room.other, after=HOUR)

    assert (room.holder(room.spare), room.holder(room.other)) == ("", "loan 1017")
    opened, closed = swapped.given.opened, swapped.returned.closed
    assert (opened.loan_of, opened.due_at, opened.extra) == (room.own, due_at, False)
    assert opened.opened_at == closed.closed_at == room.now + HOUR


def test_a_second_camera_is_swapped_for_a_second_one(room):
    actions.assign(room.own, None, told=room.told(reason="Nobody's now"))
    room.give(room.spare, "1031")
    room.give(room.other, "1031", terms=Terms(extra=True))

    swapped = swap(room, "1031", room.other, room.own, after=HOUR)

    assert swapped.given.opened.extra
    assert room.holder(room.spare) == "shift 1031"


def test_a_spare_is_swapped_for_the_own_camera_which_stays_own(room):
    room.give(room.spare, "1017", terms=Terms(LOAN, room.own))

    swapped = swap(room, "1017", room.spare, room.own, after=HOUR)

    assert (swapped.returned.verb, swapped.given.verb) == ("checked_in", "taken")
    assert (room.holder(room.spare), room.holder(room.own)) == ("", "personal 1017")


@pytest.mark.parametrize(
    ("badge", "back", "out", "said"),
    [
        ("1031", "spare", "spare", "C0531 is not swapped for itself"),
        ("1031", "other", "spare", "C0532 is in: nobody holds it"),
        ("1044", "spare", "other", "1031 holds C0531 since"),
        ("1017", "own", "other", "C0417 is 1017's own and stays so: give C0532 out beside it"),
        ("1031", "spare", "own", "1017 holds C0417 since"),
    ],
)
def test_a_swap_is_refused_whole_with_the_sentence_of_the_half(room, badge, back, out, said):
    room.give(room.spare, "1031")
    events = CustodyEvent.objects.count()

    with pytest.raises(Refused, match=said):
        swap(room, badge, getattr(room, back), getattr(room, out))

    assert (room.holder(room.spare), room.holder(room.other)) == ("shift 1031", "")
    assert CustodyEvent.objects.count() == events


def test_a_lost_camera_does_not_come_in_by_a_swap(room):
    room.give(room.spare, "1031")
    actions.report_lost(room.spare, told=room.told(reason="Left in a taxi"))

    with pytest.raises(Refused, match="C0531 is lost: say that it is found first"):
        swap(room, "1031", room.spare, room.other)

    assert (room.holder(room.spare), room.holder(room.other)) == ("shift 1031", "")


def test_an_own_camera_that_comes_in_is_its_officers_no_more(room):
    event = actions.check_in(room.own, told=room.told())

    assert (event.verb, event.opened, room.holder(room.own)) == ("taken_back", None, "")
    assert Camera.objects.get(pk=room.own.pk).officer is None


def test_an_own_camera_comes_back_to_its_officer(room):
    handed = {"reason": "Own one is flat"}
    actions.transfer(room.own, room.officers["1031"], Terms(), told=room.told(**handed))

    actions.check_in(room.own, told=room.told(after=HOUR))

    assert room.holder(room.own) == "personal 1017"


def test_a_leavers_own_camera_comes_back_to_nobody(room):
    actions.transfer(room.own, room.officers["1031"], Terms(), told=room.told(reason="Handed over"))
    type(room.officers["1017"]).objects.filter(badge_number="1017").update(active=False)

    actions.check_in(room.own, told=room.told(after=HOUR))

    assert room.holder(room.own) == ""


def test_a_transfer_ends_one_custody_and_begins_the_next_at_one_moment(room):
    room.give(room.spare, "1031")

    told = room.told(after=HOUR, reason="Handed over")
    event = actions.transfer(room.spare, room.officers["1044"], Terms(), told=told)

    assert room.holder(room.spare) == "shift 1044"
    assert event.closed.closed_at == event.opened.opened_at == room.now + HOUR


@pytest.mark.parametrize(
    ("badge", "reason", "why"),
    [
        ("1031", "Handed over", "1031 holds C0531 already"),
        ("1044", "   ", "Say why"),
    ],
)
def test_a_transfer_that_is_refused_changes_nothing(room, badge, reason, why):
    room.give(room.spare, "1031")

    with pytest.raises(Refused, match=why):
        actions.transfer(
            room.spare, room.officers[badge], Terms(), told=room.told(after=HOUR, reason=reason)
        )

    assert Custody.objects.get(camera=room.spare).closed_at is None


def test_what_nobody_holds_is_not_transferred(room):
    with pytest.raises(Refused, match="nobody holds it"):
        actions.transfer(
            room.spare, room.officers["1031"], Terms(), told=room.told(reason="Handed over")
        )


def test_an_own_camera_is_taken_and_stays_whose_it_is(room):
    before = Custody.objects.get(camera=room.own)

    event = actions.take(room.own, room.officers["1017"], told=room.told())

    assert (event.opened, event.closed) == (None, None)
    assert Custody.objects.get(camera=room.own) == before


@pytest.mark.parametrize("badge", ["1031", "1044"])
def test_nobody_takes_anothers_own_camera(room, badge):
    with pytest.raises(Refused, match="C0417 is not"):
        actions.take(room.own, room.officers[badge], told=room.told())


def test_a_camera_becomes_somebodys_own(room):
    event = actions.assign(room.spare, room.officers["1031"], told=room.told(reason="New officer"))

    assert (event.verb, room.holder(room.spare)) == ("assigned", "personal 1031")
    assert Camera.objects.get(pk=room.spare.pk).officer == room.officers["1031"]


def test_an_own_camera_goes_to_another_officer_for_good(room):
    event = actions.assign(room.own, room.officers["1031"], told=room.told(reason="New officer"))

    assert room.holder(room.own) == "personal 1031"
    assert (event.closed.officer, event.opened.officer) == (
        room.officers["1017"],
        room.officers["1031"],
    )


def test_an_own_camera_is_taken_back(room):
    event = actions.assign(room.own, None, told=room.told(reason="Retires"))

    assert (event.verb, room.holder(room.own)) == ("taken_back", "")
    assert event.officer == room.officers["1017"]


def test_what_cannot_be_assigned(room):
    give, officers = actions.assign, room.officers
    told = room.told(reason="New officer")
    room.give(room.spare, "1031")
    type(officers["1044"]).objects.filter(badge_number="1044").update(active=False)
    officers["1044"].refresh_from_db()
    Camera.objects.filter(pk=room.other.pk).update(service_state=ServiceState.RETIRED)

    for camera, officer, said, why in (
        (room.spare, officers["1017"], told, "1031 holds C0531"),
        (room.own, officers["1017"], told, "that already"),
        (room.own, officers["1044"], told, "1044 has left"),
        (room.own, officers["1031"], room.told(), "Say why"),
        (room.other, officers["1031"], told, "C0532 is retired"),
    ):
        with pytest.raises(Refused, match=why):
            give(camera, officer, told=said)
    assert room.holder(room.own) == "personal 1017"


def test_who_held_a_lost_camera_still_answers_for_it(room):
    room.give(room.spare, "1031")

    event = actions.report_lost(room.spare, told=room.told(after=HOUR, reason="Fell into a river"))

    assert room.holder(room.spare) == "shift 1031"
    assert event.officer == room.officers["1031"]
    assert Camera.objects.get(pk=room.spare.pk).service_state == ServiceState.LOST


@pytest.mark.parametrize("reason", ["", " \n"])
def test_nobody_loses_a_camera_without_a_word(room, reason):
    with pytest.raises(Refused, match="Say why"):
        actions.report_lost(room.spare, told=room.told(reason=reason))


def test_a_found_camera_is_given_back_and_stays_out_of_service(room):
    room.give(room.spare, "1031")
    actions.report_lost(room.spare, told=room.told(reason="Fell into a river"))

    event = actions.found(room.spare, told=room.told(after=HOUR))

    assert (event.verb, event.officer) == ("found", room.officers["1031"])
    assert room.holder(room.spare) == ""
    assert Camera.objects.get(pk=room.spare.pk).service_state == ServiceState.LOST


def test_an_own_camera_that_is_found_is_still_its_officers(room):
    actions.report_lost(room.own, told=room.told(reason="Left in a cruiser"))

    actions.found(room.own, told=room.told(after=HOUR))

    assert room.holder(room.own) == "personal 1017"


def test_what_is_not_lost_is_not_found(room):
    with pytest.raises(Refused, match="C0531 is not lost"):
        actions.found(room.spare, told=room.told())


def test_who_waited_for_their_turn_begins_when_the_last_one_ended(room):
    """The clerk of the other desk pressed first and was served second."""
    room.give(room.spare, "1031")
    actions.check_in(room.spare, told=room.told(after=timedelta(seconds=5)))

    later = room.give(room.spare, "1044", after=timedelta(seconds=4))

    assert later.opened.opened_at == room.now + timedelta(seconds=5)
    at = room.now + timedelta(seconds=4.5)
    assert [str(one.officer) for one in Custody.objects.filter(camera=room.spare).at(at)] == [
        "1031"
    ]


def test_a_second_custody_that_never_was_leaves_no_event(room):
    room.give(room.spare, "1031")
    before = CustodyEvent.objects.count(), LedgerEntry.objects.count()

    with pytest.raises(Held):
        room.give(room.spare, "1044")

    assert (CustodyEvent.objects.count(), LedgerEntry.objects.count()) == before


def test_a_camera_that_installs_goes_to_nobody(room):
    until = room.now + timedelta(minutes=35)
    Camera.objects.update(update_stage="installing", updating_until=until)

    with pytest.raises(Refused, match=r"C0531 is being updated: it is back at about \d\d:\d\d\."):
        room.give(room.spare, "1031")

    assert room.holder(room.spare) == ""


def test_a_scan_ends_an_offer_that_has_not_begun(room):
    Camera.objects.update(update_stage="offered", updating_until=room.now + HOUR)

    room.give(room.spare, "1031")

    stages = Camera.objects.filter(update_stage="").values_list("pk", flat=True)
    assert list(stages) == [room.spare.pk]
