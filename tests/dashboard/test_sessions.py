"""A session ends by the server's clock: unused for half an hour, or twelve hours old."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils.timezone import now

from dashboard.session import IDLE, LASTED, UNUSED_FOR, WHOLE, why_over
from devices.roles import Role
from tests import rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def it(noon):
    client = Client()
    with after(noon):
        client.force_login(rows.person(Role.IT))
    return client


def after(noon, **span):
    return time_machine.travel(noon + timedelta(**span), tick=False)


def test_an_unused_session_ends_after_half_an_hour(it, noon):
    with after(noon):
        assert it.get("/cameras/").status_code == 200
    with after(noon, minutes=30):
        response = it.get("/cameras/?bucket=out", follow=True)

    assert response.redirect_chain == [("/sign-in/?next=/cameras/%3Fbucket%3Dout", 302)]
    assert UNUSED_FOR in response.content.decode()


def test_use_keeps_a_session(it, noon):
    for minutes in range(0, 120, 29):
        with after(noon, minutes=minutes):
            assert it.get("/cameras/").status_code == 200


def test_twelve_hours_end_it_however_much_it_is_used(it, noon):
    for minutes in range(0, 12 * 60, 20):
        with after(noon, minutes=minutes):
            assert it.get("/cameras/").status_code == 200
    with after(noon, hours=12):
        response = it.get("/cameras/", follow=True)

    assert LASTED in response.content.decode()


def test_a_page_that_refreshes_itself_is_not_use(it, noon):
    rows.a_camera(417, rows.a_station(), noon, health={})
    with after(noon):
        it.get("/cameras/C0417/")
    for minutes in (10, 20, 29):
        with after(noon, minutes=minutes):
            assert it.get("/cameras/C0417/now/").status_code == 200
    with after(noon, minutes=31):
        assert it.get("/cameras/C0417/now/").status_code == 302


def test_what_an_ended_session_sends_changes_nothing(it, noon):
    with after(noon):
        it.get("/cameras/")
    with after(noon, hours=1):
        response = it.post("/look/", {"theme": "dark"})

    assert response["Location"] == "/sign-in/?next=/"
    assert "theme" not in response.cookies


def test_a_clock_that_went_back_ends_a_session_rather_than_prolong_it(it, noon):
    with after(noon):
        it.get("/cameras/")
    with after(noon, minutes=-1):
        assert it.get("/cameras/").status_code == 302


def test_the_same_rule_closes_sockets():
    at = now()
    session = {"session_began_at": at.isoformat(), "session_used_at": at.isoformat()}

    assert why_over(session, at + IDLE / 2) == ""
    assert why_over(session, at + IDLE) == UNUSED_FOR
    assert why_over(session, at + WHOLE) == LASTED
    assert why_over({}, at) == ""
