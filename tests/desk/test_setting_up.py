"""Who sets desks up and who works them: two things that one person need not do."""

import pytest

from devices.custody.models import Desk, DeskKind
from devices.roles import Role
from tests.rows import a_station, person

pytestmark = pytest.mark.django_db


def test_it_makes_a_desk_and_is_led_to_none(client):
    station = a_station()
    client.force_login(person(Role.IT))

    made = client.post("/desk/make/", {"name": "Desk 1", "station": station.code}, follow=True)

    desk = Desk.objects.get()
    said = made.content.decode()
    assert made.status_code == 200
    assert "1 desk." in said
    assert f"/desk/{desk.pk}/end/" in said
    assert f'href="/desk/{desk.pk}/' not in said
    assert "/desk/conflicts/" not in said
    assert client.get(f"/desk/{desk.pk}/").status_code == 403


def test_a_quartermaster_goes_to_the_only_desk_at_once(client):
    station = a_station()
    desk = Desk.objects.create(station=station, name="Desk 1")
    client.force_login(person(Role.QUARTERMASTER, station))

    assert client.get("/desk/").headers["Location"] == f"/desk/{desk.pk}/"
    assert f'href="/desk/{desk.pk}/"' in client.get("/desk/?all").content.decode()


@pytest.mark.parametrize("page", ["desk", "kiosks"])
@pytest.mark.parametrize("body", ["[" * 4000, "{", "9" * 4090, b"\xff"])
def test_what_is_no_scanners_profile_is_refused(client, page, body):
    station = a_station()
    kind = DeskKind.KIOSK if page == "kiosks" else DeskKind.DESK
    desk = Desk.objects.create(station=station, name="Desk 1", kind=kind)
    client.force_login(person(Role.QUARTERMASTER, station))

    answer = client.post(f"/{page}/{desk.pk}/scanner/", body, content_type="application/json")

    assert answer.status_code == 422
    desk.refresh_from_db()
    assert desk.scanner == {}


@pytest.mark.parametrize(
    ("scanner", "words"), [({}, "Not set up"), ({"terminator": "enter"}, "Works: set up again")]
)
def test_the_kiosks_say_whose_scanner_works(client, scanner, words):
    station = a_station()
    Desk.objects.create(station=station, name="Kiosk 1", kind=DeskKind.KIOSK, scanner=scanner)
    client.force_login(person(Role.QUARTERMASTER, station))

    assert f">{words}</a>" in client.get("/kiosks/").content.decode()
