"""Who asks: a person by their session, or a program by its owner's token.

A token that is sent must be right, session or not. Wrong ones are slowed down by the address
they come from; a right one is looked at first and so is never locked out.
"""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.request import Request

from dashboard.often import times
from devices.access import actions, tokens
from devices.access.models import ApiToken
from devices.access.tokens import TokenKind

REALM = 'Bearer realm="fleet"'
WRONG_TOKENS = 20  # from one address
WITHIN = timedelta(minutes=1)
COUNTED = "wrong-api-tokens"
NOBODYS_DIGEST = "0" * 64


class ByToken(BaseAuthentication):
    """`Authorization: Bearer a.KEY.SECRET`."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _, sent = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        now = timezone.now()
        token = valid(sent.strip(), now)
        if token is None:
            slow_down(request.META.get("REMOTE_ADDR", ""))
            raise AuthenticationFailed
        actions.note_use(token, now=now)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        wrong = ', error="invalid_token"' if "HTTP_AUTHORIZATION" in request.META else ""
        return REALM + wrong


class BySession(SessionAuthentication):
    """The person who is signed in, in this browser."""


def valid(sent: str, now: datetime) -> ApiToken | None:
    """The token that was sent, if it is right, not over, not revoked and its owner still here."""
    claimed = tokens.parse(sent)
    if claimed is None or claimed.kind is not TokenKind.API:
        return None
    known: QuerySet[Any] = ApiToken.objects.valid(now).filter(user__is_active=True)
    token: ApiToken | None = known.select_related("user").filter(key_id=claimed.key_id).first()
    right = tokens.matches(sent, token.digest if token else NOBODYS_DIGEST)
    return token if token and right else None


def slow_down(address: str) -> None:
    """Count a wrong token; past the limit the answer is 429. Without Redis nobody is slowed."""
    if times(f"{COUNTED}:{address}", within=WITHIN) > WRONG_TOKENS:
        raise Throttled(wait=int(WITHIN.total_seconds()))
