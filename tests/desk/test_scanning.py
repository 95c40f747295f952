"""Scans at a desk, from the code to what is on record."""

from datetime import timedelta
from uuid import uuid4

import pytest

from devices.custody import actions as custody
from devices.custody.actions import Terms, Told
from devices.custody.models import Custody, CustodyEvent, CustodyKind
from devices.desk import actions
from devices.desk.asking import KeyUsed, Sent
from devices.desk.cards import CARDS
from devices.desk.models import DeskConflict, DeskRequest
from devices.faults.models import Fault, PreShiftTest
from devices.health.models import CameraHealth
from devices.inventory import actions as inventory
from devices.inventory import codes
from devices.inventory.models import Camera, Officer, ServiceState
from devices.ledger import LedgerEntry
from devices.recalls import actions as recalls
from devices.recalls.rules import Wanted
from devices.roles import Role
from devices.roster.models import Shift, ShiftKind
from devices.roster.roll_call import actions as roll_call
from tests.desk.conftest import POLICY
from tests.rows import a_camera, a_duty, a_station, person

pytestmark = pytest.mark.django_db

CODE = {one.word: one.code for one in CARDS}


def test_two_scans_issue(house):
    spare = house.spares[0]

    answer = house.desk.quickly("1031", spare.label)

    assert (answer["result"], answer["message"]) == ("issued", "Issued C0531 to 1031.")
    held = Custody.objects.get(camera=spare, closed_at=None)
    assert (held.officer.badge_number, held.kind, held.loan_of) == ("1031", "shift", None)


def test_a_whole_label_of_no_camera_is_named(house):
    answer = house.desk.scan(codes.label(8888))

    assert (answer["result"], answer["code"]) == ("error", "no_such")
    assert answer["message"].startswith("No camera C8888")


def test_the_label_of_a_bay_is_no_camera(house):
    bay = house.own.home_bay
    label = codes.label(bay.pk, codes.BAY)

    answers = [house.desk.scan(one) for one in (label, label.lower(), codes.label(999_999, "B"))]

    assert [(one["result"], one["code"]) for one in answers] == [("error", "bay")] * 3
    assert [one["message"] for one in answers] == [
        f"That is a bay, {bay}: scan the camera.",
        f"That is a bay, {bay}: scan the camera.",
        "That is a bay: scan the camera.",
    ]


@pytest.mark.parametrize(
    "raw", ["C053", "C0531", "C0531X", "C0531PC0532D", "B0001", "B0001RC0531P", "C0531P-C0532D"]
)
def test_what_is_left_of_a_label_is_no_new_badge(house, raw):
    answer = house.desk.scan(raw)

    assert (answer["result"], answer["code"]) == ("error", "cut")
    assert "badge" not in answer["message"]


def test_a_card_that_is_gone_is_said_to_be(house):
    answer = house.desk.scan(codes.card("GONE"))

    assert (answer["code"], answer["message"]) == (
        "unknown_card",
        "This card is not in use any more.",
    )


def test_order_does_not_matter(house):
    answer = house.desk.quickly(house.spares[0].label, "1031")

    assert answer["result"] == "issued"
    assert house.holder(house.spares[0]) == "1031"


def test_one_scan_returns(house, lend):
    lend(house.spares[0], "1031")

    answer = house.desk.scan(house.spares[0].label)

    assert answer["message"] == "Returned C0531 from 1031."
    assert house.holder(house.spares[0]) == ""


def test_three_scans_swap(house, lend):
    lend(house.spares[0], "1031")

    answer = house.desk.quickly("1031", house.spares[0].label, house.spares[1].label)

    assert answer["result"] == "issued"
    assert (house.holder(house.spares[0]), house.holder(house.spares[1])) == ("", "1031")


def test_a_spare_for_somebody_with_a_camera_of_their_own_is_a_loan_of_it(house):
    house.desk.quickly("1017", house.spares[0].label)

    held = Custody.objects.get(camera=house.spares[0], closed_at=None)
    assert (held.kind, held.loan_of) == (CustodyKind.LOAN, house.own)
    assert house.holder(house.own) == "1017"


def test_in_a_pool_nobody_has_a_loan(house):
    house.station.pool = True
    house.station.save()

    house.desk.quickly("1017", house.spares[0].label)

    assert Custody.objects.get(camera=house.spares[0]).kind == CustodyKind.SHIFT


def test_an_own_camera_is_taken_with_its_readiness_and_stays_whose_it_is(house):
    answer = house.desk.quickly("1017", house.own.label)

    assert (answer["result"], answer["message"]) == ("taken", "1017 takes C0417, their own.")
    event = CustodyEvent.objects.get(verb="taken")
    assert (event.snapshot["fit"], event.snapshot["battery_percent"]) == ("yes", 100)
    assert Custody.objects.filter(camera=house.own).count() == 1


def test_an_own_camera_scanned_alone_is_not_returned(house):
    answer = house.desk.scan(house.own.label)

    assert answer["message"].startswith("C0417 is 1017's own")
    assert house.holder(house.own) == "1017"


@pytest.mark.parametrize("pause_s", [1.5, 9.5])
def test_a_bounced_scan_never_returns_what_it_issued(house, pause_s):
    house.desk.quickly("1031", house.spares[0].label)

    answer = house.desk.scan(house.spares[0].label, after_s=pause_s)

    assert answer["result"] == "repeat"
    assert house.holder(house.spares[0]) == "1031"


def test_a_camera_bounced_three_times_is_still_issued(house):
    house.desk.quickly("1031", house.spares[0].label)

    answers = [house.desk.scan(house.spares[0].label, after_s=2) for _ in range(4)]

    assert {one["result"] for one in answers} == {"repeat"}
    assert house.holder(house.spares[0]) == "1031"


def test_after_ten_seconds_the_same_scan_is_a_return(house):
    house.desk.quickly("1031", house.spares[0].label)

    assert house.desk.scan(house.spares[0].label, after_s=10.5)["result"] == "returned"


