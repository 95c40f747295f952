"""The first page of an empty installation: claimed once, by who can read the set-up code."""

import stat

import pytest
from django.contrib.auth.models import User
from django.test import Client

from dashboard import first_run
from devices.access.people import standing_of
from devices.ledger import LedgerEntry
from devices.roles import Role
from fleet import prepare
from tests import rows

pytestmark = pytest.mark.django_db
PASSWORD = "seven green umbrellas"


@pytest.fixture(autouse=True)
def empty(tmp_path, settings):
    settings.VAR_DIR, settings.DEMO = tmp_path, False


def said(**changes):
    form = {
        "code": first_run.code(),
        "username": "chief",
        "password": PASSWORD,
        "again": PASSWORD,
        "also_it": "on",
    }
    return {**form, **changes}


def test_signing_in_to_an_empty_installation_leads_here():
    assert Client().get("/sign-in/")["Location"] == "/first-run/"


def test_the_code_is_kept_where_only_its_owner_reads():
    first = first_run.code()

    assert first_run.code() == first
    assert len(first) == 14
    assert stat.S_IMODE(first_run.code_file().stat().st_mode) == 0o600


def test_the_page_does_not_tell_the_code():
    assert first_run.code() not in Client().get("/first-run/").content.decode()


def test_the_administrator_is_made_once_signed_in_and_written_down(
    django_capture_on_commit_callbacks,
):
    client = Client()

    with django_capture_on_commit_callbacks(execute=True):
        response = client.post("/first-run/", said())

    user = User.objects.get()
    assert response.status_code == 302
    assert standing_of(user).roles == {Role.ADMINISTRATOR, Role.IT}
    assert user.check_password(PASSWORD)
    assert client.get("/me/").status_code == 200
    assert "user created" in LedgerEntry.objects.values_list("verb", flat=True)
    assert not first_run.code_file().exists()
    assert Client().get("/first-run/").status_code == 404
    assert Client().post("/first-run/", said(username="stranger")).status_code == 404


def test_the_it_role_is_a_choice():
    form = said()
    del form["also_it"]

    Client().post("/first-run/", form)

    assert standing_of(User.objects.get()).roles == {Role.ADMINISTRATOR}


def test_a_code_may_be_typed_without_care():
    typed = first_run.code().lower().replace("-", " ")

    assert Client().post("/first-run/", said(code=typed)).status_code == 302


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"code": "AAAA-AAAA-AAAA"}, "This is not the set-up code of this installation."),
        ({"code": "é"}, "This is not the set-up code of this installation."),
        ({"again": "other"}, "The two passwords differ."),
        ({"password": "short", "again": "short"}, "This password is too short."),
        ({"password": "password1234", "again": "password1234"}, "too common"),
        ({"username": "a b;c"}, "Enter a valid username."),
        ({"username": ""}, "This field is required."),
    ],
)
def test_what_is_said_wrongly_makes_nobody(change, sentence):
    response = Client().post("/first-run/", said(**change))

    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert not User.objects.exists()
    assert PASSWORD not in response.content.decode()


def test_it_is_never_there_once_somebody_is():
    rows.person(None)

    assert Client().get("/first-run/").status_code == 404


def test_it_is_never_there_in_a_demonstration(settings):
    settings.DEMO = True

    assert Client().get("/first-run/").status_code == 404


def test_preparing_offers_the_page_to_an_empty_installation_alone():
    prepare._offer_the_first_page()
    assert first_run.code_file().exists()

    rows.person(None)
    prepare._offer_the_first_page()
    assert not first_run.code_file().exists()
