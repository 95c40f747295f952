"""The dock wall: bays as mounted, and who is in them now."""

import re
from datetime import datetime, timedelta

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from django.utils.timezone import now

from devices import feed
from devices.health.models import CameraHealth
from devices.inventory.models import Bay, Camera, DockKind, Station
from devices.roles import Role
from tests import rows
from tests.dashboard.boards import board_of

pytestmark = pytest.mark.django_db


def page(user: User) -> str:
    client = Client()
    client.force_login(user)
    response = client.get("/wall/")
    assert response.status_code == 200
    return response.content.decode()


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def in_bay(html: str, bay: Bay) -> str:
    found = re.search(rf'<li id="b{bay.pk}".*?</li>', html, re.DOTALL)
    assert found is not None
    return words(found[0])


def two_cameras_in_one_bay(noon: datetime) -> tuple[Bay, Bay, Camera, Camera]:
    station = rows.a_station()
    first, second = rows.a_dock("D01", station, bays=2).bays.order_by("position")
    one = rows.a_camera(1, station, noon, home_bay=first, health={"bay": first})
    two = rows.a_camera(
        2,
        station,
        noon,
        home_bay=second,
        health={"bay": first, "placed_at": noon + timedelta(minutes=1)},
    )
    return first, second, one, two


def test_a_bay_shows_the_camera_that_came_last_and_names_the_displaced(noon: datetime) -> None:
    first, second, *_ = two_cameras_in_one_bay(noon)

    html = page(rows.person(Role.AUDITOR))

    assert "C0002" in in_bay(html, first)
    assert "Empty" in in_bay(html, second)
    assert "2 bays : 1 holds a camera, 1 is empty." in words(html)
    assert "Not in its own bay: C0002 in D01-1" in words(html)
    assert "Another camera has come to its bay: C0001" in words(html)


def test_vehicles_are_on_the_wall_by_their_name(noon: datetime) -> None:
    vehicle = rows.a_dock("V07", rows.a_station(), bays=1, kind=DockKind.VEHICLE)

    assert in_bay(page(rows.person(Role.AUDITOR)), vehicle.bays.get()) == "V07 Empty"


def test_another_stations_camera_in_my_dock_is_not_shown(noon: datetime) -> None:
    mine, theirs = rows.a_station(), rows.a_station("N", "North")
    bay = rows.a_dock("D01", mine, bays=1).bays.get()
    rows.a_camera(1, theirs, noon, health={"bay": bay})

    html = page(rows.person(Role.COMMANDER, mine))

    assert "C0001" not in html
    assert "Another station" in in_bay(html, bay)


@pytest.mark.parametrize(
    ("role", "status"), [(Role.IT, 200), (Role.AUDITOR, 200), (Role.ADMINISTRATOR, 403)]
)
def test_the_wall_opens_to_the_roles_of_the_matrix(role: Role, status: int) -> None:
    client = Client()
    client.force_login(rows.person(role))

    assert client.get("/wall/").status_code == status


def test_the_wall_costs_six_queries(django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    rows.a_fleet(now())
    client = Client()
    client.force_login(rows.person(Role.COMMANDER, *Station.objects.all()))
    client.get("/wall/")  # the first request of a minute also notes that the session is used

    with django_assert_max_num_queries(6):
        client.get("/wall/")


@pytest.mark.django_db(transaction=True)
async def test_the_wall_follows_a_camera_from_bay_to_bay(noon: datetime) -> None:
    first, second, _, two = await sync_to_async(two_cameras_in_one_bay)(noon)
    auditor = await sync_to_async(rows.person)(Role.AUDITOR)

    @sync_to_async
    def goes_home() -> None:
        with transaction.atomic():
            CameraHealth.objects.filter(camera=two).update(bay=second, placed_at=now())
            feed.touch([two.pk])

    async with board_of(auditor, [first.pk, second.pk], wall=True) as board:
        before = await board.next()
        await goes_home()
        after = await board.until(lambda message: message["tiles"])

    assert "Empty" in before["tiles"][f"b{second.pk}"]
    assert "C0001" in after["tiles"][f"b{first.pk}"]
    assert "C0002" in after["tiles"][f"b{second.pk}"]
    assert "Not in" not in after["counts"]