def test_what_the_last_holder_never_returned_is_issued_by_camera_badge_camera(house, lend):
    lend(house.spares[0], "1031")

    answer = house.desk.quickly(house.spares[0].label, "1044", house.spares[0].label)

    assert answer["result"] == "issued"
    assert house.holder(house.spares[0]) == "1044"


def test_a_camera_that_somebody_holds_is_refused_by_name(house, lend):
    lend(house.spares[0], "1044")

    answer = house.desk.quickly("1031", house.spares[0].label)

    assert (answer["result"], answer["code"]) == ("refused", "held")
    assert answer["message"].startswith("1044 holds C0531 since")
    assert house.holder(house.spares[0]) == "1044"


def test_a_refusal_names_the_desk_that_gave_it_out(house):
    spare = house.spares[0]
    house.other_desk.quickly("1044", spare.label)
    house.desk.scan("1031", after_s=13)

    first = house.desk.scan(spare.label, after_s=0)  # ten seconds after it was given out
    house.desk.scan("1031", after_s=1)
    later = house.desk.scan(spare.label, after_s=0)

    assert (first["result"], first["code"]) == ("refused", "first")
    assert first["message"] == (
        "C0531 was issued 10 s ago at Desk 2 to 1044. Transfer card, or another camera."
    )
    assert (later["result"], later["code"]) == ("refused", "held")
    assert later["message"].endswith(", issued at Desk 2. Transfer card, or another camera.")
    assert later["context"] | {"at": 0} == first["context"] | {"at": 0}


def test_who_has_it_again_by_an_undoing_was_not_given_it(house, lend):
    spare = house.spares[0]
    lend(spare, "1044")
    house.other_desk.now = house.desk.now
    house.other_desk.scan(spare.label)
    house.other_desk.scan(CODE["UNDO"], after_s=2)

    house.desk.scan("1031", after_s=3)
    answer = house.desk.scan(spare.label, after_s=1)

    assert house.holder(spare) == "1044"
    assert (answer["result"], answer["code"]) == ("refused", "held")
    assert "ago" not in answer["message"]
    assert "issued at" not in answer["message"]


def test_what_the_same_desk_gave_out_just_now_is_no_race(house):
    house.desk.quickly("1044", house.spares[0].label, "1031")

    assert house.desk.scan(house.spares[0].label, after_s=1)["code"] == "held"


def test_a_second_scan_says_what_the_first_one_did(house):
    spare = house.spares[0]
    house.desk.quickly("1017", spare.label)

    given = house.desk.scan(spare.label, after_s=2)
    back = [house.desk.scan(spare.label, after_s=after) for after in (11, 3)]
    own = house.desk.quickly("1017", house.own.label, house.own.label)
    badge = house.desk.quickly("1031", "1031")

    assert given["message"] == "Scanned again: nothing changed. Given to 1017 2 s ago."
    assert back[1]["message"] == "Scanned again: nothing changed. Returned 3 s ago."
    assert {own["message"], badge["message"]} == {"Scanned again: nothing changed."}


@pytest.mark.parametrize("raw", ["AX_12.3", "ax-12-3", "AX-12.3", "AX?12:3", "%AX_12_3?"])
def test_a_badge_number_is_read_whatever_signs_the_keyboard_makes(house, raw):
    Officer.objects.create(badge_number="AX_12.3", station=house.station)

    answer = house.desk.scan(raw)

    assert (answer["result"], answer["officer"]) == ("shown", "AX_12.3")


@pytest.mark.parametrize("raw", ["AX-123", "AX123", "AX_1-2.3", "A-X-12-3", "AX-12-3-"])
def test_where_the_parts_differ_it_is_another_badge(house, raw):
    Officer.objects.create(badge_number="AX_12.3", station=house.station)

    found = house.desk.scan(raw)["officer"]

    assert found == ("AX_12.3" if raw.strip("-") == "AX-12-3" else None)


def test_of_two_badges_that_differ_by_a_sign_none_is_guessed(house):
    for badge in ("AX_12", "AX.12"):
        Officer.objects.create(badge_number=badge, station=house.station)

    assert [house.desk.scan(one)["officer"] for one in ("AX-12", "AX_12", "AX.12")] == [
        None,
        "AX_12",
        "AX.12",
    ]


def test_a_cameras_code_is_no_badge_by_another_sign(house):
    camera = house.spares[0]
    type(camera).objects.filter(pk=camera.pk).update(serial="AX-12")
    Officer.objects.create(badge_number="AX_12", station=house.station)

    assert house.desk.scan("AX-12")["camera"] == camera.name


def test_four_scans_take_it_over(house, lend):
    lend(house.spares[0], "1044")

    answer = house.desk.quickly("1031", house.spares[0].label, CODE["TRANSFER"], CODE["RHANDED"])

    assert answer["result"] == "transferred"
    assert house.holder(house.spares[0]) == "1031"
    assert CustodyEvent.objects.get(verb="transferred").reason == "Handed over in person"


def test_an_own_camera_lent_to_another_is_its_owners_again_when_it_comes_back(house):
    house.desk.quickly("1031", house.own.label, CODE["TRANSFER"], CODE["RHANDED"])
    assert house.holder(house.own) == "1031"

    answer = house.desk.scan(house.own.label)

    assert answer["result"] == "returned"
    assert house.holder(house.own) == "1017"


def test_a_second_camera_wants_a_reason(house, lend):
    lend(house.spares[0], "1031")

    refused = house.desk.quickly("1031", house.spares[1].label)
    given = house.desk.quickly(CODE["RSECOND"])

    assert (refused["code"], refused["result"]) == ("second", "refused")
    assert given["result"] == "issued"
    assert Custody.objects.get(camera=house.spares[1]).extra


def test_a_flat_camera_wants_a_reason_and_keeps_it(house):
    house.spares[0].health.battery_percent = 9
    house.spares[0].health.save()

    refused = house.desk.quickly("1031", house.spares[0].label)
    given = house.desk.quickly(CODE["RSHORT"])

    assert refused["code"] == "soft"
    assert "of battery" in refused["message"]
    assert refused["take"]["camera"] != "C0531"
    assert (given["result"], given["code"]) == ("issued", "overridden")
    event = CustodyEvent.objects.get(verb="checked_out")
    assert event.reason == "Short duty: it will last"
    assert event.snapshot["reasons"][0]["blocker"] == "battery"


