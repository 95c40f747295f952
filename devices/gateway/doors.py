"""The two doors: `POST /gateway/v1/reports` and the websocket `/gateway/v1/socket`.

Plain ASGI, outside Django's middleware: devices have tokens and neither cookies nor forms.
A browser that knocks is turned away.
"""

import asyncio
import json
import time
from collections.abc import MutableMapping, Sequence
from typing import Any

from django.db import DatabaseError, close_old_connections
from django.utils.timezone import now

from devices.gateway import nudges, reading
from devices.gateway.committing import NotStored, commit
from devices.gateway.gathering import Gathering, Overloaded
from devices.gateway.http import (
    Receive,
    Refusal,
    Reply,
    Scope,
    Send,
    body,
    is_a_browsers,
    media_type,
    problem,
)
from devices.gateway.protocol import Knock
from devices.gateway.reading import NotUnderstood
from devices.gateway.senders import Sender, Senders, bearer
from devices.wire import MOST_BYTES

NOT_PROVEN = 4401
TOO_BIG, NOT_ALLOWED, BAD_TEXT, COME_BACK = 1009, 1008, 1007, 1013
RECHECK_S = 15  # an open socket's token is asked for again this often, so revoking closes it
MOST_FRAMES_A_SECOND = 200
MOST_PROVEN = 500  # tokens looked up together
RETRY_AFTER_S = 5

_senders = Senders()


async def proven(token: str, *, ask_again: bool = False) -> Sender | None:
    """The device this token belongs to; DatabaseError when nobody can say."""
    if not token:
        return None
    moment = now()
    known = None if ask_again else _senders.remembered(token, moment)
    return known or await _proofs.ask(token)


def _prove(claims: Sequence[str]) -> Sequence[Sender | None]:
    try:
        return _senders.prove(claims, now())
    finally:
        close_old_connections()


# A thread of its own: tokens are asked for while people's pages hold the others.
_proofs: Gathering[str, Sender | None] = Gathering("tokens", _prove, threads=1, most=MOST_PROVEN)


async def reports(scope: Scope, receive: Receive, send: Send) -> None:
    """The HTTP door: one batch a request."""
    reply = Reply(send)
    try:
        answer = await commit(await _admitted(scope, receive))
        await reply.json(200, answer.model_dump_json(exclude_none=True).encode())
    except Refusal as refusal:
        await reply.problem(refusal.status, refusal.title, extra=refusal.extra)
    except NotUnderstood as refusal:
        await reply.problem(refusal.status, refusal.title, refusal.faults)
    except (Overloaded, NotStored, DatabaseError):
        later = [(b"retry-after", str(RETRY_AFTER_S).encode())]
        await reply.problem(503, "Nothing was stored; send it again later.", extra=later)


async def _admitted(scope: Scope, receive: Receive) -> Knock:
    """The message in this request, from a proven sender."""
    headers = dict(scope["headers"])
    if scope["method"] != "POST":
        raise Refusal(405, "Reports are sent with POST.", (b"allow", b"POST"))
    if is_a_browsers(headers):
        raise Refusal(403, "This door is for devices: Origin and cookies are a browser's.")
    sender = await proven(bearer(scope["headers"]))
    if sender is None:
        raise Refusal(401, "This token is not accepted.", (b"www-authenticate", b"Bearer"))
    if media_type(headers) != b"application/json" or b"content-encoding" in headers:
        raise Refusal(415, "Send application/json, not compressed.")
    sent = await body(receive, headers, MOST_BYTES)
    if sent is None:
        raise Refusal(413, f"A message is at most {MOST_BYTES} bytes.")
    return Knock(sender, reading.read(sent))


async def socket(scope: Scope, receive: Receive, send: Send) -> None:
    """The websocket door: each text frame is a batch, answered in turn."""
    await receive()
    # Accepted first: a close code reaches the device only over an open socket.
    await send({"type": "websocket.accept"})
    if is_a_browsers(dict(scope["headers"])):
        code: int | None = NOT_ALLOWED
    else:
        asked = nudges.asked_for(scope)
        talk = _Conversation(bearer(scope["headers"]), receive, send, nudged=asked)
        code = await talk.until_it_ends()
    if code is not None:
        await send({"type": "websocket.close", "code": code})


class _Conversation:
    """One open socket. Frames are answered one after the other, in order."""

    def __init__(self, token: str, receive: Receive, send: Send, *, nudged: bool) -> None:
        self.token, self._nudged = token, nudged
        self._receive, self._send = receive, send
        self._second, self._frames = 0, 0

    async def until_it_ends(self) -> int | None:
        """The code to close with; None when the device has gone."""
        try:
            sender = await proven(self.token)
            if sender is None:
                return NOT_PROVEN
            if not self._nudged:
                return await self._talk()
            async with nudges.passed_on(sender, self._send):
                return await self._talk()
        except (Overloaded, NotStored, DatabaseError):
            return COME_BACK

    async def _talk(self) -> int | None:
        code = None
        while code is None:
            event = await self._next()
            if event is None:
                code = None if await proven(self.token, ask_again=True) else NOT_PROVEN
            elif event["type"] == "websocket.disconnect":
                return None
            else:
                code = await self._answer(event)
        return code

    async def _next(self) -> MutableMapping[str, Any] | None:
        """The next frame, or None when it is time to ask for the token again."""
        try:
            async with asyncio.timeout(RECHECK_S):
                return await self._receive()
        except TimeoutError:
            return None

    async def _answer(self, event: MutableMapping[str, Any]) -> int | None:
        """Answer one frame; the code to close with when it is not one we read."""
        raw = _encoded(event.get("text") or "")
        sender = await proven(self.token)
        match raw:
            case None:
                return BAD_TEXT
            case b"":
                return NOT_ALLOWED
            case _ if self._too_fast():
                return NOT_ALLOWED
            case _ if len(raw) > MOST_BYTES:
                return TOO_BIG
            case _ if sender is None:
                return NOT_PROVEN
        try:
            answer = await commit(Knock(sender, reading.read(raw)))
            said = answer.model_dump_json(exclude_none=True)
        except NotUnderstood as refusal:
            said = json.dumps(problem(refusal.status, refusal.title, refusal.faults))
        await self._send({"type": "websocket.send", "text": said})
        return None

    def _too_fast(self) -> bool:
        second = int(time.monotonic())
        if second != self._second:
            self._second, self._frames = second, 0
        self._frames += 1
        return self._frames > MOST_FRAMES_A_SECOND


def _encoded(text: str) -> bytes | None:
    try:
        return text.encode()
    except UnicodeEncodeError:
        return None
