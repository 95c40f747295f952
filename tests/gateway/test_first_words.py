"""A camera's very first reports come through several lines at once: none is refused."""

import json
from datetime import UTC, datetime
from random import Random

import pytest

from devices.gateway import protocol, reading
from devices.gateway.protocol import Knock
from devices.gateway.senders import Sender
from devices.health.models import CameraHealth
from devices.policy import Policy
from devices.wire import Result
from tests.gateway.words import batch, report
from tests.racing import race
from tests.rows import a_camera, a_station

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
LINES = 6


def test_whoever_is_second_waits_for_its_row_and_is_stored():
    camera = a_camera(417, a_station(), NOON)
    sender = Sender(camera.station_id, camera_id=camera.pk)

    def speak(number):
        words = batch(report(bay=None, sequence=number + 1, device_time=NOON.isoformat()))
        message = reading.read(json.dumps(words).encode())
        (answer,) = protocol.receive(
            [Knock(sender, message)], now=NOON, policy=Policy(), chance=Random(1)
        )
        return answer.reports[0].result

    assert race(speak, runners=LINES) == [Result.STORED] * LINES
    assert CameraHealth.objects.get().sequence == LINES
