"""How a desk or a kiosk learns what its scanner sends: the page with three codes, and its word."""

import json

from django.conf import settings
from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import now

from dashboard.doors import Entered
from dashboard.labels.marks import bars
from devices.custody.desks import actions as desks
from devices.custody.models import Desk
from devices.desk.scanner import TESTS
from devices.errors import Refused

MOST_SCANNER_BYTES = 4096


def page(request: Entered, desk: Desk, *, kept_by: str, back: str) -> HttpResponseBase:
    """The page for the browser in which the scanner types; ``kept_by`` names who is told."""
    context = {
        "desk": desk,
        "back": back,
        "tests": [{"code": one.code, "bars": bars(one.code)} for one in TESTS],
        "settings": {
            "kind": desk.kind,
            "scanner": reverse(kept_by, args=[desk.pk]),
            "csrf_cookie": settings.CSRF_COOKIE_NAME,
            "profile": desk.scanner,
        },
    }
    return render(request, "dashboard/desk_set_up.html", context)


def learn(request: Entered, desk: Desk) -> HttpResponseBase:
    """What the scanner was found to send is kept for this desk or kiosk."""
    try:
        said = json.loads(request.body[:MOST_SCANNER_BYTES])
        desks.learn_scanner(desk, said, by=request.user, now=now())
    except (ValueError, RecursionError):  # the latter of lists in lists in lists
        return JsonResponse({"detail": "That is no scanner's profile."}, status=422)
    except Refused as refused:
        return JsonResponse({"detail": str(refused)}, status=422)
    return HttpResponse(status=204)
