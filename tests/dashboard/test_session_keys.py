"""A copied database opens no session, and no cookie disturbs the database."""

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from dashboard.session_keys import SessionStore, kept_as
from devices.roles import Role
from tests import rows
from tests.api.callers import browser

pytestmark = pytest.mark.django_db


@pytest.fixture
def it():
    return browser(rows.person(Role.IT))


def with_cookie(value):
    client = Client()
    client.cookies["sessionid"] = value
    return client


def test_what_stands_in_the_database_opens_nothing(it):
    kept = Session.objects.get().session_key

    assert it.get("/cameras/").status_code == 200
    assert with_cookie(kept).get("/cameras/").status_code == 302
    assert it.cookies["sessionid"].value != kept


def test_the_key_stands_nowhere_in_the_database(it):
    it.get("/cameras/")

    assert it.cookies["sessionid"].value not in str(list(Session.objects.values()))


def test_signing_out_ends_it_in_the_database_too(it):
    key = it.cookies["sessionid"].value

    it.post("/sign-out/")

    assert with_cookie(key).get("/cameras/").status_code == 302
    assert not Session.objects.filter(session_key=kept_as(key)).exists()


@pytest.mark.parametrize(
    "cookie",
    [
        "",
        "x",
        '"\\000aaaaaaaaaaaa"',
        '"\\377aaaaaaaaaa"',
        "a" * 4000,
        "\xff\xfe\xed\xa0\x80aaaaaaaa",
        "' OR 1=1 --",
    ],
)
def test_whatever_a_cookie_holds_opens_nothing_and_breaks_nothing(it, cookie):
    answer = Client(headers={"Cookie": f"sessionid={cookie}"}).get("/cameras/")

    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/?next=/cameras/")


async def test_asked_without_waiting_it_is_the_same(transactional_db):
    made = SessionStore()
    await made.aset("word", "kept")
    await made.asave()

    again = SessionStore(made.session_key)

    assert await again.aget("word") == "kept"
    assert await again.aexists(made.session_key)
    assert (await Session.objects.aget()).session_key == kept_as(made.session_key)
    await again.adelete()
    assert await SessionStore(made.session_key).aget("word") is None
