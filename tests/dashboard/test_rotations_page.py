"""An officer's rotations: seen, ended and begun on a page, by the same judgement as an import's."""

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client

from devices.ledger import LedgerEntry
from devices.roles import Role
from devices.roster.filling import actions as filling
from devices.roster.models import Duty, Rotation
from tests import rows
from tests.roster.setting import a_rotation, an_officer, the_kinds

pytestmark = pytest.mark.django_db
NOON = datetime(2030, 1, 1, 12, tzinfo=ZoneInfo("America/New_York"))
PAGE, CHANGE = "/officers/217/rotations/", "/officers/217/rotations/change/"
NEW = {
    "act": "begin",
    "shift": "EVENING",
    "pattern": "5-2",
    "first_on": "2030-01-14",
    "last_on": "",
    "unit": "B",
}
END = {"act": "end", "first_on": "2029-12-31", "last_on": "2030-01-13"}


@pytest.fixture(autouse=True)
def _at_noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def hq():
    the_kinds()
    return rows.a_station()


@pytest.fixture
def rotation(hq):
    """Days of 217 since New Year's Eve, and the weeks ahead filled with them."""
    found = a_rotation(an_officer("217", hq), written="5-2")
    filling.keep_filled(now=NOON)
    return found


@pytest.fixture
def commander(hq):
    return client_of(Role.COMMANDER, hq)


def client_of(role, *stations, **fields):
    client = Client()
    client.force_login(rows.person(role, *stations, **fields))
    return client


def text(response):
    html = re.sub(r"<[^>]+>", "", response.content.decode())
    return " ".join(html.replace("&#x27;", "'").split())


def confirmed(client, response, asked):
    digest = re.search(r'name="digest" value="([0-9a-f]+)"', response.content.decode())[1]
    return client.post(CHANGE, {**asked, "digest": digest, "confirm": "yes"}, follow=True)


def test_they_are_seen_from_the_officers_page(commander, rotation):
    assert PAGE in commander.get("/officers/217/").content.decode()

    said = text(commander.get(PAGE))

    assert "217 has 1 rotation." in said
    assert "Day 5-2" in said
    assert "From31 Dec 2029Untilfor good" in said


def test_its_end_is_shown_first_and_then_done(commander, rotation):
    looked = commander.post(CHANGE, END)

    said = "The rotation that began on 31 Dec 2029 would go on until 13 Jan 2030."
    assert said in text(looked)
    assert "0 shifts planned, 0 duties given, 12 taken away." in text(looked)
    assert Duty.objects.filter(shift__on__gt=date(2030, 1, 13)).exists()

    done = confirmed(commander, looked, END)

    assert "The rotations of 217 are changed" in text(done)
    rotation = Rotation.objects.get()
    assert (rotation.last_on, rotation.pattern.name) == (date(2030, 1, 13), "5-2")
    assert not Duty.objects.filter(shift__on__gt=date(2030, 1, 13)).exists()
    entry = LedgerEntry.objects.get(verb="imported")
    assert entry.facts["changed"] == 1


def test_another_begins_after_it(commander, rotation):
    confirmed(commander, commander.post(CHANGE, END), END)

    looked = commander.post(CHANGE, NEW)
    done = confirmed(commander, looked, NEW)

    assert "Evening, 5-2, would begin on 14 Jan 2030 and go on for good." in text(looked)
    assert "duties given, 0 taken away." in text(looked)
    assert "217 has 2 rotations." in text(done)
    evenings = Duty.objects.filter(shift__on__gt=date(2030, 1, 13))
    assert {duty.shift.kind.code for duty in evenings} == {"EVENING"}
    assert {duty.unit for duty in evenings} == {"B"}


def test_what_is_asked_twice_is_done_once(commander, rotation):
    confirmed(commander, commander.post(CHANGE, END), END)

    again = commander.post(CHANGE, END)

    assert again.status_code == 422
    assert "So it is already. Nothing was changed." in text(again)


def test_what_changed_since_it_was_shown_is_refused(commander, rotation):
    looked = commander.post(CHANGE, END)
    Rotation.objects.update(last_on=date(2030, 1, 20))

    refused = confirmed(commander, looked, END)

    assert looked.status_code == 200
    assert refused.status_code == 422
    assert "changed since the preview" in text(refused)
    assert Rotation.objects.get().last_on == date(2030, 1, 20)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({**NEW}, "let the first end before 2030-01-14"),
        ({**NEW, "first_on": "2029-12-31"}, "217 has a rotation that begins on that day already."),
        ({**NEW, "pattern": "5"}, "pattern is days on and off in turn"),
        ({**NEW, "pattern": "\0"}, "Null characters are not allowed."),
        ({**NEW, "shift": "LATE"}, "Choose a shift."),
        ({**NEW, "first_on": "soon"}, "Write a day such as 2026-11-24."),
        ({**NEW, "first_on": "0001-01-01"}, "Write a day such as 2026-11-24."),
        ({**END, "last_on": "2029-12-30"}, "lies before first_on"),
        ({**END, "last_on": "x"}, "Write a day such as 2026-11-24."),
    ],
)
def test_what_cannot_be_is_said_and_changes_nothing(commander, rotation, said, sentence):
    refused = commander.post(CHANGE, said)

    assert refused.status_code == 422
    assert sentence in text(refused)
    assert Rotation.objects.get().last_on is None


def test_a_rotation_that_is_not_there_is_not_found(commander, rotation):
    assert commander.post(CHANGE, {**END, "first_on": "2029-12-30"}).status_code == 404


@pytest.mark.parametrize(
    ("role", "looks", "sets"),
    [(Role.COMMANDER, 200, 200), (Role.QUARTERMASTER, 200, 403), (Role.IT, 403, 403)],
)
def test_who_may_look_and_who_may_set(hq, rotation, role, looks, sets):
    client = client_of(role, hq)

    page = client.get(PAGE)

    assert page.status_code == looks
    assert ("Look at its end" in page.content.decode()) is (sets == 200)
    assert client.post(CHANGE, END).status_code == sets
    assert Rotation.objects.get().last_on is None


def test_another_stations_officers_are_not_there(rotation):
    client = client_of(Role.COMMANDER, rows.a_station("N", "North"))

    assert client.get(PAGE).status_code == 404
    assert client.post(CHANGE, END).status_code == 404
