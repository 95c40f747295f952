"""Badges through the API: told by their ending alone, added and taken away once by their key."""

from uuid import uuid4

import pytest

from devices.access.scopes import Scope
from devices.inventory.models import Credential
from devices.ledger import LedgerEntry
from devices.roles import Role
from tests.api.callers import PROBLEM, browser, program, results, token_of
from tests.held import a_house
from tests.rows import a_station, person

pytestmark = pytest.mark.django_db
OF = "/api/v1/officers/1017/credentials/"


def send(client, verb, said, key=None, of=OF):
    headers = {"Idempotency-Key": key or str(uuid4())}
    return client.post(f"{of}{verb}/", said, content_type="application/json", headers=headers)


@pytest.fixture
def house(db):
    return a_house()


@pytest.fixture
def quartermaster(house):
    return program(token_of(house.quartermaster))


def test_a_badge_is_added_once_and_listed_by_its_ending(house, quartermaster):
    said = {"value": "98ee58ad", "kind": "rfid"}

    answers = [send(quartermaster, "add", said, "one-badge") for _ in range(2)]

    assert [one.status_code for one in answers] == [200, 200], answers[0].content
    assert answers[0].content == answers[1].content
    made = Credential.objects.get()
    assert (made.officer, made.value) == (house.officers["1017"], "98EE58AD")
    told = {"id": made.pk, "kind": "rfid", "ending": "…58AD"}
    assert (answers[0].json(), results(quartermaster, OF)) == (told, [told])


def test_a_badge_is_taken_away_for_a_reason_once(house, quartermaster):
    made = house.officers["1017"].credentials.create(value="98EE58AD")
    said = {"credential": made.pk, "reason": "Lost on patrol"}

    without = send(quartermaster, "end", {"credential": made.pk})
    answers = [send(quartermaster, "end", said, "one-end") for _ in range(2)]
    again = send(quartermaster, "end", said)

    assert [one.status_code for one in (without, *answers, again)] == [422, 200, 200, 422]
    assert not Credential.objects.exists()
    assert LedgerEntry.objects.filter(verb="badge taken away").count() == 1


@pytest.mark.parametrize(
    ("verb", "said", "status"),
    [
        ("add", {}, 422),
        ("add", [], 400),
        ("add", {"value": "1031"}, 422),
        ("add", {"value": "C0417X", "kind": "tattoo"}, 422),
        ("add", {"value": "98\u202e58AD"}, 422),
        ("add", {"value": "98EE58AD", "officer": "1031"}, 422),
        ("end", {"credential": 10**12, "reason": "x"}, 422),
        ("end", {"credential": "one", "reason": "x"}, 422),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(house, quartermaster, verb, said, status):
    answer = send(quartermaster, verb, said)

    assert (answer.status_code, answer["Content-Type"]) == (status, PROBLEM)
    assert not Credential.objects.exists()
    assert not LedgerEntry.objects.filter(subject="officer 1017").exists()


def test_of_another_officer_none_is_taken_away(house, quartermaster):
    anothers = house.officers["1031"].credentials.create(value="98EE58AD")

    answer = send(quartermaster, "end", {"credential": anothers.pk, "reason": "Lost"})

    assert answer.status_code == 422
    assert Credential.objects.get() == anothers


@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.value)
def test_who_may_is_who_the_matrix_says_within_reach(house, role):
    may = role in (Role.QUARTERMASTER, Role.COMMANDER)
    own = browser(person(role, house.station, name="own"))
    other = browser(person(role, a_station("N", "North"), name="other"))

    answers = [send(one, "add", {"value": "98EE58AD"}).status_code for one in (other, own)]

    assert answers == ([404, 200] if may else [403, 403])


def test_a_token_needs_the_scope(house):
    reading = program(token_of(house.quartermaster, [Scope.OFFICERS]))
    setting = program(token_of(house.quartermaster, [Scope.SET_OFFICERS]))
    said = {"value": "98EE58AD"}

    assert send(reading, "add", said).status_code == 403
    assert send(setting, "add", said).status_code == 200
    assert (setting.get(OF).status_code, reading.get(OF).status_code) == (403, 200)
