"""Hours on a camera's page, and the page that says which batteries to replace."""

import re
from datetime import date, timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils.timezone import now

from devices.battery.models import Battery, BatteryMonth, Forecast
from devices.inventory.models import ServiceState
from devices.roles import Role
from devices.roster.models import Shift, ShiftKind
from tests import rows

pytestmark = pytest.mark.django_db
ADDRESS = "/batteries/"


@pytest.fixture
def hq():
    return rows.a_station()


def client_of(role, *stations, **fields):
    client = Client()
    client.force_login(rows.person(role, *stations, **fields))
    return client


def page(client, address=ADDRESS) -> str:
    response = client.get(address)
    assert response.status_code == 200
    html = re.sub(r"<svg.*?</svg>", "", response.content.decode(), flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", unescape(html)))


def a_known(number, station, *, full_hours=13.0, capacity=93.0, loses=0.5, health=None):
    """A camera that has been out for weeks, and a year of what its battery held."""
    camera = rows.a_camera(number, station, now(), health=health or {})
    Battery.objects.create(
        camera=camera,
        buffering_percent_h=100 / full_hours,
        buffering_hours_seen=100,
        duty_percent_h=100 / full_hours,
        capacity_percent=capacity,
        error_share=0.08,
        charge_percent_h=32,
        top_up_percent_h=10,
        charge_hours_seen=40,
        learned_at=now(),
    )
    today = now().date()
    BatteryMonth.objects.bulk_create(
        BatteryMonth(
            camera=camera,
            month=_months_before(today, ago),
            capacity_percent=capacity + loses * ago,
            hours_seen=140,
        )
        for ago in (0, 2, 4, 6, 8)
    )
    return camera


def _months_before(day: date, ago: int) -> date:
    """The first of that month, whatever day it is today."""
    months = day.year * 12 + day.month - 1 - ago
    return date(months // 12, months % 12 + 1, 1)


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.QUARTERMASTER, 200),
        (Role.IT, 200),
        (Role.COMMANDER, 200),
        (Role.AUDITOR, 200),
        (Role.OFFICER, 403),
        (Role.ADMINISTRATOR, 403),
    ],
)
def test_who_sees_the_batteries(hq, role, status):
    assert client_of(role, hq).get(ADDRESS).status_code == status


def test_before_anything_is_known_it_says_so(hq):
    rows.a_camera(1, hq, now())

    said = page(client_of(Role.IT))

    assert "Nothing is known of the batteries yet." in said
    assert "1 camera has not been out long enough to say." in said


def test_good_batteries_are_not_on_the_list(hq):
    a_known(1, hq)

    said = page(client_of(Role.IT))

    assert "No battery need be replaced in the next half year." in said
    assert "C0001" not in said


def test_the_answer_names_what_to_replace_and_what_waiting_costs(hq):
    a_known(1, hq)
    a_known(2, hq, capacity=65.0, full_hours=9.0)
    a_known(3, hq, capacity=80.0, full_hours=8.0)
    a_known(4, hq, capacity=80.0, full_hours=9.2, loses=1.5)

    said = page(client_of(Role.IT))

    assert "2 batteries should be replaced now and 1 more within half a year." in said
    assert re.search(r"C0003 now 80 % 8\.0 h 1\.\d+ %|C0003 now 80 % 8\.0 h", said)
    assert re.search(r"C0004 soon 80 % 9\.2 h 1\.5 %", said)
    assert said.index("C0003") < said.index("C0002"), "the shortest first"
    assert re.search(r"Kept, they fail about \d+ shifts a month, and about \d+ a month", said)


def test_only_cameras_of_ones_own_station_are_shown(hq):
    north = rows.a_station("N", "North")
    a_known(1, hq, capacity=60)
    a_known(2, north, capacity=60)

    said = page(client_of(Role.QUARTERMASTER, north))

    assert "C0002" in said
    assert "C0001" not in said
    assert "1 battery should be replaced now." in said


@pytest.mark.parametrize("state", [ServiceState.RETIRED, ServiceState.LOST])
def test_what_is_gone_needs_no_battery(hq, state):
    camera = a_known(1, hq, capacity=60)
    camera.service_state = state
    camera.save()

    assert "C0001" not in page(client_of(Role.IT))


def test_those_that_say_they_are_worn_and_have_shown_nothing_are_named(hq):
    rows.a_camera(417, hq, now(), health={"battery_health_percent": 61})
    rows.a_camera(418, hq, now(), health={"battery_health_percent": 88})

    html = page(client_of(Role.IT))

    assert "1 of these says of itself that it holds less: C0417 61 %." in html


def test_queries_do_not_grow_with_batteries(hq, django_assert_max_num_queries):
    for n in range(30):
        a_known(n + 1, hq, capacity=60)
    client = client_of(Role.IT)
    client.get(ADDRESS)

    with django_assert_max_num_queries(9):
        client.get(ADDRESS)


def a_shift(station, begins_at):
    kind = ShiftKind.objects.create(code="D", name="Day", begins="07:00", ends="15:00")
    return Shift.objects.create(
        station=station,
        kind=kind,
        on=date(2030, 1, 1),
        begins_at=begins_at,
        ends_at=begins_at + timedelta(hours=8),
    )


def test_a_camera_says_its_hours_now_at_the_next_shift_and_when_it_will_be_ready(hq):
    charging = {"battery_percent": 40, "battery_state": "charging"}
    camera = a_known(417, hq, health=charging)
    a_shift(hq, now() + timedelta(hours=5))

    said = page(client_of(Role.IT), f"/cameras/{camera.name}/")

    assert re.search(
        r"5\.2 h of duty are in it; if it stays in its bay, 1[23]\.\d h when the next shift", said
    )
    assert "Enough for a shift (8.8 h) from" in said
    assert "From 100 h of its own duties." in said


def test_a_battery_too_small_is_never_ready(hq):
    camera = a_known(417, hq, full_hours=7.0)

    said = page(client_of(Role.IT), f"/cameras/{camera.name}/")

    assert "never not even when full" in said


def test_a_camera_that_showed_nothing_says_whose_figures_it_has(hq):
    camera = rows.a_camera(417, hq, now(), health={})

    said = page(client_of(Role.IT), f"/cameras/{camera.name}/")

    assert "From its model's figures: it has not shown its own yet." in said
    assert "No duty of C0417 was foretold and has ended yet." in said


def test_a_camera_never_heard_has_no_hours(hq):
    camera = rows.a_camera(417, hq, now())

    assert "of duty" not in page(client_of(Role.IT), f"/cameras/{camera.name}/")


def test_what_was_foretold_stands_beside_what_it_had(hq):
    camera = a_known(417, hq)
    for ago, had in ((2, 12.4), (1, 9.0)):
        Forecast.objects.create(
            camera=camera,
            made_at=now() - timedelta(days=ago, hours=8),
            for_at=now() - timedelta(days=ago),
            hours=12.9,
            low_hours=12.0,
            high_hours=13.8,
            actual_hours=had,
            settled_at=now(),
        )

    said = page(client_of(Role.IT), f"/cameras/{camera.name}/")

    assert "Of the last 2 duties 1 had the hours that were foretold." in said
    whole = page(client_of(Role.AUDITOR))
    assert "Of the last 2 that ended, half were off by less than 1.89 h at 8 h, and 50 %" in whole
    assert re.search(r"12\.9 h 12\.0 h 13\.8 h 9\.0 h -3\.9 h", said)
