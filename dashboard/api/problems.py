"""What the API says when it does not give what was asked: RFC 9457, and never the input again.

`type` is `about:blank` where the status says everything; the others are told apart in
docs/api.md and on the page of the API.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views import defaults
from rest_framework.exceptions import APIException
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

MEDIA_TYPE = "application/problem+json"
PAGE = "/api/v1/docs/#"
RETRY_AFTER = "5"  # seconds

SENTENCES = {
    400: "The request could not be understood.",
    401: "Sign in, or send a valid token: Authorization: Bearer a.KEY.SECRET.",
    403: "You may not see this.",
    404: "There is nothing here that you may see. Addresses end in a slash: /api/v1/docs/.",
    405: "This address does not do that; Allow names what it does.",
    406: "The API speaks application/json.",
    409: "What was asked does not fit what is there by now; look again.",
    413: "That is more than is read here at once.",
    415: "Send application/json or text/csv.",
    422: "What was sent was understood, and cannot be.",
    429: "Too many wrong tokens came from this address. A right one is heard at once.",
    500: "The fault is ours. Tell the operator the request id.",
    503: "The database does not answer at the moment.",
}


@dataclass(frozen=True)
class Fault:
    """One thing wrong with the request; ``pointer`` says where."""

    pointer: str
    detail: str


class Faulty(APIException):
    """The request's parameters are not as the schema says."""

    status_code = 400

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__()
        self.faults = faults


class Unfit(APIException):
    """What was sent was understood and is refused: a sentence, and what is wrong where."""

    def __init__(self, status: int, reason: str, faults: Sequence[Fault] = ()) -> None:
        super().__init__()
        self.status_code, self.reason, self.faults = status, reason, faults


class Forbidden(APIException):
    """Whoever asks is known, and may not; ``reason`` is ours, never theirs."""

    status_code = 403

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = reason


def answer(exception: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler. What is not foreseen goes on to Django and becomes a 500."""
    status = status_of(exception)
    if status is None:
        return None
    request = context["request"]
    request.accepted_renderer, request.accepted_media_type = JSONRenderer(), "application/json"
    body = problem(request, status, exception)
    return Response(body, status, headers=_headers(exception, status), content_type=MEDIA_TYPE)


def status_of(exception: Exception) -> int | None:
    match exception:
        case APIException():
            return int(exception.status_code)
        case Http404():
            return 404
        case PermissionDenied():
            return 403
        case SuspiciousOperation():
            return 400
        case OperationalError() | InterfaceError():
            return 503
    return None


def problem(request: Any, status: int, exception: Exception | None = None) -> dict[str, Any]:
    """The body of an answer that refuses."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": SENTENCES.get(status, SENTENCES[400]),
        "request_id": getattr(request, "request_id", ""),
    }
    match exception:
        case Forbidden(reason=reason):
            body |= {"detail": reason}
        case Unfit(reason=reason, faults=faults):
            body |= {"detail": reason}
            if faults:
                body |= {
                    "type": f"{PAGE}refused-rows",
                    "title": "Refused rows",
                    "faults": [asdict(fault) for fault in faults],
                }
        case Faulty(faults=faults):
            body |= {
                "type": f"{PAGE}invalid-parameters",
                "title": "Invalid parameters",
                "detail": "; ".join(fault.detail for fault in faults),
                "faults": [asdict(fault) for fault in faults],
            }
    return body


def _headers(exception: Exception, status: int) -> dict[str, str]:
    headers = {"Cache-Control": "no-store"}
    if asked := getattr(exception, "auth_header", None):
        headers["WWW-Authenticate"] = asked
    if wait := getattr(exception, "wait", None):
        headers["Retry-After"] = str(int(wait))
    if status == 503:
        headers["Retry-After"] = RETRY_AFTER
    return headers


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's 400, where a request was refused before it came to a view."""
    return refusal(request, 400) or defaults.bad_request(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    return refusal(request, 500) or defaults.server_error(request)


def refusal(request: HttpRequest, status: int) -> HttpResponse | None:
    """The problem as JSON on an address of the API; None on a page."""
    if not request.path_info.startswith("/api/"):
        return None
    headers = {"Cache-Control": "no-store"}
    body = problem(request, status)
    return JsonResponse(body, status=status, content_type=MEDIA_TYPE, headers=headers)
