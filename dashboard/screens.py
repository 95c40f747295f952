"""How a wall screen is known: by a cookie of its own, sent to the wallboard and nowhere else."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpResponse

from devices.access.screens import proving
from devices.access.screens.proving import Proven

COOKIE = "screen"
PATH = "/wallboard/"
KEPT_FOR = timedelta(days=400)  # the longest a browser keeps one; every loading begins anew


def screen_of(cookies: Mapping[str, str], now: datetime) -> Proven | None:
    """The screen whose browser this is; None for anybody else's, whoever is signed in there."""
    return proving.proven(cookies.get(COOKIE, ""), now)


def remember(response: HttpResponse, token: str) -> None:
    """Keep the token where no script, no other page and no other site reaches it."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=KEPT_FOR,
        path=PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def forget(response: HttpResponse) -> None:
    response.delete_cookie(COOKIE, path=PATH, samesite="Strict")
