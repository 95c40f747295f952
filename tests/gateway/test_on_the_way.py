"""What a dock says keeps its order in time, whichever message had to wait."""

import json
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from devices.gateway import protocol, reading
from devices.gateway.protocol import Knock
from devices.gateway.senders import Sender
from devices.health.models import CameraHealth
from devices.inventory.models import Bay
from devices.policy import Policy
from tests.gateway.words import batch, event, report
from tests.rows import a_camera, a_dock, a_station

pytestmark = pytest.mark.django_db

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


def clock(second: float) -> str:
    """What the dock's clock says; it is ten minutes ahead."""
    return (NOON + timedelta(minutes=10, seconds=second)).isoformat()


@pytest.fixture
def sender(db):
    station = a_station()
    a_camera(417, station, NOON)
    dock = a_dock("D01", station)
    bays = dict(Bay.objects.filter(dock=dock).values_list("position", "pk"))
    return Sender(station.pk, dock_id=dock.pk, bays=bays)


def said(sender, *reports, events=(), sent):
    message = batch(*reports, events=events, sent_at=clock(sent))
    return Knock(sender, reading.read(json.dumps(message).encode()))


def receive(*knocks, at):
    now = NOON + timedelta(seconds=at)
    protocol.receive(knocks, now=now, policy=Policy(), chance=Random(1))


def came(sender, sent):
    return said(sender, events=[event(sequence=1, device_time=clock(sent))], sent=sent)


def sits(sender, sent):
    return said(sender, report(device_time=clock(sent)), sent=sent)


def left(sender, second, *, sent):
    gone = event(kind="undocked", sequence=2, device_time=clock(second))
    return said(sender, events=[gone], sent=sent)


def test_a_camera_that_left_is_out_although_the_words_before_took_longer(sender):
    receive(came(sender, 0), at=0)

    receive(sits(sender, 60), at=65)
    receive(left(sender, 61, sent=65), at=65)

    health = CameraHealth.objects.get()
    assert health.docked is False
    assert health.placed_at == NOON + timedelta(seconds=61)


def test_it_is_so_too_when_both_are_written_together(sender):
    receive(came(sender, 0), at=0)

    receive(sits(sender, 60), left(sender, 60.2, sent=60.5), at=65)

    assert CameraHealth.objects.get().docked is False


def test_nothing_is_placed_after_it_came(sender):
    receive(came(sender, 0), at=5)
    receive(sits(sender, 60), at=60)

    assert CameraHealth.objects.get().placed_at == NOON + timedelta(seconds=60)


def moved_at():
    return (CameraHealth.objects.get().moved_at - NOON).total_seconds()


def test_it_is_where_it_is_since_it_moved_and_not_since_its_last_word(sender):
    receive(came(sender, 0), at=0)
    receive(sits(sender, 60), at=60)
    assert moved_at() == 0

    receive(left(sender, 61, sent=61), at=61)
    for minute in (2, 3):
        out = report(docked=False, sequence=minute, device_time=clock(minute * 60))
        receive(said(sender, out, sent=minute * 60), at=minute * 60)

    assert CameraHealth.objects.get().placed_at == NOON + timedelta(minutes=3)
    assert moved_at() == 61


def test_the_dock_it_left_says_since_when_although_it_is_heard_later(sender):
    receive(came(sender, 0), at=0)
    out = report(docked=False, sequence=2, device_time=clock(120))
    receive(said(sender, out, sent=120), at=120)
    assert moved_at() == 120

    receive(left(sender, 61, sent=180), at=180)

    assert moved_at() == 61


def test_who_was_in_a_bay_since_has_not_been_out_since_before(sender):
    """A dock tells a whole day late, and the camera spoke from the street long ago."""
    out = report(docked=False, sequence=2, device_time=clock(120))
    receive(said(sender, out, sent=120), at=120)

    for sequence, (kind, second) in enumerate(
        (("docked", 0), ("undocked", 10), ("docked", 30), ("undocked", 50)), start=1
    ):
        told = event(kind=kind, sequence=sequence, device_time=clock(second))
        receive(said(sender, events=[told], sent=180), at=180)
        if second == 30:
            assert moved_at() == 120  # it left since, and nobody has said when

    assert CameraHealth.objects.get().docked is False
    assert moved_at() == 50
