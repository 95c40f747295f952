"""Importing: what a file would do is shown first, then it is done whole or not at all."""

import re
from io import BytesIO
from pathlib import Path

import pytest
import time_machine
from django.test import Client
from django.utils.timezone import localdate, now

from devices.inventory.imports import Kind
from devices.inventory.models import Camera, Dock, Officer, Station
from devices.ledger import LedgerEntry
from devices.roles import Role
from devices.roster.models import Duty
from tests import rows
from tests.roster.setting import the_kinds

pytestmark = pytest.mark.django_db
EXAMPLES = Path(__file__).parents[2] / "examples" / "west-hartford"
SHIFTS = b"code,name,begins,ends\nLATE,Late,18:00,02:00\n"
STATIONS = b"code,name\nHQ,Headquarters\nN,North\n"


@pytest.fixture(autouse=True)
def own_folder(tmp_path, settings):
    settings.VAR_DIR = tmp_path


def client_of(role, *stations, **fields):
    client = Client()
    client.force_login(rows.person(role, *stations, **fields))
    return client


@pytest.fixture
def it():
    return client_of(Role.IT)


def look(client, kind, raw, name="fleet.csv", **said):
    file = BytesIO(raw)
    file.name = name
    return client.post("/import/", {"kind": kind, "file": file, **said})


def confirm(client, preview):
    html = preview.content.decode()
    hidden = dict(re.findall(r'name="(kind|digest|whole)" value="([^"]+)"', html))
    return client.post("/import/", {**hidden, "confirm": "yes"})


@pytest.mark.parametrize(
    ("role", "inventory", "officers"),
    [
        (Role.QUARTERMASTER, 403, 200),
        (Role.IT, 200, 403),
        (Role.COMMANDER, 403, 200),
        (Role.OFFICER, 403, 403),
        (Role.AUDITOR, 403, 403),
        (Role.ADMINISTRATOR, 403, 200),
        (None, 403, 403),
    ],
)
def test_files_are_imported_by_the_roles_of_the_matrix(role, inventory, officers):
    hq = rows.a_station()
    client = client_of(role, hq)
    officer = b"badge_number,station\n201,HQ\n"

    assert look(client, "stations", STATIONS).status_code == inventory
    assert look(client, "officers", officer).status_code == officers
    assert (client.get("/import/").status_code == 200) == (200 in (inventory, officers))


def test_nobody_imports_without_signing_in():
    assert Client().get("/import/").status_code == 302


def test_only_what_a_role_may_import_is_offered():
    html = client_of(Role.ADMINISTRATOR).get("/import/").content.decode()

    assert 'value="officers"' in html
    assert 'value="cameras"' not in html


def test_a_preview_shows_every_change_and_does_nothing(it):
    response = look(it, "stations", STATIONS)

    html = response.content.decode()
    assert "2 would be added, 0 changed, 0 stay as they are." in html
    assert "name: Headquarters" in html
    assert response["Cache-Control"] == "no-store"
    assert not Station.objects.exists()


def test_whose_a_camera_was_is_not_shown_to_it(it):
    station = rows.a_station()
    was, _ = (Officer.objects.create(badge_number=badge, station=station) for badge in "78")
    rows.a_camera(401, station, now(), officer=was, serial="KT-401")
    raw = b"number,serial,maker,model,station,officer\n401,KT-401,Example,R2,HQ,8\n"

    said = look(it, "cameras", raw).content.decode()
    done = confirm(it, look(it, "cameras", raw)).content.decode()

    for html in (said, done):
        assert "officer: not shown → 8" in html
        assert "officer: 7" not in html


def test_whose_a_badge_is_is_not_shown_to_it(it):
    station = rows.a_station()
    rows.a_camera(401, station, now(), serial="KT-401")
    officer = Officer.objects.create(badge_number="1031", station=station)
    officer.credentials.create(value="98EE58AD")
    raw = (
        b"number,serial,maker,model,station,officer,codes\n"
        b"401,KT-401,Example,R2,HQ,,98EE58AD\n402,KT-402,Example,R2,HQ,10311,\n"
    )

    said = look(it, "cameras", raw).content.decode()

    assert "codes 98EE58AD also belongs to an officer." in said
    assert "names 10311, which is not known; import the officer first." in said
    assert "1031." not in said
    assert "perhaps" not in said