def test_a_critical_fault_wants_a_supervisors_badge_too(house):
    house.spares[0].health.faults = ["lens_fault"]
    house.spares[0].health.save()
    person(Role.COMMANDER, house.station, officer=house.officers["1044"])

    refused = house.desk.quickly("1031", house.spares[0].label)
    asked = house.desk.quickly(CODE["RORDERED"])
    wrong = house.desk.quickly("1017")
    given = house.desk.quickly("1044")

    assert (refused["code"], asked["code"], wrong["code"]) == (
        "critical",
        "wants_supervisor",
        "no_supervisor",
    )
    assert given["result"] == "issued"
    assert house.holder(house.spares[0]) == "1031"
    assert CustodyEvent.objects.get(verb="checked_out").authority == "1044"


def test_who_takes_a_camera_with_a_critical_fault_does_not_answer_for_it(house):
    house.spares[0].health.faults = ["lens_fault"]
    house.spares[0].health.save()
    for badge in ("1031", "1044"):
        officer = house.officers[badge]
        person(Role.COMMANDER, house.station, name=badge, officer=officer)

    oneself = house.desk.quickly("1031", house.spares[0].label, CODE["RORDERED"], "1031")
    another = house.desk.quickly("1044")

    assert (oneself["result"], oneself["code"]) == ("refused", "oneself")
    assert oneself["message"].startswith("1031 takes it: scan the badge of a supervisor who is")
    assert another["result"] == "issued"
    assert CustodyEvent.objects.get(verb="checked_out").authority == "1044"


@pytest.mark.parametrize("state", [ServiceState.OUT_OF_SERVICE, ServiceState.IN_REPAIR])
def test_nothing_gives_out_what_is_not_in_service(house, state):
    Camera.objects.filter(pk=house.spares[0].pk).update(service_state=state)

    answer = house.desk.quickly("1031", house.spares[0].label, CODE["RORDERED"])

    assert answer["result"] == "error"
    assert house.holder(house.spares[0]) == ""


@pytest.mark.parametrize("state", [ServiceState.OUT_OF_SERVICE, ServiceState.IN_REPAIR])
def test_a_return_is_never_blocked(house, lend, state):
    lend(house.spares[0], "1031")
    Camera.objects.filter(pk=house.spares[0].pk).update(service_state=state)

    assert house.desk.scan(house.spares[0].label)["result"] == "returned"


def test_a_lost_camera_is_found_loudly_and_stays_out_of_service(house, lend):
    lend(house.spares[0], "1031")
    inventory.change_service(
        house.spares[0], ServiceState.LOST, reason="Gone", by=house.desk.by, now=house.desk.now
    )

    answer = house.desk.scan(house.spares[0].label)

    assert answer["result"] == "found"
    assert house.holder(house.spares[0]) == ""
    house.spares[0].refresh_from_db()
    assert house.spares[0].service_state == ServiceState.LOST


def test_a_leaver_gets_no_camera_and_is_asked_for_what_they_hold(house, lend):
    lend(house.spares[0], "1031")
    house.officers["1031"].active = False
    house.officers["1031"].save()

    answer = house.desk.scan("1031")
    back = house.desk.scan(house.spares[0].label)

    assert answer["message"] == "1031 has left: no camera. Holds C0531: scan it to return it."
    assert back["result"] == "returned"


@pytest.mark.parametrize("told", ["", "returned"])
def test_who_is_suspended_at_the_desk_still_gives_back(house, lend, told):
    lend(house.spares[0], "1031")
    house.desk.scan("1031")
    inventory.suspend(house.officers["1031"], "Under inquiry", by=house.desk.by, now=house.desk.now)

    answer = house.desk.scan(house.spares[0].label, after_s=1, told=told)

    assert (answer["result"], answer["message"]) == ("returned", "Returned C0531 from 1031.")
    assert house.holder(house.spares[0]) == ""


def test_somebody_suspended_gets_no_camera(house):
    inventory.suspend(house.officers["1031"], "Under inquiry", by=house.desk.by, now=house.desk.now)

    answer = house.desk.quickly("1031", house.spares[0].label)

    assert house.holder(house.spares[0]) == ""
    assert answer["result"] == "held"


def test_the_next_officers_badge_is_no_claim_to_an_own_camera_that_came_back(house):
    house.desk.scan(house.own.label)

    shown = house.desk.scan("1031", after_s=4)
    issued = house.desk.scan(house.spares[0].label, after_s=2)

    assert (shown["result"], shown["message"]) == ("shown", "1031: scan a camera.")
    assert shown["context"]["camera"] is None
    assert (issued["result"], house.holder(house.own)) == ("issued", "1017")


def test_a_leavers_own_camera_is_taken_back_by_one_scan(house):
    house.officers["1017"].active = False
    house.officers["1017"].save()

    answer = house.desk.scan(house.own.label)

    assert answer["code"] == "taken_back"
    house.own.refresh_from_db()
    assert house.own.officer is None
    assert house.holder(house.own) == ""


def test_a_suspended_officers_own_camera_stays_theirs_and_stays_here(house):
    officer = house.officers["1017"]
    inventory.suspend(officer, "Under inquiry", by=house.desk.by, now=house.desk.now)

    alone = house.desk.scan(house.own.label)
    badge = house.desk.scan("1017", after_s=1)
    inventory.let_back(officer, "Cleared", by=house.desk.by, now=house.desk.now)
    taken = house.desk.quickly("1017", house.own.label)

    assert (alone["result"], alone["message"]) == (
        "held",
        "C0417 is 1017's own, who is suspended: keep it here, in its bay.",
    )
    assert alone["context"]["camera"] is None  # no badge is asked for: none takes it out
    assert (badge["result"], badge["code"]) == ("refused", "suspended")
    assert (taken["result"], house.holder(house.own)) == ("taken", "1017")


