"""Docking gives a camera back that was out for a shift, whatever comes late or twice."""

from datetime import timedelta

import pytest

from devices.custody import actions as custody
from devices.custody.actions import Terms, Told
from devices.custody.following import actions as following
from devices.custody.models import Custody, CustodyEvent, Desk
from devices.inventory import actions as inventory
from devices.inventory.models import Officer, ServiceState
from devices.roles import Role
from tests.gateway.words import batch, carry, event, sender_of
from tests.rows import a_camera, a_dock, a_station, person

pytestmark = pytest.mark.django_db


class Station:
    """A station with two docks and a cruiser, and a spare that an officer may hold."""

    def __init__(self, noon):
        self.noon, self.count = noon, 0
        self.row = a_station()
        self.dock = a_dock("D01", self.row, bays=4)
        self.cruiser = a_dock("V01", self.row, bays=1, kind="vehicle")
        self.spare = a_camera(417, self.row, noon)
        self.officer = Officer.objects.create(badge_number="1031", station=self.row)
        self.by = person(Role.QUARTERMASTER, self.row)
        self.sees("docked", -600)

    def at(self, minutes):
        return self.noon + timedelta(minutes=minutes)

    def sees(self, kind, minutes, *, told=None, bay=1, dock=None, sequence=None):
        """A dock saw this so many minutes after noon, and said so then or later."""
        self.count = sequence or self.count + 1
        at = self.at(minutes)
        said = event(kind=kind, bay=bay, sequence=self.count, device_time=at.isoformat())
        when = self.at(minutes if told is None else told)
        message = batch(events=[said], sent_at=when.isoformat())
        carry(sender_of(dock or self.dock), message, when)

    def goes_out(self, minutes=0, *, scanned=None):
        at = self.at(minutes if scanned is None else scanned)
        desk, _ = Desk.objects.get_or_create(station=self.row, name="Desk 1")
        told = Told(by=self.by, now=self.at(minutes), via="desk", desk=desk, scanned_at=at)
        return custody.check_out(self.spare, self.officer, Terms(), told=told).opened

    def look(self, minutes):
        return following.follow_docks(now=self.at(minutes))

    @property
    def held(self):
        return Custody.objects.open().filter(camera=self.spare).exists()


@pytest.fixture
def station(db, noon):
    return Station(noon)


def test_docking_gives_it_back_with_the_bay_and_the_moment(station):
    station.sees("undocked", -1)
    held = station.goes_out()
    station.sees("docked", 480, bay=3)

    assert station.look(481) == 1

    held.refresh_from_db()
    told = CustodyEvent.objects.first()
    assert (held.closed_at, told.verb, told.via) == (station.at(481), "checked_in", "dock")
    assert (str(told.bay), told.scanned_at, told.by) == ("D01-3", station.at(480), None)
    assert station.look(482) == 0


def test_a_camera_that_is_still_in_its_bay_when_it_is_scanned_is_not_back_already(station):
    station.goes_out()

    assert station.look(0) == 0

    station.sees("undocked", 1)
    station.sees("docked", 480)
    assert station.look(481) == 1


def test_a_docking_before_the_check_out_never_ends_it_however_late_it_is_told(station):
    station.sees("undocked", -20)
    station.goes_out(0)

    station.sees("docked", -10, told=30)
    assert station.look(31) == 0

    station.sees("undocked", -5, told=32)
    assert station.look(33) == 0
    assert station.held


def test_a_docking_that_is_told_late_ends_it_all_the_same(station):
    station.sees("undocked", -1)
    station.goes_out()

    station.sees("docked", 60, told=240)

    assert station.look(241) == 1


def test_in_and_out_again_is_out_in_whatever_order_it_is_told(station):
    station.sees("undocked", -1)
    station.goes_out()

    station.sees("undocked", 62, told=63, sequence=9)
    station.sees("docked", 60, told=64, sequence=8)

    assert station.look(65) == 0


def test_what_a_dock_says_again_after_its_own_start_is_no_docking(station):
    station.goes_out(0)

    station.sees("docked", 3)

    assert station.look(4) == 0


def test_what_it_says_again_hides_no_docking_that_nobody_followed_yet(station):
    station.sees("undocked", -1)
    station.goes_out()
    station.sees("docked", 60)
    station.sees("docked", 70)

    assert station.look(71) == 1


def test_another_bay_is_a_docking_even_where_nobody_saw_it_leave(station):
    station.goes_out()

    station.sees("docked", 480, bay=2)

    assert station.look(481) == 1


def test_what_was_issued_while_the_desk_was_cut_off_counts_from_its_scan(station):
    station.sees("undocked", -1)
    station.goes_out(30, scanned=0)
    station.sees("docked", 20)

    assert station.look(31) == 1


def test_a_cruisers_charger_is_not_the_station(station):
    station.sees("undocked", -1)
    station.goes_out()
    station.sees("docked", 60, dock=station.cruiser)

    assert station.look(61) == 0


def test_a_bay_that_went_silent_or_holds_another_camera_since_proves_nothing(station):
    station.sees("undocked", -1)
    station.goes_out()
    station.sees("docked", 60)
    bay = station.dock.bays.get(position=1)
    other = a_camera(533, station.row, station.noon, health={"bay": bay})
    other.health.placed_at = station.at(61)
    other.health.save()

    assert station.look(62) == 0

    type(other.health).objects.filter(pk=other.pk).update(docked=False, bay=None)
    type(other.health).objects.filter(pk=station.spare.pk).update(hearing="silent")
    assert station.look(63) == 0


def test_a_lost_camera_in_a_bay_is_found_by_somebody(station):
    station.sees("undocked", -1)
    station.goes_out()
    inventory.change_service(
        station.spare, ServiceState.LOST, reason="Gone", by=None, now=station.noon
    )
    station.sees("docked", 60)

    assert station.look(61) == 0


def test_an_own_camera_stays_its_officers_in_its_bay_and_out_of_it(station):
    told = Told(by=station.by, now=station.noon, reason="Standing issue")
    custody.assign(station.spare, station.officer, told=told)
    station.sees("undocked", 10)
    station.sees("docked", 480)

    assert station.look(481) == 0
    assert station.held


def test_looking_is_one_statement(station, django_assert_num_queries):
    station.goes_out()

    with django_assert_num_queries(1):
        station.look(1)
