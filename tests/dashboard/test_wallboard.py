"""What a wall screen says: the answer first, every camera once, what is wrong by its cause."""

import re
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from dashboard import wallboard_hub, wallboards
from dashboard.present import present
from devices import feed
from devices.access.people import Visible
from devices.inventory.models import Camera, Station
from tests import rows
from tests.readiness.test_shifts import FLAT, a_shift, on

pytestmark = pytest.mark.django_db


def drawn(*stations):
    reach = Visible(frozenset(station.pk for station in stations))
    return wallboards.draw(wallboards.read(reach, present()))


def text(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


@pytest.fixture
def hq():
    rows.looked()
    return rows.a_station()


def test_the_answer_is_ready_now_against_the_next_need(hq):
    at = now()
    shift = a_shift(hq, at + timedelta(hours=2), reserve=1)
    for badge in (1001, 1002):
        on(shift, badge, at, {})
    rows.a_camera(2001, hq, at, health=FLAT)

    said = text(drawn(hq))

    assert "Ready now 2 needed 3" in said
    assert "1 short" in said
    assert "2 of 2 will be ready, 0 spares, 3 needed" in said


def test_one_that_is_out_already_and_cannot_be_heard_was_ready_on_leaving(hq):
    at = now()
    shift = a_shift(hq, at + timedelta(minutes=20))
    on(
        shift,
        1001,
        at,
        {"docked": False, "placed_at": at, "measured_at": at - timedelta(minutes=1)},
    )
    Camera.objects.update(model=rows.a_model(radio=False))
    on(shift, 1002, at, {})

    assert "2 of 2 will be ready, 1 of them on leaving, 0 spares" in text(drawn(hq))


def test_every_camera_of_the_station_is_in_one_bucket_and_no_other_stations():
    rows.a_fleet(now(), cameras=40)
    north = Station.objects.get(code="N")

    numbers = [int(one) for one in re.findall(r'<b class="far">.*?(\d+)</b>', drawn(north), re.S)]

    assert numbers[0] == sum(numbers[1:]) == Camera.objects.filter(station=north).count()


def test_no_shift_and_nothing_wrong_are_said(hq):
    said = text(drawn(hq))

    assert "no shift planned" in said
    assert "No shift is planned within a week." in said
    assert "No alert is open." in said


def test_what_is_wrong_stands_by_its_cause_the_gravest_first_and_without_people(hq):
    dock = rows.an_alert("dock_silent", "D03", station=hq)
    for n in range(8):
        rows.an_alert("camera_silent", f"C{n}", "minor", station=hq, place="D03", cause=dock)
    for n in range(2):
        rows.an_alert("clock_wrong", f"C9{n}", "minor", station=hq)
    rows.an_alert("fault_critical", "C0007", "critical", station=hq, minutes=5)
    rows.an_alert("storage_low", "C0008", station=hq, suppressed_why="told")
    rows.an_alert("storage_low", "C0009", station=hq, cleared_at=now())

    said = text(drawn(hq))

    wrong = said[said.index("Wrong now") :]
    assert wrong.index("A critical fault is open: C0007") < wrong.index(
        "A dock does not report: D03"
    )
    assert "8 more follow from it" in wrong
    assert "2 cameras have a wrong clock at Headquarters" in wrong
    assert "C0008" not in wrong
    assert "C0009" not in wrong
    assert "officer" not in wrong


def test_what_is_of_no_station_stands_on_every_wall(hq):
    rows.an_alert("battery_drop", "Example R2")

    said = text(drawn(hq))

    assert "Batteries of one model lose capacity: Example R2" in said
    assert "No alert is open" not in said


def test_what_comes_and_goes_is_wrong_though_it_is_well_just_now(hq):
    rows.an_alert("dock_silent", "D03", station=hq, flapping=True, cleared_at=now())

    assert "A dock does not report: D03" in text(drawn(hq))


def test_what_is_silenced_is_counted_and_nothing_is_said_to_be_well(hq):
    rows.an_alert("storage_low", "C0008", station=hq, suppressed_why="told")

    said = text(drawn(hq))

    assert "No other alert is open: 1 silenced." in said
    assert "well" not in drawn(hq)

    rows.an_alert("dock_silent", "D03", station=hq)

    assert "Wrong now; 1 silenced" in text(drawn(hq))


def test_while_nobody_looks_nothing_is_said_to_be_well(hq):
    rows.looked(now() - timedelta(minutes=5))

    said = text(drawn(hq))

    assert re.search(r"NOT LOOKED AT since .*: what is wrong now is not known", said)
    assert "No alert is open" not in said


def test_more_than_fits_is_counted(hq):
    for n in range(9):
        rows.an_alert("dock_silent", f"D{n}", station=hq, place=f"Hall {n}")

    assert "the worst of 9" in text(drawn(hq))


def test_another_stations_troubles_are_not_shown(hq):
    north = rows.a_station("N", "North")
    rows.an_alert("dock_silent", "D99", station=north)

    assert "D99" not in drawn(hq)
    assert "D99" in drawn(north)


def test_a_screen_of_no_station_shows_no_camera(hq):
    rows.a_camera(1, hq, now(), health={})

    assert "0 cameras" in text(drawn())


def test_reading_costs_as_many_queries_for_many_as_for_few():
    few = queries(rows.a_fleet(now(), cameras=12))
    Camera.objects.all().delete()
    station = Station.objects.order_by("code").first()
    for n in range(120):
        rows.a_camera(5000 + n, station, now(), health={})
    for n in range(3):
        shift = a_shift(station, now() + timedelta(hours=1 + 8 * n), name=f"S{n}")
        for badge in range(30):
            on(shift, 7000 + 100 * n + badge, now(), None)
        rows.an_alert("dock_silent", f"D{n}", station=station)

    assert queries(None) <= few + 3  # duties, promises and cameras of the shifts, once


def queries(_made):
    with CaptureQueriesContext(connection) as captured:
        drawn(*Station.objects.all())
    return len(captured)


@pytest.mark.django_db(transaction=True)
async def test_a_change_is_drawn_once_however_many_screens_hang():
    station = await sync_to_async(rows.a_station)()
    hub, reach = wallboard_hub.hub(), Visible(frozenset({station.pk}))
    screens = [hub.join(reach) for _ in range(5)]
    first = [await one.take() for one in screens]
    before = hub.drawings

    await sync_to_async(rows.a_camera)(1, station, now(), health={})
    await sync_to_async(feed.touch_all)()
    second = [await one.take() for one in screens]

    for one in screens:
        hub.leave(one)
    assert [*{message["board"] for message in first}] != [*{message["board"] for message in second}]
    assert "1</b>" in second[0]["board"]
    assert hub.drawings - before == 1
