"""A camera that somebody looks for is told to show itself, by whatever carries it."""

from datetime import timedelta

import pytest

from devices.errors import Refused
from devices.health import actions as health
from devices.ledger import LedgerEntry
from tests.gateway.words import batch, carry, report, sender_of
from tests.racing import race
from tests.rows import a_camera, a_dock, a_model, a_station

pytestmark = pytest.mark.django_db


class Docked:
    def __init__(self, noon):
        self.noon, self.sequence = noon, 1
        station = a_station()
        self.sender = sender_of(a_dock("D01", station))
        self.camera = a_camera(417, station, noon)
        self.answer(-60)

    def answer(self, after_s):
        """What the dock is told to do with the camera's next report."""
        self.sequence += 1
        now = self.noon + timedelta(seconds=after_s)
        orders = carry(self.sender, batch(report(sequence=self.sequence)), now).orders
        return [one.locate for one in orders.cameras]

    def locate(self, after_s=0):
        health.locate(self.camera, by=None, now=self.noon + timedelta(seconds=after_s))


@pytest.fixture
def docked(db, noon):
    return Docked(noon)


def test_the_next_report_is_answered_with_the_order_until_it_is_old(docked):
    assert docked.answer(-1) == []

    docked.locate()

    assert docked.answer(30) == [1]
    assert docked.answer(90) == [1]  # the same number: an answer may have been lost
    assert docked.answer(301) == []
    assert LedgerEntry.objects.get(verb="asked to show itself").subject == "C0417"


def test_asking_again_is_another_order(docked):
    docked.locate(0)
    docked.locate(30)

    assert docked.answer(31) == [2]


def test_it_is_asked_once_in_half_a_minute(docked):
    docked.locate(0)

    with pytest.raises(Refused, match="look and listen"):
        docked.locate(29)


def test_what_nobody_can_tell_is_not_asked(docked, noon):
    never = a_camera(418, docked.camera.station, noon)
    mute = {"docked": False, "mode": "buffering"}
    away = a_camera(419, never.station, noon, model=a_model(radio=False), health=mute)
    near = a_camera(420, never.station, noon, health=mute)

    for camera, why in ((never, "never been heard"), (away, "has no radio")):
        with pytest.raises(Refused, match=why):
            health.locate(camera, by=None, now=noon)
    health.locate(near, by=None, now=noon)


@pytest.mark.django_db(transaction=True)
def test_of_many_who_ask_at_once_one_is_heard(docked):
    told = race(lambda _: docked.locate(), runners=6)

    assert sorted(isinstance(one, Refused) for one in told) == [False] + [True] * 5
