from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from dashboard.api.authentication import WRONG_TOKENS
from devices.access.models import ApiToken
from devices.access.scopes import Scope
from devices.roles import Role
from tests.api.callers import PROBLEM, browser, program, token_of
from tests.rows import a_station, person

pytestmark = pytest.mark.django_db
CAMERAS = "/api/v1/cameras/"


@pytest.fixture
def auditor():
    return person(Role.AUDITOR)


def test_a_token_reads_what_its_owner_may(auditor):
    token = token_of(auditor)

    answer = program(token).get(CAMERAS)

    assert answer.status_code == 200


def test_a_signed_in_person_reads_without_a_token(auditor):
    answer = browser(auditor).get(CAMERAS)

    assert answer.status_code == 200


def test_nobody_is_told_how_to_come_in():
    answer = Client().get(CAMERAS)

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == 'Bearer realm="fleet"'
    assert answer["Content-Type"] == PROBLEM


@pytest.mark.parametrize(
    "fields",
    [
        {"ends_at": timezone.now() - timedelta(seconds=1)},
        {"revoked_at": timezone.now()},
    ],
    ids=["over", "revoked"],
)
def test_a_token_that_no_longer_holds_is_refused(auditor, fields):
    token = token_of(auditor, **fields)

    answer = program(token).get(CAMERAS)

    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer["WWW-Authenticate"]


def test_the_token_of_a_disabled_person_is_refused(auditor):
    token = token_of(auditor)
    auditor.is_active = False
    auditor.save()

    answer = program(token).get(CAMERAS)

    assert answer.status_code == 401


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "a.",
        "a.aaaaaaaa." + "a" * 32,
        "d.aaaaaaaa." + "a" * 32,
        "a.aaaaaaaa." + "a" * 4000,
        "a.\x7f",
        "é" * 43,
    ],
)
def test_what_is_no_token_of_ours_is_refused(wrong):
    answer = program(wrong).get(CAMERAS)

    assert answer.status_code == 401


def test_a_right_key_with_a_wrong_secret_is_refused(auditor):
    token = token_of(auditor)
    forged = token[:-1] + ("b" if token[-1] != "b" else "c")

    answer = program(forged).get(CAMERAS)

    assert answer.status_code == 401


def test_a_wrong_token_is_not_forgiven_because_somebody_is_signed_in(auditor):
    client = browser(auditor)

    answer = client.get(CAMERAS, headers={"Authorization": "Bearer a.nonsense"})

    assert answer.status_code == 401


def test_a_token_reads_within_its_scopes_alone(auditor):
    token = token_of(auditor, [Scope.STATIONS])

    answers = [program(token).get(f"/api/v1/{what}/") for what in ("stations", "cameras")]

    assert [answer.status_code for answer in answers] == [200, 403]
    assert "cameras:read" in answers[1].json()["detail"]


def test_a_role_that_programs_may_not_have_is_refused_by_token_alone():
    officer = person(Role.OFFICER, a_station())
    token = token_of(officer)

    answer = program(token).get(CAMERAS)

    assert answer.status_code == 403


def test_many_wrong_tokens_are_slowed_down_and_a_right_one_is_not(auditor):
    token = token_of(auditor)
    guesser = program("a.aaaaaaaa." + "a" * 32)

    wrong = [guesser.get(CAMERAS).status_code for _ in range(WRONG_TOKENS + 2)]
    slowed = guesser.get(CAMERAS)

    assert wrong == [401] * WRONG_TOKENS + [429] * 2
    assert int(slowed["Retry-After"]) > 0
    assert slowed["Content-Type"] == PROBLEM
    assert program(token).get(CAMERAS).status_code == 200


def test_the_stored_row_does_not_hold_the_token(auditor):
    token = token_of(auditor)

    row = ApiToken.objects.get()

    assert token.rsplit(".", 1)[1] not in str(vars(row))


def test_a_tokens_use_is_noted_once_a_minute(auditor, django_assert_num_queries):
    client = program(token_of(auditor))

    with time_machine.travel("2030-01-01T12:00:00Z", tick=False) as clock:
        client.get(CAMERAS)
        first = ApiToken.objects.get().last_used_at
        clock.shift(59)
        with django_assert_num_queries(5):
            client.get(CAMERAS)
        still = ApiToken.objects.get().last_used_at
        clock.shift(2)
        client.get(CAMERAS)
        later = ApiToken.objects.get().last_used_at

    assert still == first
    assert later == first + timedelta(seconds=61)


def test_a_wrong_secret_is_no_use_of_the_token(auditor):
    token = token_of(auditor)

    program(token[:-1] + ("b" if token[-1] != "b" else "c")).get(CAMERAS)

    assert ApiToken.objects.get().last_used_at is None