def test_undo_takes_an_issue_back_and_both_stay_on_record(house):
    house.desk.quickly("1031", house.spares[0].label)

    answer = house.desk.quickly(CODE["UNDO"])

    assert answer["result"] == "undone"
    assert house.holder(house.spares[0]) == ""
    verbs = CustodyEvent.objects.filter(camera=house.spares[0]).order_by("id")
    assert list(verbs.values_list("verb", flat=True)) == ["checked_out", "undone"]


def test_undo_of_a_return_gives_the_camera_to_who_had_it(house, lend):
    lend(house.spares[0], "1031")
    house.desk.scan(house.spares[0].label)

    house.desk.quickly(CODE["UNDO"])

    assert house.holder(house.spares[0]) == "1031"


def test_undo_ends_after_a_minute(house):
    house.desk.quickly("1031", house.spares[0].label)

    answer = house.desk.scan(CODE["UNDO"], after_s=61)

    assert answer["result"] == "refused"
    assert house.holder(house.spares[0]) == "1031"


def test_another_desk_does_not_undo(house):
    house.desk.quickly("1031", house.spares[0].label)
    house.other_desk.now = house.desk.now

    answer = house.other_desk.quickly(CODE["UNDO"])

    assert answer["message"] == "There is nothing to undo at this desk."
    assert house.holder(house.spares[0]) == "1031"


def test_undo_twice_undoes_once(house):
    house.desk.quickly("1031", house.spares[0].label)

    answers = [house.desk.quickly(CODE["UNDO"]) for _ in range(2)]

    assert [one["result"] for one in answers] == ["undone", "refused"]


def test_one_of_the_last_ten_is_undone_by_its_name(house):
    first = uuid4()
    house.desk.quickly("1031")
    house.desk.scan(house.spares[0].label, after_s=1, key=first)
    house.desk.quickly("1044", house.spares[1].label)

    answer = house.desk.scan(CODE["UNDO"], after_s=1, undo=first)

    assert answer["result"] == "undone"
    assert (house.holder(house.spares[0]), house.holder(house.spares[1])) == ("", "1044")


def test_a_fault_card_right_after_a_return_opens_a_fault(house, lend):
    lend(house.spares[0], "1031")

    answer = house.desk.quickly(house.spares[0].label, CODE["FLENS"])

    assert answer["message"] == "Fault noted for C0531: lens or picture."
    fault = Fault.objects.get()
    assert (fault.camera, fault.code, str(fault.officer)) == (house.spares[0], "lens", "1031")


def test_undo_after_a_fault_card_takes_back_neither_the_fault_nor_what_was_before(house, lend):
    lend(house.spares[0], "1031")
    house.desk.quickly(house.spares[0].label, CODE["FLENS"])

    for _ in range(2):
        answer = house.desk.scan(CODE["UNDO"], after_s=2)
        assert answer["result"] == "refused"
        assert answer["message"].startswith("The fault of C0531 stays on record")

    assert Fault.objects.exists()
    assert house.holder(house.spares[0]) == ""
    returned = DeskRequest.objects.get(result="returned")
    undone = house.desk.scan(CODE["UNDO"], undo=returned.event_id, after_s=2)
    assert undone["result"] == "undone"
    assert house.holder(house.spares[0]) == "1031"


def test_a_fault_card_alone_says_what_is_missing(house):
    answer = house.desk.scan(CODE["FLENS"])

    assert (answer["result"], answer["code"]) == ("error", "no_camera")


def test_info_tells_who_has_it_and_returns_nothing(house, lend):
    lend(house.spares[0], "1031")

    answer = house.desk.quickly(CODE["INFO"], house.spares[0].label)

    assert answer["result"] == "info"
    assert "1031 holds it since" in answer["message"]
    assert house.holder(house.spares[0]) == "1031"


@pytest.mark.parametrize(
    "raw",
    ["C0531", "C0531AC0532G", "0531A", "C0531B", "nonsense", "ZUNDOT", "é", "\x00", "9" * 120],
)
def test_what_is_no_code_of_ours_changes_nothing(house, lend, raw):
    lend(house.spares[0], "1031")

    answer = house.desk.scan(raw)

    assert answer["result"] == "error"
    assert house.holder(house.spares[0]) == "1031"
    assert house.desk.scan(house.spares[0].label)["result"] == "returned"


def test_a_number_counts_only_when_it_was_typed(house, lend):
    lend(house.spares[0], "1031")

    assert house.desk.scan("531")["result"] == "error"
    assert house.desk.scan("531", typed=True)["result"] == "returned"


@pytest.mark.parametrize("raw", ["c0531{}", "https://fleet.example/c/C0531{}", " C0531{}"])
def test_a_label_is_read_in_any_dress(house, lend, raw):
    lend(house.spares[0], "1031")

    answer = house.desk.scan(raw.format(house.spares[0].label[-1]))

    assert answer["result"] == "returned"


def test_aliases_name_the_camera(house):
    house.spares[0].codes.create(value="E2801160600002")

    assert house.desk.scan("e2801160600002")["camera"] == "C0531"
    assert house.desk.scan("bwc-000531")["camera"] == "C0531"


def test_a_badge_matches_as_it_is_then_without_leading_zeros(house):
    house.officers["1031"].credentials.create(value="04A1B2")

    assert house.desk.scan("04a1b2")["officer"] == "1031"
    assert house.desk.scan("0001044")["officer"] == "1044"


def test_the_same_scan_again_is_answered_the_same_and_does_nothing(house):
    key = uuid4()
    house.desk.scan("1031")
    context = dict(house.desk.context)
    first = house.desk.scan(house.spares[0].label, after_s=1, key=key)
    house.desk.seq, house.desk.now = house.desk.seq - 1, house.desk.now - timedelta(seconds=1)
    house.desk.context = context

    again = house.desk.scan(house.spares[0].label, after_s=1, key=key)

    assert again == first
    assert Custody.objects.filter(camera=house.spares[0]).count() == 1


