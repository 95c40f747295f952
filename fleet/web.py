"""`python -m fleet.web`: the web process, alike in `make run` and in production."""

import gc
import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fleet.settings")

import uvicorn
from django.conf import settings
from django.template.loader import get_template
from django.urls import resolve

LARGEST_FRAME = 256 * 1024  # bytes: a dock's fullest batch has a tenth of that
LAST_REQUESTS = 10  # seconds
TEMPLATES = settings.BASE_DIR / "dashboard" / "templates"


def main() -> None:
    """One process: more of them are more units behind the proxy, each with its own port."""
    uvicorn.run(
        warm_application(),
        host=settings.BIND,
        port=settings.PORT,
        loop="uvloop",
        http="httptools",
        ws="fleet.lines:Line",
        ws_max_size=LARGEST_FRAME,
        ws_per_message_deflate=False,
        lifespan="off",
        proxy_headers=settings.BEHIND_TLS,
        forwarded_allow_ips=settings.TRUSTED_PROXIES,
        server_header=False,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=LAST_REQUESTS,
    )


def warm_application() -> Any:
    """The application with its addresses and templates read, so that no first visitor waits.

    What stays for ever is set aside from the garbage collector, which would walk all of it
    again and again while reports come: a seventh of the time of each.
    """
    from fleet.asgi import application

    resolve("/")
    for path in TEMPLATES.rglob("*.html"):
        get_template(str(path.relative_to(TEMPLATES)))
    gc.collect()
    gc.freeze()
    return application


if __name__ == "__main__":
    main()