def test_what_was_shown_is_done_and_written_down(it):
    response = confirm(it, look(it, "stations", STATIONS))

    assert "2 added, 0 changed, 0 left as they were." in response.content.decode()
    assert Station.objects.count() == 2
    assert LedgerEntry.objects.get().verb == "imported"


def test_the_same_file_again_changes_nothing_and_offers_nothing(it):
    confirm(it, look(it, "stations", STATIONS))

    html = look(it, "stations", STATIONS).content.decode()

    assert "nothing would change" in html
    assert 'name="confirm"' not in html


def test_errors_are_shown_by_row_and_nothing_can_be_confirmed(it):
    response = look(it, "docks", b"code,station,kind\nD01,NOWHERE,multi\n")

    html = response.content.decode()
    assert response.status_code == 422
    assert "1 row cannot be taken, so nothing will be imported." in html
    assert "NOWHERE" in html
    assert 'name="confirm"' not in html


def test_what_changed_since_the_preview_is_refused(it):
    preview = look(it, "stations", STATIONS)
    Station.objects.create(code="HQ", name="The old one")

    response = confirm(it, preview)

    assert response.status_code == 422
    assert "has changed since the preview" in response.content.decode()
    assert not Station.objects.filter(code="N").exists()


def test_another_file_sent_meanwhile_is_not_taken_for_the_one_shown(it):
    preview = look(it, "stations", STATIONS)
    look(it, "stations", b"code,name\nX,Elsewhere\n")

    assert confirm(it, preview).status_code == 422
    assert not Station.objects.exists()


def test_a_second_press_imports_nothing_twice(it):
    preview = look(it, "stations", STATIONS)
    confirm(it, preview)

    response = confirm(it, preview)

    assert "The preview is too old; choose the file again." in response.content.decode()
    assert Station.objects.count() == 2


def test_nobody_confirms_what_another_person_sent(it):
    preview = look(it, "stations", STATIONS)
    other = client_of(Role.IT, name="other")

    assert confirm(other, preview).status_code == 422
    assert not Station.objects.exists()


def test_a_quartermaster_imports_officers_of_the_own_stations_alone():
    hq, north = rows.a_station(), rows.a_station("N", "North")
    client = client_of(Role.QUARTERMASTER, hq)

    refused = look(client, "officers", b"badge_number,station\n201,HQ\n202,N\n")
    assert refused.status_code == 422

    confirm(client, look(client, "officers", b"badge_number,station\n201,HQ\n"))
    assert [officer.station_id for officer in Officer.objects.all()] == [hq.pk]
    assert north.officers.count() == 0


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", ""),
        (b"\xff\xfe\x00bad", ""),
        (b"colour,size\nred,3\n", ""),
        (b"code,name\n" + b"x" * (5 * 1024 * 1024), "The file is larger than 5 MB."),
        (b'code,name\n"HQ,never closed\n', ""),
        (b"\x00" * 100, ""),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(it, raw, sentence):
    response = look(it, "stations", raw)

    assert response.status_code == 422
    assert 'role="alert"' in response.content.decode()
    assert sentence in response.content.decode()
    assert not Station.objects.exists()


@pytest.mark.parametrize("form", [{}, {"kind": "people"}, {"kind": "stations"}, {"confirm": "yes"}])
def test_a_form_that_lacks_something_is_shown_again(it, form):
    response = it.post("/import/", form)

    assert response.status_code == 422
    assert "Choose " in response.content.decode()


def test_what_a_file_says_is_shown_as_text(it):
    raw = b"code,name\nHQ,<script>alert(1)</script>\n"

    html = look(it, "stations", raw, name="<img src=x>.csv").content.decode()

    assert "<script>alert" not in html
    assert "<img src=x>" not in html


