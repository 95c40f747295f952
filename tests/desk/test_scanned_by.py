"""What one clerk scanned and another's session sent: both are on record, and only who sends may."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from devices.access.scopes import Scope
from devices.custody.models import CustodyEvent
from devices.desk.cards import CARDS
from devices.desk.models import DeskRequest
from devices.faults.models import Fault
from devices.ledger import LedgerEntry
from devices.roles import Role
from tests.api.callers import browser, program, token_of
from tests.desk.test_door import scan_of, send
from tests.rows import a_station, person

pytestmark = pytest.mark.django_db
CODE = {one.word: one.code for one in CARDS}


@pytest.fixture
def anna(house):
    return person(Role.QUARTERMASTER, house.station, name="anna")


def issued(house, operator, *, to="1031"):
    """The answer to a camera that a session of the desk's own quartermaster sends."""
    house.desk.scan(to, operator=operator)
    return house.desk.scan(house.spares[0].label, operator=operator)


def test_who_scanned_and_who_sent_are_both_on_record(house, anna):
    answer = issued(house, "anna")

    event = CustodyEvent.objects.get(verb="checked_out")
    facts = LedgerEntry.objects.get(verb="checked out").facts
    kept = DeskRequest.objects.get(pk=answer["event_id"])
    assert (event.by, kept.by) == (house.desk.by, house.desk.by)
    assert (event.says, facts["scanned_by"]) == ({"scanned_by": anna.pk}, anna.pk)
    assert answer["message"] == "Issued C0531 to 1031. Said to be scanned by anna."
    assert (answer["scanned_by"], kept.answer["scanned_by"]) == (anna.pk, anna.pk)


def test_what_is_kept_for_ever_has_no_name(house, anna):
    issued(house, "anna")
    house.desk.scan(CODE["FLENS"], after_s=2, operator="anna")

    kept = [
        *CustodyEvent.objects.values_list("says", flat=True),
        *LedgerEntry.objects.values_list("facts", flat=True),
        *DeskRequest.objects.values_list("answer", flat=True),
        *Fault.objects.values_list("words", flat=True),
    ]

    assert "anna" not in str(kept)


@pytest.mark.parametrize("operator", ["", "the sender"])
def test_who_sends_what_they_scanned_is_told_once(house, operator):
    answer = issued(house, operator and house.desk.by.get_username())

    event = CustodyEvent.objects.get(verb="checked_out")
    assert (event.says, answer["scanned_by"]) == ({}, None)
    assert answer["message"] == "Issued C0531 to 1031."
    assert "scanned_by" not in LedgerEntry.objects.get(verb="checked out").facts


def test_a_camera_of_another_station_is_told_with_who_scanned_it(house, anna, lend):
    spare = house.spares[0]
    lend(spare, "1031")
    type(spare).objects.filter(pk=spare.pk).update(station=a_station("N", "North"))

    house.desk.scan(spare.label, operator="anna")

    event = CustodyEvent.objects.get(verb="checked_in")
    assert (event.says["was_station"], event.says["scanned_by"]) == ("N", anna.pk)


def test_a_fault_card_says_who_scanned_it(house, anna):
    house.desk.scan(house.spares[0].label, operator="anna")

    house.desk.scan(CODE["FLENS"], after_s=2, operator="anna")

    assert Fault.objects.get().words == f"Told at Desk 1, said to be scanned by user {anna.pk}"


def test_a_conflict_says_who_scanned_it(house, anna):
    house.other_desk.quickly("1031", house.spares[0].label)
    house.desk.quickly("1044")
    house.desk.scan(house.spares[0].label, told="issued", operator="anna")

    page = browser(house.desk.by).get("/desk/conflicts/").content.decode()

    assert f"Said to be scanned by anna, sent by {house.desk.by}." in page


def test_the_history_of_a_camera_shows_both(house, anna):
    issued(house, "anna")

    page = browser(house.desk.by).get("/cameras/531/custody/").content.decode()
    row = browser(house.desk.by).get("/api/v1/custody/events/").json()["results"][0]

    assert f"by {house.desk.by} (said to be scanned by anna)" in page
    assert (row["by"], row["says"]["scanned_by"]) == (house.desk.by.pk, anna.pk)


def test_the_history_names_who_scanned_as_they_are_called_now(house, anna):
    issued(house, "anna")
    type(anna).objects.filter(pk=anna.pk).update(username="anne")
    renamed = browser(house.desk.by).get("/cameras/531/custody/").content.decode()
    anna.delete()

    forgotten = browser(house.desk.by).get("/cameras/531/custody/").content.decode()

    assert f"by {house.desk.by} (said to be scanned by anne)" in renamed
    assert (
        f"(said to be scanned by user {CustodyEvent.objects.latest('id').says['scanned_by']})"
        in forgotten
    )


def test_the_history_costs_no_more_for_who_scanned(house, anna, django_assert_num_queries):
    client = browser(house.desk.by)
    issued(house, "")
    client.get("/cameras/531/custody/")
    with CaptureQueriesContext(connection) as alone:
        client.get("/cameras/531/custody/")
    house.desk.scan(house.spares[0].label, after_s=20, operator="anna")

    with django_assert_num_queries(len(alone)):
        client.get("/cameras/531/custody/")


