"""`/{tenant}/controller/v1/{serial}/…`: plain ASGI, outside Django's middleware.

Every request is from a camera for itself or from a dock for a camera of its own; who is not
believed hears 401 and nothing else. There are no redirects and no slashes at the end.
"""

import json
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote

from django.conf import settings
from django.db import DatabaseError
from django.utils.timezone import now

from devices.errors import Refused
from devices.gateway import doors
from devices.gateway.ddi import documents, downloads, said, turns
from devices.gateway.ddi.asking import NOT_BELIEVED, asked_of, token_in
from devices.gateway.ddi.sending import Line, send_part
from devices.gateway.ddi.standing import Standing
from devices.gateway.ddi.work import in_thread
from devices.gateway.gathering import Overloaded
from devices.gateway.http import Receive, Refusal, Reply, Scope, Send, body, is_a_browsers
from devices.gateway.reading import NotUnderstood
from devices.health.attributes import actions as attributes
from devices.rollouts import actions as rollouts
from devices.rollouts.models import Deployment
from devices.rollouts.rules import Turn
from devices.rollouts.words import Word

MOST_BYTES = 64 * 1024  # 50 lines of a log, and the quotas' refusal of some thousands
RETRY_AFTER_S = 30
DEFAULT_TENANT = "DEFAULT"  # some clients cannot say another one, and write it small
_HAL = b"application/hal+json"
_HOST = re.compile(r"[A-Za-z0-9.\-_]{1,255}(:\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:\d{1,5})?")
_NUMBER = re.compile(r"[1-9]\d{0,8}|0", re.ASCII)
NOWHERE = "There is nothing here."

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Visit:
    """One request that is believed, for the camera that stands so."""

    scope: Scope
    headers: dict[bytes, bytes]
    receive: Receive
    send: Send
    token: str
    camera: Standing
    base: str
    rest: list[str]

    @property
    def camera_id(self) -> int:
        return self.camera.camera_id

    @property
    def number(self) -> int:
        """The id that the address names."""
        if not _NUMBER.fullmatch(self.rest[1]):
            raise Refusal(404, NOWHERE)
        return int(self.rest[1])


async def ddi(scope: Scope, receive: Receive, send: Send) -> None:
    """The door itself."""
    reply = Reply(send)
    try:
        visit = await _believed(scope, receive, send)
        await _answered(visit, reply)
    except Refusal as refusal:
        if refusal.status == 401:
            await reply.json(401, b"")
        else:
            await reply.problem(refusal.status, refusal.title, extra=refusal.extra)
    except NotUnderstood as refusal:
        await reply.problem(refusal.status, refusal.title, refusal.faults)
    except (Overloaded, DatabaseError) as why:
        log.warning("An update client was told to come back: %r", why)
        later = [(b"retry-after", str(RETRY_AFTER_S).encode())]
        await reply.problem(503, "Nothing was kept; come back later.", extra=later)


async def _believed(scope: Scope, receive: Receive, send: Send) -> Visit:
    headers = dict(scope["headers"])
    if is_a_browsers(headers):
        raise Refusal(403, "This door is for devices: Origin and cookies are a browser's.")
    _, tenant, _, _, serial, *rest = scope["path"].split("/")
    token = token_in(headers)
    if not token:
        raise Refusal(401, NOT_BELIEVED)
    camera = await asked_of(token, serial)
    if tenant.lower() not in (settings.TENANT.lower(), DEFAULT_TENANT.lower()):
        raise Refusal(404, NOWHERE)
    named = f"{quote(tenant, safe='')}/controller/v1/{quote(serial, safe='')}"
    base = f"{_address(scope, headers)}/{named}"
    return Visit(scope, headers, receive, send, token, camera, base, rest)


def _address(scope: Scope, headers: dict[bytes, bytes]) -> str:
    """How this client calls us, for links that work for it."""
    host = headers.get(b"host", b"").decode("latin-1")
    if not host:
        return str(settings.ADDRESS)
    if not _HOST.fullmatch(host):
        raise Refusal(400, "The Host is no name of a server.")
    return f"{scope['scheme']}://{host}"


async def _answered(visit: Visit, reply: Reply) -> None:
    match visit.rest:
        case ["softwaremodules", _, "artifacts", _]:
            await _download(visit)
            return
        case rest:
            resource = _RESOURCES.get(_shape(rest))
    if resource is None:
        raise Refusal(404, NOWHERE)
    act = resource.get(visit.scope["method"])
    if act is None:
        raise Refusal(405, "Not by this method.", (b"allow", ", ".join(resource).encode()))
    document = await act(visit)
    told = b"" if document is None else json.dumps(document, separators=(",", ":")).encode()
    hal = _HAL in visit.headers.get(b"accept", b"")
    await reply.json(200, told, kind=_HAL if hal else b"application/json")


def _shape(rest: list[str]) -> tuple[str, ...]:
    """An address with its number left out: what it is of, and what about it."""
    return tuple("#" if place == 1 else step for place, step in enumerate(rest))


# --- What is read ------------------------------------------------------------------------------


async def _poll(visit: Visit) -> documents.Document:
    camera, base = visit.camera, visit.base
    links = {}
    if camera.asks_to:
        links[camera.asks_to] = f"{base}/{camera.asks_to}/{camera.offer}"
    if not camera.described:
        links["configData"] = f"{base}/configData"
    if camera.installed:
        links["installedBase"] = f"{base}/installedBase/{camera.installed}"
    return documents.poll(camera.poll_every, links)


