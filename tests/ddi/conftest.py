from dataclasses import dataclass
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.utils.timezone import now

from devices.inventory.models import Camera, Dock
from devices.rollouts.models import Deployment
from devices.rollouts.rules import Turn
from tests.ddi.asking import Reply, ask
from tests.ddi.offers import a_turn
from tests.gateway.words import token_of
from tests.rows import a_camera, a_dock, a_station


@dataclass
class Client:
    """A camera with a token, and what its update client can do."""

    camera: Camera
    token: str
    turn: Deployment | None = None

    @property
    def base(self) -> str:
        return f"/DEFAULT/controller/v1/{self.camera.serial}"

    async def get(self, path: str = "", **rest: Any) -> Reply:
        return await ask("GET", self.base + path, self.token, **rest)

    async def head(self, path: str, **rest: Any) -> Reply:
        return await ask("HEAD", self.base + path, self.token, **rest)

    async def put(self, path: str, said: Any) -> Reply:
        return await ask("PUT", self.base + path, self.token, said)

    async def say(self, said: Any, *, of: str = "deploymentBase", offer: int = 0) -> Reply:
        offer = offer or self.turn.offer
        return await ask("POST", f"{self.base}/{of}/{offer}/feedback", self.token, said)

    async def links(self) -> Any:
        return (await self.get()).json().get("_links", {})

    async def state(self) -> Turn:
        rows = Deployment.objects.select_related("rollout__release")
        self.turn = await rows.aget(pk=self.turn.pk)
        return Turn(self.turn.state)

    @property
    def file(self) -> str:
        """Where its release's bytes are."""
        release = self.turn.rollout.release
        return f"/softwaremodules/{release.pk}/artifacts/{release.file_name}"


@dataclass
class Place:
    """A dock with a camera of its station, and what stands elsewhere."""

    dock: Dock
    client: Client


def a_client(serial: str = "BWC-000417", *, code: str = "HQ", number: int = 417) -> Client:
    station = a_station(code, code)
    camera = a_camera(number, station, now(), serial=serial)
    return Client(camera, token_of(camera, now()))


def with_turn(client: Client, *given: Any, **fields: Any) -> Client:
    client.turn = a_turn(client.camera, *given, **fields)
    return client


@pytest.fixture
def client(transactional_db) -> Client:
    """A camera that nothing is wanted of."""
    return a_client()


@pytest.fixture
def offered(client) -> Client:
    """A camera that an update is offered to."""
    return with_turn(client)


@pytest.fixture
def turned(client):
    """Makes a turn of the camera, in any state."""

    async def make(*given: Any, **fields: Any) -> Client:
        return await sync_to_async(with_turn)(client, *given, **fields)

    return make


@pytest.fixture
def dock(client) -> Dock:
    """A dock of the camera's station."""
    return a_dock("D01", client.camera.station)
