"""How long a session lasts, kept by the server: half an hour unused, twelve hours in all.

The browser's cookie proves nothing about time; the two moments are in the session itself. A
page that refreshes itself is not use, so an unattended screen signs itself out.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.timezone import now

IDLE = timedelta(minutes=30)
WHOLE = timedelta(hours=12)
NOTED_EVERY = timedelta(minutes=1)  # a write for every request would cost more than it tells

BEGAN, USED = "session_began_at", "session_used_at"
UNUSED_FOR = "You were signed out after 30 minutes without use."
LASTED = "You were signed out after 12 hours. Sign in again to go on."

View = Callable[..., HttpResponseBase]


def background(view: View) -> View:
    """Mark a view that pages ask by themselves: it does not count as use."""
    view.background = True  # type: ignore[attr-defined]
    return view


def why_over(session: Mapping[str, Any], at: datetime) -> str:
    """The sentence why this session is over; empty while it lasts, or before it was noted."""
    began, used = _moment(session.get(BEGAN)), _moment(session.get(USED))
    if began is not None and not began <= at < began + WHOLE:
        return LASTED
    if used is not None and at >= used + IDLE:
        return UNUSED_FOR
    return ""


class KeepTime:
    """Middleware: ends sessions that are over, and notes when the others were used."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: View, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        if BEGAN not in request.session and not request.user.is_authenticated:
            return None
        at = now()
        if why := why_over(request.session, at):
            return _ended(request, why)
        if not getattr(view, "background", False):
            _note(request, at)
        return None


def _ended(request: HttpRequest, why: str) -> HttpResponseBase:
    logout(request)
    messages.warning(request, why)
    back = request.get_full_path() if request.method == "GET" else "/"
    return redirect_to_login(back, reverse("sign_in"))


def _note(request: HttpRequest, at: datetime) -> None:
    session = request.session
    if not request.user.is_authenticated:
        return
    if BEGAN not in session:
        session[BEGAN] = session[USED] = at.isoformat()
    used = _moment(session.get(USED))
    if used is None or at - used >= NOTED_EVERY:
        session[USED] = at.isoformat()


def _moment(said: Any) -> datetime | None:
    return datetime.fromisoformat(said) if isinstance(said, str) else None
