"""The page that a wall screen shows, and how a screen comes to it. No person's door."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localtime, now
from django.views.decorators.http import require_http_methods, require_safe

from dashboard import screens, wallboards, witness
from dashboard.present import present
from dashboard.session import background
from devices.access.screens import actions, proving
from devices.errors import Refused


@background
@require_safe
def wallboard(request: HttpRequest) -> HttpResponseBase:
    """The board of the screen whose browser asks; whoever else asks is told how one is paired."""
    asked = present()
    screen = screens.screen_of(request.COOKIES, asked.now)
    if screen is None:
        return _unknown(request)
    board = wallboards.read(screen.reach, asked)
    theme = proving.theme_at(screen.theme, localtime(asked.now).time())
    context = {
        "drawn": wallboards.draw(board),
        "at": asked.now,
        "theme": theme,
        "release": wallboards.release(),
        "places": wallboards.places(screen.reach),
    }
    response = render(request, "dashboard/wallboard.html", context)
    screens.remember(response, request.COOKIES[screens.COOKIE])
    return _kept_nowhere(response)


@background
@require_http_methods(["GET", "POST"])
def open_link(request: HttpRequest) -> HttpResponseBase:
    """Pair this browser: the link's token comes after its #, which no server and no log is told,
    and is sent here in a form.
    """
    if request.method == "GET":
        return _kept_nowhere(render(request, "dashboard/wallboard_open.html"))
    try:
        token = actions.open_link(request.POST.get("link", "").strip()[:100], now=now())
    except Refused as refused:
        witness.failed_to_open_screen(witness.source_of(request))
        context = {"refused": str(refused)}
        return _kept_nowhere(render(request, "dashboard/wallboard_open.html", context, status=422))
    response = HttpResponseRedirect(reverse("wallboard"))
    screens.remember(response, token)
    return _kept_nowhere(response)


def _unknown(request: HttpRequest) -> HttpResponse:
    response = render(request, "dashboard/wallboard_unknown.html", status=403)
    if screens.COOKIE in request.COOKIES:
        screens.forget(response)
    return _kept_nowhere(response)


def _kept_nowhere(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response
