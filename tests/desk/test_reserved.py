"""A reserved camera at a desk: softly refused to everybody else, given to whom it is kept for."""

from datetime import timedelta

import pytest

from devices.desk import snapshot
from devices.desk.cards import CARDS
from devices.inventory import codes
from devices.roster.reservations import actions as reservations
from devices.roster.reservations.actions import Reserving
from devices.roster.rules import Span
from tests.desk.conftest import POLICY

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
C0531 = codes.label(531)
EVENT = next(one.code for one in CARDS if one.card.word == "EVENT")


def kept(house, begins=HOUR, **whom):
    now = house.desk.now
    wanted = Reserving(Span(now + begins, now + begins + 2 * HOUR), reason="x", **whom)
    reservations.reserve(house.spares[:1], wanted, by=house.desk.by, now=now)


def test_what_an_event_needs_goes_out_only_for_a_reason(house):
    kept(house, title="Parade")

    refused = house.desk.quickly("1031", C0531)
    issued = house.desk.quickly(EVENT)

    assert refused["result"] == "refused"
    assert "C0531 is reserved for Parade then." in refused["message"]
    assert refused["take"]["camera"] != "C0531"
    assert issued["result"] == "issued"
    assert house.holder(house.spares[0]) == "1031"


def test_what_is_kept_for_an_officer_is_given_to_that_officer_alone(house):
    kept(house, officer=house.officers["1044"])

    refused = house.desk.quickly("1031", C0531)
    house.desk.context = {}
    issued = house.desk.quickly("1044", C0531)

    assert "C0531 is promised to another officer" in refused["message"]
    assert issued["result"] == "issued"


def test_a_desk_that_is_cut_off_knows_for_whom_a_camera_is_kept(house):
    kept(house, officer=house.officers["1044"])

    known = snapshot.of(house.desk.desk, policy=POLICY, now=house.desk.now)

    (spare,) = [one for one in known["cameras"] if one["name"] == "C0531"]
    assert (spare["kept_for"], spare["soft"]) == ("1044", False)
    assert "C0531" not in known["order"]


def test_what_is_kept_for_two_is_nobodys_to_take(house):
    kept(house, officer=house.officers["1044"])
    kept(house, begins=4 * HOUR, title="Parade")

    known = snapshot.of(house.desk.desk, policy=POLICY, now=house.desk.now)

    (spare,) = [one for one in known["cameras"] if one["name"] == "C0531"]
    assert (spare["kept_for"], spare["soft"]) == ("", True)


def test_a_reservation_after_the_duty_stands_against_nothing(house):
    kept(house, begins=timedelta(days=2), title="Parade")

    assert house.desk.quickly("1031", C0531)["result"] == "issued"


def test_a_reserved_camera_always_comes_back(house):
    house.desk.quickly("1031", C0531)
    kept(house, title="Parade")

    assert house.desk.scan(C0531)["result"] == "returned"
