"""Who holds a camera now, on the board and everywhere else."""

from datetime import timedelta

import pytest
from django.test import Client

from dashboard import holders, tiles
from devices.access.people import Visible, reach_of
from devices.board import cards, table
from devices.board.cards import Asked, Wanted
from devices.custody import actions as custody
from devices.custody.actions import Terms, Told
from devices.inventory import actions as inventory
from devices.inventory.models import Camera, Officer, ServiceState
from devices.policy import Policy
from devices.roles import Act, Role
from devices.roster.models import Shift, ShiftKind
from tests.rows import a_camera, a_dock, a_duty, a_model, a_station, person

pytestmark = pytest.mark.django_db


class Loan:
    """1017's own camera is in repair, and they are out on a spare."""

    def __init__(self, noon):
        self.now = noon
        self.station = a_station()
        bays = list(a_dock("D01", self.station).bays.order_by("position"))
        self.officer = Officer.objects.create(badge_number="1017", station=self.station)
        self.own = a_camera(417, self.station, noon, home_bay=bays[0], health={"bay": bays[0]})
        away = {"docked": False, "mode": "buffering", "battery_state": "discharging"}
        self.spare = a_camera(533, self.station, noon, home_bay=bays[1], health=away)
        told = Told(by=None, now=noon - timedelta(days=9), via="import", reason="Issue")
        custody.assign(self.own, self.officer, told=told)
        told = Told(by=None, now=noon, via="import", reason="By hand")
        inventory.change_service(self.own, ServiceState.IN_REPAIR, reason="Lens", by=None, now=noon)
        custody.check_out(self.spare, self.officer, Terms("loan", loan_of=self.own), told=told)

    def card(self, camera):
        (found,) = cards.cards(Visible(), [camera.pk], Asked(self.now, Policy()))
        return found


@pytest.fixture
def loan(db, noon):
    return Loan(noon)


def test_an_own_camera_says_which_spare_its_officer_is_on(loan):
    own = loan.card(loan.own)

    assert holders.says(own, badges=True) == "1017: own camera C0417 in repair, on spare C0533."
    assert holders.says(own, badges=False) == "Its officer is on spare C0533."


def test_a_spare_says_whose_it_is_for_now(loan):
    spare = loan.card(loan.spare)

    assert holders.says(spare, badges=True) == "On loan to 1017 for C0417."
    assert "1017" not in holders.says(spare, badges=False)
    assert "1017" in tiles.face(spare, badges=True).find
    assert "1017" not in repr(tiles.face(spare, badges=False))
    assert "loan" in tiles.face(spare, badges=True).marks


def test_the_holders_badge_finds_the_camera_they_hold(loan):
    asked = Asked(loan.now, Policy())
    found, _ = cards.page(Visible(), Wanted(text="1017", badges=True), "", 9, asked)
    assert [one.name for one in found] == ["C0417", "C0533"]

    rows, _ = table.first_page(
        Visible(), table.Wanted(text="1017", badges=True), table.Page(), Policy()
    )
    assert [(one.name, one.worn_by) for one in rows] == [("C0417", "1017"), ("C0533", "1017")]

    hidden, _ = table.first_page(Visible(), table.Wanted(text="533"), table.Page(), Policy())
    assert [one.worn_by for one in hidden] == [None]


def test_what_is_away_with_nobody_to_answer_for_it_was_taken_without_a_check_out(loan):
    assert not loan.card(loan.spare).taken

    custody.check_in(loan.spare, told=Told(by=None, now=loan.now, via="import"))

    spare = loan.card(loan.spare)
    assert spare.taken
    assert "taken" in tiles.face(spare, badges=False).marks
    assert holders.TAKEN in tiles.face(spare, badges=False).why


