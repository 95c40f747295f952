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
from django.urls import path, re_path  # noqa: E402

from devices.gateway import doors  # noqa: E402

http: list[Any] = [path("gateway/v1/reports", doors.reports), re_path(r"", django)]

# The board's owner adds:    path("live/board", people(BoardConsumer.as_asgi()))
#   with people = AllowedHostsOriginValidator(AuthMiddlewareStack(…))
sockets: list[Any] = [path("gateway/v1/socket", doors.socket)]

application = ProtocolTypeRouter({"http": URLRouter(http), "websocket": URLRouter(sockets)})
