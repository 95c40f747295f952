"""`python -m fleet.web`: the web process, alike in `make run` and in production."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fleet.settings")

import uvicorn
from django.conf import settings

LARGEST_FRAME = 256 * 1024  # bytes: a dock's fullest batch has a tenth of that
LAST_REQUESTS = 10  # seconds


def main() -> None:
    """One process: more of them are more units behind the proxy, each with its own port."""
    uvicorn.run(
        "fleet.asgi:application",
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


if __name__ == "__main__":
    main()
