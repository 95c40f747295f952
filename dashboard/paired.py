"""How a browser that is no person's is known: by a cookie that goes to its own page alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.http import HttpResponse

KEPT_FOR = timedelta(days=400)  # the longest a browser keeps one; every loading begins anew


@dataclass(frozen=True)
class PairedCookie:
    """The cookie of one kind of such browsers."""

    name: str
    path: str

    def of(self, cookies: Mapping[str, str]) -> str:
        return cookies.get(self.name, "")

    def remember(self, response: HttpResponse, token: str) -> None:
        """Keep the token where no script, no other page and no other site reaches it."""
        response.set_cookie(
            self.name,
            token,
            max_age=KEPT_FOR,
            path=self.path,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Strict",
        )

    def forget(self, response: HttpResponse) -> None:
        response.delete_cookie(self.name, path=self.path, samesite="Strict")
