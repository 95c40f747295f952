"""The desk: choosing one, its page, what it keeps by itself, and what its scanner sends."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.staticfiles import finders as files
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    JsonResponse,
)
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST

from dashboard import scanner_set_up
from dashboard.desk_forms import NewDesk
from dashboard.desks import open_desk, open_desks, unsettled
from dashboard.doors import Entered, door
from dashboard.present import present
from dashboard.session import background
from devices.access.people import reach_of, stations_of
from devices.custody.desks import actions as desks
from devices.custody.models import Desk
from devices.desk import snapshot
from devices.desk.cards import CARDS
from devices.desk.rules import TIMES
from devices.desk.texts import TEXTS
from devices.errors import Refused
from devices.roles import Act


@door(Act.FIND_DESKS)
def desks_page(request: Entered) -> HttpResponseBase:
    """Which desk is this? One is gone to at once, unless the person asks to see all."""
    rows = list(open_desks(request.reach))
    setting_up = reach_of(request.user, Act.SET_UP_DESKS)
    working = reach_of(request.user, Act.WORK_DESK)
    if len(rows) == 1 and "all" not in request.GET and setting_up and working:
        return HttpResponseRedirect(reverse("desk", args=[rows[0].pk]))
    form = NewDesk(stations=stations_of(setting_up)) if setting_up else None
    return _desks(request, rows, form)


@door(Act.SET_UP_DESKS)
@require_POST
def make_desk(request: Entered) -> HttpResponseBase:
    """There is a desk of this name."""
    form = NewDesk(request.POST, stations=stations_of(request.reach))
    if form.is_valid():
        said = form.cleaned_data
        try:
            desks.make(said["name"], said["station"], by=request.user, now=now())
            return HttpResponseRedirect(reverse("desks") + "?all")
        except Refused as refused:
            form.add_error("name", str(refused))
    return _desks(request, list(open_desks(request.reach)), form, status=422)


def _desks(
    request: Entered, rows: list[Desk], form: NewDesk | None, status: int = 200
) -> HttpResponseBase:
    """Who sets desks up and works none, as IT, is led to none."""
    working = reach_of(request.user, Act.WORK_DESK)
    context = {
        "desks": rows,
        "form": form,
        "works": working is not None,
        "unsettled": unsettled(working) if working else 0,
    }
    return render(request, "dashboard/desks.html", context, status=status)


@door(Act.SET_UP_DESKS)
@require_POST
def end_desk(request: Entered, pk: int) -> HttpResponseBase:
    """The desk is no more; what was scanned there stays on record."""
    desk = _desk(request, pk)
    try:
        desks.end(desk, by=request.user, now=now())
    except Refused as refused:
        messages.error(request, str(refused))
    return HttpResponseRedirect(reverse("desks") + "?all")


@ensure_csrf_cookie
@require_GET
@door(Act.WORK_DESK)
def desk(request: Entered, pk: int) -> HttpResponseBase:
    """The desk itself."""
    return render(request, "dashboard/desk.html", _printed(request, _desk(request, pk)))


@require_GET
@background
@door(Act.WORK_DESK)
def desk_snapshot(request: Entered, pk: int) -> HttpResponseBase:
    """What this desk keeps by itself, and who works it. Asking is not use: an unattended desk signs
    out."""
    asked = present()
    found = snapshot.of(_desk(request, pk), policy=asked.policy, now=asked.now)
    found["operator"] = request.user.get_username()
    return JsonResponse(found, headers={"Cache-Control": "no-store"})


@require_GET
def desk_worker(_: HttpRequest) -> HttpResponseBase:
    """The script that opens the desk while the server is away. It is a file like the others, but a
    browser lets it answer only for addresses below its own. Not kept, so that it can be mended.
    """
    script = files.find("dashboard/desk/worker.js")
    assert isinstance(script, str)
    kept = {"Cache-Control": "no-cache"}
    return HttpResponse(Path(script).read_bytes(), content_type="text/javascript", headers=kept)


@ensure_csrf_cookie
@require_GET
@door(Act.WORK_DESK)
def desk_set_up(request: Entered, pk: int) -> HttpResponseBase:
    """What the desk's scanner sends is learnt from three codes."""
    back = reverse("desk", args=[pk])
    return scanner_set_up.page(request, _desk(request, pk), kept_by="desk_scanner", back=back)


@require_POST
@door(Act.WORK_DESK)
def desk_scanner(request: Entered, pk: int) -> HttpResponseBase:
    """What the scanner of this desk was found to send."""
    return scanner_set_up.learn(request, _desk(request, pk))


def _desk(request: Entered, pk: int) -> Desk:
    found = open_desk(pk, request.reach)
    if found is None:
        raise Http404("There is no such desk.")
    return found


def _printed(request: Entered, desk: Desk) -> dict[str, Any]:
    """What the page knows from the beginning: cards, sentences, addresses."""
    enrols = reach_of(request.user, Act.ENROL_BADGE) is not None
    return {
        "desk": desk,
        "cards": [
            {"code": one.code, "title": one.title, "order": one.card.order, "word": one.card.word}
            for one in CARDS
        ],
        "texts": {f"{act}.{code}": text for (act, code), text in TEXTS.items()},
        "settings": {
            "scans": reverse("api-desk-scans"),
            "snapshot": reverse("desk_snapshot", args=[desk.pk]),
            "scanner": reverse("desk_scanner", args=[desk.pk]),
            "set_up": reverse("desk_set_up", args=[desk.pk]),
            "worker": reverse("desk_worker"),
            "enrol": reverse("officers") if enrols else "",
            "sign_in": reverse("sign_in"),
            "conflicts": reverse("desk_conflicts"),
            "socket": "/live/desk",
            "csrf_cookie": settings.CSRF_COOKIE_NAME,
            "profile": desk.scanner,
            "zone": settings.TIME_ZONE,
            "operator": request.user.get_username(),
            "times": {name: span // timedelta(milliseconds=1) for name, span in TIMES.items()},
            "snapshot_usable_s": int(snapshot.USABLE_FOR.total_seconds()),
        },
    }
