"""A kiosk opens its one page and what that asks; no person does by who they are."""

from operator import itemgetter
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.test import Client
from django.utils.timezone import now

from dashboard import consumers, kiosks, screens
from devices.custody.models import Custody, Desk
from devices.desk.kiosk import actions
from devices.desk.kiosk.models import KioskPin, KioskToken
from devices.desk.models import DeskRequest
from devices.inventory.models import Officer
from devices.ledger import LedgerEntry
from devices.roles import Role
from tests.access.doors import KIOSKS, PAGES, PEOPLES_SOCKETS, SCREENS, SCREENS_SOCKETS
from tests.access.places import two_places
from tests.access.test_every_door import all_ask_to_sign_in, areas
from tests.api.callers import browser, program
from tests.dashboard.boards import cookie_of, opened
from tests.gateway.knocking import JSON, post
from tests.gateway.words import batch, report
from tests.rows import person

pytestmark = pytest.mark.django_db
ROUTES = ("stations", "docks", "cameras", "officers", "faults", "shifts", "past")
NOT_THE_LINKS = sorted(KIOSKS - {"kiosk/open/"})


@pytest.fixture
def places(noon):
    return two_places(noon)


def link_of(place):
    by = person(Role.IT, name=f"it {uuid4()}")
    return actions.make(f"Hall {place.station}", place.station, by=by, now=now())[1]


def paired(place):
    """The cookie of a kiosk at this place."""
    return actions.open_link(link_of(place), now=now())


def carrying(token, name=kiosks.COOKIE):
    """A browser that sends the cookie everywhere, as no real one does."""
    client = Client()
    client.cookies[name] = token
    return client


def asked(client, route):
    """What the kiosk's page asks there."""
    said = {"scan": str(uuid4()), "raw": "201", "pin": "2580"}
    return client.post(f"/{route}", said) if route in POSTED else client.get(f"/{route}")


POSTED = ("kiosk/scan/", "kiosk/pin/")


def test_the_link_pairs_a_browser_and_goes_into_a_cookie_of_its_own(places):
    link, client = link_of(places[0]), Client()

    answer = client.post("/kiosk/open/", {"link": link})

    cookie = answer.cookies[kiosks.COOKIE]
    assert answer["Location"] == "/kiosk/"
    assert (cookie["path"], cookie["samesite"]) == ("/kiosk/", "Strict")
    assert cookie["httponly"]
    assert link not in str(answer.headers) + str(cookie)
    shown = client.get("/kiosk/")
    assert shown.status_code == 200
    assert cookie.value not in shown.content.decode()
    assert (shown["Cache-Control"], shown["Referrer-Policy"]) == ("no-store", "same-origin")


def test_a_link_works_once(places):
    link = link_of(places[0])
    Client().post("/kiosk/open/", {"link": link})

    again = Client().post("/kiosk/open/", {"link": link})

    assert again.status_code == 422
    assert "opens no kiosk" in again.content.decode()


@pytest.mark.parametrize("kind", ["a", "c", "d", "s"])
def test_no_other_kind_of_token_is_a_kiosks(places, kind):
    token = kind + paired(places[0])[1:]

    assert carrying(token).get("/kiosk/").status_code == 403


def test_a_link_is_not_yet_a_kiosk(places):
    assert carrying(link_of(places[0])).get("/kiosk/").status_code == 403


@pytest.mark.parametrize("route", NOT_THE_LINKS)
@pytest.mark.parametrize("role", [*Role, None], ids=str)
def test_no_role_opens_it(places, role, route):
    answer = asked(browser(person(role, places[0].station)), route)

    assert answer.status_code == 403
    assert "is no kiosk" in answer.content.decode()
    assert not DeskRequest.objects.filter(desk__kind="kiosk").exists()


def test_a_strangers_page_cannot_make_a_kiosk_scan(places):
    client = Client(enforce_csrf_checks=True)
    client.cookies[kiosks.COOKIE] = paired(places[0])

    for route in POSTED:
        assert asked(client, route).status_code == 403
    assert client.post("/kiosk/open/", {}).status_code == 403


def test_the_page_holds_no_data_at_all(places):
    client = carrying(paired(places[0]))
    own, _ = places

    text = client.get("/kiosk/").content.decode() + client.get("/kiosk/now/").content.decode()

    for known in (own.camera, own.officer, own.dock.code, own.lent):
        assert str(known) not in text


@pytest.mark.parametrize("routes", areas(PAGES), ids=itemgetter(0))
def test_a_kiosk_opens_no_page_of_peoples(places, routes):
    all_ask_to_sign_in(carrying(paired(places[0])), routes, places[0])


@pytest.mark.parametrize("route", ROUTES)
def test_a_kiosk_reads_nothing_of_the_api(places, route):
    token = paired(places[0])

    for client in (carrying(token), program(token)):
        assert client.get(f"/api/v1/{route}/").status_code in (401, 404)


