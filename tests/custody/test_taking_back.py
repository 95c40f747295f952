"""Undoing within the minute, and correcting after it: the record stays, with more beside it."""

from datetime import timedelta

import pytest

from devices.custody import actions
from devices.custody.actions import Correction, Held, HoldsAnother, Terms
from devices.custody.models import Custody, CustodyEvent, CustodyKind, Desk, Via
from devices.errors import Refused
from devices.inventory.models import Camera

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
WHY = {"reason": "Wrong name"}


def undo(room, event, after=10 * SECOND, **told):
    return actions.undo(event, told=room.told(after=after, **told))


def owner(camera):
    return str(Camera.objects.get(pk=camera.pk).officer or "")


def test_an_issue_that_is_undone_leaves_the_camera_in(room):
    event = room.give(room.spare, "1031")

    undone = undo(room, event)

    assert room.holder(room.spare) == ""
    assert (undone.verb, undone.about, undone.closed) == ("undone", event, event.opened)


def test_a_return_that_is_undone_gives_back_what_it_ended(room):
    terms = Terms(CustodyKind.LOAN, room.own, room.now + 8 * HOUR, extra=True)
    room.give(room.spare, "1017", terms=terms)
    event = actions.check_in(room.spare, told=room.told(after=SECOND))

    again = undo(room, event).opened

    assert (again.kind, again.loan_of, again.due_at, again.extra) == (
        CustodyKind.LOAN,
        room.own,
        room.now + 8 * HOUR,
        True,
    )


def test_a_transfer_that_is_undone_goes_back(room):
    room.give(room.spare, "1031")
    event = actions.transfer(
        room.spare, room.officers["1044"], Terms(), told=room.told(after=SECOND, **WHY)
    )

    undo(room, event)

    assert room.holder(room.spare) == "shift 1031"


def test_a_return_of_an_own_camera_that_was_lent_is_undone_whole(room):
    actions.transfer(room.own, room.officers["1031"], Terms(), told=room.told(**WHY))
    event = actions.check_in(room.own, told=room.told(after=SECOND))

    undo(room, event)

    assert room.holder(room.own) == "shift 1031"
    assert owner(room.own) == "1017"


def test_a_take_that_is_undone_is_on_record_and_changes_nothing(room):
    event = actions.take(room.own, room.officers["1017"], told=room.told())

    undone = undo(room, event)

    assert room.holder(room.own) == "personal 1017"
    assert (undone.opened, undone.closed) == (None, None)


def test_an_own_camera_taken_back_by_mistake_is_its_officers_again(room):
    event = actions.check_in(room.own, told=room.told())

    undo(room, event)

    assert (room.holder(room.own), owner(room.own)) == ("personal 1017", "1017")


@pytest.mark.parametrize(("camera", "before"), [("own", "personal 1017"), ("spare", "")])
def test_an_own_camera_given_by_mistake_is_whose_it_was(room, camera, before):
    given = getattr(room, camera)
    event = actions.assign(given, room.officers["1044"], told=room.told(**WHY))

    undo(room, event)

    assert room.holder(given) == before
    assert owner(given) == before.removeprefix("personal ")


def test_a_loss_is_not_undone_but_found(room):
    event = actions.report_lost(room.spare, told=room.told(reason="Fell into a river"))

    with pytest.raises(Refused, match="found"):
        undo(room, event)


def test_finding_is_undone(room):
    room.give(room.spare, "1031")
    actions.report_lost(room.spare, told=room.told(reason="Fell into a river"))
    event = actions.found(room.spare, told=room.told(after=SECOND))

    undo(room, event)

    assert room.holder(room.spare) == "shift 1031"


def test_what_is_not_undone(room):
    other_desk = Desk.objects.create(station=room.desk.station, name="Desk 2")
    event = room.give(room.spare, "1031")

    with pytest.raises(Refused, match="more than a minute ago"):
        undo(room, event, 61 * SECOND)
    with pytest.raises(Refused, match="scanned at Desk 1"):
        undo(room, event, desk=other_desk)
    with pytest.raises(Refused, match="scanned at Desk 1"):
        undo(room, event, desk=None, via=Via.PAGE)
    undone = undo(room, event)
    for done in (event, undone):
        with pytest.raises(Refused, match="scanned again since"):
            undo(room, done)


def test_a_return_is_not_undone_once_the_officer_has_another(room):
    room.give(room.spare, "1031")
    event = actions.check_in(room.spare, told=room.told(after=SECOND))
    room.give(room.other, "1031", after=2 * SECOND)

    with pytest.raises(HoldsAnother, match="1031 holds C0532"):
        undo(room, event)

    assert room.holder(room.spare) == ""