def test_the_whole_example_fleet_comes_in_through_the_page():
    clients = {Kind.OFFICERS: client_of(Role.ADMINISTRATOR)}
    it = client_of(Role.IT)

    for kind in Kind:
        client = clients.get(kind, it)
        response = confirm(client, look(client, kind, (EXAMPLES / f"{kind}.csv").read_bytes()))
        assert response.status_code == 200

    assert (Camera.objects.count(), Officer.objects.count()) == (140, 131)
    assert Dock.objects.count() == 30


def test_files_that_nobody_confirmed_do_not_pile_up(it, tmp_path):
    for _ in range(3):
        look(it, "stations", STATIONS)

    assert len(list((tmp_path / "uploads").iterdir())) == 1


class TestTheRoster:
    @pytest.mark.parametrize(
        ("role", "shifts", "roster"),
        [
            (Role.COMMANDER, 200, 200),
            (Role.QUARTERMASTER, 403, 403),
            (Role.IT, 403, 403),
            (Role.AUDITOR, 403, 403),
            (Role.ADMINISTRATOR, 403, 403),
            (Role.OFFICER, 403, 403),
        ],
    )
    def test_it_is_imported_by_the_roles_of_the_matrix(self, role, shifts, roster):
        hq = rows.a_station()
        the_kinds()
        Officer.objects.create(badge_number="217", station=hq)
        client = client_of(role, hq)
        duty = f"date,shift,station,badge_number\n{localdate():%Y-%m-%d},NIGHT,HQ,217\n"

        assert look(client, "shifts", SHIFTS).status_code == shifts
        assert look(client, "roster", duty.encode()).status_code == roster

    def test_a_duty_is_shown_and_brought(self):
        hq = rows.a_station()
        the_kinds()
        Officer.objects.create(badge_number="217", station=hq)
        client = client_of(Role.COMMANDER, hq)
        duty = f"date,shift,station,badge_number\n{localdate():%Y-%m-%d},NIGHT,HQ,217\n"

        response = confirm(client, look(client, "roster", duty.encode()))

        assert "1 added, 0 changed" in response.content.decode()
        assert Duty.objects.get().source == "imported"

    def test_a_file_may_be_the_whole_of_its_shifts(self):
        hq = rows.a_station()
        the_kinds()
        for badge in ("217", "218"):
            Officer.objects.create(badge_number=badge, station=hq)
        client = client_of(Role.COMMANDER, hq)
        head, on = "date,shift,station,badge_number\n", f"{localdate():%Y-%m-%d}"
        confirm(client, look(client, "roster", f"{head}{on},NIGHT,HQ,217\n".encode()))
        other = f"{head}{on},NIGHT,HQ,218\n".encode()

        adds = look(client, "roster", other).content.decode()
        preview = look(client, "roster", other, whole="yes")
        done = confirm(client, preview).content.decode()

        assert 'name="whole"' in client.get("/import/").content.decode()
        assert "1 duty on these shifts is not in the file and stays: 217" in adds
        assert ">taken off</span></td>" in preview.content.decode()
        assert "1 added, 0 changed, 1 taken off" in done
        assert Duty.objects.get().officer.badge_number == "218"

    def test_only_a_roster_may_be_the_whole(self):
        client = client_of(Role.COMMANDER, rows.a_station())

        refused = look(client, "officers", b"badge_number,station\n217,HQ\n", whole="yes")

        assert refused.status_code == 422
        assert "Only a roster can be the whole of its shifts." in refused.content.decode()
        it = client_of(Role.IT).get("/import/").content.decode()
        assert 'name="whole"' not in it

    def test_what_clocks_do_is_said_in_the_preview(self):
        hq = rows.a_station()
        the_kinds()
        Officer.objects.create(badge_number="217", station=hq)
        client = client_of(Role.COMMANDER, hq)
        duty = b"date,shift,station,badge_number\n2026-10-31,NIGHT,HQ,217\n"

        with time_machine.travel("2026-10-30T12:00Z"):
            html = look(client, "roster", duty).content.decode()

        assert "Night of Sat 31 Oct lasts 9 h, not 8 h: clocks go back." in html
        assert 'name="confirm"' in html
