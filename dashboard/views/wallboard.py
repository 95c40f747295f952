"""The page that a wall screen shows, and how a screen comes to it. No person's door."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.timezone import localtime
from django.views.decorators.http import require_http_methods, require_safe

from dashboard import screens, wallboards
from dashboard.present import present
from dashboard.session import background
from dashboard.views import pairing
from dashboard.views.pairing import Paired
from devices.access.screens import actions, proving

SCREEN = Paired(
    "wall screen",
    "It then reads the wallboard, and nothing else.",
    "IT or a shift commander makes a new one under Wall screens",
    screens.KEPT,
    "wallboard",
    "open_wallboard",
    actions.open_link,
)


@background
@require_safe
def wallboard(request: HttpRequest) -> HttpResponseBase:
    """The board of the screen whose browser asks; whoever else asks is told how one is paired."""
    asked = present()
    screen = screens.screen_of(request.COOKIES, asked.now)
    if screen is None:
        return pairing.unknown(request, SCREEN)
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
    screens.KEPT.remember(response, request.COOKIES[screens.COOKIE])
    return pairing.kept_nowhere(response)


@background
@require_http_methods(["GET", "POST"])
def open_link(request: HttpRequest) -> HttpResponseBase:
    """Pair this browser as a wall screen."""
    return pairing.open_page(request, SCREEN)