def test_a_scan_sent_again_a_day_later_is_answered_the_same(house):
    key, at = uuid4(), house.desk.now
    sent = Sent(key, 1, "1031", at, at)
    first = actions.scan(sent, house.desk.desk, by=house.desk.by, now=at, policy=POLICY)
    house.desk.quickly("1044", house.spares[0].label)

    day_later = at + timedelta(days=1)
    late = Sent(key, 1, "1031", at, day_later)
    again = actions.scan(late, house.desk.desk, by=house.desk.by, now=day_later, policy=POLICY)

    assert again == first
    assert house.holder(house.spares[0]) == "1044"


def test_the_same_name_with_another_scan_is_refused(house):
    key = uuid4()
    house.desk.scan("1031", key=key)

    with pytest.raises(KeyUsed):
        house.desk.scan("1044", key=key)


BOTH_ORDERS = pytest.mark.parametrize("badge_first", [True, False])


def given_while_cut_off(house, badge, label, *, badge_first, key=None):
    """The answer to the second of two scans, after which the desk said that it was issued."""
    first, second = (badge, label) if badge_first else (label, badge)
    house.desk.scan(first)
    return house.desk.scan(second, after_s=1, told="issued", key=key)


@BOTH_ORDERS
def test_what_was_told_while_cut_off_is_kept_as_provisional(house, badge_first):
    answer = given_while_cut_off(house, "1031", house.spares[0].label, badge_first=badge_first)

    assert answer["result"] == "issued"
    assert CustodyEvent.objects.get(verb="checked_out").provisional


@BOTH_ORDERS
def test_what_went_out_while_cut_off_is_recorded_even_if_it_was_not_ready_by_then(
    house, badge_first
):
    house.spares[0].health.battery_percent = 9
    house.spares[0].health.save()

    answer = given_while_cut_off(house, "1031", house.spares[0].label, badge_first=badge_first)

    assert answer["result"] == "issued"
    assert house.holder(house.spares[0]) == "1031"


def scanned_while_cut_off(house, badge, camera, *, badge_first):
    """The same by a desk whose page knew of both: what it had in mind goes with the scan."""
    at = house.desk.now.isoformat()
    waits = {"officer": badge} if badge_first else {"camera": camera.name}
    house.desk.context = {**waits, "at": at}
    return house.desk.scan(camera.label if badge_first else badge, after_s=1, told="issued")


@BOTH_ORDERS
def test_what_both_desks_gave_out_is_for_a_person_to_settle(house, lend, badge_first):
    lend(house.spares[0], "1044")

    answer = scanned_while_cut_off(house, "1031", house.spares[0], badge_first=badge_first)

    assert answer["result"] == "conflict"
    assert house.holder(house.spares[0]) == "1044"
    kept = DeskConflict.objects.get()
    assert (kept.pk, kept.settled_at) == (answer["conflict"], None)
    assert (kept.camera, str(kept.officer)) == (house.spares[0], "1031")
    assert kept.sentence.startswith("Desk 1 told issued while cut off. 1044 holds C0531")


@BOTH_ORDERS
@pytest.mark.parametrize("facts_are_old", [False, True])
def test_a_second_camera_given_while_cut_off_is_for_a_person_to_settle(
    house, badge_first, facts_are_old
):
    house.other_desk.quickly("1031", house.spares[0].label)
    if facts_are_old:
        CameraHealth.objects.filter(camera=house.spares[1]).update(
            docked=False, bay=None, measured_at=house.desk.now - timedelta(minutes=31)
        )

    answer = scanned_while_cut_off(house, "1031", house.spares[1], badge_first=badge_first)

    assert answer["result"] == "conflict"
    assert [house.holder(one) for one in house.spares[:2]] == ["1031", ""]
    kept = DeskConflict.objects.get()
    assert (kept.camera, str(kept.officer)) == (house.spares[1], "1031")
    assert "1031 holds C0531" in kept.sentence


@BOTH_ORDERS
@pytest.mark.parametrize("because", ["left", "suspended"])
def test_what_went_to_somebody_who_gets_none_by_now_is_for_a_person_to_settle(
    house, badge_first, because
):
    officer = house.officers["1031"]
    if because == "left":
        Officer.objects.filter(pk=officer.pk).update(active=False)
    else:
        inventory.suspend(officer, "Under inquiry", by=house.desk.by, now=house.desk.now)

    answer = scanned_while_cut_off(house, "1031", house.spares[0], badge_first=badge_first)

    kept = DeskConflict.objects.get()
    assert (answer["result"], answer["conflict"], answer["camera"]) == (
        "conflict",
        kept.pk,
        "C0531",
    )
    assert (kept.camera, kept.officer, kept.told) == (house.spares[0], officer, "issued")
    assert house.holder(house.spares[0]) == ""


@BOTH_ORDERS
def test_a_camera_that_was_retired_by_then_is_for_a_person_to_settle(house, badge_first):
    Camera.objects.filter(pk=house.spares[0].pk).update(service_state=ServiceState.RETIRED)

    answer = scanned_while_cut_off(house, "1031", house.spares[0], badge_first=badge_first)

    assert answer["result"] == "conflict"
    kept = DeskConflict.objects.get()
    assert (kept.camera, str(kept.officer)) == (house.spares[0], "1031")


def test_a_badge_that_names_nobody_by_then_is_for_a_person_to_settle(house):
    house.desk.context = {"camera": "C0531", "at": house.desk.now.isoformat()}

    answer = house.desk.scan("04A1B2", after_s=1, told="issued")

    assert answer["result"] == "conflict"
    kept = DeskConflict.objects.get()
    assert (kept.camera, kept.officer) == (house.spares[0], None)


@pytest.mark.parametrize(
    ("raw", "told"),
    [("E2801160600002", "issued"), ("C0998D", "returned"), (CODE["UNDO"], "issued")],
)
def test_a_code_that_names_no_camera_is_for_a_person_to_settle_too(house, raw, told):
    house.desk.context = {"officer": "1031", "at": house.desk.now.isoformat()}

    answer = house.desk.scan(raw, after_s=1, told=told)

    assert (answer["result"], answer["camera"]) == ("conflict", None)
    kept = DeskConflict.objects.get()
    assert (kept.camera, str(kept.officer), kept.request.raw) == (None, "1031", raw)


