"""Whose own a camera becomes by an import is on record at once, in the same transaction."""

from datetime import timedelta

import pytest

from devices.custody import actions as custody
from devices.custody import imports
from devices.custody.actions import Terms, Told
from devices.custody.following import actions as following
from devices.custody.models import Custody, CustodyEvent
from devices.errors import Refused
from devices.inventory import actions as inventory
from devices.inventory.imports import Kind
from devices.inventory.models import Camera, Officer, ServiceState
from devices.ledger import LedgerEntry
from tests.inventory.sheets import FLEET, sheet

pytestmark = pytest.mark.django_db

ASSIGNED = "401,KT-401,,Kestrel,One,,,HQ,D01-1,{},"


def bring(kind, rows, now):
    return imports.apply(kind, sheet(kind, rows), by=None, now=now)


def holders():
    rows = Custody.objects.open().order_by("camera__number")
    return {str(one.camera): (str(one.officer), one.kind) for one in rows}


def told(now, **said):
    return Told(by=None, now=now, via="import", **said)


@pytest.fixture
def fleet(noon):
    for kind in Kind:
        bring(kind, FLEET[kind], noon)


def test_an_import_opens_the_custody_of_every_own_camera(fleet, noon):
    assert holders() == {"C0401": ("201", "personal"), "C0403": ("202", "personal")}
    events = CustodyEvent.objects.order_by("camera__number")
    assert [(str(one), one.via, one.at) for one in events] == [
        ("Given as own camera: C0401", "import", noon),
        ("Given as own camera: C0403", "import", noon),
    ]
    entry = LedgerEntry.objects.get(verb="custody followed an import")
    assert entry.facts["cameras"] == ["C0401", "C0403"]


def test_the_same_again_changes_nothing(fleet, noon):
    assert following.follow_assignments(by=None, now=noon + timedelta(hours=1)) == 0
    assert CustodyEvent.objects.count() == 2


def test_a_camera_that_changes_its_officer_changes_custody_at_one_moment(fleet, noon):
    later = noon + timedelta(days=1)

    bring(Kind.CAMERAS, [ASSIGNED.format("202")], later)

    assert holders()["C0401"] == ("202", "personal")
    event = CustodyEvent.objects.first()
    assert (event.closed.officer.badge_number, event.closed.closed_at) == ("201", later)
    assert (event.opened.officer.badge_number, event.opened.opened_at) == ("202", later)


def test_a_camera_taken_from_its_officer_is_nobodys(fleet, noon):
    bring(Kind.CAMERAS, [ASSIGNED.format("")], noon + timedelta(days=1))

    assert "C0401" not in holders()
    event = CustodyEvent.objects.first()
    assert (event.verb, event.officer.badge_number, event.opened) == ("taken_back", "201", None)


def test_what_an_officer_who_left_holds_stays_on_record_until_it_is_taken_back(fleet, noon):
    bring(Kind.OFFICERS, ["201,HQ,,,no"], noon + timedelta(days=1))

    assert holders()["C0401"] == ("201", "personal")


def test_whoever_comes_back_has_their_own_camera_again(fleet, noon):
    bring(Kind.OFFICERS, ["201,HQ,,,no"], noon)
    camera = Camera.objects.get(number=401)
    custody.check_in(camera, told=told(noon, reason="Left"))
    Camera.objects.filter(pk=camera.pk).update(officer=Officer.objects.get(badge_number="201"))

    bring(Kind.OFFICERS, ["201,HQ,,,yes"], noon + timedelta(days=9))

    assert holders()["C0401"] == ("201", "personal")


def test_a_camera_that_is_out_on_loan_stays_there_and_is_its_officers_when_it_comes_back(
    fleet, noon
):
    spare, officer = Camera.objects.get(number=402), Officer.objects.get(badge_number="201")
    terms = Terms("loan", loan_of=Camera.objects.get(number=401))
    custody.check_out(spare, officer, terms, told=told(noon))

    bring(Kind.CAMERAS, ["402,KT-402,,Kestrel,Two,,,HQ,D01-2,202,"], noon + timedelta(hours=1))

    assert holders()["C0402"] == ("201", "loan")
    custody.check_in(spare, told=told(noon + timedelta(hours=2)))
    assert holders()["C0402"] == ("202", "personal")


@pytest.mark.parametrize("state", [ServiceState.IN_REPAIR, ServiceState.OUT_OF_SERVICE])
def test_a_camera_in_repair_stays_its_officers_own(fleet, noon, state):
    camera = Camera.objects.get(number=401)
    inventory.change_service(camera, state, reason="Lens", by=None, now=noon)

    following.follow_assignments(by=None, now=noon)

    assert holders()["C0401"] == ("201", "personal")


def test_a_retired_camera_is_in_nobodys_custody(fleet, noon):
    Camera.objects.filter(number=401).update(service_state=ServiceState.RETIRED)

    following.follow_assignments(by=None, now=noon)

    assert "C0401" not in holders()


def test_an_import_that_is_refused_leaves_custody_alone(fleet, noon):
    before = holders()

    with pytest.raises(Refused):
        bring(Kind.CAMERAS, [ASSIGNED.format("202"), "402,KT-401,,Kestrel,Two,,,HQ,,,"], noon)

    assert holders() == before


def test_it_costs_the_same_however_many_cameras_follow(fleet, noon, django_assert_num_queries):
    Camera.objects.filter(number=401).update(officer=Officer.objects.get(badge_number="202"))
    Camera.objects.filter(number=402).update(officer=Officer.objects.get(badge_number="201"))

    with django_assert_num_queries(10):
        assert following.follow_assignments(by=None, now=noon) == 2
