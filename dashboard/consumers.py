"""The sockets of open pages: who listens, and what they may say (one sentence)."""

import asyncio
import contextlib
import json
import logging
from collections import deque
from dataclasses import dataclass
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from channels.auth import get_user
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.contrib.auth.models import User
from django.utils.module_loading import import_string
from django.utils.timezone import localtime, now

from dashboard import bells, screens, wallboard_hub, witness
from dashboard.live import BEAT_EVERY_S, Board, hub
from dashboard.picture import Look
from dashboard.session import why_over
from dashboard.wallboard_hub import Viewer
from devices import feed, ledger
from devices.access.models import ScreenTheme
from devices.access.people import Visible, reach_of
from devices.access.screens import actions
from devices.access.screens.proving import Proven, theme_at
from devices.ledger import Circumstances
from devices.roles import Act
from devices.rollouts.reading import stands

NOT_SIGNED_IN = 4401
log = logging.getLogger(__name__)

TROUBLE = 1011
NOT_ALLOWED = 4403
LOOK_AGAIN = 4409  # what the person may see has changed: load the page anew
NONSENSE = 1008
TOO_LARGE = 1009

MOST_SHOWN = 500
MOST_BYTES = 64 * 1024
MOST_MESSAGES_A_SECOND = 20
CHANGES_EVERY_S = 2.0  # a desk reads what it keeps no more often than this
MOVES_EVERY_S = 1.0  # whether a rollout moved is asked no more often than this,
MOVES_BEAT_S = 2.0  # and no less: that somebody paused it names no camera


class PageConsumer(AsyncWebsocketConsumer):
    """A socket of a page of ours.

    Who listens is asked again every half minute: a person signed out, disabled or posted
    elsewhere, or a screen whose link was taken away, stops hearing.
    """

    ask_again_every_s = 30.0
    unread_for_s = 30.0

    async def connect(self) -> None:
        self.tasks: list[asyncio.Task[None]] = []
        self.heard: deque[float] = deque(maxlen=MOST_MESSAGES_A_SECOND)
        if not same_origin(self.scope):
            await self.close()  # before accepting: the browser is told 403
            return
        await self.accept()
        self.listener = await self.who()
        if isinstance(self.listener, int):
            await self.close(self.listener)
            return
        self.tasks.append(asyncio.create_task(self.keep_asking()))
        await self.admitted(self.listener)

    async def who(self) -> Any:
        """Who listens, or the code to close with."""
        raise NotImplementedError

    async def admitted(self, listener: Any) -> None:
        """Somebody listens."""

    async def disconnect(self, code: int) -> None:
        for task in self.tasks:
            task.cancel()

    async def say(self, message: dict[str, Any]) -> None:
        """A slow reader waits alone, and is let go if it never reads."""
        try:
            await asyncio.wait_for(self.send(json.dumps(message)), self.unread_for_s)
        except TimeoutError:
            await self.close(NONSENSE)

    async def keep_asking(self) -> None:
        """Whoever cannot be asked about is let go: the page connects again, and is asked anew."""
        while True:
            await asyncio.sleep(self.ask_again_every_s)
            try:
                listener = await self.who()
            except Exception:
                log.warning("who listens could not be asked", exc_info=True)
                await self.close(TROUBLE)
                return
            if listener != self.listener:
                await self.close(listener if isinstance(listener, int) else LOOK_AGAIN)
                return

    def too_many(self) -> bool:
        self.heard.append(monotonic())
        full = len(self.heard) == MOST_MESSAGES_A_SECOND
        return full and self.heard[-1] - self.heard[0] < 1


class PeoplesConsumer(PageConsumer):
    """A socket of a signed-in person's page."""

    async def who(self) -> "Listener | int":
        return await who_listens(self.scope)


class BoardConsumer(PeoplesConsumer):
    """Keeps one open board or dock wall true.

    It says once what it shows and is then painted by the hub.
    """

    async def connect(self) -> None:
        self.board: Board | None = None
        await super().connect()

    async def disconnect(self, code: int) -> None:
        await super().disconnect(code)
        if self.board is not None:
            hub().leave(self.board)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if len(text_data or bytes_data or "") > MOST_BYTES:
            await self.close(TOO_LARGE)
        elif self.too_many():
            await self.close(NONSENSE)
        elif self.board is None and isinstance(self.listener, Listener):
            await self.begin(showing_in(text_data), self.listener)

    async def begin(self, shown: "Showing | None", listener: "Listener") -> None:
        if shown is None:
            await self.close(NONSENSE)
            return
        look = Look(
            listener.reach, listener.badges, listener.may_settle, shown.ids, wall=shown.wall
        )
        self.board = Board(look)
        self.tasks.append(asyncio.create_task(self.keep_sending(self.board)))
        hub().join(self.board)

    async def keep_sending(self, board: Board) -> None:
        while True:
            await self.say(await board.take())