def test_what_was_told_after_the_first_try_was_lost_is_the_same_scan(house):
    key, spare = uuid4(), house.spares[0]
    house.desk.scan("1044")
    context = house.desk.context
    first = house.desk.scan(spare.label, after_s=1, key=key)
    house.desk.context, house.desk.now = context, house.desk.now - timedelta(seconds=1)
    house.desk.seq -= 1

    again = house.desk.scan(spare.label, after_s=1, key=key, told="issued")

    assert again == first


def test_what_was_told_before_a_refusal_came_back_is_for_a_person_to_settle(house, lend):
    key, spare = uuid4(), house.spares[0]
    lend(spare, "1044")
    house.desk.scan("1031")
    context = house.desk.context
    first = house.desk.scan(spare.label, after_s=1, key=key)
    assert first["result"] == "refused"

    for _ in range(2):  # the second time its answer was lost
        house.desk.context, house.desk.now = context, house.desk.now - timedelta(seconds=1)
        house.desk.seq -= 1
        answer = house.desk.scan(spare.label, after_s=1, key=key, told="issued")

    kept = DeskConflict.objects.get()
    assert (answer["result"], answer["conflict"]) == ("conflict", kept.pk)
    assert (kept.camera, str(kept.officer), kept.told) == (spare, "1031", "issued")
    assert kept.sentence.startswith("Desk 1 told issued while cut off. 1044 holds C0531")
    assert house.holder(spare) == "1044"


def test_a_return_told_while_cut_off_that_a_dock_told_first_is_no_conflict(house):
    answer = house.desk.scan(house.spares[0].label, told="returned")

    assert answer["result"] == "held"
    assert not DeskConflict.objects.exists()


@pytest.mark.parametrize("by_then", ["ready", "not ready", "out of service", "suspended"])
def test_a_swap_told_while_cut_off_whose_return_a_dock_told_first_is_no_conflict(house, by_then):
    back, out = house.spares[:2]
    if by_then == "not ready":
        CameraHealth.objects.filter(camera=back).update(battery_percent=9)
    elif by_then == "out of service":
        Camera.objects.filter(pk=back.pk).update(service_state=ServiceState.OUT_OF_SERVICE)
    elif by_then == "suspended":
        Officer.objects.filter(badge_number="1031").update(suspended_because="Under inquiry")
    house.desk.context = {"officer": "1031", "at": house.desk.now.isoformat()}

    answer = house.desk.scan(back.label, after_s=1, told="returned")

    assert (answer["result"], answer["context"]["officer"]) == ("held", "1031")
    assert house.holder(back) == ""
    if by_then != "suspended":
        assert house.desk.scan(out.label, after_s=1, told="issued")["result"] == "issued"
    assert not DeskConflict.objects.exists()


def test_a_return_told_while_cut_off_of_what_is_its_owners_again_is_no_conflict(house):
    house.desk.context = {"officer": "1031", "at": house.desk.now.isoformat()}

    answer = house.desk.scan(house.own.label, after_s=1, told="returned")

    assert answer["result"] == "held"
    assert house.holder(house.own) == "1017"
    assert not DeskConflict.objects.exists()


def test_a_return_told_while_cut_off_of_what_another_has_by_now_is_for_a_person_to_settle(
    house, lend
):
    lend(house.spares[0], "1044")
    house.desk.context = {"officer": "1031", "at": house.desk.now.isoformat()}

    answer = house.desk.scan(house.spares[0].label, after_s=1, told="returned")

    assert answer["result"] == "conflict"
    assert house.holder(house.spares[0]) == "1044"


def test_every_scan_is_kept_and_every_change_is_in_the_ledger(house):
    before = LedgerEntry.objects.count()
    house.desk.quickly("1031", house.spares[0].label, "rubbish")

    assert DeskRequest.objects.count() == 3
    assert LedgerEntry.objects.count() == before + 1


def test_the_badge_brings_the_own_camera_if_it_is_ready(house):
    assert house.desk.scan("1017")["take"]["camera"] == "C0417"


def test_the_badge_brings_the_best_spare_and_two_others(house, lend):
    lend(house.spares[0], "1044")

    take = house.desk.scan("1031")["take"]

    assert (take["camera"], take["place"]) == ("C0532", "D01-3")
    assert [one["camera"] for one in take["alternates"]] == ["C0533", "C0534"]


def test_two_desks_offer_two_cameras(house):
    mine = house.desk.scan("1031")["take"]["camera"]
    theirs = house.other_desk.scan("1044")["take"]["camera"]

    assert mine != theirs


def test_wear_is_spread_the_least_recently_used_first(house, lend):
    for spare in house.spares[:2]:
        lend(spare, "1044")
        house.desk.scan(spare.label)

    assert house.desk.scan("1031")["take"]["camera"] == "C0533"


def test_a_scan_costs_the_same_queries_whatever_the_fleet(house, django_assert_max_num_queries):
    house.desk.scan("1031")

    with django_assert_max_num_queries(24):
        house.desk.scan(house.spares[0].label, after_s=1)


def test_a_desks_scans_are_nobody_elses(house):
    house.desk.scan("1031")
    house.other_desk.now = house.desk.now

    answer = house.other_desk.scan(house.spares[0].label, after_s=1)

    assert answer["result"] == "held"
    assert house.holder(house.spares[0]) == ""


@pytest.fixture
def elsewhere(house):
    """A camera of another station that somebody brought here."""
    return a_camera(901, a_station("N", "North"), house.desk.now, health={"docked": False})


def test_another_stations_camera_is_given_out_there(house, elsewhere):
    answer = house.desk.quickly("1031", elsewhere.label)

    assert (answer["result"], answer["code"]) == ("refused", "hard")
    assert "belongs to North: it is given out there." in answer["message"]


def test_another_stations_camera_is_given_back_here(house, lend, elsewhere):
    lend(elsewhere, "1031")

    assert house.desk.scan(elsewhere.label)["result"] == "returned"


def test_two_fault_cards_after_one_camera_open_two_faults(house, lend):
    lend(house.spares[0], "1031")
    house.desk.scan(house.spares[0].label)
    faults = [one.code for one in CARDS if one.card.order == "fault"][:2]

    answers = [house.desk.scan(code, after_s=3) for code in faults]

    assert [one["result"] for one in answers] == ["fault", "fault"]
    assert Fault.objects.filter(camera=house.spares[0]).count() == 2


