"""A camera that is scanned at another station's desk than the record has it at."""

from datetime import timedelta
from uuid import uuid4

import pytest

from devices.custody import actions as custody
from devices.custody.actions import Told
from devices.custody.models import CustodyEvent, CustodyVerb, Desk
from devices.desk import actions
from devices.desk.asking import Sent
from devices.desk.cards import CARDS
from devices.faults.models import Fault
from devices.health.models import CameraHealth, Placement
from devices.inventory import codes
from devices.inventory.models import Station
from devices.ledger import LedgerEntry
from devices.roles import Role
from tests.api.callers import browser
from tests.desk.conftest import POLICY, AtDesk
from tests.desk.test_door import scan_of, send
from tests.rows import a_camera, a_dock, a_station, person

CODE = {one.word: one.code for one in CARDS}


@pytest.fixture
def north(house) -> Station:
    return a_station("N", "North")


@pytest.fixture
def stray(house, north):
    """A spare of another station that somebody brought here."""
    return a_camera(901, north, house.desk.now, health={"docked": False})


@pytest.fixture
def desk_there(house, north) -> AtDesk:
    desk = Desk.objects.create(station=north, name="Desk 1")
    return AtDesk(desk, person(Role.QUARTERMASTER, north, name="north"), house.desk.now, {})


def docked(camera, station, since, until=None):
    """The camera came to a bay of this station then; it is there still, or left it."""
    bay = a_dock("N01", station).bays.first()
    moves = [(since, bay)] if until is None else [(since, bay), (until, None)]
    for at, into in moves:
        docked = into is not None
        Placement.objects.create(camera=camera, docked=docked, bay=into, at=at, received_at=at)
        CameraHealth.objects.filter(camera=camera).update(docked=docked, bay=into, placed_at=at)


def told_late(desk, camera, scanned_at):
    """The answer to a scan that the desk kept for two hours, having said that it is in."""
    now = scanned_at + timedelta(hours=2)
    sent = Sent(uuid4(), 1, camera.label, scanned_at, now, {"at": None}, told="held")
    return actions.scan(sent, desk.desk, by=desk.by, now=now, policy=POLICY)


def corrected(camera):
    """What the ledger has of this camera's place."""
    found = LedgerEntry.objects.filter(subject=str(camera), verb="location corrected")
    return [(one.facts["was_station"], one.facts["station"]) for one in found.order_by("seq")]


def test_a_camera_that_is_in_already_is_where_it_was_scanned(house, stray, north):
    answer = house.desk.scan(stray.label)

    event = CustodyEvent.objects.get(camera=stray)
    assert (answer["result"], answer["custody"], answer["undo_until"]) == ("held", None, None)
    assert (event.verb, event.desk, event.scan is None) == ("located", house.desk.desk, False)
    assert event.says == {"was_station": "N", "station": house.station.code}
    assert corrected(stray) == [("N", house.station.code)]
    stray.refresh_from_db()
    assert stray.station == north


def test_what_is_on_record_is_not_corrected_again(house, stray):
    for _ in range(2):
        house.desk.scan(stray.label)
    house.other_desk.now = house.desk.now
    house.other_desk.scan(stray.label)

    assert len(corrected(stray)) == 1


def test_a_camera_of_this_station_is_no_correction(house, lend):
    lend(house.spares[0], "1031")
    house.desk.scan(house.spares[0].label)
    house.desk.scan(house.spares[1].label)

    assert not LedgerEntry.objects.filter(verb="location corrected").exists()
    assert not CustodyEvent.objects.filter(verb=CustodyVerb.LOCATED).exists()


def test_a_return_says_where_it_came_back_in_its_one_event(house, lend, stray):
    lend(stray, "1031")

    answer = house.desk.scan(stray.label)

    event = CustodyEvent.objects.filter(camera=stray).latest("id")
    assert (answer["result"], answer["code"]) == ("returned", "done")
    assert event.verb == "checked_in"
    assert event.says == {"was_station": "N", "station": house.station.code}
    assert corrected(stray) == [("N", house.station.code)]


def test_its_return_is_undone_as_any(house, lend, stray):
    lend(stray, "1031")
    house.desk.scan(stray.label)

    answer = house.desk.quickly(codes.card("UNDO"))

    assert (answer["result"], house.holder(stray)) == ("undone", "1031")


def test_undo_takes_back_what_was_done_before_it_was_located(house, stray):
    house.desk.quickly("1031", house.spares[0].label, stray.label)

    answer = house.desk.quickly(codes.card("UNDO"))

    assert (answer["result"], answer["camera"]) == ("undone", "C0531")
    assert corrected(stray) == [("N", house.station.code)]


