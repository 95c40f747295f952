"""The door of a desk's scans: what is sent, who may, and what malformed scans are answered."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from devices.access.scopes import Scope
from devices.custody.models import Custody, CustodyEvent
from devices.desk.models import DeskRequest
from devices.roles import Role
from tests.api.callers import browser, program, token_of
from tests.rows import a_station, person

pytestmark = pytest.mark.django_db
SCANS = "/api/v1/desk/scans/"


def scan_of(house, raw="1031", **fields):
    at = datetime.now(UTC).isoformat()
    return {
        "event_id": str(uuid4()),
        "desk": house.desk.desk.pk,
        "seq": 1,
        "raw": raw,
        "scanned_at": at,
        "sent_at": at,
        **fields,
    }


def send(client: Client, said, key=None):
    key = said.get("event_id", "") if key is None else key
    headers = {"Idempotency-Key": str(key)}
    return client.post(SCANS, said, content_type="application/json", headers=headers)


@pytest.fixture
def quartermaster(house):
    return browser(house.desk.by)


def test_two_scans_issue_through_the_door(house, quartermaster):
    badge = send(quartermaster, scan_of(house)).json()

    answer = send(
        quartermaster, scan_of(house, house.spares[0].label, seq=2, context=badge["context"])
    )

    assert (answer.status_code, answer.json()["result"]) == (200, "issued")
    assert house.holder(house.spares[0]) == "1031"


def test_the_address_without_its_slash_is_the_same_door(house, quartermaster):
    said = scan_of(house)
    headers = {"Idempotency-Key": said["event_id"]}
    json, bare = "application/json", SCANS.removesuffix("/")

    without = quartermaster.post(bare, said, content_type=json, headers=headers)
    nobody = Client().post(bare, said, content_type=json, headers=headers)
    officer = browser(person(Role.OFFICER)).post(bare, said, content_type=json, headers=headers)

    assert (without.status_code, without.json()["result"]) == (200, "shown")
    assert send(quartermaster, said).json() == without.json()
    assert DeskRequest.objects.count() == 1
    assert (nobody.status_code, officer.status_code) == (401, 403)
    assert reverse("api-desk-scans") == SCANS


def test_a_refusal_is_an_answer_too(house, quartermaster):
    answer = send(quartermaster, scan_of(house, "rubbish"))

    assert (answer.status_code, answer.json()["result"]) == (200, "error")


def test_the_same_again_is_answered_the_same(house, quartermaster):
    said = scan_of(house)

    answers = [send(quartermaster, said).json() for _ in range(3)]

    assert answers[0] == answers[1] == answers[2]
    assert DeskRequest.objects.count() == 1


def test_the_same_name_with_another_scan_is_refused(house, quartermaster):
    said = scan_of(house)
    send(quartermaster, said)

    answer = send(quartermaster, {**said, "raw": "1044"})

    assert answer.status_code == 422
    assert "event_id" in answer.json()["detail"]


def test_a_scan_without_a_key_is_malformed(house, quartermaster):
    assert send(quartermaster, scan_of(house), key="").status_code == 400
    assert send(quartermaster, scan_of(house), key=uuid4()).status_code == 400


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"raw": ""}, "/raw"),
        ({"raw": "x" * 121}, "/raw"),
        ({"raw": None}, "/raw"),
        ({"seq": -1}, "/seq"),
        ({"seq": 2**63}, "/seq"),
        ({"scanned_at": "yesterday"}, "/scanned_at"),
        ({"desk": "one"}, "/desk"),
        ({"told": "sold"}, "/told"),
        ({"context": {"officer": "9" * 30}}, "/context/officer"),
        ({"context": {"role": "admin"}}, "/context/role"),
        ({"context": []}, "/context"),
        ({"surprise": 1}, "/surprise"),
        ({"raw": "C0417\u202e"}, "/raw"),
        ({"raw": "C04\u000017"}, "/raw"),
    ],
)
def test_what_is_no_scan_is_named_by_its_place(house, quartermaster, change, pointer):
    answer = send(quartermaster, {**scan_of(house), **change})

    assert answer.status_code == 422
    assert pointer in {one["pointer"] for one in answer.json()["faults"]}
    assert not DeskRequest.objects.exists()


NO_CLOCK_SAYS = [
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "0002-01-01T00:00:00Z",
    "1899-12-31T23:59:59Z",
    "3000-01-01T00:00:00Z",
    "9999-12-01T00:00:00Z",
    "9999-12-31T23:59:59-05:00",
    "9999-12-31T23:59:59-14:00",
]


@pytest.mark.parametrize("moment", NO_CLOCK_SAYS)
@pytest.mark.parametrize("named", ["scanned_at", "sent_at", "at"])
def test_what_no_clock_says_is_refused(house, quartermaster, moment, named):
    change = {"context": {"at": moment}} if named == "at" else {named: moment}

    answer = send(quartermaster, {**scan_of(house), **change})

    pointer = "/context/at" if named == "at" else f"/{named}"
    assert answer.status_code == 422
    assert {one["pointer"] for one in answer.json()["faults"]} == {pointer}
    assert not DeskRequest.objects.exists()


@pytest.mark.parametrize("scanned", [1900, 1970, 2038, 2999])
@pytest.mark.parametrize("sent", [1900, 1970, 2038, 2999])
def test_a_clock_that_is_wrong_by_years_is_a_desks(house, quartermaster, scanned, sent):
    """As is one that was set between the scan and its sending."""
    before = send(quartermaster, scan_of(house))
    at, sent_at = f"{scanned}-01-01T00:00:05Z", f"{sent}-01-01T00:00:09Z"
    context = {**before.json()["context"], "at": f"{scanned}-01-01T00:00:00Z"}

    answers = [
        send(
            quartermaster,
            scan_of(house, raw, seq=2, scanned_at=at, sent_at=sent_at, context=context),
        )
        for raw in (house.spares[0].label, house.spares[1].label)
    ]

    assert [one.json()["result"] for one in answers] == ["issued", "refused"]
    event = CustodyEvent.objects.get(verb="checked_out")
    ago_s = (event.at - event.scanned_at).total_seconds()
    assert ago_s == (4 if scanned == sent else 0)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'"scan"', b'{"raw": "1", "raw": "2"}', b"[" * 100, b"\xff", b"{}"]
)
def test_what_is_no_object_is_refused(house, quartermaster, body):
    headers = {"Idempotency-Key": str(uuid4())}

    answer = quartermaster.post(SCANS, body, content_type="application/json", headers=headers)

    assert answer.status_code in (400, 422)


def test_a_large_body_is_not_read(house, quartermaster):
    assert send(quartermaster, scan_of(house, surprise="x" * 20_000)).status_code == 413


def test_another_stations_desk_is_not_there(house):
    elsewhere = browser(person(Role.QUARTERMASTER, a_station("N", "North"), name="north"))

    assert send(elsewhere, scan_of(house)).status_code == 404


@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.value)
def test_who_may_scan(house, role):
    client = browser(person(role, house.station, name="somebody"))

    answer = send(client, scan_of(house))

    may = role in (Role.QUARTERMASTER, Role.COMMANDER)
    assert answer.status_code == (200 if may else 403)


def test_nobody_scans_without_signing_in(house):
    assert send(Client(), scan_of(house)).status_code == 401


def test_a_program_scans_with_a_token_made_for_it(house):
    may = program(token_of(house.desk.by, [Scope.WORK_DESK]))
    may_not = program(token_of(house.desk.by, [Scope.CAMERAS]))

    assert send(may, scan_of(house)).status_code == 200
    assert send(may_not, scan_of(house)).status_code == 403


def test_a_desk_that_has_ended_takes_no_scans(house, quartermaster):
    type(house.desk.desk).objects.update(ended_at=datetime.now(UTC))

    assert send(quartermaster, scan_of(house)).status_code == 404


def test_a_strangers_page_cannot_make_a_browser_scan(house):
    client = Client(enforce_csrf_checks=True)
    client.force_login(house.desk.by)

    assert send(client, scan_of(house)).status_code == 403


def test_what_a_desk_keeps_holds_cameras_officers_and_whom_to_give_what(house, lend, quartermaster):
    lend(house.spares[0], "1031")

    kept = quartermaster.get(f"/desk/{house.desk.desk.pk}/snapshot.json").json()

    by_name = {one["name"]: one for one in kept["cameras"]}
    assert (by_name["C0531"]["holder"], by_name["C0531"]["custody"]) == ("1031", "shift")
    assert (by_name["C0417"]["holder"], by_name["C0417"]["custody"]) == ("1017", "personal")
    assert by_name["C0532"]["codes"][0] == house.spares[1].label
    assert {one["badge"]: one["holds"] for one in kept["officers"]}["1031"] == ["C0531"]
    assert Custody.objects.count() == 2


def test_what_a_desk_keeps_costs_the_same_however_many(
    house, quartermaster, django_assert_num_queries
):
    address = f"/desk/{house.desk.desk.pk}/snapshot.json"
    quartermaster.get(address)

    with django_assert_num_queries(15):
        quartermaster.get(address)
