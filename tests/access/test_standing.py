"""How far a person reaches: by the roles they hold, where they are posted, who they are."""

import pytest
from django.contrib.auth.models import AnonymousUser, Group, User

from devices.access import actions
from devices.access.models import Posting
from devices.access.people import Visible, reach_of, standing_of
from devices.inventory.models import Camera, Officer, Station
from devices.ledger import LedgerEntry
from devices.roles import MATRIX, Act, Reach, Role
from tests.rows import a_camera, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def south(db):
    return Station.objects.create(code="SS", name="South")


@pytest.fixture
def officer(station):
    return Officer.objects.create(badge_number="201", station=station)


def again(user):
    """The same person at the next request: nothing is remembered."""
    return User.objects.get(pk=user.pk)


@pytest.mark.parametrize("act", list(Act), ids=str)
@pytest.mark.parametrize("role", list(Role), ids=str)
def test_a_role_reaches_as_far_as_the_matrix_says(station, officer, role, act):
    user = person(role, station, officer=officer)

    match MATRIX[act].get(role, Reach.NOTHING):
        case Reach.NOTHING:
            assert reach_of(user, act) is None
        case Reach.EVERYWHERE:
            assert reach_of(user, act) == Visible()
        case Reach.OWN_STATIONS:
            assert reach_of(user, act) == Visible(stations=frozenset({station.pk}))
        case Reach.OWN_CAMERA:
            assert reach_of(user, act) == Visible(stations=frozenset(), officer_id=officer.pk)


def test_nobody_and_who_has_left_reach_nothing(station):
    gone = person(Role.IT, station)
    gone.is_active = False
    gone.save()

    assert reach_of(AnonymousUser(), Act.VIEW_BOARD) is None
    assert reach_of(again(gone), Act.VIEW_BOARD) is None


def test_a_group_that_is_no_role_opens_nothing(somebody):
    somebody.groups.add(Group.objects.create(name="Superuser"))
    somebody.is_superuser = somebody.is_staff = True
    somebody.save()

    assert {act for act in Act if reach_of(again(somebody), act)} == set()


def test_two_roles_reach_as_far_as_the_wider_one(somebody, station, noon):
    for role in (Role.QUARTERMASTER, Role.IT):
        actions.grant(somebody, role, by=None, now=noon)
    actions.post(somebody, [station], by=None, now=noon)

    assert reach_of(somebody, Act.VIEW_CAMERA) == Visible()
    assert reach_of(somebody, Act.IMPORT_OFFICERS) == Visible(stations=frozenset({station.pk}))


def test_a_quartermaster_who_is_posted_nowhere_sees_nothing(station, noon):
    a_camera(1, station, noon)
    reach = reach_of(person(Role.QUARTERMASTER), Act.VIEW_CAMERA)

    assert not reach.cameras().exists()


def test_an_officer_who_is_no_officer_sees_nothing():
    assert reach_of(person(Role.OFFICER), Act.VIEW_CAMERA) is None


def test_every_way_of_asking_gives_the_same_cameras(station, south, officer, noon):
    own = a_camera(1, station, noon, officer=officer)
    beside, elsewhere = a_camera(2, station, noon), a_camera(3, south, noon)
    reaches = {
        Visible(): {own, beside, elsewhere},
        Visible(stations=frozenset({station.pk})): {own, beside},
        Visible(stations=frozenset()): set(),
        Visible(stations=frozenset(), officer_id=officer.pk): {own},
    }

    for reach, cameras in reaches.items():
        assert set(reach.cameras()) == cameras
        for one in Camera.objects.all():
            assert reach.includes(one) == (one in cameras)
            assert reach.covers(one.station_id, one.officer_id) == (one in cameras)


def test_a_standing_is_read_once_a_request_in_one_query(
    somebody, station, south, noon, django_assert_num_queries
):
    for role in (Role.QUARTERMASTER, Role.COMMANDER, Role.OFFICER):
        actions.grant(somebody, role, by=None, now=noon)
    actions.post(somebody, [station, south], by=None, now=noon)
    asked = again(somebody)

    with django_assert_num_queries(1):
        reaches = [reach_of(asked, act) for act in Act]

    assert any(reaches)
    assert standing_of(asked).stations == {station.pk, south.pk}
    assert standing_of(asked).roles == {Role.QUARTERMASTER, Role.COMMANDER, Role.OFFICER}


def test_a_posting_is_written_down_with_every_station(somebody, station, south, noon):
    actions.post(somebody, [south, station], by=somebody, now=noon)

    entry = LedgerEntry.objects.get()
    assert (entry.verb, entry.subject) == ("posted", f"user {somebody.pk}")
    assert entry.facts == {"stations": ["HQ", "SS"]}


def test_a_posting_to_nowhere_ends_every_other(somebody, station, noon):
    actions.post(somebody, [station], by=None, now=noon)

    actions.post(somebody, [], by=None, now=noon)

    assert not Posting.objects.exists()


def test_a_posting_leaves_the_other_people_where_they_are(somebody, station, south, noon):
    other = person(Role.COMMANDER, south)

    actions.post(somebody, [station], by=None, now=noon)

    assert standing_of(again(other)).stations == {south.pk}
