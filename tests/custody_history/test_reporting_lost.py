"""An officer says that their own camera is lost, or one that they hold, and says so of no other."""

from uuid import uuid4

import pytest

from devices.custody.models import Custody, CustodyEvent
from devices.inventory.models import Camera
from devices.ledger import LedgerEntry
from devices.roles import Role
from tests.api.callers import browser
from tests.custody_history.test_pages import said, text
from tests.rows import a_camera, person

pytestmark = pytest.mark.django_db
CAMERA = "/cameras/C0417/"
WHY = {"reason": "Left in a taxi"}


@pytest.fixture
def officer(house):
    return person(Role.OFFICER, officer=house.officers["1017"])


@pytest.fixture
def client(officer):
    return browser(officer)


def state():
    return Camera.objects.get(number=417).service_state


def test_their_own_camera_is_reported_from_its_page(house, officer, client):
    own = house.owns("1017", 0)

    page = client.get(CAMERA)
    answer = client.post(f"{CAMERA}custody/lost/", WHY, follow=True)

    assert "Report it lost" in text(page)
    assert f'action="{CAMERA}custody/lost/"' in page.content.decode()
    assert said(answer) == ["C0417 is lost."]
    assert "Report it lost" not in text(answer)
    assert state() == "lost"
    event = CustodyEvent.objects.first()
    assert (event.verb, event.by, event.reason) == ("reported_lost", officer, "Left in a taxi")
    assert event.officer == house.officers["1017"]
    assert Custody.objects.get(closed_at=None) == own
    entry = LedgerEntry.objects.get(verb="reported lost")
    assert (entry.subject, entry.actor) == ("C0417", officer)


def test_so_is_one_that_they_hold_until_they_gave_it_back(house, client):
    house.gives("1017", 10)
    spare = a_camera(531, house.station, house.begin)

    held = client.post(f"{CAMERA}custody/lost/", WHY, follow=True)
    anothers = client.post("/cameras/C0531/custody/lost/", WHY)

    assert said(held) == ["C0417 is lost."]
    assert anothers.status_code == 404
    spare.refresh_from_db()
    assert spare.service_state == "in_service"


def test_what_they_gave_back_is_not_theirs_to_report(house, client):
    house.gives("1017", 10)
    house.takes_back(20)

    assert client.post(f"{CAMERA}custody/lost/", WHY).status_code == 404
    assert state() == "in_service"


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({}, "Say why in a few words; it stays with the camera."),
        ({"reason": " "}, "Say why in a few words; it stays with the camera."),
        ({"reason": "\0"}, "Null characters are not allowed."),
    ],
)
def test_without_saying_what_happened_it_is_not_reported(house, client, form, why):
    house.owns("1017", 0)

    answer = client.post(f"{CAMERA}custody/lost/", form, follow=True)

    assert said(answer)[0].startswith(why)
    assert state() == "in_service"


def test_it_is_reported_once(house, client):
    house.owns("1017", 0)
    first = client.post(f"{CAMERA}custody/lost/", WHY, follow=True)

    again = client.post(f"{CAMERA}custody/lost/", WHY, follow=True)

    told = [[one.level_tag for one in page.context["messages"]] for page in (first, again)]
    assert told == [["success"], ["error"]]
    assert CustodyEvent.objects.filter(verb="reported_lost").count() == 1


def test_nothing_else_of_its_service_is_theirs_to_say(house, client):
    house.owns("1017", 0)
    lost = client.post(f"{CAMERA}custody/lost/", WHY)

    service = client.post(f"{CAMERA}service/", {**WHY, "to": "in_service"})
    found = client.post(f"{CAMERA}custody/found/", WHY)

    assert (lost.status_code, service.status_code, found.status_code) == (302, 403, 403)
    assert state() == "lost"


def test_who_may_change_its_service_is_asked_there_alone(house):
    page = text(browser(house.quartermaster).get(CAMERA))

    assert "Report it lost" not in page
    assert "Take out of service Lost" in page


def test_an_auditor_reports_nothing(house):
    auditor = browser(person(Role.AUDITOR))

    assert "Report it lost" not in text(auditor.get(CAMERA))
    assert auditor.post(f"{CAMERA}custody/lost/", WHY).status_code == 403


def test_their_page_leads_there(house, client):
    house.owns("1017", 0)

    before = client.get("/me/")
    client.post(f"{CAMERA}custody/lost/", WHY)
    after = text(client.get("/me/"))

    assert f'href="{CAMERA}#lost"' in before.content.decode()
    assert "C0417 Lost" in after
    assert "Your cameras" not in text(browser(house.commander).get("/me/"))


def test_through_the_api_it_is_the_same(house, officer, client):
    house.owns("1017", 0)
    a_camera(531, house.station, house.begin)

    def report(camera):
        key = {"Idempotency-Key": str(uuid4())}
        told = {"camera": camera, **WHY}
        where = "/api/v1/custody/lost/"
        return client.post(where, told, content_type="application/json", headers=key)

    anothers, own = report("C0531"), report("C0417")

    assert (anothers.status_code, own.status_code) == (404, 200)
    assert (own.json()["verb"], own.json()["by"]) == ("reported_lost", officer.pk)
    assert own.json()["officer"] == "1017"
    assert state() == "lost"
