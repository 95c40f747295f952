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

from dashboard.consumers import AlertsConsumer, BoardConsumer, WallboardConsumer  # noqa: E402
from devices.gateway import doors  # noqa: E402
from fleet.bodies import bounded  # noqa: E402


def pages(consumer: Any) -> Any:
    """A socket asked for by a page of ours, with the cookie of a session or of a wall screen."""
    return AllowedHostsOriginValidator(CookieMiddleware(consumer))


# Django's `path` is typed for its own views alone; these are ASGI applications.
reports: Any = doors.reports
socket: Any = doors.socket

http: list[Any] = [path("gateway/v1/reports", reports), re_path(r"", bounded(django))]
sockets: list[Any] = [
    path("gateway/v1/socket", socket),
    path("live/board", pages(BoardConsumer.as_asgi())),
    path("live/alerts", pages(AlertsConsumer.as_asgi())),
    # Below the one path that a wall screen's cookie is sent to.
    path("wallboard/live", pages(WallboardConsumer.as_asgi())),
]

application = ProtocolTypeRouter({"http": URLRouter(http), "websocket": URLRouter(sockets)})
