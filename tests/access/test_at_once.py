"""Two people who press at the same moment: what must not meet does not."""

import pytest

from devices.access import actions
from devices.access.models import DeviceToken, Posting
from devices.access.people import standing_of
from devices.access.rules import roles_kept_apart
from devices.errors import Refused
from devices.inventory.models import Officer, Station
from devices.ledger import LedgerEntry
from devices.roles import Role
from tests.racing import race

pytestmark = pytest.mark.django_db(transaction=True)


def refused(results):
    return [one for one in results if isinstance(one, Refused)]


def test_roles_kept_apart_do_not_meet_however_they_are_granted(somebody, noon):
    roles = [Role.ADMINISTRATOR, Role.QUARTERMASTER, Role.AUDITOR, Role.COMMANDER]

    done = race(lambda number: actions.grant(somebody, roles[number], by=None, now=noon), runners=4)

    held = standing_of(somebody).roles
    assert held
    assert roles_kept_apart(held) == []
    assert len(refused(done)) == 4 - len(held)
    assert LedgerEntry.objects.count() == len(held)


def test_one_role_granted_twice_is_one_act(somebody, noon):
    race(lambda _: actions.grant(somebody, Role.IT, by=None, now=noon), runners=6)

    assert LedgerEntry.objects.count() == 1


def test_of_two_postings_one_holds_and_not_both_together(somebody, noon):
    stations = [Station.objects.create(code=code, name=code) for code in "ABCDEF"]

    race(lambda number: actions.post(somebody, [stations[number]], by=None, now=noon), runners=6)

    assert Posting.objects.count() == 1
    last = LedgerEntry.objects.order_by("-seq")[0]
    assert last.facts["stations"] == [Posting.objects.get().station.code]


def test_a_dock_that_two_people_enrol_has_one_token(dock, noon):
    done = race(lambda _: actions.enrol_dock(dock, by=None, now=noon), runners=6)

    assert len(refused(done)) == 5
    assert DeviceToken.objects.count() == 1


def test_a_token_that_is_rotated_while_it_is_revoked_leaves_no_door_open(dock, noon):
    actions.enrol_dock(dock, by=None, now=noon)

    race(
        lambda number: (actions.revoke if number else actions.rotate)(dock, by=None, now=noon),
        runners=2,
    )

    assert not dock.tokens.valid(noon).exists()


def test_an_officer_becomes_one_user(station, noon):
    officer = Officer.objects.create(badge_number="201", station=station)

    def create(number):
        return actions.create_user(
            f"o{number}", "heron-copper-lantern", by=None, now=noon, officer=officer
        )

    done = race(create, runners=4)

    assert len(refused(done)) == 3
    officer.refresh_from_db()
    assert officer.user is not None
    assert LedgerEntry.objects.count() == 1
