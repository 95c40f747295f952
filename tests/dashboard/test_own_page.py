"""A person's own page: the tokens of their programs, made once, seen by nobody else."""

import re

import pytest
from django.test import Client

from devices.access.models import ApiToken
from devices.access.tokens import digest
from devices.roles import Role
from tests import rows

pytestmark = pytest.mark.django_db
WANTED = {"label": "nightly report", "scopes": ["cameras:read"], "days": "30"}


def client_of(role, *stations, **fields):
    client = Client()
    client.force_login(rows.person(role, *stations, **fields))
    return client


def token_in(response) -> str:
    found = re.search(r"data-token>([^<]+)<", response.content.decode())
    return found[1] if found else ""


def test_nobody_has_a_page_without_signing_in():
    assert Client().get("/me/").status_code == 302


@pytest.mark.parametrize("role", [*Role, None])
def test_everybody_has_a_page_that_says_who_they_are(role):
    html = client_of(role).get("/me/").content.decode()

    assert (role.value if role else "your account has no role yet") in html


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.QUARTERMASTER, 200),
        (Role.IT, 200),
        (Role.COMMANDER, 200),
        (Role.OFFICER, 403),
        (Role.AUDITOR, 200),
        (Role.ADMINISTRATOR, 403),
        (None, 403),
    ],
)
def test_tokens_are_made_by_the_roles_of_the_matrix(role, status):
    response = client_of(role).post("/me/tokens/", WANTED)

    assert response.status_code == status
    assert ApiToken.objects.exists() == (status == 200)


def test_it_says_that_a_token_changes_what_is_ticked():
    html = client_of(Role.IT).get("/me/").content.decode()

    assert "It changes only what you tick here." in html
    assert "releases:write" in html


def test_a_token_is_shown_once_and_its_digest_kept():
    client = client_of(Role.IT)

    response = client.post("/me/tokens/", WANTED)

    made = ApiToken.objects.get()
    assert made.digest == digest(token_in(response))
    assert (made.label, made.scopes) == ("nightly report", ["cameras:read"])
    assert made.ends_at is not None
    assert response["Cache-Control"] == "no-store"
    assert token_in(client.get("/me/")) == ""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"label": " "}, "Say what the token is for."),
        ({"scopes": []}, "Choose at least one thing it may do."),
        ({"scopes": ["everything"]}, "Select a valid choice."),
        ({"days": "9999"}, "Select a valid choice."),
    ],
)
def test_what_is_asked_wrongly_makes_nothing_and_is_said(change, said):
    response = client_of(Role.IT).post("/me/tokens/", {**WANTED, **change})

    assert response.status_code == 422
    assert said in response.content.decode()
    assert not ApiToken.objects.exists()


def test_a_revoked_token_says_so_and_cannot_be_revoked_twice():
    client = client_of(Role.IT)
    client.post("/me/tokens/", WANTED)
    address = f"/me/tokens/{ApiToken.objects.get().key_id}/revoke/"

    first = client.post(address, follow=True).content.decode()
    second = client.post(address, follow=True).content.decode()

    assert "The token nightly report opens nothing from now on." in first
    assert "was revoked already" in second
    assert ApiToken.objects.get().revoked_at is not None


def test_another_persons_token_does_not_exist():
    client_of(Role.IT).post("/me/tokens/", WANTED)
    key = ApiToken.objects.get().key_id
    other = client_of(Role.AUDITOR)

    assert other.post(f"/me/tokens/{key}/revoke/").status_code == 404
    assert key not in other.get("/me/").content.decode()
    assert ApiToken.objects.get().revoked_at is None


def test_a_label_is_shown_as_text():
    client = client_of(Role.IT)
    client.post("/me/tokens/", {**WANTED, "label": "<script>x</script>"})

    assert "<script>x" not in client.get("/me/").content.decode()
