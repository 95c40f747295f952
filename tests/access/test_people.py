import pytest

from devices.access import actions
from devices.access.models import ApiToken, Posting
from devices.access.people import Visible, reach_of, stations_of
from devices.access.tokens import matches
from devices.errors import Refused
from devices.inventory.models import Officer, Station
from devices.ledger import LedgerEntry
from devices.roles import Act, Role

pytestmark = pytest.mark.django_db

PASSWORD = "heron-copper-lantern"


def test_a_new_user_may_do_nothing_until_a_role_is_granted(station, somebody, noon):
    user = actions.create_user("q.one", PASSWORD, by=somebody, now=noon)

    assert user.check_password(PASSWORD)
    assert reach_of(user, Act.VIEW_BOARD) is None
    assert PASSWORD not in str(LedgerEntry.objects.values_list("facts", flat=True))


def test_a_quartermaster_sees_the_stations_of_the_posting(station, somebody, noon):
    actions.grant(somebody, Role.QUARTERMASTER, by=None, now=noon)
    actions.post(somebody, [station], by=None, now=noon)

    assert reach_of(somebody, Act.VIEW_BOARD).stations == {station.pk}


def test_the_stations_within_reach_are_all_or_the_posted_or_the_own_cameras(station):
    south = Station.objects.create(code="SS", name="South")
    officer = Officer.objects.create(badge_number="217", station=south)

    assert set(stations_of(Visible())) == {station, south}
    assert list(stations_of(Visible(stations=frozenset({station.pk})))) == [station]
    assert not stations_of(Visible(stations=frozenset()))
    own = Visible(stations=frozenset(), officer_id=officer.pk)
    assert list(stations_of(own)) == [south]


def test_a_new_posting_replaces_the_old_one(station, somebody, noon):
    south = Station.objects.create(code="SS", name="South")
    actions.post(somebody, [station], by=None, now=noon)

    actions.post(somebody, [south], by=None, now=noon)

    assert list(Posting.objects.values_list("station", flat=True)) == [south.pk]


def test_a_user_may_be_the_officer_who_wears_a_camera(station, noon):
    officer = Officer.objects.create(badge_number="1007", station=station)

    user = actions.create_user("o.1007", PASSWORD, by=None, now=noon, officer=officer)

    assert user.officer == officer
    with pytest.raises(Refused, match="Officer 1007 has a user already"):
        actions.create_user("again", PASSWORD, by=None, now=noon, officer=officer)


@pytest.mark.parametrize(
    ("username", "password", "sentence"),
    [
        ("somebody", PASSWORD, "There is a user somebody already."),
        ("q.two", "short", "too short"),
        ("q two\n", PASSWORD, "valid username"),
    ],
)
def test_a_user_is_refused_with_a_sentence(somebody, noon, username, password, sentence):
    with pytest.raises(Refused, match=sentence):
        actions.create_user(username, password, by=None, now=noon)


def test_an_administrator_is_not_also_a_quartermaster(somebody, noon):
    actions.grant(somebody, Role.ADMINISTRATOR, by=None, now=noon)

    with pytest.raises(Refused, match="Administrator and Quartermaster are not held by one"):
        actions.grant(somebody, Role.QUARTERMASTER, by=None, now=noon)


def test_granting_a_role_twice_is_one_act(somebody, noon):
    actions.grant(somebody, Role.IT, by=None, now=noon)
    actions.grant(somebody, Role.IT, by=None, now=noon)

    assert LedgerEntry.objects.filter(verb="role granted").count() == 1


def test_a_withdrawn_role_opens_nothing(somebody, noon):
    actions.grant(somebody, Role.IT, by=None, now=noon)

    actions.withdraw(somebody, Role.IT, by=None, now=noon)

    assert reach_of(somebody, Act.VIEW_BOARD) is None
    with pytest.raises(Refused, match="somebody is not IT"):
        actions.withdraw(somebody, Role.IT, by=None, now=noon)


def test_an_api_token_is_shown_once_and_revoked_once(somebody, noon):
    plaintext = actions.make_api_token(
        somebody, label="Night report", scopes=["cameras:read"], by=somebody, now=noon
    )
    token = ApiToken.objects.get()

    actions.revoke_api_token(token, by=somebody, now=noon)

    assert matches(plaintext, token.digest)
    assert not ApiToken.objects.valid(noon).exists()
    with pytest.raises(Refused, match="was revoked already"):
        actions.revoke_api_token(token, by=somebody, now=noon)


def test_an_api_token_needs_a_purpose(somebody, noon):
    with pytest.raises(Refused, match="Say what the token is for"):
        actions.make_api_token(somebody, label=" ", scopes=[], by=somebody, now=noon)


@pytest.mark.parametrize("scopes", [[], ["cameras"], ["cameras:read", "cameras:write"]])
def test_an_api_token_is_only_for_what_there_is(somebody, noon, scopes):
    with pytest.raises(Refused, match="Choose what the token is for"):
        actions.make_api_token(somebody, label="Report", scopes=scopes, by=somebody, now=noon)
