"""A wall screen reads its one page and its socket; no person does by who they are."""

from operator import itemgetter

import pytest
from asgiref.sync import sync_to_async
from django.test import Client

from dashboard import consumers, screens
from devices.access.models import Screen, ScreenTheme, ScreenToken
from devices.access.screens import actions
from devices.gateway import doors as gateway
from devices.ledger import LedgerEntry
from devices.roles import Role
from tests.access.doors import PAGES, PEOPLES_SOCKETS
from tests.access.places import two_places
from tests.access.test_every_door import all_ask_to_sign_in, areas
from tests.api.callers import browser, program
from tests.dashboard.boards import cookie_of, opened
from tests.gateway.knocking import JSON, Socket, post
from tests.gateway.words import batch, report
from tests.rows import person

pytestmark = pytest.mark.django_db
ROUTES = ("stations", "docks", "cameras", "officers", "faults", "shifts", "past")


@pytest.fixture
def places(noon):
    return two_places(noon)


def paired(place, now):
    """The cookie of a screen that shows this place."""
    _, link = actions.make_screen(
        f"Wall {place.station}", [place.station], ScreenTheme.LIGHT, by=None, now=now
    )
    return actions.open_link(link, now=now)


def carrying(token):
    """A browser that sends the cookie everywhere, as no real one does."""
    client = Client()
    client.cookies[screens.COOKIE] = token
    return client


def test_the_link_pairs_a_browser_and_goes_into_a_cookie_of_its_own(places, noon):
    _, link = actions.make_screen(
        "Wall", [places[0].station], ScreenTheme.LIGHT, by=None, now=places[0].shift.begins_at
    )
    client = Client()

    answer = client.post("/wallboard/open/", {"link": link})

    cookie = answer.cookies[screens.COOKIE]
    assert answer["Location"] == "/wallboard/"
    assert (cookie["path"], cookie["samesite"]) == ("/wallboard/", "Strict")
    assert cookie["httponly"]
    assert link not in str(answer.headers) + str(cookie)
    shown = client.get("/wallboard/")
    assert shown.status_code == 200
    assert cookie.value not in shown.content.decode()
    assert (shown["Cache-Control"], shown["Referrer-Policy"]) == ("no-store", "same-origin")


def test_a_wrong_link_is_refused_in_a_sentence_and_written_down(places):
    answer = Client().post("/wallboard/open/", {"link": "s.aaaaaaaa." + "a" * 32})

    assert answer.status_code == 422
    assert "opens no screen" in answer.content.decode()
    assert LedgerEntry.objects.get().verb == "link refused"


def test_a_stranger_cannot_make_a_browser_pair(places):
    assert Client(enforce_csrf_checks=True).post("/wallboard/open/", {}).status_code == 403


@pytest.mark.parametrize("role", [*Role, None], ids=str)
def test_no_role_opens_the_wallboard(places, role):
    answer = browser(person(role, places[0].station)).get("/wallboard/")

    assert answer.status_code == 403
    assert "is no wall screen" in answer.content.decode()


def test_a_screen_shows_its_stations_and_names_nobody(places, noon):
    own, other = places

    text = carrying(paired(own, noon)).get("/wallboard/").content.decode()

    assert own.dock.code in text
    assert other.dock.code not in text
    assert own.officer.badge_number not in text
    assert 'title="' not in text


@pytest.mark.parametrize("routes", areas(PAGES), ids=itemgetter(0))
def test_a_screen_opens_no_page_of_peoples(places, noon, routes):
    all_ask_to_sign_in(carrying(paired(places[0], noon)), routes, places[0])


@pytest.mark.parametrize("route", ROUTES)
def test_a_screen_reads_nothing_of_the_api(places, noon, route):
    token = paired(places[0], noon)

    for client in (carrying(token), program(token)):
        assert client.get(f"/api/v1/{route}/").status_code in (401, 404)


def test_a_token_shut_out_shows_nothing_and_is_forgotten(places, noon):
    token = paired(places[0], noon)
    screen = Screen.objects.get(name="Wall HQ")
    actions.revoke_screen(screen, by=None, now=noon)

    answer = carrying(token).get("/wallboard/")

    assert answer.status_code == 403
    assert places[0].dock.code not in answer.content.decode()
    assert answer.cookies[screens.COOKIE]["max-age"] == 0


def test_a_commander_hangs_screens_of_their_own_stations_alone(places):
    own, other = places
    client = browser(person(Role.COMMANDER, own.station))

    refused = client.post(
        "/screens/", {"name": "Lobby", "stations": [other.station.pk], "theme": "clock"}
    )
    made = client.post(
        "/screens/", {"name": "Lobby", "stations": [own.station.pk], "theme": "clock"}
    )

    assert (refused.status_code, made.status_code) == (422, 200)
    assert "/wallboard/open/#s." in made.content.decode()
    assert Screen.objects.get(name="Lobby").stations.get() == own.station
    assert str(other.screen) not in made.content.decode()


