"""Reservations: cameras kept for events and court days, and what stays free for the shifts."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_GET, require_POST

from dashboard import reserving
from dashboard.doors import Entered, door
from dashboard.due_forms import Chosen, Reserve
from dashboard.present import present
from devices.access.people import Visible, stations_of
from devices.errors import Refused
from devices.roles import Act
from devices.roster.models import Reservation
from devices.roster.reservations import actions
from devices.roster.rules import Span

MOST_LISTED = 500


@require_GET
@door(Act.RESERVE_CAMERAS)
def page(request: Entered) -> HttpResponseBase:
    """What is reserved; asked how many and when, which cameras it would be and what stays free."""
    stations = stations_of(request.reach)
    if "number" not in request.GET:
        return _page(request, Reserve(stations=stations))
    form = Reserve(request.GET, stations=stations)
    return _page(request, form, status=200 if form.is_valid() else 422)


@require_POST
@door(Act.RESERVE_CAMERAS)
def make(request: Entered) -> HttpResponseBase:
    """The chosen cameras are reserved, all or none."""
    form = Reserve(request.POST, stations=stations_of(request.reach))
    chosen = Chosen(request.POST)
    ids = chosen.cleaned_data["cameras"] if chosen.is_valid() else []
    if not form.is_valid():
        return _page(request, form, chosen=ids, status=422)
    cameras = list(request.reach.cameras().filter(pk__in=ids))
    if len(cameras) != len(set(ids)):
        raise Http404("One of these cameras is not there.")
    try:
        made = actions.reserve(cameras, form.wanted, by=request.user, now=now())
    except Refused as refused:
        form.add_error(None, str(refused))
        return _page(request, form, chosen=ids, status=422)
    messages.success(request, f"Reserved: {', '.join(one.camera.name for one in made)}.")
    return HttpResponseRedirect(reverse("reservations"))


@require_POST
@door(Act.RESERVE_CAMERAS)
def end(request: Entered, pk: int) -> HttpResponseBase:
    """The camera is free again."""
    one = _within(request.reach).filter(pk=pk).first()
    if one is None:
        raise Http404(pk)
    try:
        actions.end(one, by=request.user, now=now())
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"{one.camera} is free again.")
    return HttpResponseRedirect(reverse("reservations"))


def _page(
    request: Entered, form: Reserve, *, chosen: list[int] | None = None, status: int = 200
) -> HttpResponseBase:
    asked = present()
    rows = _within(request.reach).filter(ended_at=None, ends_at__gt=asked.now)
    listed = list(rows[:MOST_LISTED])
    context: dict[str, Any] = {
        "form": form,
        "rows": listed,
        "sentence": reserving.sentence(listed, asked.now),
        "at": asked.now,
    }
    said = form.cleaned_data if form.is_bound and hasattr(form, "cleaned_data") else {}
    if {"station", "number", "begins", "ends"} <= said.keys() and said["begins"] < said["ends"]:
        span = Span(said["begins"], said["ends"])
        free = reserving.offered(said["station"], said.get("model"), span, asked)
        offered = reserving.choose(free, said["number"], chosen)
        taken = {one.camera.pk for one in offered if one.chosen}
        stays = reserving.stays(said["station"], span, taken, asked)
        context |= {
            "previewed": True,
            "offered": offered,
            "taken": len(taken),
            "wanted": said["number"],
            "stays": stays,
            "short": [one for one in stays if one.short],
        }
    return render(request, "dashboard/reservations.html", context, status=status)


def _within(reach: Visible) -> Any:
    rows = Reservation.objects.select_related("camera__station", "officer", "made_by")
    rows = rows.filter(camera__in=reach.cameras()) if reach.stations is not None else rows
    return rows.order_by("begins_at", "camera__number")