async def _deployment(visit: Visit) -> documents.Document:
    return await in_thread(_shown, visit, turns.under_way)


async def _installed(visit: Visit) -> documents.Document:
    return await in_thread(_shown, visit, turns.ended)


def _shown(visit: Visit, fits: Callable[[Deployment], bool]) -> documents.Document:
    turn = _turn(visit)
    if not fits(turn):
        raise Refusal(404, NOWHERE)
    return documents.deployment(turns.told(turn, now(), _history(visit)), visit.base)


def _history(visit: Visit) -> int | None:
    """How much of the past is asked for; what is no number asks for none."""
    query = parse_qs(visit.scope["query_string"][:200].decode("latin-1"))
    with suppress(ValueError):
        return int(query.get("actionHistory", ["0"])[0][:9])
    return None


def _turn(visit: Visit) -> Deployment:
    turn = turns.turn_of(visit.camera_id, visit.number)
    if turn is None:
        raise Refusal(404, NOWHERE)
    return turn


async def _cancel(visit: Visit) -> documents.Document:
    if visit.camera.state != Turn.CANCELLING or visit.camera.offer != visit.number:
        raise Refusal(404, NOWHERE)
    return documents.cancel(visit.number)


async def _confirmation(_: Visit) -> documents.Document:
    return documents.confirmation()


async def _artifacts(visit: Visit) -> list[documents.Document]:
    turn = await in_thread(turns.with_bytes_of, visit.camera_id, visit.number, now())
    if turn is None:
        raise Refusal(404, NOWHERE)
    return documents.artifacts([turns.offered(turn.rollout.release)], visit.base)


# --- What is said ------------------------------------------------------------------------------


async def _feedback(visit: Visit) -> None:
    word = said.word(await _body(visit))
    await in_thread(_hear, visit, word, of_cancel=False)


async def _feedback_of_cancel(visit: Visit) -> None:
    word = said.word(await _body(visit))
    await in_thread(_hear, visit, word, of_cancel=True)


def _hear(visit: Visit, word: Word, *, of_cancel: bool) -> None:
    turn = _turn(visit)
    try:
        rollouts.hear(turn.pk, word, now=now(), of_cancel=of_cancel)
    except rollouts.Over as refused:
        raise Refusal(410, str(refused)) from None
    except rollouts.TooMuch as refused:
        raise Refusal(429, str(refused)) from None
    except rollouts.NotOffered as refused:
        raise Refusal(404, str(refused)) from None


async def _config_data(visit: Visit) -> None:
    mode, told = said.attributes(await _body(visit))
    await in_thread(_describe, visit, mode, told)


def _describe(visit: Visit, mode: attributes.Mode, told: Mapping[str, str | None]) -> None:
    try:
        attributes.keep_attributes(visit.camera_id, told, mode=mode, now=now())
    except Refused as refused:
        raise Refusal(429, str(refused)) from None


async def _body(visit: Visit) -> bytes:
    """What is sent, whatever it calls itself: old clients name no media type."""
    if b"content-encoding" in visit.headers:
        raise Refusal(415, "Send it not compressed.")
    sent = await body(visit.receive, visit.headers, MOST_BYTES)
    if sent is None:
        raise Refusal(413, f"At most {MOST_BYTES} bytes.")
    return sent


Act = Callable[[Visit], Awaitable[Any]]
_RESOURCES: dict[tuple[str, ...], dict[str, Act]] = {
    (): {"GET": _poll},
    ("deploymentBase", "#"): {"GET": _deployment},
    ("deploymentBase", "#", "feedback"): {"POST": _feedback},
    ("cancelAction", "#"): {"GET": _cancel},
    ("cancelAction", "#", "feedback"): {"POST": _feedback_of_cancel},
    ("installedBase", "#"): {"GET": _installed},
    ("configData",): {"PUT": _config_data},
    ("confirmationBase",): {"GET": _confirmation},
    ("softwaremodules", "#", "artifacts"): {"GET": _artifacts},
}


# --- What is fetched ---------------------------------------------------------------------------


async def _download(visit: Visit) -> None:
    name, method = visit.rest[3], visit.scope["method"]
    match method:
        case "HEAD":
            found = await in_thread(downloads.head, visit.camera_id, visit.number, name, now=now())
        case "GET":
            found = await in_thread(
                downloads.opened, visit.camera_id, visit.number, name, visit.headers, now=now()
            )
        case _:
            raise Refusal(405, "Not by this method.", (b"allow", b"GET, HEAD"))
    try:
        await _send(visit, found)
    finally:
        found.close()


async def _send(visit: Visit, found: downloads.Opened) -> None:
    start = {"type": "http.response.start", "status": found.status, "headers": found.headers}
    await visit.send(start)
    if found.file is None or found.span is None:
        await visit.send({"type": "http.response.body", "body": found.text})
        return

    async def still() -> bool:
        return await _still_believed(visit.token)

    line = Line(visit.send, visit.receive, still, found.bytes_a_second)
    await send_part(found.file, found.span, line, camera_id=visit.camera_id)


async def _still_believed(token: str) -> bool:
    """Whether the token of somebody who downloads holds; while nobody can say, it does."""
    try:
        return await doors.proven(token) is not None
    except (Overloaded, DatabaseError):
        return True