def test_a_screen_that_shows_more_than_ones_stations_is_somebody_elses(places):
    own, other = places
    own.screen.stations.add(other.station)
    client = browser(person(Role.COMMANDER, own.station))

    assert str(own.screen) not in client.get("/screens/").content.decode()
    assert client.post(f"/screens/{own.screen.pk}/revoke/").status_code == 404


@pytest.mark.parametrize("role", [Role.IT, Role.COMMANDER])
def test_a_link_is_renewed_and_taken_away(places, role):
    own, _ = places
    client = browser(person(role, own.station))

    renewed = client.post(f"/screens/{own.screen.pk}/rotate/")
    gone = client.post(f"/screens/{own.screen.pk}/revoke/", follow=True)

    assert "/wallboard/open/#s." in renewed.content.decode()
    assert "shows nothing any more" in gone.content.decode()
    assert not ScreenToken.objects.filter(screen=own.screen, revoked_at=None).exists()


async def line_of(path, cookie, origin="http://testserver"):
    headers = [(b"host", b"testserver"), (b"cookie", cookie.encode())]
    if origin:
        headers.append((b"origin", origin.encode()))
    return await opened(path, headers)


@pytest.mark.django_db(transaction=True)
class TestSockets:
    async def test_a_screen_hears_its_own_socket(self, noon):
        own, other = await sync_to_async(two_places)(noon)
        token = await sync_to_async(paired)(own, noon)

        line = await line_of("wallboard/live", f"{screens.COOKIE}={token}")
        first = await line.next()
        await line.hang_up()

        assert own.dock.code in first["board"]
        assert other.dock.code not in first["board"]
        assert first["theme"] == "light"

    @pytest.mark.parametrize("role", [*Role, None], ids=str)
    async def test_no_person_hears_it(self, noon, role):
        own, _ = await sync_to_async(two_places)(noon)
        user = await sync_to_async(person)(role, own.station)
        key = await sync_to_async(cookie_of)(user)

        line = await line_of("wallboard/live", f"sessionid={key}")

        assert await line.next() == {"closed": consumers.NOT_ALLOWED}
        await line.hang_up()

    @pytest.mark.parametrize("path", PEOPLES_SOCKETS)
    async def test_a_screen_hears_no_socket_of_peoples(self, noon, path):
        own, _ = await sync_to_async(two_places)(noon)
        token = await sync_to_async(paired)(own, noon)

        for cookie in (f"{screens.COOKIE}={token}", f"sessionid={token}"):
            line = await line_of(path, cookie)
            assert await line.next() == {"closed": consumers.NOT_SIGNED_IN}
            await line.hang_up()

    async def test_a_screen_speaks_as_no_device(self, noon):
        own, _ = await sync_to_async(two_places)(noon)
        token = await sync_to_async(paired)(own, noon)
        cookie = (b"cookie", f"{screens.COOKIE}={token}".encode())
        message = batch(report(own.camera.serial))

        answers = [await post(message, headers=(JSON, cookie)), await post(message, token)]
        by_token = await Socket(token).open()

        assert [answer.status for answer in answers] == [403, 401]
        assert await by_token.hear() == gateway.NOT_PROVEN

    @pytest.mark.parametrize("origin", ["", "http://elsewhere.example"])
    async def test_another_sites_page_gets_no_line(self, noon, origin):
        own, _ = await sync_to_async(two_places)(noon)
        token = await sync_to_async(paired)(own, noon)

        line = await line_of("wallboard/live", f"{screens.COOKIE}={token}", origin)

        assert not line.accepted

    async def test_a_screen_that_is_taken_away_stops_hearing(self, noon, monkeypatch):
        monkeypatch.setattr(consumers.WallboardConsumer, "ask_again_every_s", 0.1)
        own, _ = await sync_to_async(two_places)(noon)
        token = await sync_to_async(paired)(own, noon)
        line = await line_of("wallboard/live", f"{screens.COOKIE}={token}")
        await line.next()

        screen = await sync_to_async(Screen.objects.get)(name=f"Wall {own.station}")
        await sync_to_async(actions.revoke_screen)(screen, by=None, now=noon)

        last = await line.until(lambda message: "closed" in message)
        await line.hang_up()
        assert last == {"closed": consumers.NOT_ALLOWED}

    def test_a_screen_is_asked_about_often_enough_to_be_shut_within_half_a_minute(self):
        assert consumers.WallboardConsumer.ask_again_every_s < 30

    async def test_a_screen_that_speaks_is_shut_out(self, noon):
        own, _ = await sync_to_async(two_places)(noon)
        token = await sync_to_async(paired)(own, noon)
        line = await line_of("wallboard/live", f"{screens.COOKIE}={token}")

        await line.say({"showing": [own.camera.pk]})

        last = await line.until(lambda message: "closed" in message)
        await line.hang_up()
        assert last == {"closed": consumers.NONSENSE}
