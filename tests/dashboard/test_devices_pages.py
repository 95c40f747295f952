"""Docks, tokens and quarantine: who sees them, who may give and take, and what is shown once."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils.timezone import now

from devices.access import actions as access
from devices.access.models import DeviceToken, Quarantined, QuarantineKind
from devices.access.tokens import digest
from devices.health.models import DockHealth, Hearing
from devices.inventory.models import Officer
from devices.ledger import LedgerEntry
from devices.roles import Role
from tests import rows

pytestmark = pytest.mark.django_db


def client_of(role, *stations, **fields):
    client = Client()
    client.force_login(rows.person(role, *stations, **fields))
    return client


@pytest.fixture
def hq():
    return rows.a_station()


@pytest.fixture
def dock(hq):
    return rows.a_dock("D03", hq)


@pytest.fixture
def camera(hq):
    return rows.a_camera(417, hq, now())


@pytest.fixture
def it():
    return client_of(Role.IT)


def token_in(response) -> str:
    found = re.search(r"data-token>([^<]+)<", response.content.decode())
    return found[1] if found else ""


DEVICES = ["/docks/D03/", "/cameras/C0417/tokens/"]


@pytest.mark.parametrize(
    ("role", "statuses"),
    [
        (Role.QUARTERMASTER, [200, 403, 302]),
        (Role.IT, [200, 200, 302]),
        (Role.COMMANDER, [200, 403, 302]),
        (Role.OFFICER, [403, 403, 403]),
        (Role.AUDITOR, [403, 403, 403]),
        (Role.ADMINISTRATOR, [200, 403, 302]),
        (None, [403, 403, 403]),
    ],
)
@pytest.mark.parametrize("address", DEVICES)
def test_tokens_are_seen_given_and_taken_by_the_roles_of_the_matrix(
    hq, dock, camera, role, statuses, address
):
    officer = Officer.objects.create(badge_number="1", station=hq)
    client = client_of(role, hq, officer=officer)

    answers = [
        client.get(address),
        client.post(f"{address}give/"),
        client.post(f"{address}revoke/", {"reason": "stolen"}),
    ]

    assert [answer.status_code for answer in answers] == statuses


@pytest.mark.parametrize("address", ["/docks/D03/", "/cameras/C0417/tokens/"])
def test_devices_of_another_station_do_not_exist(dock, camera, address):
    north = rows.a_station("N", "North")
    client = client_of(Role.QUARTERMASTER, north)

    assert client.get(address).status_code == 404
    assert client.post(f"{address}revoke/", {"reason": "stolen"}).status_code == 404
    assert "D03" not in client.get("/docks/").content.decode()


@pytest.mark.parametrize("code", ["%00", "D03%00", "%E2%80%AE", "x" * 500, "D03%0A"])
@pytest.mark.parametrize("address", ["/docks/{}/", "/docks/{}/revoke/", "/me/tokens/{}/revoke/"])
def test_what_never_was_a_name_is_nowhere(it, dock, address, code):
    assert it.post(address.format(code), {"reason": "stolen"}).status_code == 404


@pytest.mark.parametrize("address", ["/docks/D03/", "/cameras/C0417/tokens/"])
def test_a_token_is_shown_once_and_its_digest_kept(it, dock, camera, address):
    response = it.post(f"{address}give/")

    token = token_in(response)
    assert DeviceToken.objects.get().digest == digest(token)
    assert response["Cache-Control"] == "no-store"
    assert token_in(it.get(address)) == ""
    assert LedgerEntry.objects.get().verb == "enrolled"


@pytest.mark.parametrize("address", ["/docks/D03/", "/cameras/C0417/tokens/"])
def test_a_second_press_gives_no_second_token(it, dock, camera, address):
    it.post(f"{address}give/")

    response = it.post(f"{address}give/", follow=True)

    assert "already has a token; rotate it or revoke it first." in response.content.decode()
    assert DeviceToken.objects.count() == 1


@pytest.mark.parametrize("address", ["/docks/D03/", "/cameras/C0417/tokens/"])
def test_rotating_leaves_the_old_token_good_for_a_while(it, dock, camera, address):
    old = token_in(it.post(f"{address}give/"))

    new = token_in(it.post(f"{address}rotate/"))

    assert new not in ("", old)
    assert DeviceToken.objects.valid(now()).count() == 2
    assert DeviceToken.objects.valid(now() + timedelta(days=2)).count() == 1
    assert "Valid for a while" in it.get(address).content.decode()


def test_rotating_what_has_no_token_is_refused_with_a_sentence(it, dock):
    response = it.post("/docks/D03/rotate/", follow=True)

    assert "D03 has no valid token; enrol it." in response.content.decode()


def test_revoking_wants_a_reason_and_is_written_down(it, dock):
    it.post("/docks/D03/give/")
    it.post("/docks/D03/revoke/", {"reason": " "})
    assert DeviceToken.objects.valid(now()).exists()

    response = it.post("/docks/D03/revoke/", {"reason": "stolen"}, follow=True)

    assert "D03 is refused from now on" in response.content.decode()
    assert not DeviceToken.objects.valid(now()).exists()
    assert LedgerEntry.objects.order_by("-seq").first().facts["reason"] == "stolen"


def test_a_camera_without_a_radio_is_given_no_token(it, hq):
    rows.a_camera(418, hq, now(), model=rows.a_model(radio=False))

    assert "has no radio" in it.get("/cameras/C0418/tokens/").content.decode()
    response = it.post("/cameras/C0418/tokens/give/", follow=True)
    assert "the dock it sits in speaks for it" in response.content.decode()
    assert not DeviceToken.objects.exists()


@pytest.mark.parametrize("act", ["give", "rotate", "revoke"])
def test_nothing_is_done_by_merely_looking(it, dock, act):
    assert it.get(f"/docks/D03/{act}/").status_code == 405


def test_the_list_says_what_is_silent_and_what_has_no_token(it, hq, dock):
    other = rows.a_dock("D04", hq)
    DockHealth.objects.create(dock=other, hearing=Hearing.SILENT, heard_at=now())
    it.post("/docks/D04/give/")

    html = it.get("/docks/").content.decode()

    assert "2 docks, 1 silent, 1 without a token." in html
    assert "none: it is refused" in html


def test_an_empty_fleet_says_what_will_appear(it):
    assert "as soon as they are imported" in it.get("/docks/").content.decode()


def test_the_list_costs_the_same_for_any_number_of_docks(it, hq, django_assert_max_num_queries):
    for n in range(20):
        rows.a_dock(f"D{n:02d}", hq)
    it.get("/docks/")

    with django_assert_max_num_queries(7):
        it.get("/docks/")


@pytest.fixture
def waiting(dock):
    access.quarantine(
        QuarantineKind.UNKNOWN_SERIAL, ["BWC-<b>9"], dock_id=dock.pk, camera_id=None, now=now()
    )
    return Quarantined.objects.get()


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.QUARTERMASTER, 302),
        (Role.IT, 302),
        (Role.COMMANDER, 403),
        (Role.AUDITOR, 403),
        (Role.ADMINISTRATOR, 403),
        (None, 403),
    ],
)
def test_serials_are_settled_by_the_roles_of_the_matrix(hq, waiting, role, status):
    response = client_of(role, hq).post(f"/quarantine/{waiting.pk}/settle/", {"note": "enrolled"})

    assert response.status_code == status
    waiting.refresh_from_db()
    assert (waiting.settled_at is not None) == (status == 302)


def test_a_settled_serial_carries_who_and_what_was_done(it, waiting):
    it.post(f"/quarantine/{waiting.pk}/settle/", {"note": "a loan from the maker"})

    html = it.get("/docks/").content.decode()

    assert "a loan from the maker" in html
    assert "Every serial number that spoke is one of ours" in html


def test_settling_wants_a_note(it, waiting):
    response = it.post(f"/quarantine/{waiting.pk}/settle/", {"note": ""}, follow=True)

    assert "Say in a few words what was done about it." in response.content.decode()
    waiting.refresh_from_db()
    assert waiting.settled_at is None


def test_serials_at_another_station_do_not_exist(waiting):
    client = client_of(Role.QUARTERMASTER, rows.a_station("N", "North"))

    response = client.post(f"/quarantine/{waiting.pk}/settle/", {"note": "mine"})

    assert response.status_code == 404
    assert "BWC-" not in client.get("/docks/").content.decode()


def test_who_may_not_settle_does_not_see_the_list(hq, waiting):
    assert "BWC-" not in client_of(Role.COMMANDER, hq).get("/docks/").content.decode()


def test_what_a_stranger_called_itself_is_shown_as_text(it, waiting):
    assert "BWC-<b>9" not in it.get("/docks/").content.decode()
