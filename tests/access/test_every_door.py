"""Every role at every page and socket, for its own station and another: expected of the matrix."""

from itertools import cycle, groupby, product
from operator import itemgetter

import pytest
from asgiref.sync import sync_to_async
from django.test import Client

from devices.access.models import ApiToken
from devices.gateway import doors
from devices.inventory.models import Camera
from devices.ledger import LedgerEntry
from devices.roles import MATRIX, Reach, Role
from fleet import asgi
from tests.access.doors import (
    API,
    DEVICES_ADDRESSES,
    DEVICES_SOCKETS,
    EVERYBODYS,
    KIOSKS,
    LARGE_FILES,
    OPEN,
    PAGES,
    PEOPLES_SOCKETS,
    SCREENS,
    SCREENS_SOCKETS,
    routes,
)
from tests.access.places import two_places
from tests.api.callers import browser, program, token_of
from tests.dashboard.boards import board_of, cookie_of
from tests.gateway.knocking import JSON, Socket, post
from tests.gateway.words import batch, report
from tests.gateway.words import token_of as device_token
from tests.rows import person
from tests.undone import undone

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume"),
]
ROLES = [*Role, None]
NOT_ALLOWED = 4403


@pytest.fixture
def places(noon):
    return two_places(noon)


def reach_of(role, *acts):
    """The widest reach that the matrix gives this role for any of these acts."""
    reaches = [MATRIX[act].get(role, Reach.NOTHING) for act in acts]
    return max(reaches, key=lambda reach: reach.value, default=Reach.EVERYWHERE)


def reaches(reach, kind, *, own):
    """Whether this reach takes in a thing of that kind, at the own station or another."""
    match reach:
        case Reach.EVERYWHERE:
            return True
        case Reach.OWN_STATIONS if kind in EVERYBODYS:
            return True
        case Reach.OWN_STATIONS:
            return own
        case Reach.OWN_CAMERA:
            return own and kind in {"camera", "fault", "test", "lent", "custody", "officer"}
    return False


def address(route, place, user, kind=""):
    """The route with the names of what stands at this place."""
    thing = getattr(place, kind, None) or place.quarantined
    return "/" + (
        route.replace("<camera:number>", str(place.camera))
        .replace("<dock:code>", place.dock.code)
        .replace("<int:pk>", str(thing.pk))
        .replace("<key:key_id>", _own_key(user))
        .replace("<slug:code>", place.alert.rule)
        .replace("<str:code>", place.station.code)
        .replace("<str:badge>", place.officer.badge_number)
        .replace("<str:kind>", place.shift.kind.code)
        .replace("<day:on>", place.shift.on.isoformat())
    )


def _own_key(user):
    held = ApiToken.objects.filter(user=user).first()
    return held.key_id if held else token_of(user).split(".")[1]


def signed_in(roles, station):
    """Somebody of each role, posted to this station, and their browser."""
    people = {role: person(role, station) for role in roles}
    return {role: (user, browser(user)) for role, user in people.items()}


def is_officer(user, officer):
    officer.user = user
    officer.save()


def opened(client, door, at, place):
    send = client.post if door.method == "POST" else client.get
    return send(at, door.form(place))


def whole(answer):
    return b"".join(answer).decode()


def test_every_address_and_every_socket_stands_in_the_table():
    known = {route for route in routes() if not route.startswith(API)}

    assert known == PAGES.keys() | OPEN | SCREENS | KIOSKS
    every = PEOPLES_SOCKETS.keys() | SCREENS_SOCKETS | DEVICES_SOCKETS
    assert {str(one.pattern) for one in asgi.sockets} == every
    assert {str(one.pattern) for one in asgi.http} == DEVICES_ADDRESSES | LARGE_FILES | {""}


@pytest.mark.parametrize("route", PAGES)
def test_each_door_asks_for_what_the_table_says(route):
    act = getattr(routes()[route], "act", "it has no door")

    assert act == (PAGES[route].acts[0] if len(PAGES[route].acts) == 1 else None)


def area(route):
    """What begins alike is asked in one test: both places take as long as a dozen requests."""
    return route.partition("/")[0]


def areas(routes):
    """The routes by what they begin with."""
    return [list(alike) for _, alike in groupby(sorted(routes, key=area), key=area)]


NAMED = [route for route, door in PAGES.items() if door.names]
UNNAMED = [route for route, door in PAGES.items() if not door.names]
ASKED = [route for route, door in PAGES.items() if door.acts]


@pytest.mark.parametrize("routes", areas(NAMED), ids=itemgetter(0))
def test_a_thing_is_there_for_whom_the_matrix_says(places, routes):
    people = signed_in(ROLES, places[0].station)
    for route, role in product(routes, ROLES):
        with undone():
            a_thing_is_there_as_the_matrix_says(places, role, route, *people[role])


def a_thing_is_there_as_the_matrix_says(places, role, route, user, client):
    own, other = places
    is_officer(user, own.officer)
    door = PAGES[route]
    reach = reach_of(role, *door.acts)
    if reach is not Reach.NOTHING and door.also and reach_of(role, door.also) is Reach.NOTHING:
        status = opened(client, door, address(route, own, user, door.names), own).status_code
        assert status == 404, (route, role)
        return

    for place in (other, own):
        answer = opened(client, door, address(route, place, user, door.names), place)
        if reach is Reach.NOTHING:
            assert answer.status_code == 403, (route, role)
        elif reaches(reach, door.names, own=place is own):
            assert answer.status_code in (200, 302, 422), (route, role)
        else:
            assert answer.status_code == 404, (route, role)

    if "<" in route:  # what stands in a form alone is not told of by its address
        denied = LedgerEntry.objects.filter(outcome="denied", actor=user)
        expected = sum(not reaches(reach, door.names, own=is_own) for is_own in (True, False))
        assert denied.count() == expected, (route, role)


