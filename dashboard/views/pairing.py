"""The page that pairs a browser with its link, for wall screens and kiosks alike."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import now

from dashboard import witness
from dashboard.paired import PairedCookie
from devices.errors import Refused


@dataclass(frozen=True)
class Paired:
    """A kind of browser: its words, its cookie, the page it opens, and the act that pairs it."""

    noun: str
    does: str
    who: str
    kept: PairedCookie
    page: str
    link_page: str
    open_link: Callable[..., str]

    @property
    def words(self) -> dict[str, Any]:
        return {
            "noun": self.noun,
            "does": self.does,
            "who": self.who,
            "link_page": reverse(self.link_page),
        }


def open_page(request: HttpRequest, paired: Paired) -> HttpResponseBase:
    """Pair this browser: the link's token comes after its #, which no server and no log is told,
    and is sent here in a form."""
    if request.method == "GET":
        return kept_nowhere(render(request, "dashboard/wallboard_open.html", paired.words))
    try:
        token = paired.open_link(request.POST.get("link", "").strip()[:100], now=now())
    except Refused as refused:
        witness.failed_to_open_screen(witness.source_of(request))
        context = {"refused": str(refused), **paired.words}
        return kept_nowhere(render(request, "dashboard/wallboard_open.html", context, status=422))
    response = HttpResponseRedirect(reverse(paired.page))
    paired.kept.remember(response, token)
    return kept_nowhere(response)


def unknown(request: HttpRequest, paired: Paired) -> HttpResponse:
    """Whoever has no token, or one that was taken away, is told how a browser is paired."""
    response = render(request, "dashboard/wallboard_unknown.html", paired.words, status=403)
    if paired.kept.name in request.COOKIES:
        paired.kept.forget(response)
    return kept_nowhere(response)


def kept_nowhere(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response


def state_of(tokens: list[Any], at: datetime) -> str:
    """``open``, ``waiting`` for its link to be opened, or ``none``."""
    for token in tokens:
        if token.opened_at is not None:
            return "open"
        if token.ends_at > at:
            return "waiting"
    return "none"
