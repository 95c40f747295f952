"""The front of the house: each knock is sent to its door.

Devices and people have socket trees of their own. The devices' doors stand outside
Django's middleware: they know tokens, never cookies.
"""

import os
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fleet.settings")
django: Any = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402  (after Django's set-up)
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402
from channels.sessions import CookieMiddleware  # noqa: E402
from django.urls import path, re_path  # noqa: E402

from dashboard.consumers import (  # noqa: E402
    AlertsConsumer,
    BoardConsumer,
    DeskConsumer,
    RolloutsConsumer,
    WallboardConsumer,
)
from devices import hurry  # noqa: E402
from devices.gateway import doors  # noqa: E402
from devices.gateway.ddi import door  # noqa: E402
from fleet import ringing  # noqa: E402
from fleet.arriving import Arriving  # noqa: E402
from fleet.bodies import bounded  # noqa: E402

hurry.rung_by(ringing.ring)


def pages(consumer: Any) -> Any:
    """A socket asked for by a page of ours, with the cookie of a session or of a wall screen."""
    return AllowedHostsOriginValidator(CookieMiddleware(consumer))


# Django's `path` is typed for its own views alone; these are ASGI applications.
reports: Any = doors.reports
socket: Any = doors.socket
updates: Any = door.ddi

large_files: Any = Arriving(bounded(django))

http: list[Any] = [
    path("gateway/v1/reports", reports),
    path("releases/upload/", large_files),
    path("api/v1/releases/upload/", large_files),
    re_path(r"^[^/]+/controller/v1/", updates),
    re_path(r"", bounded(django)),
]
sockets: list[Any] = [
    path("gateway/v1/socket", socket),
    path("live/board", pages(BoardConsumer.as_asgi())),
    path("live/desk", pages(DeskConsumer.as_asgi())),
    path("live/alerts", pages(AlertsConsumer.as_asgi())),
    path("live/rollouts", pages(RolloutsConsumer.as_asgi())),
    # Below the one path that a wall screen's cookie is sent to.
    path("wallboard/live", pages(WallboardConsumer.as_asgi())),
]

application = ProtocolTypeRouter({"http": URLRouter(http), "websocket": URLRouter(sockets)})
