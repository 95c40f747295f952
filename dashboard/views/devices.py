"""Docks, cameras and their tokens: who may speak to the fleet, and who did and was not believed."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Count, Prefetch, QuerySet
from django.http import Http404, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_POST

from dashboard.doors import Entered, door
from dashboard.forms import Note, Reason
from devices.access import actions as access
from devices.access.models import DeviceToken
from devices.access.people import Visible, reach_of
from devices.board import notices
from devices.errors import Refused
from devices.inventory.models import Camera, Dock
from devices.roles import Act

Device = Dock | Camera
Give = Callable[..., str]
MOST_SETTLED = 20
MOST_OPEN = 200
MOST_TOKENS = 20


@door(Act.REVOKE_DEVICE)
def docks(request: Entered) -> HttpResponseBase:
    """Every dock within reach, when it was last heard and what its token is."""
    at = now()
    rows = list(_docks(request.reach, at))
    settles = reach_of(request.user, Act.RESOLVE_QUARANTINE)
    return render(
        request,
        "dashboard/docks.html",
        {
            "docks": rows,
            "silent": [dock for dock in rows if _hearing(dock) == "silent"],
            "without": [dock for dock in rows if not dock.valid_tokens],  # type: ignore[attr-defined]
            "at": at,
            **(_quarantine(settles) if settles else {}),
            "settles": settles is not None,
        },
    )


@door(Act.REVOKE_DEVICE)
def dock(request: Entered, code: str) -> HttpResponseBase:
    return _page(request, _dock(request.reach, code))


@door(Act.REVOKE_DEVICE)
def camera_tokens(request: Entered, number: int) -> HttpResponseBase:
    return _page(request, _camera(request.reach, number))


@require_POST
@door(Act.ENROL_DEVICE)
def give_dock(request: Entered, code: str) -> HttpResponseBase:
    return _give(request, _dock(request.reach, code), access.enrol_dock)


@require_POST
@door(Act.ENROL_DEVICE)
def rotate_dock(request: Entered, code: str) -> HttpResponseBase:
    return _give(request, _dock(request.reach, code), access.rotate)


@require_POST
@door(Act.REVOKE_DEVICE)
def revoke_dock(request: Entered, code: str) -> HttpResponseBase:
    return _revoke(request, _dock(request.reach, code))


@require_POST
@door(Act.ENROL_DEVICE)
def give_camera(request: Entered, number: int) -> HttpResponseBase:
    return _give(request, _camera(request.reach, number), access.enrol_camera)


@require_POST
@door(Act.ENROL_DEVICE)
def rotate_camera(request: Entered, number: int) -> HttpResponseBase:
    return _give(request, _camera(request.reach, number), access.rotate)


@require_POST
@door(Act.REVOKE_DEVICE)
def revoke_camera(request: Entered, number: int) -> HttpResponseBase:
    return _revoke(request, _camera(request.reach, number))


@require_POST
@door(Act.RESOLVE_QUARANTINE)
def settle(request: Entered, pk: int) -> HttpResponseBase:
    """A person has dealt with a serial number that was not believed."""
    row = get_object_or_404(notices.within(request.reach), pk=pk)
    form = Note(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(map(str, form.errors["note"])))
    else:
        _try(request, access.settle, row, note=form.cleaned_data["note"])
    return HttpResponseRedirect(f"{reverse('docks')}#quarantine")


def _give(request: Entered, device: Device, give: Give) -> HttpResponseBase:
    """The new token is in this one answer and nowhere else, ever again."""
    try:
        token = give(device, by=request.user, now=now())
    except Refused as refused:
        messages.error(request, str(refused))
        return HttpResponseRedirect(_address(device))
    return _page(request, device, token=token)


def _revoke(request: Entered, device: Device) -> HttpResponseBase:
    form = Reason(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(map(str, form.errors["reason"])))
    elif _try(request, access.revoke, device, reason=form.cleaned_data["reason"]):
        messages.success(
            request, f"{device} is refused from now on; its open socket closes within 30 s."
        )
    return HttpResponseRedirect(_address(device))


def _try(request: Entered, act: Callable[..., None], *args: Any, **said: str) -> bool:
    try:
        act(*args, by=request.user, now=now(), **said)
    except Refused as refused:
        messages.error(request, str(refused))
        return False
    return True


def _page(request: Entered, device: Device, token: str = "") -> HttpResponseBase:
    at = now()
    tokens = list(device.tokens.select_related("made_by").order_by("-made_at")[:MOST_TOKENS])
    enrols = reach_of(request.user, Act.ENROL_DEVICE)
    context = {
        "device": device,
        "dock": device if isinstance(device, Dock) else None,
        "camera": device if isinstance(device, Camera) else None,
        "token": token,
        "tokens": [(one, _state(one, at)) for one in tokens],
        "valid": [one for one in tokens if _state(one, at) != "ended"],
        "may_enrol": enrols is not None,
        "address": _address(device),
        "overlap_hours": access.OVERLAP // timedelta(hours=1),
    }
    response = render(request, "dashboard/device.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _state(token: DeviceToken, at: datetime) -> str:
    if token.revoked_at is not None or (token.ends_at is not None and token.ends_at <= at):
        return "ended"
    return "ending" if token.ends_at else "valid"


def _address(device: Device) -> str:
    if isinstance(device, Dock):
        return reverse("dock", args=[device.code])
    return reverse("camera_tokens", args=[device.number])


def _docks(reach: Visible, at: datetime) -> QuerySet[Dock]:
    valid = Prefetch("tokens", DeviceToken.objects.valid(at).order_by("-made_at"), "valid_tokens")
    rows = _within(reach).select_related("station", "health").prefetch_related(valid)
    return rows.annotate(bay_count=Count("bays")).order_by("code")


def _within(reach: Visible) -> QuerySet[Dock]:
    every: QuerySet[Any] = Dock.objects.all()
    return every if reach.stations is None else every.filter(station__in=reach.stations)


def _dock(reach: Visible, code: str) -> Dock:
    row = _within(reach).select_related("station", "health").filter(code=code).first()
    if row is None:
        raise Http404(code)
    return row


def _camera(reach: Visible, number: int) -> Camera:
    row = reach.cameras().select_related("station", "model").filter(number=number).first()
    if row is None:
        raise Http404(number)
    return row


def _hearing(row: Dock) -> str:
    health = getattr(row, "health", None)
    return health.hearing if health else "never"


def _quarantine(reach: Visible) -> dict[str, Any]:
    settled = notices.within(reach, settled=True).select_related("dock", "camera", "settled_by")
    waiting = notices.within(reach).select_related("dock", "camera").order_by("-last_at")
    return {
        "quarantined": list(waiting[:MOST_OPEN]),
        "settled": list(settled.order_by("-settled_at")[:MOST_SETTLED]),
    }
