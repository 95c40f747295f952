"""Every role at every address, for its own station and another: expected from the matrix."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from dashboard.api.permissions import ENDPOINTS, OPEN
from dashboard.api.urls import urlpatterns
from devices.access.scopes import Scope
from devices.roles import MATRIX, Act, Reach, Role
from devices.rollouts.models import PutAside
from tests.access.places import two_places
from tests.api.callers import browser, program, results, token_of
from tests.rows import a_camera, person
from tests.undone import undone

pytestmark = pytest.mark.django_db

# What sends has tests of its own: test_roster.py, test_custody.py, test_rollouts.py,
# test_recalls.py, test_rollbacks.py, test_profiles.py, test_certificates.py, those in tests/desk,
# and tests/releases/test_arriving_by_token.py.
SENT = {
    Scope.ROSTER, Scope.SET_ROSTER, Scope.WORK_DESK, Scope.COUNT, Scope.SET_CUSTODY,
    Scope.SET_OFFICERS,
    Scope.SET_RELEASES, Scope.SET_CERTIFICATES, Scope.SET_ROLLOUTS, Scope.SET_RECALLS,
}  # fmt: skip
READ_HERE = {name: endpoint for name, endpoint in ENDPOINTS.items() if endpoint.scope not in SENT}


BEGAN = datetime(2026, 1, 1, tzinfo=UTC)  # one can look back to it


@pytest.fixture(scope="module")
def places(django_db_setup, django_db_blocker):
    """Made once for all, which reads alone need not make again; no test here commits."""
    with django_db_blocker.unblock(), undone():
        both = two_places(BEGAN)
        PutAside.objects.bulk_create(
            PutAside(camera=one.camera, reason="as told", at=BEGAN) for one in both
        )
        yield both


def names(place):
    """How each address names what stands at this place."""
    of_camera = {"camera": str(place.camera)}
    return {
        "api-stations": {},
        "api-station": {"code": place.station.code},
        "api-docks": {},
        "api-dock": {"code": place.dock.code},
        "api-cameras": {},
        "api-camera": of_camera,
        "api-history": of_camera,
        "api-placements": of_camera,
        "api-silences": of_camera,
        "api-past": {},
        "api-faults": {},
        "api-fault": {"fault": place.fault.pk},
        "api-tests": {},
        "api-test": {"test": place.test.pk},
        "api-custody": {},
        "api-custody-events": {},
        "api-custody-at": {},
        "api-releases": {},
        "api-release": {"release": place.release.pk},
        "api-behind": {},
        "api-drifted": {},
        "api-rollback-text": {"release": place.release.pk},
        "api-rollback-orders": {"release": place.release.pk},
        "api-certificates": {},
        "api-certificate": {"certificate": place.certificate.pk},
        "api-profiles": {},
        "api-profile": {"name": place.profile.name},
        "api-rollouts": {},
        "api-rollout": {"rollout": place.rollout.pk},
        "api-foresee-rollout": {"rollout": place.rollout.pk},
        "api-deployments": {"rollout": place.rollout.pk},
        "api-camera-deployments": of_camera,
        "api-put-aside": {},
        "api-recalls": {},
        "api-recall": {"recall": place.recall.pk},
        "api-recalled": {"recall": place.recall.pk},
        "api-officers": {},
        "api-rotations": {"badge_number": place.officer.badge_number},
        "api-credentials": {"badge_number": place.officer.badge_number},
        "api-officer": {"badge_number": place.officer.badge_number},
    }


def address(name, place):
    """Where it stands; the past wants to be told which."""
    asked = {
        "api-past": f"?at={BEGAN:%Y-%m-%dT%H:%M:%SZ}",
        "api-custody-at": f"?at={BEGAN:%Y-%m-%dT%H:%M:%SZ}&camera={place.camera}",
        "api-custody": "?kind=personal",
        "api-releases": "?kind=firmware",
        "api-rollback-text": "?reason=told",
    }
    return reverse(name, kwargs=names(place)[name]) + asked.get(name, "")


# The whole department's; a list of turns holds those of cameras within reach.
EVERYBODYS = {
    "api-release", "api-rollout", "api-foresee-rollout", "api-deployments", "api-recall",
    "api-recalled", "api-rollback-text", "api-rollback-orders", "api-profile",
    "api-certificate", "api-behind",
}  # fmt: skip


def _expected(role, name, *, own):
    """The status for one thing, by the matrix alone."""
    match MATRIX[ENDPOINTS[name].act].get(role, Reach.NOTHING):
        case Reach.NOTHING:
            return 403
        case Reach.EVERYWHERE:
            return 200
        case Reach.OWN_STATIONS:
            return 200 if own or name in EVERYBODYS else 404
    of_stations = name in {"api-station", "api-dock"}
    return 200 if own and not of_stations else 404


LISTS = {
    "api-stations": ("api-station", "code"),
    "api-docks": ("api-dock", "code"),
    "api-cameras": ("api-camera", "name"),
    "api-past": ("api-camera", "name"),
    "api-faults": ("api-fault", "id"),
    "api-tests": ("api-test", "id"),
    "api-custody": ("api-camera", "camera"),
    "api-custody-events": ("api-camera", "camera"),
    "api-releases": ("api-release", "id"),
    "api-drifted": ("api-camera-deployments", "camera"),
    "api-certificates": ("api-certificate", "id"),
    "api-profiles": ("api-profile", "name"),
    "api-rollouts": ("api-rollout", "id"),
    "api-put-aside": ("api-camera-deployments", "camera"),
    "api-recalls": ("api-recall", "id"),
    "api-officers": ("api-officer", "badge_number"),
}
LENT_TOO = {"api-cameras", "api-past"}  # a spare that is out with the officer is theirs to see
SINGLE = [name for name in READ_HERE if name not in LISTS]


@pytest.mark.parametrize("name", SINGLE)
@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.value)
def test_one_thing_is_there_for_whom_the_matrix_says(places, role, name):
    own, other = places
    client = browser(person(role, own.station, officer=own.officer))

    found = [client.get(address(name, place)).status_code for place in (own, other)]

    assert found == [_expected(role, name, own=True), _expected(role, name, own=False)]


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.value)
def test_a_list_holds_exactly_what_could_be_opened(places, role, name):
    own, other = places
    client = browser(person(role, own.station, officer=own.officer))
    single, key = LISTS[name]
    within = [
        place
        for place, is_own in ((own, True), (other, False))
        if _expected(role, single, own=is_own) == 200
    ]
    opened = {next(iter(names(place)[single].values())) for place in within}
    if name in LENT_TOO:
        opened |= {str(place.lent) for place in within}

    answer = client.get(address(name, own))

    if _expected(role, name, own=True) == 403:
        assert answer.status_code == 403
    else:
        assert {row[key] for row in answer.json()["results"]} == opened


@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.value)
def test_a_token_opens_what_its_owner_could_if_programs_may_have_the_role(places, role):
    own, _ = places
    client = program(token_of(person(role, own.station, officer=own.officer)))
    may = role in MATRIX[Act.USE_API]

    for name in names(own):
        expected = _expected(role, name, own=True) if may else 403
        assert client.get(address(name, own)).status_code == expected, name


@pytest.mark.parametrize("scope", list(Scope))
def test_a_token_of_one_scope_opens_the_addresses_of_that_scope(places, scope):
    own, _ = places
    client = program(token_of(person(Role.AUDITOR), [scope]))

    opened = {name for name in names(own) if client.get(address(name, own)).status_code == 200}

    assert opened == {name for name, endpoint in READ_HERE.items() if endpoint.scope is scope}


@pytest.mark.parametrize("name", READ_HERE)
def test_nobody_opens_nothing(places, client, name):
    answer = client.get(address(name, places[0]))

    assert answer.status_code == 401


def test_every_address_stands_in_the_table():
    addresses = [
        pattern.name for part in urlpatterns for pattern in getattr(part, "url_patterns", [part])
    ]

    assert set(addresses) == set(ENDPOINTS) | OPEN


class TestBadgeNumbers:
    def test_it_sees_cameras_without_them(self, places):
        client = browser(person(Role.IT))

        cameras = results(client, "/api/v1/cameras/")

        assert len(cameras) == 4
        assert not any("officer" in camera for camera in cameras)

    def test_it_cannot_ask_for_them_either(self, places):
        client = browser(person(Role.IT))

        answer = client.get("/api/v1/cameras/?officer=201")

        assert answer.status_code == 403

    def test_who_sees_more_cameras_than_officers_sees_those_officers_alone(self, places):
        somebody = person(Role.IT, places[0].station)
        somebody.groups.add(person(Role.QUARTERMASTER).groups.get())
        client = browser(somebody)

        cameras = results(client, "/api/v1/cameras/")
        found = [results(client, f"/api/v1/cameras/?officer=20{number}") for number in (1, 2)]

        shown = [camera.get("officer", "absent") for camera in cameras]
        assert shown == ["201", "absent", None, "absent"]
        assert [len(each) for each in found] == [1, 0]

    def test_a_token_needs_the_scope_for_them(self, places):
        client = program(token_of(person(Role.AUDITOR), [Scope.CAMERAS]))

        cameras = results(client, "/api/v1/cameras/")

        assert not any("officer" in camera for camera in cameras)

    def test_an_officer_sees_their_own(self, places):
        own, _ = places
        client = browser(person(Role.OFFICER, officer=own.officer))

        cameras = results(client, "/api/v1/cameras/")

        assert [camera.get("officer") for camera in cameras] == ["201", None]


def test_a_foreign_camera_in_a_bay_is_seen_without_its_name(places, noon):
    own, other = places
    bay = own.station.docks.get().bays.get()
    after = {"bay": bay, "placed_at": noon + timedelta(minutes=1)}
    a_camera(3, other.station, noon, health=after)
    client = browser(person(Role.QUARTERMASTER, own.station))

    (dock,) = results(client, "/api/v1/docks/")

    assert dock["bays"][0]["occupied"] is True
    assert dock["bays"][0]["camera"] is None
    assert dock["bays"][0]["home_of"] == "C0001"