class DeskConsumer(PeoplesConsumer):
    """A desk: told that cameras changed, at most every two seconds, and a sign of life in between.

    Names, never news: the desk then reads what it keeps.
    """

    async def admitted(self, listener: "Listener") -> None:
        if not listener.desk:
            await self.close(NOT_ALLOWED)
            return
        self.wake = asyncio.Event()
        await self.channel_layer.group_add(feed.GROUP, self.channel_name)
        self.tasks.append(asyncio.create_task(self.keep_telling()))

    async def disconnect(self, code: int) -> None:
        await super().disconnect(code)
        await self.channel_layer.group_discard(feed.GROUP, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        await self.close(NONSENSE)  # a desk's scans go another way, where each is kept

    async def cameras_changed(self, event: dict[str, Any]) -> None:
        self.wake.set()

    async def keep_telling(self) -> None:
        changed = True
        while True:
            await self.say({"type": "changed" if changed else "beat"})
            await asyncio.sleep(CHANGES_EVERY_S)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.wake.wait(), BEAT_EVERY_S)
            changed = self.wake.is_set()
            self.wake.clear()


class RolloutsConsumer(PeoplesConsumer):
    """Rollouts that a page shows: told when one of them moved, and a sign of life in between.

    The page says once which it shows. Names, never news: it then reads its own part again.
    """

    async def admitted(self, listener: "Listener") -> None:
        self.showing: Showing | None = None
        if not listener.rollouts:
            await self.close(NOT_ALLOWED)
            return
        self.wake = asyncio.Event()
        await self.channel_layer.group_add(feed.GROUP, self.channel_name)

    async def disconnect(self, code: int) -> None:
        await super().disconnect(code)
        await self.channel_layer.group_discard(feed.GROUP, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if len(text_data or bytes_data or "") > MOST_BYTES:
            await self.close(TOO_LARGE)
        elif self.too_many():
            await self.close(NONSENSE)
        elif isinstance(self.listener, Listener) and self.showing is None:
            await self.begin(showing_in(text_data))

    async def begin(self, shown: "Showing | None") -> None:
        if shown is None:
            await self.close(NONSENSE)
            return
        self.showing = shown
        self.tasks.append(asyncio.create_task(self.keep_telling(shown)))

    async def cameras_changed(self, event: dict[str, Any]) -> None:
        self.wake.set()

    async def keep_telling(self, shown: "Showing") -> None:
        before: Any = None
        while True:
            self.wake.clear()
            at = localtime(now())
            try:
                stand = await database_sync_to_async(stands)(shown.ids)
            except Exception:
                log.warning("rollouts could not be read", exc_info=True)
                await self.close(TROUBLE)  # the page connects again, and is honest meanwhile
                return
            await self.say({"changed": stand != before, "at": f"{at:%H:%M:%S}"})
            before = stand
            await asyncio.sleep(MOVES_EVERY_S)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.wake.wait(), MOVES_BEAT_S - MOVES_EVERY_S)


class AlertsConsumer(PeoplesConsumer):
    """The bell: how many alerts call, as soon as that changes, and a sign of life in between.

    The feed says only that something changed and may lose that; what is said is read anew,
    and every five seconds all the same.
    """

    async def admitted(self, listener: "Listener") -> None:
        if listener.alerts is None:
            await self.close(NOT_ALLOWED)
            return
        self.wake = asyncio.Event()
        await self.channel_layer.group_add(feed.ALERTS, self.channel_name)
        self.tasks.append(asyncio.create_task(self.keep_ringing(listener.alerts)))

    async def disconnect(self, code: int) -> None:
        await super().disconnect(code)
        await self.channel_layer.group_discard(feed.ALERTS, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        await self.close(NONSENSE)  # a bell is listened to

    async def alerts_changed(self, event: dict[str, Any]) -> None:
        self.wake.set()

    async def keep_ringing(self, reach: Visible) -> None:
        while True:
            await self.say(await bell_of(reach))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.wake.wait(), BEAT_EVERY_S)
            self.wake.clear()