def test_a_kiosk_is_no_wall_screen(places):
    token = paired(places[0])

    for route in SCREENS - {"wallboard/open/"}:
        assert carrying(token, screens.COOKIE).get(f"/{route}").status_code == 403


@pytest.mark.parametrize("route", NOT_THE_LINKS)
@pytest.mark.parametrize("act", [actions.revoke, actions.end, actions.rotate])
def test_what_is_taken_away_opens_nothing_at_once(places, route, act):
    token = paired(places[0])
    act(Desk.objects.get(name__startswith="Hall"), by=person(Role.IT), now=now())

    answer = asked(carrying(token), route)

    assert answer.status_code == 403
    assert answer.cookies[kiosks.COOKIE]["max-age"] == 0


def test_a_kiosk_is_no_desk_to_work_at(places):
    own, _ = places
    client = browser(person(Role.QUARTERMASTER, own.station))

    assert client.get(f"/desk/{own.kiosk.pk}/").status_code == 404
    assert client.get(f"/desk/{own.kiosk.pk}/snapshot.json").status_code == 404
    assert f"/desk/{own.kiosk.pk}/" not in client.get("/desk/?all").content.decode()


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"scan": "one", "raw": "201"},
        {"scan": str(uuid4())},
        {"scan": str(uuid4()), "raw": ""},
        {"scan": str(uuid4()), "raw": "x" * 121},
        {"scan": str(uuid4()), "raw": "C0417\x00"},
    ],
)
def test_what_is_no_scan_is_refused_in_a_sentence(places, said):
    answer = carrying(paired(places[0])).post("/kiosk/scan/", said)

    assert (answer.status_code, answer.json()["says"]) == (422, "This is no scan.")
    assert not DeskRequest.objects.filter(desk__kind="kiosk").exists()


def test_an_officer_is_told_what_they_have_and_gives_it_back_through_the_door(places):
    own, _ = places
    client = carrying(paired(own))

    def said(raw):
        return client.post("/kiosk/scan/", {"scan": str(uuid4()), "raw": raw}).json()

    told = said(own.officer.badge_number)
    back = said(own.lent.label)

    assert told["says"].startswith(f"You have {own.lent}.")
    assert told.keys() == {"scan", "result", "says", "camera", "place"}
    assert back["says"] == f"{own.lent} is back. Put it in a bay, then take the next one."
    assert not Custody.objects.filter(camera=own.lent, closed_at=None).exists()
    for about in (told["scan"], "rubbish", str(uuid4())):
        assert client.get("/kiosk/now/", {"about": about}).json() == {"profile": {}}


@pytest.mark.parametrize("role", [Role.QUARTERMASTER, Role.IT])
def test_a_kiosk_is_set_up_renewed_and_taken_away(places, role):
    own = places[0]
    client = browser(person(role, own.station))

    made = client.post("/kiosks/", {"name": "Hall", "station": own.station.code})
    kiosk = Desk.objects.get(name="Hall")
    renewed = client.post(f"/kiosks/{kiosk.pk}/rotate/")
    gone = client.post(f"/kiosks/{kiosk.pk}/revoke/", follow=True)
    ended = client.post(f"/kiosks/{kiosk.pk}/end/", follow=True)

    assert "/kiosk/open/#k." in made.content.decode()
    assert "/kiosk/open/#k." in renewed.content.decode()
    assert "gives out nothing any more" in gone.content.decode()
    assert "is no more" in ended.content.decode()
    assert not KioskToken.objects.filter(desk=kiosk, revoked_at=None).exists()
    verbs = set(LedgerEntry.objects.filter(subject="kiosk Hall").values_list("verb", flat=True))
    assert verbs == {"kiosk's link made", "kiosk's link renewed", "kiosk revoked"}


PROFILE = {"terminator": "tab", "prefix": "X9", "layout": "us", "noise": ["GONE"], "ms_per_key": 7}


@pytest.mark.parametrize("role", [Role.QUARTERMASTER, Role.IT])
def test_a_kiosks_scanner_is_set_up_by_who_sets_kiosks_up(places, role):
    own = places[0]
    client, there = browser(person(role, own.station)), carrying(paired(own))
    kiosk = Desk.objects.get(name=f"Hall {own.station}")
    address = f"/kiosks/{kiosk.pk}/scanner/"

    page = client.get(f"/kiosks/{kiosk.pk}/set-up/").content.decode()
    kept = client.post(address, PROFILE, content_type="application/json")
    rubbish = client.post(address, {"terminator": "boom"}, content_type="application/json")

    assert f"at {kiosk}, one after the other" in page
    assert (kept.status_code, rubbish.status_code) == (204, 422)
    assert there.get("/kiosk/now/").json() == {"profile": PROFILE}
    assert LedgerEntry.objects.get(verb="scanner set up").facts == {"terminator": "tab"}