def test_a_camera_that_is_carried_back_is_corrected_back(house, stray, desk_there):
    house.desk.scan(stray.label)
    desk_there.now = house.desk.now

    desk_there.scan(stray.label)

    here = house.station.code
    assert corrected(stray) == [("N", here), (here, "N")]


def test_a_camera_that_was_docked_at_home_since_is_on_record_there(house, stray, north):
    house.desk.scan(stray.label)
    docked(stray, north, since=house.desk.now + timedelta(seconds=30))

    house.desk.scan(stray.label, after_s=60)

    assert corrected(stray) == [("N", house.station.code)] * 2


@pytest.mark.parametrize("back_home", [True, False])
def test_the_record_knows_its_last_bay_when_it_has_left_it(
    house, stray, north, desk_there, back_home
):
    house.desk.scan(stray.label)
    weeks_later = house.desk.now + timedelta(days=20)
    docked(stray, north, since=weeks_later, until=weeks_later + timedelta(hours=8))
    desk = desk_there if back_home else house.desk
    desk.now = weeks_later + timedelta(hours=9)

    desk.scan(stray.label)

    assert corrected(stray) == [("N", house.station.code)] * (1 if back_home else 2)


def test_a_scan_that_is_told_late_moves_no_camera_back(house, stray, north, desk_there):
    """Scanned while the desk was cut off; docked at home since, and only then told."""
    cut_off = house.desk.now
    docked(stray, north, since=cut_off + timedelta(hours=1))

    assert told_late(house.desk, stray, cut_off)["result"] == "held"
    assert corrected(stray) == []


def test_what_is_told_late_is_no_later_place_than_where_it_was_scanned_since(
    house, stray, lend, desk_there
):
    lend(stray, "1031")
    cut_off = house.desk.now
    desk_there.now = cut_off + timedelta(hours=1)
    desk_there.scan(stray.label)  # given back at home
    told_late(house.desk, house.own, cut_off)
    told_late(house.desk, stray, cut_off)

    desk_there.now = cut_off + timedelta(hours=3)
    desk_there.scan(stray.label)

    assert corrected(stray) == []


def test_where_a_camera_was_seen_hides_not_who_had_it(house, lend, stray, desk_there):
    lend(stray, "1031")
    desk_there.now = house.desk.now
    desk_there.scan(stray.label)  # given back at home, then carried here
    house.desk.now = desk_there.now

    house.desk.quickly(stray.label, CODE["FLENS"])

    assert corrected(stray) == [("N", house.station.code)]
    assert str(Fault.objects.get().officer) == "1031"


def test_an_own_camera_that_was_taken_is_tested_where_it_is_held(house, desk_there):
    house.desk.quickly("1017", house.own.label)
    told = Told(by=desk_there.by, now=house.desk.now, desk=desk_there.desk)
    custody.locate(house.own, told=told)

    answer = house.desk.scan(CODE["TEST"], after_s=2)

    assert answer["message"] == "C0417: tested by 1017, passed."


def test_a_lost_camera_is_found_where_it_was_scanned(house, stray):
    stray.service_state = "lost"
    stray.save()

    assert house.desk.scan(stray.label)["result"] == "found"
    assert corrected(stray) == [("N", house.station.code)]


def test_an_own_camera_is_located_and_stays_whose_it_is(house, desk_there):
    desk_there.scan(house.own.label)

    assert house.holder(house.own) == "1017"
    assert corrected(house.own) == [(house.station.code, "N")]


def test_the_cameras_history_shows_it_where_it_belongs(house, stray, desk_there):
    house.desk.scan(stray.label)
    there = browser(desk_there.by)

    page = there.get("/cameras/C0901/custody/").content.decode()
    rows = there.get("/api/v1/custody/events/?verb=located").json()["results"]

    here = house.station.code
    assert f"Location corrected (at {here}, on record at N)" in page
    assert [(one["says"]["station"], one["says"]["was_station"]) for one in rows] == [(here, "N")]


def test_through_the_door_nothing_is_asked(house, stray):
    there = browser(house.desk.by)

    answer = send(there, scan_of(house, stray.label)).json()

    assert (answer["result"], answer["code"]) == ("held", "in_unfit")
    assert corrected(stray) == [("N", house.station.code)]
    assert LedgerEntry.objects.get(verb="location corrected").actor == house.desk.by