def test_another_name_gives_nobody_more_than_who_sends_has(house):
    person(Role.COMMANDER, house.station, name="boss")
    elsewhere = person(Role.QUARTERMASTER, a_station("N", "North"), name="north")
    officer = person(Role.OFFICER, house.station, name="officer")
    token = token_of(house.desk.by, [Scope.CAMERAS])

    answers = [
        send(client, scan_of(house, operator="boss"))
        for client in (browser(elsewhere), browser(officer), program(token))
    ]

    assert [one.status_code for one in answers] == [404, 403, 403]
    assert not DeskRequest.objects.exists()


def test_a_supervisors_name_is_no_supervisors_badge(house):
    """What wants a supervisor wants their badge, whoever is said to have scanned."""
    person(Role.COMMANDER, house.station, name="boss")
    camera = house.spares[0]
    house.desk.scan(camera.label)
    house.desk.scan(CODE["FLENS"], after_s=2)
    Fault.objects.update(severity="critical")

    house.desk.quickly("1031")
    house.desk.scan(camera.label, after_s=1.5, operator="boss")
    answer = house.desk.scan(CODE["RSHORT"], after_s=1.5, operator="boss")

    assert (answer["result"], answer["code"]) == ("armed", "wants_supervisor")
    assert house.holder(camera) == ""


@pytest.fixture
def others(house):
    """Accounts that may not work this desk."""
    person(Role.QUARTERMASTER, a_station("N", "North"), name="north")
    person(Role.OFFICER, house.station, name="officer")
    gone = person(Role.QUARTERMASTER, house.station, name="gone")
    type(gone).objects.filter(pk=gone.pk).update(is_active=False)


@pytest.mark.usefixtures("others")
@pytest.mark.parametrize(
    "operator", ["nobody at all", "\u202eanna", 7, None, "north", "officer", "gone"]
)
def test_whoever_may_not_work_this_desk_is_not_known(house, operator):
    answer = issued(house, operator)

    event = CustodyEvent.objects.get(verb="checked_out")
    facts = LedgerEntry.objects.get(verb="checked out").facts
    assert answer["message"] == "Issued C0531 to 1031. Who scanned it is not known."
    assert (event.by, event.says) == (house.desk.by, {"scanned_by": None})
    assert (answer["scanned_by"], facts["scanned_by"]) == (None, None)


def test_the_history_says_that_it_is_not_known(house):
    issued(house, "nobody at all")

    page = browser(house.desk.by).get("/cameras/531/custody/").content.decode()
    row = browser(house.desk.by).get("/api/v1/custody/events/").json()["results"][0]

    assert f"by {house.desk.by} (who scanned it is not known)" in page
    assert (row["by"], row["says"]["scanned_by"]) == (house.desk.by.pk, None)


def test_the_api_says_nothing_of_who_scanned_what_they_sent(house, lend):
    spare = house.spares[0]
    lend(spare, "1031")
    type(spare).objects.filter(pk=spare.pk).update(station=a_station("N", "North"))
    house.desk.scan(spare.label)

    row = browser(house.desk.by).get("/api/v1/custody/events/").json()["results"][0]

    assert row["says"]["was_station"] == "N"
    assert "scanned_by" not in row["says"]


def test_a_fault_card_says_that_it_is_not_known(house):
    house.desk.scan(house.spares[0].label, operator=None)

    house.desk.scan(CODE["FLENS"], after_s=2, operator=None)

    assert Fault.objects.get().words == "Told at Desk 1, who scanned it is not known"


@pytest.mark.parametrize("operator", ["x" * 151, "an\0na", ["a"], {"name": "anna"}, True])
def test_what_can_be_no_name_is_refused(house, operator):
    answer = send(browser(house.desk.by), scan_of(house, operator=operator))

    assert answer.status_code == 422
    assert {one["pointer"] for one in answer.json()["faults"]} == {"/operator"}
    assert not DeskRequest.objects.exists()


def test_a_scan_that_was_told_is_taken_whatever_became_of_its_clerk(house, anna):
    house.desk.quickly("1031")
    type(anna).objects.filter(pk=anna.pk).update(username="anne")

    answer = house.desk.scan(house.spares[0].label, told="issued", operator="anna")

    assert (answer["result"], house.holder(house.spares[0])) == ("issued", "1031")


def test_the_same_scan_with_another_operator_is_another_scan(house, anna):
    client = browser(house.desk.by)
    said = scan_of(house, operator="anna")
    first = send(client, said)

    again, other = send(client, said), send(client, {**said, "operator": ""})

    assert (again.json(), other.status_code) == (first.json(), 422)


def test_a_scan_that_was_answered_is_answered_whatever_became_of_the_name(house, anna):
    client = browser(house.desk.by)
    said = scan_of(house, operator="anna")
    first = send(client, said)
    type(anna).objects.filter(pk=anna.pk).update(username="anne")

    again = send(client, said).json()
    assert again == {**first.json(), "message": again["message"]}  # as she is called now


def test_the_desk_is_told_who_works_it(house, anna):
    address = f"/desk/{house.desk.desk.pk}/snapshot.json"

    assert browser(anna).get(address).json()["operator"] == "anna"