def test_an_officer_sees_their_own_camera_and_the_one_they_hold(loan):
    user = person(Role.OFFICER, officer=loan.officer)
    other = a_camera(600, loan.station, loan.now)
    reach = reach_of(user, Act.VIEW_CAMERA)

    assert set(reach.cameras()) == {loan.own, loan.spare}
    assert reach.includes(loan.spare)
    assert not reach.includes(other)
    seen = cards.all_cards(reach, 9, Asked(loan.now, Policy()))
    assert {one.name for one in seen} == {"C0417", "C0533"}

    custody.check_in(loan.spare, told=Told(by=None, now=loan.now, via="import"))
    assert set(reach.cameras()) == {loan.own}


def test_the_camera_page_says_who_holds_it_to_those_who_may_know(loan):
    for role, shown in ((Role.QUARTERMASTER, True), (Role.IT, False)):
        client = Client()
        client.force_login(person(role, loan.station))

        page = client.get("/cameras/533/").content.decode()

        assert ("1017" in page) is shown
        assert ("On loan" in page) is True


@pytest.fixture
def own(db, noon):
    """An officer whose Monday was 07 to 15, and who takes their own camera, which has no radio, on
    Tuesday at 06:45 for a duty from 07 on."""
    station = a_station()
    officer = Officer.objects.create(badge_number="1017", station=station)
    kind = ShiftKind.objects.create(code="D", name="Day", begins="07:00", ends="15:00")
    for begins_at in (noon - timedelta(hours=29), noon - timedelta(hours=5)):
        span = {"begins_at": begins_at, "ends_at": begins_at + timedelta(hours=8)}
        shift = Shift.objects.create(station=station, kind=kind, on=begins_at.date(), **span)
        a_duty(shift, officer)
    told = {"docked": False, "placed_at": noon - timedelta(hours=5, minutes=15)}
    told |= {"measured_at": noon - timedelta(hours=6), "heard_at": noon - timedelta(hours=6)}
    model = a_model(radio=False)
    camera = a_camera(417, station, noon, model=model, health=told)
    by_import = Told(by=None, now=noon - timedelta(days=9), via="import", reason="Issue")
    custody.assign(camera, officer, told=by_import)
    return camera


def silence(camera, at):
    (card,) = cards.cards(Visible(), [camera.pk], Asked(at, Policy()))
    return card.silent


def test_an_own_camera_that_was_taken_before_roll_call_is_not_overdue(own, noon):
    before, during, late = (
        silence(own, noon + timedelta(hours=hours)) for hours in (-5.1, -4.9, 4)
    )

    assert before.expected
    assert before.evidence[-1].words == "It left its bay."
    assert during.expected
    assert during.evidence[-1].at == noon + timedelta(hours=3, minutes=15)
    assert late.sentence.endswith(" It is overdue.")


def test_the_table_says_how_each_is_held(loan):
    client = Client()
    client.force_login(person(Role.QUARTERMASTER, loan.station))

    page = client.get("/cameras/?columns=badge&columns=custody").content.decode()

    assert "On loan for C0417" in page
    assert "Own camera" in page


def test_the_api_says_who_holds_it(loan, api_of):
    told = api_of(Role.AUDITOR, "cameras/C0533/")
    assert (told["holder"], told["officer"]) == ("1017", None)
    assert told["custody"] == {"kind": "loan", "loan_of": "C0417"}

    hidden = api_of(Role.IT, "cameras/C0533/")
    assert "holder" not in hidden
    assert hidden["custody"]["loan_of"] == "C0417"


@pytest.fixture
def api_of(loan):
    def get(role, address):
        client = Client()
        client.force_login(person(role, loan.station, name=f"{role.value} by API"))
        response = client.get(f"/api/v1/{address}")
        assert response.status_code == 200
        return response.json()

    return get


def test_it_costs_no_more_statements_with_more_loans(loan, django_assert_num_queries):
    ids = list(Camera.objects.values_list("pk", flat=True))

    with django_assert_num_queries(1):
        cards.cards(Visible(), ids, Asked(loan.now, Policy()))