def test_an_issue_after_an_undone_one_is_undone_too(room):
    undo(room, room.give(room.spare, "1031"), SECOND)
    event = room.give(room.spare, "1044", after=2 * SECOND)

    undo(room, event)

    assert room.holder(room.spare) == ""
    assert Custody.objects.filter(camera=room.spare).count() == 2


# --- Corrections


def correct(room, custody, officer, *, closed_at=None, **told):
    right = Correction(officer and room.officers[officer], custody.opened_at, closed_at)
    return actions.correct(custody, right, told=room.told(after=2 * HOUR, **{**WHY, **told}))


def test_a_correction_stands_beside_what_it_corrects(room):
    custody = room.give(room.spare, "1031").opened
    actions.check_in(room.spare, told=room.told(after=HOUR))
    custody.refresh_from_db()
    before = Custody.objects.filter(pk=custody.pk).values().get()

    event = correct(room, custody, "1044", closed_at=room.now + HOUR)

    assert Custody.objects.filter(pk=custody.pk).values().get() == before
    assert (event.opened, event.closed) == (None, None)
    assert event.about == CustodyEvent.objects.get(verb="checked_out")
    assert event.says == {
        "custody": custody.pk,
        "officer": "1044",
        "opened_at": custody.opened_at.isoformat(),
        "closed_at": (room.now + HOUR).isoformat(),
    }


def test_who_really_has_it_holds_it_from_now_on(room):
    custody = room.give(room.spare, "1031").opened

    correct(room, custody, "1044")

    assert room.holder(room.spare) == "shift 1044"


def test_a_camera_that_is_really_in_is_in(room):
    custody = room.give(room.spare, "1031").opened

    correct(room, custody, None)

    assert room.holder(room.spare) == ""


def test_an_own_camera_that_its_officer_really_has_is_their_own_again(room):
    told = room.told(**WHY)
    event = actions.transfer(room.own, room.officers["1031"], Terms(), told=told)

    correct(room, event.opened, "1017")

    assert room.holder(room.own) == "personal 1017"


def test_who_really_has_anothers_own_camera_holds_it_for_a_shift(room):
    correct(room, Custody.objects.get(camera=room.own), "1031")

    assert room.holder(room.own) == "shift 1031"
    assert owner(room.own) == "1017"


@pytest.mark.parametrize(("officer", "ended"), [(None, None), ("1017", HOUR), ("1031", HOUR)])
def test_whose_own_a_camera_is_does_not_end_by_a_correction(room, officer, ended):
    custody = Custody.objects.get(camera=room.own)

    with pytest.raises(Refused, match="C0417 is 1017's own: take it back"):
        correct(room, custody, officer, closed_at=ended and room.now + ended)

    assert room.holder(room.own) == "personal 1017"


def test_only_the_beginning_was_wrong(room):
    custody = room.give(room.spare, "1031").opened

    event = correct(room, custody, "1031")

    assert (event.opened, event.closed) == (None, None)
    assert room.holder(room.spare) == "shift 1031"


def test_a_correction_is_corrected_again(room):
    custody = room.give(room.spare, "1031").opened
    correct(room, custody, "1044")
    correct(room, Custody.objects.get(camera=room.spare, closed_at=None), "1031")
    correct(room, custody, "1031", closed_at=room.now + HOUR)

    assert room.holder(room.spare) == "shift 1031"
    assert CustodyEvent.objects.filter(verb="corrected").count() == 3


def test_what_cannot_have_been_so(room):
    custody = room.give(room.spare, "1031").opened
    room.give(room.other, "1044")

    for officer, ended, reason, why in (
        ("1017", custody.opened_at - SECOND, "Wrong", "ended before it began"),
        ("1017", room.now + 3 * HOUR, "Wrong", "in the future"),
        ("1017", None, " ", "Say why"),
        ("1044", None, "Wrong", "1044 holds C0532"),
    ):
        with pytest.raises(Refused, match=why):
            correct(room, custody, officer, closed_at=ended, reason=reason)
    assert room.holder(room.spare) == "shift 1031"


def test_a_correction_of_what_is_out_again_does_not_take_it_away(room):
    first = room.give(room.spare, "1031").opened
    actions.check_in(room.spare, told=room.told(after=SECOND))
    room.give(room.spare, "1044", after=2 * SECOND)
    first.closed_at = None  # an old page's copy

    correct(room, first, "1017")

    assert room.holder(room.spare) == "shift 1044"


def test_held_by_another_is_said_of_what_just_ended():
    assert "scan it again" in str(Held("C0531", None))
