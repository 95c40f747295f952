"""The kiosk's page and what it asks. No person's door: its browser's cookie alone opens it."""

from collections.abc import Callable
from dataclasses import asdict
from functools import wraps
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localtime
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard import kiosks
from dashboard.present import present
from dashboard.session import background
from dashboard.views import pairing
from dashboard.views.pairing import Paired
from devices.access.models import ScreenTheme
from devices.access.screens.proving import theme_at
from devices.board.cards import Asked
from devices.custody.models import Desk
from devices.desk.asking import KeyUsed
from devices.desk.kiosk import actions, rules, showing
from devices.desk.kiosk.showing import Shown

KIOSK = Paired(
    "kiosk",
    "Officers then take cameras and give them back here, and see nothing else.",
    "The quartermaster or IT makes a new one under Kiosks",
    kiosks.KEPT,
    "kiosk",
    "open_kiosk",
    actions.open_link,
)
Guarded = Callable[[HttpRequest, Desk, Asked], HttpResponseBase]


def at_kiosk(view: Guarded) -> Callable[[HttpRequest], HttpResponseBase]:
    """Let in the browser of a kiosk, and nobody else, whoever is signed in there."""

    @wraps(view)
    def enter(request: HttpRequest) -> HttpResponseBase:
        asked = present()
        desk = kiosks.kiosk_of(request.COOKIES, asked.now)
        if desk is None:
            return pairing.unknown(request, KIOSK)
        return view(request, desk, asked)

    return enter


class _Scan(forms.Form):
    scan = forms.UUIDField()
    raw = forms.CharField(max_length=120, strip=False)


class _Pin(forms.Form):
    scan = forms.UUIDField()
    pin = forms.CharField(max_length=20)


class _About(forms.Form):
    about = forms.UUIDField(required=False)


@background
@require_safe
@ensure_csrf_cookie
@at_kiosk
def kiosk(request: HttpRequest, desk: Desk, asked: Asked) -> HttpResponseBase:
    """Scan your badge."""
    told = {
        "scan": reverse("kiosk_scan"),
        "pin": reverse("kiosk_pin"),
        "now": reverse("kiosk_now"),
        "csrf_cookie": settings.CSRF_COOKIE_NAME,
        "shown_ms": int(rules.SHOWN_FOR.total_seconds() * 1000),
        "pin_ms": int(rules.PIN_WAITS.total_seconds() * 1000),
        "most_digits": rules.LONGEST_PIN,
        "profile": desk.scanner,
    }
    theme = theme_at(ScreenTheme.CLOCK, localtime(asked.now).time())
    context = {"desk": desk, "settings": told, "theme": theme}
    response = render(request, "dashboard/kiosk.html", context)
    kiosks.KEPT.remember(response, request.COOKIES[kiosks.COOKIE])
    return pairing.kept_nowhere(response)


@background
@require_http_methods(["GET", "POST"])
def open_link(request: HttpRequest) -> HttpResponseBase:
    """Pair this browser as a kiosk."""
    return pairing.open_page(request, KIOSK)


@background
@require_POST
@at_kiosk
def scan(request: HttpRequest, desk: Desk, asked: Asked) -> HttpResponseBase:
    """A badge or a camera was scanned."""
    form = _Scan(request.POST)
    if not form.is_valid():
        return _no_scan("This is no scan.")
    said = form.cleaned_data
    try:
        shown = actions.scan(desk, said["scan"], said["raw"], now=asked.now, policy=asked.policy)
    except KeyUsed as refused:
        return _no_scan(str(refused))
    return _told(shown)


@background
@require_POST
@at_kiosk
def pin(request: HttpRequest, desk: Desk, asked: Asked) -> HttpResponseBase:
    """The officer whose badge was scanned typed their PIN."""
    form = _Pin(request.POST)
    if not form.is_valid():
        return _no_scan("This is no PIN.")
    return _told(actions.prove(desk, **form.cleaned_data, now=asked.now))


@background
@require_safe
@at_kiosk
def now(request: HttpRequest, desk: Desk, asked: Asked) -> HttpResponseBase:
    """A sign of life; whether the camera that was offered has left its bay; and how the scanner is
    set up by now."""
    actions.settle(desk, now=asked.now, policy=asked.policy)
    form = _About(request.GET)
    about = form.cleaned_data["about"] if form.is_valid() else None
    shown = showing.taken(desk, about) if about else None
    return _told(shown) if shown else _json({"profile": desk.scanner})


def _told(shown: Shown) -> HttpResponse:
    return _json(asdict(shown))


def _no_scan(said: str) -> HttpResponse:
    return _json({"says": said}, status=422)


def _json(body: dict[str, Any], status: int = 200) -> HttpResponse:
    return pairing.kept_nowhere(JsonResponse(body, status=status))
