"""A device that is shut out stops hearing: the real server, a real connection, real time."""

import json
from contextlib import ExitStack
from itertools import count

import pytest
from django.utils.timezone import now
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from devices.access import actions
from devices.gateway.doors import NOT_PROVEN
from devices.health.models import CameraHealth
from tests.browser.serving import wait_until
from tests.gateway.words import batch, report
from tests.patience import PATIENCE_S
from tests.rows import a_camera, a_dock, a_station

pytestmark = pytest.mark.django_db(transaction=True)

IDLE_CLOSES_WITHIN_S = 30.0
REFUSED_WITHIN_S = 5.0


@pytest.fixture
def open_socket(server, transactional_db):
    """A dock's socket that is open and was believed, with the dock and its camera."""
    with ExitStack() as sockets:

        def dial(code, number):
            dock = a_dock(code, a_station(code, code))
            camera = a_camera(number, dock.station, now())
            token = actions.enrol_dock(dock, by=None, now=now())
            address = f"ws://127.0.0.1:{server.port}/gateway/v1/socket"
            proof = {"Authorization": f"Bearer {token}"}
            socket = sockets.enter_context(connect(address, additional_headers=proof))
            assert said(socket, camera, 1) == {"result": "stored"}
            return socket, dock, camera

        yield dial


def said(socket, camera, sequence):
    """What the gateway answers to one report of this camera."""
    socket.send(json.dumps(batch(report(camera.serial, sequence=sequence))))
    return json.loads(socket.recv(timeout=PATIENCE_S))["reports"][0]


def test_an_idle_socket_closes_within_thirty_seconds(open_socket):
    socket, dock, _ = open_socket("D01", 1)

    actions.revoke(dock, by=None, now=now(), reason="stolen")

    with pytest.raises(ConnectionClosed) as closed:
        socket.recv(timeout=IDLE_CLOSES_WITHIN_S)
    assert closed.value.rcvd.code == NOT_PROVEN


def test_a_busy_socket_is_refused_within_five_seconds_and_another_docks_goes_on(open_socket):
    socket, dock, camera = open_socket("D01", 1)
    others, _, other = open_socket("D02", 2)
    sequences = count(2)

    def is_refused():
        try:
            said(socket, camera, next(sequences))
        except ConnectionClosed as closed:
            return closed.rcvd.code == NOT_PROVEN
        return False

    actions.revoke(dock, by=None, now=now(), reason="stolen")

    wait_until(is_refused, REFUSED_WITHIN_S)
    assert said(others, other, 2) == {"result": "stored"}
    assert CameraHealth.objects.get(camera=camera).sequence == next(sequences) - 2