def test_a_desk_whose_clock_was_set_back_still_takes_the_camera_back(house):
    house.desk.quickly("1031", house.spares[0].label)
    house.desk.now -= timedelta(days=1)

    assert house.desk.scan(house.spares[0].label)["result"] == "returned"


def test_a_desk_whose_clock_was_set_back_waits_for_nothing_from_before(house):
    house.desk.scan("1031")
    house.desk.now -= timedelta(days=1)

    assert house.desk.scan(house.spares[0].label)["result"] == "held"


@pytest.mark.parametrize("ahead", [timedelta(days=1), timedelta(days=3000 * 365)])
def test_nothing_is_on_record_as_scanned_in_the_future(house, ahead):
    """The desk's clock was set back between the scan and its sending."""
    house.desk.scan("1031")
    now = house.desk.now
    before = {**house.desk.context, "at": now + ahead}
    sent = Sent(uuid4(), 9, house.spares[0].label, now + ahead, now, before)

    answer = actions.scan(sent, house.desk.desk, by=house.desk.by, now=now, policy=POLICY)

    assert answer["result"] == "issued"
    event = CustodyEvent.objects.get(scan=sent.event_id)
    assert (event.at, event.scanned_at) == (now, now)


def test_words_of_a_desks_own_are_no_reason(house):
    house.spares[0].health.battery_percent = 9
    house.spares[0].health.save()
    house.desk.quickly("1031", house.spares[0].label)
    house.desk.context["reason"] = "BECAUSE"

    assert house.desk.scan(house.spares[0].label, after_s=1)["result"] == "refused"
    assert house.holder(house.spares[0]) == ""


def report_lost(house, camera):
    told = Told(by=house.desk.by, now=house.desk.now, reason="Fell into a river")
    custody.report_lost(camera, told=told)


def test_a_return_told_while_cut_off_of_a_camera_reported_lost_since_finds_it(house, lend):
    lend(house.spares[0], "1031")
    report_lost(house, house.spares[0])

    answer = house.desk.scan(house.spares[0].label, told="returned")

    assert answer["result"] == "found"
    assert house.holder(house.spares[0]) == ""
    assert CustodyEvent.objects.get(verb="found").provisional
    assert not DeskConflict.objects.exists()


def test_what_the_desk_told_and_a_verb_refuses_is_for_a_person_to_settle(house):
    report_lost(house, house.spares[0])
    house.other_desk.scan(house.spares[0].label)

    answer = house.desk.scan(house.spares[0].label, told="returned")

    assert answer["result"] == "conflict"
    kept = DeskConflict.objects.get()
    assert kept.camera == house.spares[0]
    assert "was found already" in kept.sentence


def test_handing_out_a_promised_spare_keeps_the_promise_and_undo_renews_it(house):
    promise = a_promise(house, house.spares[0], "1031")

    house.desk.quickly("1031", house.spares[0].label)
    promise.refresh_from_db()
    assert promise.handed_at is not None

    house.desk.scan(CODE["UNDO"], after_s=20)
    promise.refresh_from_db()
    assert (promise.handed_at, promise.ended_at) == (None, None)


def test_an_undo_that_is_refused_renews_no_promise(house):
    promise = a_promise(house, house.spares[0], "1031")
    house.desk.quickly("1031", house.spares[0].label)
    before = LedgerEntry.objects.count()

    answer = house.desk.scan(CODE["UNDO"], after_s=61)

    assert answer["result"] == "refused"
    promise.refresh_from_db()
    assert (promise.handed_at is None, promise.ended_at is None) == (False, False)
    assert LedgerEntry.objects.count() == before


def a_promise(house, camera, badge):
    officer, begins_at = house.officers[badge], house.desk.now - timedelta(hours=1)
    kind = ShiftKind.objects.create(code="E", name="Evening", begins="11:00", ends="19:00")
    shift = Shift.objects.create(
        station=house.station,
        kind=kind,
        on=begins_at.date(),
        begins_at=begins_at,
        ends_at=begins_at + timedelta(hours=8),
    )
    a_duty(shift, officer)
    return roll_call.promise_spare(shift, officer, camera, by=None, now=begins_at)


def test_evidence_is_issued_to_nobody_whatever_is_said_for_it(house):
    spare = house.spares[0]
    inventory.hold(spare, "Incident 26-1", by=None, now=house.desk.now)

    answer = house.desk.quickly("1031", spare.label)
    assert (answer["result"], answer["code"]) == ("refused", "hard")
    assert "held as evidence" in answer["message"]

    assert house.desk.scan(CODE["RORDERED"], after_s=1)["result"] == "error"
    assert house.holder(spare) == ""


def test_a_recalled_camera_is_issued_to_nobody_and_taken_back_from_anybody(house, lend):
    lent, spare = house.spares[:2]
    lend(lent, "1031")
    model = Wanted("Swollen batteries", "They swell.", model_id=spare.model_id)
    recalls.make(model, by=None, now=house.desk.now)

    answer = house.desk.quickly("1044", spare.label)
    own = house.desk.quickly("1017", house.own.label)
    back = house.desk.scan(lent.label, after_s=20)

    assert (answer["result"], answer["code"]) == ("refused", "hard")
    assert "C0532 is recalled: Swollen batteries." in answer["message"]
    assert own["result"] == "refused"
    assert back["result"] == "returned"
    assert (house.holder(lent), house.holder(house.own)) == ("", "1017")


def test_a_camera_that_installs_is_issued_to_nobody_and_one_only_offered_to_is(house):
    installing, offered = house.spares[:2]
    until = house.desk.now + timedelta(minutes=24)
    for camera, stage in ((installing, "installing"), (offered, "offered")):
        rows = Camera.objects.filter(pk=camera.pk)
        rows.update(update_stage=stage, updating_until=until)

    refused = house.desk.quickly("1031", installing.label)
    assert (refused["result"], refused["code"]) == ("refused", "hard")
    assert "is being updated; it is back in" in refused["message"]

    issued = house.desk.quickly("1031", offered.label)
    assert issued["result"] == "issued"
    offered.refresh_from_db()
    assert (offered.update_stage, offered.updating_until) == ("", None)


