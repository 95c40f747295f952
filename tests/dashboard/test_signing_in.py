"""Signing in and out, the look, and Ctrl+K."""

import pytest
from django.test import Client
from django.utils.timezone import now

from devices.inventory.models import Station
from devices.roles import Role
from tests import rows

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def somebody() -> None:
    """Without a user the first page is another one."""
    rows.person(None, name="somebody")


def test_the_sign_in_page_says_what_the_place_is() -> None:
    html = Client().get("/sign-in/").content.decode()

    assert "For people of the West Hartford Police Department only." in html
    assert 'autocomplete="current-password"' in html


@pytest.mark.parametrize("asked", ["", "?next=/"])
@pytest.mark.parametrize(
    ("role", "first"),
    [
        (Role.COMMANDER, "/shift/"),
        (Role.IT, "/"),
        (Role.ADMINISTRATOR, "/docks/"),
        (None, "/welcome/"),
    ],
)
def test_signing_in_leads_to_the_first_page_of_the_role(
    role: Role | None, first: str, asked: str
) -> None:
    user = rows.person(role, name="someone")
    user.set_password(rows.PASSWORD)
    user.save()

    told = {"username": "someone", "password": rows.PASSWORD}
    response = Client().post(f"/sign-in/{asked}", told)

    assert (response.status_code, response["Location"]) == (302, first)


def test_a_wrong_password_is_refused_in_a_sentence() -> None:
    rows.person(Role.IT)

    response = Client().post("/sign-in/", {"username": "it", "password": "guess"})

    assert response.status_code == 200
    assert "do not belong together" in response.content.decode()


def test_signing_in_leads_nowhere_else() -> None:
    user = rows.person(Role.IT)
    user.set_password(rows.PASSWORD)
    user.save()

    response = Client().post(
        "/sign-in/",
        {"username": "it", "password": rows.PASSWORD, "next": "https://elsewhere.example/"},
    )

    assert response["Location"] == "/"


def test_signing_out_takes_a_form_not_a_link() -> None:
    client = Client()
    client.force_login(rows.person(Role.IT))

    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/")["Location"] == "/sign-in/"
    assert client.get("/").status_code == 302


def test_the_look_is_kept_in_cookies_and_drawn_by_the_server() -> None:
    client = Client()

    response = client.post("/look/", {"theme": "dark", "next": "/sign-in/"})
    html = client.get("/sign-in/").content.decode()

    assert response["Location"] == "/sign-in/"
    assert 'data-theme="dark" data-density="compact"' in html


def test_the_look_neither_leads_away_nor_keeps_nonsense() -> None:
    client = Client()
    client.cookies["theme"] = '"><script>'

    response = client.post("/look/", {"theme": "x", "next": "https://elsewhere.example/"})

    assert response["Location"] == "/"
    assert 'data-theme="system"' in client.get("/sign-in/").content.decode()


def test_ctrl_k_finds_pages_and_cameras_within_reach() -> None:
    rows.a_fleet(now())
    client = Client()
    client.force_login(rows.person(Role.COMMANDER, Station.objects.get(code="HQ")))

    def found(typed: str) -> list[str]:
        answer = client.get("/go.json", {"q": typed}).json()["destinations"]
        return [destination["label"] for destination in answer]

    assert found("boa") == ["Board"]
    assert found("C0012") == ["C0012", "Find C0012"]
    assert found("bwc-000012") == ["C0012", "Find C0012"]
    assert found("C0114") == []  # at North
    assert found("\0") == []
    assert found("9" * 40) == []


def test_ctrl_k_needs_somebody() -> None:
    assert Client().get("/go.json").status_code == 302
