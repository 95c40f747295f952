"""What the ledger learns at the door: who signed in, from where, and what was denied."""

import pytest
from django.test import Client

from dashboard.witness import FAILURES_TOLD, stand_in
from devices import ledger
from devices.access.scopes import Scope
from devices.ledger import LedgerEntry, Outcome
from devices.roles import Role
from tests import rows
from tests.api.callers import browser, program, token_of
from tests.dashboard.boards import board_of

pytestmark = pytest.mark.django_db
DESK = "10.0.0.7"


@pytest.fixture
def it():
    user = rows.person(Role.IT)
    user.set_password(rows.PASSWORD)
    user.save()
    return user


def signs_in(client, name="it", password=rows.PASSWORD):
    return client.post("/sign-in/", {"username": name, "password": password})


def entries(*fields):
    return list(LedgerEntry.objects.order_by("seq").values_list(*fields))


def test_signing_in_is_an_entry_and_later_acts_name_the_same_session(it):
    client = Client(REMOTE_ADDR=DESK)

    signs_in(client)
    client.get("/cameras.csv", headers={"X-Request-ID": "a-request"})

    session = stand_in(client.cookies["sessionid"].value)
    assert entries("verb", "subject", "actor", "roles", "source", "session") == [
        ("signed in", f"user {it.pk}", it.pk, "IT", DESK, session),
        ("exported cameras", "cameras", it.pk, "IT", DESK, session),
    ]
    assert LedgerEntry.objects.last().request == "a-request"
    assert client.cookies["sessionid"].value not in str(entries())


@pytest.mark.parametrize(
    ("name", "subject"), [("it", "user {}"), ("hunter2", "an unknown name"), ("IT", "an unknown")]
)
def test_a_failed_sign_in_is_an_entry_that_keeps_nothing_of_what_was_typed(it, name, subject):
    signs_in(Client(REMOTE_ADDR=DESK), name, "no such password")

    entry = LedgerEntry.objects.get()
    assert (entry.verb, entry.outcome, entry.actor) == ("sign-in failed", Outcome.FAILED, None)
    assert entry.subject.startswith(subject.format(it.pk))
    assert entry.source == DESK
    assert "hunter2" not in str(entries())
    assert "password" not in str(entries())


@pytest.mark.parametrize("form", [{}, {"username": "it"}, {"username": "\0", "password": "x"}])
def test_a_form_that_nobody_filled_in_is_no_attempt(it, form):
    assert Client().post("/sign-in/", form).status_code == 200

    assert not LedgerEntry.objects.exists()


def test_who_tries_all_day_does_not_fill_the_ledger(it):
    for _ in range(FAILURES_TOLD + 2):
        signs_in(Client(REMOTE_ADDR="10.0.0.8"), "nobody", "guess")
    signs_in(Client(REMOTE_ADDR="10.0.0.9"), "nobody", "guess")
    signs_in(Client(REMOTE_ADDR="10.0.0.8"), "it", "guess")

    assert LedgerEntry.objects.count() == FAILURES_TOLD + 2


def test_a_page_that_a_role_may_not_open_is_an_entry(it):
    client = browser(it)

    assert client.get("/import/?kind=officers", REMOTE_ADDR=DESK).status_code == 403

    entry = LedgerEntry.objects.get()
    assert (entry.verb, entry.subject, entry.outcome) == ("denied", "/import/", Outcome.DENIED)
    assert (entry.actor, entry.roles, entry.source) == (it, "IT", DESK)
    assert entry.facts == {"method": "GET", "status": 403}


def test_a_camera_of_another_station_is_an_entry(noon):
    rows.a_camera(417, rows.a_station("N", "North"), noon)
    client = browser(rows.person(Role.QUARTERMASTER, rows.a_station()))

    assert client.get("/cameras/417/").status_code == 404
    assert client.post("/cameras/417/service/").status_code == 404

    assert entries("subject", "outcome") == [
        ("/cameras/417/", "denied"),
        ("/cameras/417/service/", "denied"),
    ]


def test_the_same_again_is_told_once_an_hour(it):
    client = browser(it)
    for _ in range(3):
        client.get("/import/?kind=officers")

    assert LedgerEntry.objects.count() == 1


def test_a_form_without_its_token_is_an_entry(it):
    client = Client(enforce_csrf_checks=True)
    client.force_login(it)

    assert client.post("/me/tokens/", {"label": "x"}).status_code == 403

    assert entries("subject") == [("/me/tokens/",)]


def test_nobody_and_nowhere_are_no_entries(it):
    Client().get("/import/")
    browser(it).get("/nowhere/")
    browser(it).get("/api/v1/nowhere/")

    assert not LedgerEntry.objects.exists()


def test_a_program_is_named_by_its_token(it):
    token = token_of(it, [Scope.CAMERAS])

    assert program(token).get("/api/v1/officers/").status_code == 403

    entry = LedgerEntry.objects.get()
    assert (entry.actor, entry.subject) == (it, "/api/v1/officers/")
    assert entry.facts["token"] == token.split(".")[1]


@pytest.mark.parametrize("code", ["%00", "%ff%fe", "%E2%80%AE", "%F0%9F%93%B7", "x" * 500])
def test_whatever_an_address_holds_can_be_written_down(it, code):
    assert browser(it).get(f"/api/v1/docks/{code}/").status_code == 404

    assert LedgerEntry.objects.get().subject.isascii()
    assert list(ledger.breaks()) == []


def test_reading_the_ledger_is_an_entry_of_its_own(noon):
    camera = rows.a_camera(417, rows.a_station(), noon)
    auditor = rows.person(Role.AUDITOR)

    html = browser(auditor).get("/cameras/417/").content.decode()

    entry = LedgerEntry.objects.get()
    assert (entry.verb, entry.actor, entry.facts) == (
        "read the ledger",
        auditor,
        {"about": "C0417"},
    )
    assert "Nobody has done anything to this camera yet." in html
    assert str(camera) in html


@pytest.mark.django_db(transaction=True)
async def test_a_board_that_a_role_may_not_open_is_an_entry():
    from asgiref.sync import sync_to_async

    administrator = await sync_to_async(rows.person)(Role.ADMINISTRATOR)

    async with board_of(administrator, []) as board:
        assert await board.next() == {"closed": 4403}

    entry = await LedgerEntry.objects.aget()
    assert (entry.verb, entry.subject, entry.roles) == ("denied", "/live/board", "Administrator")
    assert (entry.source, len(entry.session)) == ("127.0.0.1", 16)
