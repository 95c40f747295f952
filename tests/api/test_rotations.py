"""Rotations through the API: read, looked at, and set once by their key."""

import json
from base64 import urlsafe_b64encode
from datetime import date, datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine

from devices.access.scopes import Scope
from devices.roles import Role
from devices.roster.models import Duty, Rotation
from tests.api.callers import PROBLEM, browser, program, results, token_of
from tests.racing import while_waiting
from tests.roster.setting import a_rotation, an_officer, the_kinds
from tests.rows import a_station, person

pytestmark = pytest.mark.django_db
NOON = datetime(2030, 1, 1, 12, tzinfo=ZoneInfo("America/New_York"))
OF = "/api/v1/officers/217/rotations/"
DAYS = {"shift": "DAY", "pattern": "5-2", "first_on": "2029-12-31", "last_on": None, "unit": ""}


@pytest.fixture(autouse=True)
def _at_noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def hq():
    the_kinds()
    station = a_station()
    an_officer("217", station)
    return station


@pytest.fixture
def commander(hq):
    return person(Role.COMMANDER, hq)


@pytest.fixture
def sender(commander):
    return program(token_of(commander))


def send(client, verb, said, key=None):
    headers = {"Idempotency-Key": key or str(uuid4())}
    return client.post(f"{OF}{verb}/", said, content_type="application/json", headers=headers)


def test_a_rotation_is_looked_at_set_once_and_listed(sender):
    seen = send(sender, "preview", DAYS).json()
    assert not Rotation.objects.exists()
    answers = [send(sender, "set", DAYS, "one") for _ in range(2)]

    assert "duties given, 0 taken away." in seen["sentences"][-1]
    assert [one.status_code for one in answers] == [200, 200]
    assert answers[0].content == answers[1].content
    assert answers[0].json() == DAYS
    assert results(sender, OF) == [DAYS]
    assert Duty.objects.exists()


def test_they_are_listed_by_their_first_day_whichever_was_set_first(sender):
    earlier = {**DAYS, "first_on": "2029-12-01", "last_on": "2029-12-20"}
    for said in (DAYS, earlier):
        assert send(sender, "set", said).status_code == 200

    page = sender.get(OF, {"page_size": 1}).json()

    assert page["results"] == [earlier]
    assert sender.get(page["next"]).json()["results"] == [DAYS]
    assert results(sender, OF) == [earlier, DAYS]


@pytest.mark.parametrize("said", [["soon"], [5], [None], ["2030-01-01T00:00"]])
def test_a_cursor_that_is_no_day_is_refused(sender, hq, said):
    cursor = urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")

    assert sender.get(OF, {"cursor": cursor}).status_code == 400


def test_it_ends_by_the_same_words(sender, hq):
    send(sender, "set", DAYS)
    ended = {**DAYS, "last_on": "2030-01-06"}

    seen = send(sender, "preview", ended).json()
    send(sender, "set", ended)

    assert seen["sentences"][0] == "changed: last_on: empty → 2030-01-06"
    assert Rotation.objects.get().last_on == date(2030, 1, 6)
    assert not Duty.objects.filter(shift__on__gt=date(2030, 1, 6)).exists()
    assert send(sender, "preview", ended).json() == {"sentences": []}


def test_who_may_see_no_officers_is_not_told_what_stood_there(sender, commander):
    send(sender, "set", DAYS)
    writer = program(token_of(commander, [Scope.SET_ROSTER]))
    changed = {**DAYS, "pattern": "4-2", "last_on": "2030-01-06"}

    seen, unseen = (send(one, "preview", changed).json()["sentences"] for one in (sender, writer))

    assert seen[0] == "changed: pattern: 5-2 → 4-2, last_on: empty → 2030-01-06"
    assert unseen[0] == "changed: pattern: not shown → 4-2, last_on: not shown → 2030-01-06"
    assert seen[1:] == unseen[1:]


@pytest.mark.parametrize(
    ("said", "status", "detail"),
    [
        ({**DAYS, "first_on": "2030-01-14"}, 422, "let the first end before 2030-01-14"),
        ({**DAYS, "shift": "LATE"}, 422, "names LATE, which is not known"),
        ({**DAYS, "pattern": "5"}, 422, "pattern is days on and off in turn"),
        ({**DAYS, "last_on": "2029-01-01"}, 422, "lies before first_on"),
        ({**DAYS, "first_on": "soon"}, 422, "cannot be understood"),
        ({**DAYS, "badge_number": "218"}, 422, "cannot be understood"),
        ({}, 422, "cannot be understood"),
        ([], 400, "object"),
    ],
)
@pytest.mark.parametrize("verb", ["preview", "set"])
def test_what_cannot_be_is_refused_and_changes_nothing(sender, hq, verb, said, status, detail):
    a_rotation(hq.officers.get(), written="4-2")

    answer = send(sender, verb, said)

    assert (answer.status_code, answer["Content-Type"]) == (status, PROBLEM)
    assert detail in answer.json()["detail"]
    rotation = Rotation.objects.get()
    assert (rotation.pattern.name, rotation.last_on) == ("4-2", None)


def test_who_may_not_set_the_roster_sets_no_rotation(hq, commander):
    reader = program(token_of(commander, [Scope.OFFICERS]))
    other = browser(person(Role.COMMANDER, a_station("N", "North"), name="north"))
    quartermaster = browser(person(Role.QUARTERMASTER, hq))

    for verb in ("preview", "set"):
        assert send(reader, verb, DAYS).status_code == 403
        assert send(quartermaster, verb, DAYS).status_code == 403
        assert send(other, verb, DAYS).status_code == 404
    assert other.get(OF).status_code == 404
    assert not Rotation.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("verb", ["preview", "set"])
def test_who_meets_another_at_the_same_moment_looks_again(sender, hq, verb):
    officer = hq.officers.get()

    answer = while_waiting(
        lambda: a_rotation(officer, written="4-2"),
        lambda: send(sender, verb, {**DAYS, "first_on": "2030-01-07"}),
        lambda: None,
    )

    assert (answer.status_code, answer["Content-Type"]) == (409, PROBLEM)
    assert answer.json()["detail"] == "An officer would be in two rotations at once; look again."
    assert Rotation.objects.get().pattern.name == "4-2"