@pytest.mark.parametrize("routes", areas(UNNAMED), ids=itemgetter(0))
def test_a_page_shows_what_is_within_reach_to_whom_it_is_for(places, routes):
    people = signed_in(ROLES, places[0].station)
    for route, role in product(routes, ROLES):
        with undone():
            a_page_shows_what_is_within_reach(places, role, route, *people[role])


def a_page_shows_what_is_within_reach(places, role, route, user, client):
    own, other = places
    is_officer(user, own.officer)
    door = PAGES[route]

    answer = opened(client, door, address(route, own, user), own)

    if reach_of(role, *door.acts) is Reach.NOTHING:
        assert answer.status_code == 403, (route, role)
        assert LedgerEntry.objects.get().outcome == "denied", (route, role)
        return
    assert answer.status_code in (200, 302, 422), (route, role)
    if door.lists:
        reach, text = reach_of(role, door.shows), whole(answer)
        shown = [str(getattr(place, door.lists)) in text for place in (own, other)]
        expected = [reaches(reach, door.lists, own=is_own) for is_own in (True, False)]
        assert shown == expected, (route, role)


METHODS = ("get", "post", "put", "delete", "head", "options", "patch")


@pytest.mark.parametrize("routes", areas(PAGES), ids=itemgetter(0))
def test_who_is_not_signed_in_is_asked_to(places, routes):
    all_ask_to_sign_in(Client(), routes, places[0])


def all_ask_to_sign_in(client, routes, place):
    """Whatever it shows, by whatever method."""
    user = person(Role.IT)
    for route, method in product(routes, METHODS):
        answer = getattr(client, method)(address(route, place, user, PAGES[route].names))
        asks = answer.status_code == 405 or answer["Location"].startswith("/sign-in/")
        assert asks, (route, method)


@pytest.mark.parametrize("routes", areas(ASKED), ids=itemgetter(0))
def test_no_other_method_opens_what_is_shut(places, routes):
    people = signed_in(Role, places[0].station)
    for route in routes:
        with undone():
            no_other_method_opens_it(places, route, people)


def no_other_method_opens_it(places, route, people):
    """Those to whom it is shut take turns, one method each."""
    own, _ = places
    before = list(Camera.objects.values())
    shut = [role for role in Role if reach_of(role, *PAGES[route].acts) is Reach.NOTHING]

    for method, role in zip(METHODS, cycle(shut), strict=False):
        user, client = people[role]
        answer = getattr(client, method)(address(route, own, user))
        assert answer.status_code in (403, 405), (route, role, method)

    assert list(Camera.objects.values()) == before
    assert set(LedgerEntry.objects.values_list("outcome", flat=True)) <= {"denied"}


@pytest.mark.django_db(transaction=True)
class TestSockets:
    @pytest.mark.parametrize("role", ROLES, ids=str)
    async def test_a_board_is_told_what_is_within_reach_whatever_it_says_it_shows(self, noon, role):
        own, other = await sync_to_async(two_places)(noon)
        user = await sync_to_async(person)(role, own.station, officer=own.officer)
        reach = reach_of(role, PEOPLES_SOCKETS["live/board"])

        async with board_of(user, [own.camera.pk, other.camera.pk]) as board:
            first = await board.next()

        if reach is Reach.NOTHING:
            assert first == {"closed": NOT_ALLOWED}
        else:
            within = [place for place in (own, other) if reaches(reach, "camera", own=place is own)]
            assert first["tiles"].keys() == {f"c{place.camera.pk}" for place in within}

    @pytest.mark.parametrize("role", ROLES, ids=str)
    async def test_no_person_speaks_as_a_device(self, noon, role):
        own, _ = await sync_to_async(two_places)(noon)
        user = await sync_to_async(person)(role, own.station, officer=own.officer)
        key = await sync_to_async(cookie_of)(user)
        cookie = (b"cookie", f"sessionid={key}".encode())
        token = await sync_to_async(token_of)(user)
        message = batch(report(own.camera.serial))

        answers = [await post(message, headers=(JSON, cookie)), await post(message, token)]
        by_cookie = await Socket(headers=(cookie,)).open()
        by_token = await Socket(token).open()

        assert [answer.status for answer in answers] == [403, 401]  # a cookie is a browser's
        assert await by_cookie.hear() == doors.NOT_ALLOWED
        assert await by_token.hear() == doors.NOT_PROVEN

    async def test_no_device_opens_what_is_for_people(self, noon):
        own, _ = await sync_to_async(two_places)(noon)

        for device in (own.dock, own.camera):
            token = await sync_to_async(device_token)(device, noon)
            client = await sync_to_async(program)(token)
            for route in ("stations", "docks", "cameras", "officers"):
                answer = await sync_to_async(client.get)(f"/api/v1/{route}/")
                assert answer.status_code == 401
            for route in ("", "cameras/", "import/"):
                answer = await sync_to_async(client.get)(f"/{route}")
                assert answer["Location"].startswith("/sign-in/")
