"""What every answer of ours carries: a name for the log, and the rules for the browser."""

import logging
import re
from collections.abc import Callable
from contextvars import ContextVar
from time import perf_counter
from uuid import uuid4

from django.http import HttpRequest, HttpResponse

log = logging.getLogger("fleet.requests")
request_id: ContextVar[str] = ContextVar("request_id", default="")

type_of_view = Callable[[HttpRequest], HttpResponse]
WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{8,64}")
QUIET = ("/static/", "/health/", "/metrics")

# No inline script, no stranger's file: what a page needs it brings from here.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


def name_the_request(get_response: type_of_view) -> type_of_view:
    """Gives a request the name its log lines carry, and writes one line when it is answered.

    A proxy's own name is kept, if it is a name.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        name = given if WELL_FORMED.fullmatch(given) else uuid4().hex
        token, started = request_id.set(name), perf_counter()
        request.request_id = name  # type: ignore[attr-defined]
        try:
            response = get_response(request)
            response["X-Request-ID"] = name
            _tell(request, response, perf_counter() - started)
            return response
        finally:
            request_id.reset(token)

    return middleware


def _tell(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    """The path without its query: searches name officers, and reset links are secrets."""
    if request.path.startswith(QUIET):
        return
    log.info(
        "%s %s %s",
        request.method,
        request.path,
        response.status_code,
        extra={"status": response.status_code, "milliseconds": round(seconds * 1000, 1)},
    )


def set_security_headers(get_response: type_of_view) -> type_of_view:
    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        response.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        return response

    return middleware