@pytest.mark.parametrize("role", [Role.COMMANDER, Role.OFFICER, Role.ADMINISTRATOR])
def test_nobody_else_sets_a_kiosks_scanner_up(places, role):
    own = places[0]
    carried = carrying(paired(own))
    kiosk = Desk.objects.get(name=f"Hall {own.station}")
    officer = own.officer if role == Role.OFFICER else None
    client = browser(person(role, own.station, officer=officer))
    address = f"/kiosks/{kiosk.pk}/scanner/"

    for one in (client, carried):
        assert one.get(f"/kiosks/{kiosk.pk}/set-up/").status_code in (302, 403)
        said = one.post(address, PROFILE, content_type="application/json")
        assert said.status_code in (302, 403)
    kiosk.refresh_from_db()
    assert kiosk.scanner == {}


def test_a_kiosks_scanner_of_another_station_and_a_desks_are_not_found(places):
    own, other = places
    link_of(other)
    beyond = Desk.objects.get(name=f"Hall {other.station}")
    desk = Desk.objects.create(station=own.station, name="Desk 9")
    client = browser(person(Role.QUARTERMASTER, own.station))

    for one in (beyond, desk):
        assert client.get(f"/kiosks/{one.pk}/set-up/").status_code == 404
        answer = client.post(f"/kiosks/{one.pk}/scanner/", PROFILE, content_type="application/json")
        assert answer.status_code == 404


def test_a_quartermaster_gives_a_pin_to_officers_of_their_stations_alone(places):
    own, other = places
    client = browser(person(Role.QUARTERMASTER, own.station))
    pin = {"pin": "2580", "again": "2580"}

    refused = client.post("/kiosks/pin/", {"officer": other.officer.badge_number, **pin})
    differing = client.post(
        "/kiosks/pin/", {"officer": own.officer.badge_number, **pin, "again": "1"}
    )
    given = client.post("/kiosks/pin/", {"officer": own.officer.badge_number, **pin})

    assert (refused.status_code, differing.status_code, given.status_code) == (422, 422, 302)
    assert "The two are not the same." in differing.content.decode()
    assert KioskPin.objects.get().officer == own.officer


def test_an_officer_sets_their_own_and_nobody_elses(places):
    own, _ = places
    officer = browser(person(Role.OFFICER, own.station, officer=own.officer))
    nobody = browser(person(Role.COMMANDER, own.station))
    pin = {"pin": "2580", "again": "2580"}

    officer.post("/me/pin/", {**pin, "officer": "202"})

    assert KioskPin.objects.get().officer == own.officer
    assert nobody.post("/me/pin/", pin).status_code == 404
    weak = officer.post("/me/pin/", {"pin": "1111", "again": "1111"}, follow=True)
    assert "not one digit again and again" in weak.content.decode()
    assert Officer.objects.get(pk=own.officer.pk).kiosk_pin.digest.startswith("argon2")


async def line_of(path, cookie):
    headers = [(b"host", b"testserver"), (b"cookie", cookie.encode())]
    return await opened(path, [*headers, (b"origin", b"http://testserver")])


@pytest.mark.django_db(transaction=True)
class TestSockets:
    @pytest.mark.parametrize("path", [*PEOPLES_SOCKETS, *SCREENS_SOCKETS])
    async def test_a_kiosk_hears_no_socket(self, noon, path):
        own, _ = await sync_to_async(two_places)(noon)
        token = await sync_to_async(paired)(own)

        for name in (kiosks.COOKIE, "sessionid", screens.COOKIE):
            line = await line_of(path, f"{name}={token}")
            said = await line.next()
            assert said["closed"] in (consumers.NOT_SIGNED_IN, consumers.NOT_ALLOWED)
            await line.hang_up()

    async def test_a_kiosk_speaks_as_no_device(self, noon):
        own, _ = await sync_to_async(two_places)(noon)
        token = await sync_to_async(paired)(own)
        cookie = (b"cookie", f"{kiosks.COOKIE}={token}".encode())
        message = batch(report(own.camera.serial))

        answers = [await post(message, headers=(JSON, cookie)), await post(message, token)]

        assert [answer.status for answer in answers] == [403, 401]

    async def test_a_person_signed_in_at_the_same_browser_is_nobody_there(self, noon):
        own, _ = await sync_to_async(two_places)(noon)
        user = await sync_to_async(person)(Role.QUARTERMASTER, own.station)
        key = await sync_to_async(cookie_of)(user)

        client = Client()
        client.cookies["sessionid"] = key
        answer = await sync_to_async(client.get)("/kiosk/")

        assert answer.status_code == 403
