"""What the ledger learns at the door: where acts come from, who signed in, what was denied.

Asking for the same thing again and again is told once an hour, so that nobody fills a ledger
that is never emptied by trying a door.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.encoding import escape_uri_path
from django.utils.timezone import now

from dashboard.often import times
from dashboard.session_keys import kept_as
from devices import ledger
from devices.access.models import ApiToken
from devices.access.people import reference
from devices.ledger import Circumstances, Outcome

NOT_AGAIN_WITHIN = timedelta(hours=1)
FAILURES_TOLD = 20  # in that hour, of one name from one address


def witness(get_response: Callable[[HttpRequest], HttpResponse]) -> Any:
    """Middleware: within a request every entry says where it came from; denied ones are entries."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with ledger.acting(circumstances_of(request)):
            response = get_response(request)
            if _is_denial(request, response) and request.user.is_authenticated:
                _denied(request, response.status_code)
            return response

    return middleware


def source_of(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))


def circumstances_of(request: HttpRequest) -> Circumstances:
    return Circumstances(
        source=source_of(request),
        session=stand_in(request.session.session_key),
        request=getattr(request, "request_id", ""),
    )


def stand_in(session_key: str | None) -> str:
    """Tells one session from another, and opens none."""
    return kept_as(session_key)[:16] if session_key else ""


@transaction.atomic
def signed_in(user: User) -> None:
    ledger.record("signed in", reference(user), by=user, now=now())


@transaction.atomic
def failed_to_sign_in(name: str, source: str) -> None:
    """Somebody was not believed. What was typed is not kept: it may have been a password."""
    user = User.objects.filter(username=name).first()
    subject = "an unknown name" if user is None else reference(user)
    attempt = f"failed:{source}:{user.pk if user else 'unknown'}"
    if times(attempt, within=NOT_AGAIN_WITHIN) <= FAILURES_TOLD:
        ledger.record("sign-in failed", subject, by=None, now=now(), outcome=Outcome.FAILED)


@transaction.atomic
def failed_to_open_screen(source: str) -> None:
    """Some browser came with a link that opens no screen."""
    if times(f"unopened:{source}", within=NOT_AGAIN_WITHIN) <= FAILURES_TOLD:
        ledger.record(
            "link refused", "an unknown screen", by=None, now=now(), outcome=Outcome.FAILED
        )


@transaction.atomic
def denied(user: User, address: str, **facts: Any) -> None:
    """Somebody who is known asked for what they may not."""
    subject = escape_uri_path(address)[:80]
    if times(f"denied:{user.pk}:{subject}", within=NOT_AGAIN_WITHIN) <= 1:
        ledger.record("denied", subject, by=user, now=now(), outcome=Outcome.DENIED, **facts)


def _is_denial(request: HttpRequest, response: HttpResponse) -> bool:
    """Refused by role; or nothing there within reach, where something was named."""
    match = request.resolver_match
    named = match is not None and bool(match.kwargs)
    return response.status_code == 403 or (response.status_code == 404 and named)


def _denied(request: HttpRequest, status: int) -> None:
    token = getattr(request, "auth", None)
    key = {"token": token.key_id} if isinstance(token, ApiToken) else {}
    assert isinstance(request.user, User)
    denied(request.user, request.path, method=request.method, status=status, **key)