class WallboardConsumer(PageConsumer):
    """A wall screen: told what it shows whenever that changes, and a sign of life in between."""

    ask_again_every_s = 5.0  # three small statements a screen, and there are few screens

    async def connect(self) -> None:
        self.viewer: Viewer | None = None
        await super().connect()

    async def who(self) -> Proven | int:
        found: Proven | int = await _screen(self.scope)
        return found

    async def admitted(self, listener: Proven) -> None:
        self.viewer = wallboard_hub.hub().join(listener.reach)
        self.tasks.append(asyncio.create_task(self.keep_showing(self.viewer, listener.theme)))

    async def disconnect(self, code: int) -> None:
        await super().disconnect(code)
        if self.viewer is not None:
            wallboard_hub.hub().leave(self.viewer)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        await self.close(NONSENSE)  # a wall is looked at

    async def keep_showing(self, viewer: Viewer, theme: ScreenTheme) -> None:
        while True:
            message = await viewer.take()
            await self.say({**message, "theme": theme_at(theme, localtime(now()).time())})


@database_sync_to_async
def _screen(scope: dict[str, Any]) -> Proven | int:
    screen = screens.screen_of(scope.get("cookies", {}), now())
    if screen is None:
        return NOT_ALLOWED
    actions.note_seen(screen.screen_id, now=now())
    return screen


@database_sync_to_async
def bell_of(reach: Visible) -> dict[str, Any]:
    at = now()
    bell = bells.bell(reach, at)
    return {
        "calling": bell.calling,
        "untaken": bell.untaken,
        "worst": bell.worst,
        "newest": bell.newest,
        "version": bell.version,
        "unlooked": bell.unlooked,
        "at": f"{localtime(at):%H:%M:%S}",
    }


@dataclass(frozen=True)
class Listener:
    """How far the person behind a socket sees."""

    reach: Visible
    badges: bool
    may_settle: bool
    alerts: Visible | None
    desk: bool
    rollouts: bool


@dataclass(frozen=True)
class Showing:
    ids: frozenset[int]
    wall: bool


@database_sync_to_async
def _listener(user: User, scope: dict[str, Any], session_key: str) -> Listener | int:
    reach = reach_of(user, Act.VIEW_BOARD)
    if reach is None:
        source, _ = scope.get("client") or ("", 0)
        session = witness.stand_in(session_key)
        with ledger.acting(Circumstances(source=source, session=session)):
            witness.denied(user, scope["path"])
        return NOT_ALLOWED
    return Listener(
        reach=reach,
        badges=reach_of(user, Act.VIEW_OFFICERS) is not None,
        may_settle=reach_of(user, Act.RESOLVE_QUARANTINE) is not None,
        alerts=reach_of(user, Act.VIEW_READINESS),
        desk=reach_of(user, Act.WORK_DESK) is not None,
        rollouts=reach_of(user, Act.VIEW_ROLLOUTS) is not None,
    )


async def who_listens(scope: dict[str, Any]) -> Listener | int:
    """The person by their session as it is now, or the code to close with."""
    key = scope.get("cookies", {}).get(settings.SESSION_COOKIE_NAME, "")
    session = import_string(f"{settings.SESSION_ENGINE}.SessionStore")(key)
    user = await get_user({"session": session})
    if await database_sync_to_async(why_over)(session, now()):
        return NOT_SIGNED_IN
    return await _listener(user, scope, key) if isinstance(user, User) else NOT_SIGNED_IN


def same_origin(scope: dict[str, Any]) -> bool:
    """Whether a page of this very host asks; a browser always says where a page is from."""
    headers = dict(scope["headers"])
    origin = headers.get(b"origin", b"").decode("latin1")
    host = headers.get(b"host", b"").decode("latin1")
    try:
        return bool(host) and urlsplit(origin).netloc.lower() == host.lower()
    except ValueError:
        return False


def showing_in(text: str | None) -> Showing | None:
    """What a board says it shows; None for anything else."""
    try:
        said = json.loads(text or "")
    except (ValueError, RecursionError):
        return None
    match said:
        case {"showing": [*ids], **rest} if len(ids) <= MOST_SHOWN and rest.keys() <= {"wall"}:
            if all(type(one) is int and 0 < one < 2**63 for one in ids):
                return Showing(frozenset(ids), wall=rest.get("wall") is True)
    return None
