"""The doors of a count: its pages, its file, and the address where scans are sent."""

from uuid import uuid4

import pytest

from devices.access.scopes import Scope
from devices.desk.counts import actions
from devices.desk.counts.models import Count, CountScan
from devices.ledger import LedgerEntry
from devices.roles import Role
from tests.api.callers import browser, program, token_of
from tests.dashboard.test_roll_call_pdf import pages
from tests.desk.counting import goes_out
from tests.rows import a_station, person


@pytest.fixture
def by(house):
    return house.desk.by


@pytest.fixture
def count(house, by, noon):
    return actions.start(house.station, by=by, now=noon)


@pytest.fixture
def client(by):
    return browser(by)


def scans(*raws, **fields):
    return {"scans": [{"event_id": str(uuid4()), "raw": raw, **fields} for raw in raws]}


def send(client, count, said):
    address = f"/api/v1/counts/{count.pk}/scans/"
    return client.post(address, said, content_type="application/json")


def test_a_count_is_started_scanned_paused_resumed_and_closed(house, client, by):
    started = client.post("/counts/start/", {"station": "HQ"})
    count = Count.objects.get()
    assert started["Location"] == f"/counts/{count.pk}/"

    answer = send(client, count, scans(house.spares[0].label)).json()["answers"][0]
    assert (answer["result"], answer["camera"]) == ("counted", "C0531")

    client.post(f"/counts/{count.pk}/pause/")
    paused = send(client, count, scans(house.spares[1].label))
    assert (paused.status_code, paused.json()["detail"]) == (
        409,
        "This count is paused: resume it first.",
    )
    client.post(f"/counts/{count.pk}/resume/")
    house.own.health.hearing = "silent"
    house.own.health.save()

    asked = client.get(f"/counts/{count.pk}/close/").content.decode()
    assert "1 camera was not found: say why of each." in asked
    refused = client.post(f"/counts/{count.pk}/close/", {"C0417": ""})
    assert refused.status_code == 422
    assert "Say why C0417 was not found." in refused.content.decode()

    closed = client.post(f"/counts/{count.pk}/close/", {"C0417": "At court"}, follow=True)
    text = closed.content.decode()
    assert "1 of 5 cameras found, 1 missing, 3 seen by the system alone." in text
    assert "At court" in text
    late = send(client, count, scans(house.spares[1].label))
    assert (late.status_code, CountScan.objects.count()) == (422, 1)


def test_a_second_count_of_a_station_is_refused_in_a_sentence(client, count):
    answer = client.post("/counts/start/", {"station": "HQ"})

    assert answer.status_code == 422
    assert "is being counted already" in answer.content.decode()


def test_the_lists_are_told_as_they_are_now(house, client, count, by, noon):
    goes_out(house.spares[0], "1031", by=by, now=noon)
    send(client, count, scans(house.spares[0].label))

    text = client.get(f"/counts/{count.pk}/now/").content.decode()

    assert "Here, and recorded as out" in text
    assert "by the record 1031 has it" in text


def test_the_result_is_a_file_too_and_taking_it_is_written_down(client, count):
    answer = client.get(f"/counts/{count.pk}.pdf")

    text = "\n".join(pages(answer.content))
    assert answer["Content-Type"] == "application/pdf"
    assert "Headquarters" in text
    assert "C0531" in text
    assert LedgerEntry.objects.filter(verb="exported count").exists()


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({}, "/scans"),
        ({"scans": []}, "/scans"),
        ({"scans": "C0531"}, "/scans"),
        ({"scans": [{"raw": "C0531"}]}, "/scans/0/event_id"),
        ({"scans": [{"event_id": "one", "raw": "C0531"}]}, "/scans/0/event_id"),
        (scans("x" * 121), "/scans/0/raw"),
        (scans(""), "/scans/0/raw"),
        (scans("C0531", station="N"), "/scans/0/station"),
        (scans(*["C0531"] * 101), "/scans"),
        ({**scans("C0531"), "by": "me"}, "/by"),
    ],
)
def test_what_is_no_burst_of_scans_is_named_by_its_place(client, count, said, pointer):
    answer = send(client, count, said)

    assert answer.status_code == 422
    assert pointer in {one["pointer"] for one in answer.json()["faults"]}
    assert not CountScan.objects.exists()


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"scans": 1, "scans": 2}', b"\xff"])
def test_what_is_no_object_is_refused(client, count, body):
    answer = client.post(f"/api/v1/counts/{count.pk}/scans/", body, content_type="application/json")

    assert answer.status_code in (400, 422)


@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.value)
def test_who_may_send_scans(house, count, role):
    client = browser(person(role, house.station, name="somebody"))

    may = role in (Role.QUARTERMASTER, Role.COMMANDER)
    assert send(client, count, scans("C0531")).status_code == (200 if may else 403)


def test_another_stations_count_is_not_there(house, count):
    elsewhere = browser(person(Role.QUARTERMASTER, a_station("N", "North"), name="north"))

    assert send(elsewhere, count, scans("C0531")).status_code == 404
    assert f"Count {count.pk}" not in elsewhere.get("/counts/").content.decode()


def test_a_reader_sends_with_a_token_made_for_it(house, by, count):
    may = program(token_of(by, [Scope.COUNT]))
    may_not = program(token_of(by, [Scope.WORK_DESK]))

    assert send(may, count, scans("C0531")).status_code == 200
    assert send(may_not, count, scans("C0531")).status_code == 403
