"""The fleet's door of update clients, as a camera in a bay reaches it."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from urllib.parse import quote, urlsplit, urlunsplit

from devices.simulator.camera import Camera
from devices.simulator.updates.asking import Answer, asking

TENANT = "DEFAULT"  # every server answers to it
_SCHEMES = {"ws": "http", "wss": "https"}


class Refused(Exception):
    """The door answers, and not with what was asked for."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the door answers {status}")
        self.status = status


class Withdrawn(Exception):
    """What was asked for is not offered, or not any more."""


class Door:
    """``url`` is where the fleet's sockets are; ``tokens`` are of cameras and docks, by name."""

    def __init__(self, url: str, tokens: Mapping[str, str]) -> None:
        address = urlsplit(url.rstrip("/"))
        scheme = _SCHEMES.get(address.scheme, address.scheme)
        self._url = urlunsplit(address._replace(scheme=scheme))
        self._tokens = tokens

    def base(self, camera: Camera) -> str:
        return f"{self._url}/{TENANT}/controller/v1/{quote(camera.serial, safe='')}"

    def knows(self, camera: Camera) -> bool:
        """There is a token with which this camera can ask from where it is."""
        return bool(self._authorization(camera))

    def ask(
        self,
        camera: Camera,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        said: bytes | None = None,
    ) -> AbstractAsyncContextManager[Answer]:
        """One request."""
        return asking(method, url, {**self._authorization(camera), **(headers or {})}, said)

    async def read(self, camera: Camera, url: str) -> bytes:
        """A document; Withdrawn when it is not there, Refused when it is not to be had."""
        async with self.ask(camera, "GET", url) as answer:
            if answer.status == 404:
                raise Withdrawn
            if answer.status != 200:
                raise Refused(answer.status)
            return await answer.body()

    async def tell(self, camera: Camera, method: str, url: str, said: bytes) -> int:
        """Say something; the status of the answer."""
        async with self.ask(camera, method, url, said=said) as answer:
            return answer.status

    def _authorization(self, camera: Camera) -> dict[str, str]:
        """A camera's own token, or else that of the dock it is in."""
        if token := self._tokens.get(camera.serial):
            return {"Authorization": f"TargetToken {token}"}
        token = self._tokens.get(camera.place.dock) if camera.place else None
        return {"Authorization": f"GatewayToken {token}"} if token else {}