def test_the_test_card_after_an_issue_is_the_officers_pre_shift_test(house):
    house.desk.quickly("1031", house.spares[0].label)

    answer = house.desk.scan(CODE["TEST"], after_s=2)

    assert (answer["result"], answer["message"]) == ("tested", "C0531: tested by 1031, passed.")
    test = PreShiftTest.objects.get()
    assert (str(test.officer), test.confirmed, test.passed) == ("1031", "badge", True)
    assert test.facts["battery_percent"] == 100
    assert house.holder(house.spares[0]) == "1031"


def test_an_own_camera_is_tested_the_same_way(house):
    house.desk.quickly("1017", house.own.label)

    assert house.desk.scan(CODE["TEST"], after_s=2)["message"] == "C0417: tested by 1017, passed."


def test_a_test_that_fails_opens_its_faults_and_says_what_to_do(house):
    spare = house.spares[0]
    house.desk.quickly("1031", spare.label)
    CameraHealth.objects.filter(camera=spare).update(faults=["lens_fault"])

    answer = house.desk.scan(CODE["TEST"], after_s=2)

    assert answer["message"].startswith("C0531: tested by 1031, failed. ")
    assert answer["message"].endswith("Scan it to return it, and take another.")
    assert Fault.objects.get().code == "lens_fault"
    assert house.desk.scan(spare.label, after_s=2)["result"] == "returned"


@pytest.mark.parametrize(
    ("before", "after_s", "message"),
    [
        ((), 2, "Issue the camera first"),
        (("C0531", "1031"), 16, "Issue the camera first"),
        (("1031",), 2, "Issue the camera first"),
    ],
)
def test_a_test_card_with_nothing_given_before_it_tests_nothing(house, before, after_s, message):
    named = {"C0531": house.spares[0].label}
    for one in before:
        house.desk.quickly(named.get(one, one))

    answer = house.desk.scan(CODE["TEST"], after_s=after_s)

    assert answer["result"] == "error"
    assert answer["message"].startswith(message)
    assert not PreShiftTest.objects.exists()


def test_what_came_back_is_not_tested(house, lend):
    lend(house.spares[0], "1031")
    house.desk.scan(house.spares[0].label)

    answer = house.desk.scan(CODE["TEST"], after_s=2)

    assert answer["result"] == "refused"
    assert "was not given out just now" in answer["message"]


def test_the_same_test_card_twice_over_the_line_is_one_test(house):
    house.desk.quickly("1031", house.spares[0].label)
    key = uuid4()
    context = house.desk.context

    first = house.desk.scan(CODE["TEST"], after_s=1, key=key)
    house.desk.context, house.desk.seq = context, house.desk.seq - 1
    house.desk.now -= timedelta(seconds=1)
    again = house.desk.scan(CODE["TEST"], after_s=1, key=key)

    assert again == first
    assert PreShiftTest.objects.count() == 1


@pytest.mark.parametrize(("holder", "first"), [("1044", "refused"), ("1031", "returned")])
def test_an_answer_that_was_lost_and_told_otherwise_is_for_a_person_to_settle(
    house, lend, holder, first
):
    lend(house.spares[0], holder)
    house.desk.scan("1031")
    key, before = uuid4(), dict(house.desk.context)
    answers = []
    for told in ("", "issued", "issued"):
        house.desk.context = dict(before)
        answers.append(house.desk.scan(house.spares[0].label, after_s=1, key=key, told=told))
        house.desk.now, house.desk.seq = house.desk.now - timedelta(seconds=1), house.desk.seq - 1

    kept = DeskConflict.objects.get()
    assert [one["result"] for one in answers] == [first, "conflict", "conflict"]
    assert answers[1] == answers[2]
    assert (answers[1]["conflict"], answers[1]["officer"]) == (kept.pk, "1031")
    assert (str(kept.officer), kept.camera, kept.told) == ("1031", house.spares[0], "issued")
    assert house.holder(house.spares[0]) == ("1044" if holder == "1044" else "")


@BOTH_ORDERS
def test_a_lost_refusal_names_the_camera_whichever_was_scanned_first(house, badge_first):
    inventory.suspend(house.officers["1031"], "Under inquiry", by=house.desk.by, now=house.desk.now)
    key, at = uuid4(), house.desk.now
    waits = {"officer": "1031"} if badge_first else {"camera": "C0531"}
    for told in ("", "issued"):
        house.desk.now, house.desk.seq = at, 0
        house.desk.context = {**waits, "at": at.isoformat()}
        raw = house.spares[0].label if badge_first else "1031"
        answer = house.desk.scan(raw, after_s=1, key=key, told=told)

    assert answer["result"] == "conflict"
    assert DeskConflict.objects.get().camera == house.spares[0]


def test_a_camera_is_found_once(house):
    inventory.change_service(
        house.spares[0], ServiceState.LOST, reason="Gone", by=house.desk.by, now=house.desk.now
    )

    answers = [house.desk.scan(house.spares[0].label) for _ in range(2)]

    assert [one["result"] for one in answers] == ["found", "refused"]
    assert CustodyEvent.objects.filter(verb="found").count() == 1


def test_who_waits_for_their_own_camera_gets_a_loan(house):
    custody.transfer(
        house.own,
        house.officers["1031"],
        Terms(),
        told=Told(by=house.desk.by, now=house.desk.now - timedelta(hours=1), reason="Short"),
    )

    card = house.desk.scan("1017")
    house.desk.scan(house.spares[0].label, after_s=1)

    given = Custody.objects.get(camera=house.spares[0], closed_at=None)
    assert (given.kind, given.loan_of) == (CustodyKind.LOAN, house.own)
    assert card["card"]["own"] == {
        "camera": "C0417",
        "place": "D01-1",
        "ready": False,
        "says": "C0417 is with 1031.",
    }
    assert card["take"]["camera"] != "C0417"
