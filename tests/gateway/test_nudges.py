"""An offer is known at a device's open socket at once, if the device asked for nudges."""

import pytest
from asgiref.sync import sync_to_async
from django.db import transaction
from django.utils.timezone import now

from devices import feed
from devices.policy import Policy
from devices.rollouts import sweeping
from devices.rollouts.models import Deployment
from tests.gateway.knocking import Socket
from tests.gateway.words import batch, report, token_of
from tests.rollouts.setting import docked, started
from tests.rows import person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def camera(transactional_db, settings, tmp_path):
    settings.VAR_DIR = tmp_path
    (camera,) = docked(1, now())
    started(person(None, name="it"), person(None, name="colleague"), now())
    return camera


async def dialled(camera, query: bytes) -> Socket:
    token = await sync_to_async(token_of)(camera.home_bay.dock, now())
    socket = await Socket(token, query=query).open()
    assert await told(socket, camera, 7) == "stored"
    return socket


async def told(socket: Socket, camera, sequence: int) -> str:
    emptied = report(camera.serial, sequence=sequence, offload="complete", clips_waiting=0)
    return (await socket.say(batch(emptied)))["reports"][0]["result"]


async def test_a_dock_hears_of_an_offer_at_once(camera):
    socket = await dialled(camera, b"nudges=yes")

    offered = await sync_to_async(sweeping.sweep)(now=now(), policy=Policy())

    assert offered == 1
    assert await socket.hear() == {"nudge": {"poll": [camera.serial]}}
    assert await told(socket, camera, 8) == "stored"
    await socket.close()


async def test_who_did_not_ask_hears_answers_alone(camera):
    socket = await dialled(camera, b"")

    @sync_to_async
    def nudge():
        with transaction.atomic():
            feed.nudge({feed.dock_group(camera.home_bay.dock_id): [camera.serial]})

    await nudge()

    assert await socket.door.receive_nothing(0.2)
    await socket.close()
    assert await Deployment.objects.acount() == 1
