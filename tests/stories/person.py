"""Somebody at a browser: signs in, looks at the board, and leaves it open."""

import asyncio
import json
import re
from contextlib import suppress
from http.cookiejar import CookieJar
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from tests.patience import PATIENCE_S

OPEN_AGAIN_S = 0.25  # as board.js begins

_PLACE = re.compile(r'<li id="c(\d+)"[^>]*>(<a class="tile.*?</a>)</li>', re.DOTALL)
_TILE = re.compile(r' data-bucket="(?P<bucket>\w+)"[^>]* data-find="\S+ (?P<serial>\S+)')
_FORM_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
_PART = re.compile(r'data-part="(\w+)"(?:(?!</a>).)*<b>(\d+)</b>', re.DOTALL)

Buckets = dict[str, str]  # of each camera, by its serial number


def differences(shown: Buckets, truth: Buckets) -> dict[str, str]:
    """Where a board is not the truth, in words."""
    return {
        serial: f"is {truth.get(serial)}, shown {shown.get(serial)}"
        for serial in shown.keys() | truth.keys()
        if shown.get(serial) != truth.get(serial)
    }


class Person:
    """A browser of its own, with its cookies."""

    def __init__(self, address: str) -> None:
        self.address, self.cookies = address, CookieJar()
        self._browser = build_opener(HTTPCookieProcessor(self.cookies))

    def sign_in(self, name: str, password: str) -> None:
        token, *_ = _FORM_TOKEN.findall(self.get("/sign-in/"))
        form = {"csrfmiddlewaretoken": token, "username": name, "password": password}
        with self._browser.open(
            f"{self.address}/sign-in/", urlencode(form).encode(), PATIENCE_S
        ) as answer:
            assert "/sign-in/" not in answer.url, "this name and password open no door"

    def get(self, path: str) -> str:
        with self._browser.open(self.address + path, timeout=PATIENCE_S) as answer:
            return str(answer.read().decode())

    def post(self, path: str, **form: str) -> str:
        """Send a form; what is read then."""
        return self.send(path, urlencode(form).encode(), "application/x-www-form-urlencoded")

    def send(self, path: str, body: bytes, kind: str) -> str:
        token = next(one.value for one in self.cookies if one.name == "csrftoken")
        heads = {"Content-Type": kind, "X-CSRFToken": str(token), "Referer": self.address}
        asked = Request(self.address + path, body, heads)
        with self._browser.open(asked, timeout=PATIENCE_S) as answer:
            return str(answer.read().decode())

    def look_at_the_board(self) -> "Board":
        return Board(self.get("/"))

    def open_board(self) -> "OpenBoard":
        return OpenBoard(self)


class Board:
    """What a board says: the tile at each place, and the sentence above them."""

    def __init__(self, page: str) -> None:
        self.tiles = {int(place): tile for place, tile in _PLACE.findall(page)}
        self.sentence = page

    @property
    def buckets(self) -> Buckets:
        found = (_TILE.search(tile) for tile in self.tiles.values())
        return {one["serial"].upper(): one["bucket"] for one in found if one}

    @property
    def counts(self) -> dict[str, int]:
        """The numbers of the sentence."""
        return {bucket: int(number) for bucket, number in _PART.findall(self.sentence)}


class OpenBoard(Board):
    """A board that is left open, kept by the socket as board.js keeps it."""

    def __init__(self, person: Person) -> None:
        super().__init__(person.get("/"))
        self._url = person.address.replace("http", "ws", 1) + "/live/board"
        cookies = "; ".join(f"{one.name}={one.value}" for one in person.cookies)
        self._cookies, self._origin = {"Cookie": cookies}, person.address

    async def keep(self) -> None:
        """Listen, and listen again whenever the socket is lost."""
        while True:
            with suppress(OSError, EOFError, TimeoutError, WebSocketException):
                async with connect(
                    self._url, origin=self._origin, additional_headers=self._cookies, proxy=None
                ) as socket:
                    await self._listen(socket)
            await asyncio.sleep(OPEN_AGAIN_S)

    async def _listen(self, socket: ClientConnection) -> None:
        await socket.send(json.dumps({"showing": list(self.tiles)}))
        version = 0
        async for said in socket:
            message = json.loads(said)
            version += 1
            assert message["version"] == version, "a message was left out"
            self.tiles |= {int(place[1:]): tile for place, tile in message["tiles"].items()}
            self.sentence = message.get("counts") or self.sentence
