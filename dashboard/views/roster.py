"""The roster's week of one station: looking, planning, and taking back what was done last."""

from datetime import date, timedelta

from django.contrib import messages
from django.http import Http404, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate, now
from django.views.decorators.http import require_POST

from dashboard import rostering, week
from dashboard.doors import Entered, door
from dashboard.roster_forms import Jump
from devices.access.people import stations_of
from devices.errors import Refused
from devices.inventory.models import Station
from devices.roles import Act
from devices.roster import actions
from devices.roster.filling import actions as filling
from devices.roster.models import Shift


@door(Act.VIEW_READINESS)
def roster(request: Entered) -> HttpResponseBase:
    """Who is on in one week at one station."""
    stations = list(stations_of(request.reach))
    if not stations:
        return render(request, "dashboard/roster_nowhere.html")
    station = _chosen(stations, request.GET.get("station"))
    jump = Jump(request.GET)
    on = jump.cleaned_data["on"] if jump.is_valid() else None
    on = on or localdate()
    everybody = request.GET.get("everybody") == "1"
    names = rostering.covers(request, Act.VIEW_OFFICERS, station)
    context = {
        "week": week.of(station, on, now=now(), names=names, everybody=everybody),
        "on": on,
        "stations": stations,
        "fault": " ".join(map(str, jump.errors.get("on", []))),
        "names": names,
        "everybody": everybody,
        "may_set": rostering.covers(request, Act.SET_ROSTER, station),
        "today": localdate(),
        "undo": rostering.last_done(request),
    }
    return rostering.no_store(render(request, "dashboard/roster.html", context))


@require_POST
@door(Act.SET_ROSTER)
def plan(request: Entered, code: str, on: date) -> HttpResponseBase:
    """The shifts of the week are planned, and filled from the rotations."""
    station = rostering.station_of(request.reach, code)
    first = week.monday(on)
    last, at = first + timedelta(days=week.DAYS - 1), now()
    try:
        made = filling.plan_shifts(station, first, last, by=request.user, now=at)
        done = filling.fill(station, first, last, by=request.user, now=at)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(
            request,
            f"{made} shifts planned; {done.added} duties added and {done.removed} taken away,"
            " as the rotations say.",
        )
    return HttpResponseRedirect(rostering.week_address(station, first))


@require_POST
@door(Act.SET_ROSTER)
def undo(request: Entered) -> HttpResponseBase:
    """What this person did last is taken back, unless somebody changed it since."""
    last = rostering.forget_last(request)
    if last is None:
        messages.error(request, "There is nothing to undo.")
        return HttpResponseRedirect(reverse("roster"))
    before = rostering.as_stands(last["before"])
    shift = Shift.objects.select_related("station").filter(pk=before[0].shift).first()
    if shift is None or not rostering.covers(request, Act.SET_ROSTER, shift.station):
        raise Http404
    try:
        actions.restore(before, rostering.as_stands(last["after"]), by=request.user, now=now())
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"Undone: {last['says']}")
    return rostering.back_to_cell(shift.station, date.fromisoformat(last["on"]), last["badge"])


def _chosen(stations: list[Station], code: str | None) -> Station:
    """The station that was asked for; without a word the first. Beyond reach is not there."""
    if code is None:
        return stations[0]
    found = next((one for one in stations if one.code == code), None)
    if found is None:
        raise Http404(code)
    return found
