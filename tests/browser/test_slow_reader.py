"""A board that never reads holds up nobody, through the real server and real sockets."""

import json
import socket
from contextlib import ExitStack

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from django.utils.timezone import now
from websockets.sync.client import connect

from devices import feed
from devices.health.models import CameraHealth
from devices.roles import Role
from tests import rows
from tests.browser.serving import Server
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 30  # of 140 changed tiles, 80 kB each: far more than any buffer between us holds


def socket_of(server: Server, user: User, *, deaf: bool) -> connect:
    """The way to an open board; a deaf one takes nothing from its socket beyond one message."""
    client = Client()
    client.force_login(user)
    line = socket.create_connection(("127.0.0.1", server.port))
    if deaf:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    return connect(
        f"ws://127.0.0.1:{server.port}/live/board",
        sock=line,
        origin=server.address,  # type: ignore[arg-type]
        additional_headers={"Cookie": f"sessionid={client.cookies['sessionid'].value}"},
        max_size=None,
        max_queue=1 if deaf else None,
        close_timeout=0.1,
    )


def everything_changes(percent: int) -> None:
    with transaction.atomic():
        CameraHealth.objects.update(battery_percent=percent)
        feed.touch_all()


def test_a_board_that_never_reads_holds_up_nobody(server: Server) -> None:
    fleet = rows.a_fleet(now())
    auditor = rows.person(Role.AUDITOR)
    camera = CameraHealth.objects.filter(camera__service_state="in_service").exclude(boot=None)[0]

    with ExitStack() as open_boards:
        for deaf in (True, True, True, False):
            board = open_boards.enter_context(socket_of(server, auditor, deaf=deaf))
            board.send(json.dumps({"showing": fleet.camera_ids}))
        for percent in range(20, 20 + ROUNDS):
            everything_changes(percent)
            told = ""
            while f"Battery {percent} %" not in told:
                told = json.loads(board.recv(timeout=PATIENCE_S))["tiles"].get(f"c{camera.pk}", "")
