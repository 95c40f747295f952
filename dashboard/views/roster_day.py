"""An officer's day on the roster: what they do, and the forms to change it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import render
from django.utils.timezone import get_default_timezone, now
from django.views.decorators.http import require_POST

from dashboard import rostering, week
from dashboard.doors import Entered, door
from dashboard.roster_forms import DutyHours, shown
from devices.errors import Refused
from devices.inventory.models import Officer, Station
from devices.roles import Act
from devices.roster import actions, rules
from devices.roster.models import Duty, Shift


@door(Act.VIEW_READINESS)
def day(request: Entered, code: str, badge: str, on: date) -> HttpResponseBase:
    """What one officer does on one day."""
    station = rostering.station_of(request.reach, code)
    if not rostering.covers(request, Act.VIEW_OFFICERS, station):
        raise Http404(badge)
    return _page(request, station, _officer(station, badge, on), on)


@require_POST
@door(Act.SET_ROSTER)
def change(request: Entered, code: str, badge: str, on: date) -> HttpResponseBase:
    """Put on, take off, move, or change the hours; asked on the officer's page or in the week."""
    station = rostering.station_of(request.reach, code)
    officer = _officer(station, badge, on)
    shifts = _shifts(station, on)
    try:
        said = rostering.undoing(
            request,
            officer,
            [shift.pk for shift in shifts],
            on,
            lambda: _do(request, officer, shifts),
        )
    except Refused as refused:
        if request.POST.get("from") != "week":
            return _page(request, station, officer, on, fault=str(refused))
        messages.error(request, str(refused))
    else:
        messages.success(request, said)
    return rostering.back_to_cell(station, on, badge)


def _do(request: Entered, officer: Officer, shifts: Sequence[Shift]) -> str:
    """Do what was posted, and say what was done."""
    act = request.POST.get("act")
    said: dict[str, Any] = {"by": request.user, "now": now()}
    shift = _named(shifts, request.POST.get("shift", ""))
    if act == "put_on":
        actions.put_on(officer, shift, **said)
        return f"{officer} put on {shift}."
    duty = _duty(officer, shift)
    match act:
        case "take_off":
            actions.take_off(duty, **said)
            return f"{officer} taken off {shift}."
        case "move":
            to = _named(shifts, request.POST.get("to", ""))
            actions.move(duty, to, **said)
            return f"{officer} moved from {shift} to {to}."
        case "set_hours":
            form = DutyHours(request.POST)
            if not form.is_valid():
                raise Refused(" ".join(str(faults[0]) for faults in form.errors.values()))
            notes = form.notes(duty.span)
            actions.set_hours(duty, form.span(duty.span), **said)
            return " ".join([f"{officer} is on {shift} from {week.hours(duty.span)}.", *notes])
    raise Refused("Choose what to do.")


def _page(
    request: Entered, station: Station, officer: Officer, on: date, *, fault: str = ""
) -> HttpResponseBase:
    at, shifts = now(), _shifts(station, on)
    duties = {
        duty.shift_id: duty for duty in Duty.objects.filter(officer=officer, shift__in=shifts)
    }
    free = [shift for shift in shifts if shift.pk not in duties and shift.ends_at > at]
    context: dict[str, Any] = {
        "station": station,
        "officer": officer,
        "on": on,
        "said_day": rules.day(on),
        "held": [
            (duties[shift.pk], shift, _hours(duties[shift.pk]), shift.ends_at > at)
            for shift in shifts
            if shift.pk in duties
        ],
        "free": free,
        "planned": bool(shifts),
        "notes": [*filter(None, map(_unusual, shifts))],
        "fault": fault,
        "may_set": rostering.covers(request, Act.SET_ROSTER, station),
        "back": rostering.week_address(station, on, f"#c-{officer}-{on:%Y-%m-%d}"),
    }
    page = render(request, "dashboard/roster_day.html", context, status=422 if fault else 200)
    return rostering.no_store(page)


def _hours(duty: Duty) -> DutyHours:
    told = {"begins_at": shown(duty.begins_at), "ends_at": shown(duty.ends_at)}
    return DutyHours(initial=told, auto_id=f"id_{duty.pk}_%s", label_suffix="")


def _unusual(shift: Shift) -> str | None:
    return rules.unusual(shift.kind.name, shift.kind.hours, shift.on, get_default_timezone())


def _shifts(station: Station, on: date) -> list[Shift]:
    return list(station.shifts.filter(on=on).select_related("kind").order_by("begins_at"))


def _officer(station: Station, badge: str, on: date) -> Officer:
    """An officer of the station, or one who has a duty there on this day."""
    named = Officer.objects.filter(badge_number=badge) if badge.isprintable() else None
    officer: Officer | None = named.first() if named is not None else None
    if officer is None or not (
        officer.station_id == station.pk
        or officer.duties.filter(shift__station=station, shift__on=on).exists()
    ):
        raise Http404(badge)
    return officer


def _named(shifts: Sequence[Shift], code: str) -> Shift:
    found = next((shift for shift in shifts if shift.kind.code == code), None)
    if found is None:
        raise Refused("There is no such shift on this day; plan the week first.")
    return found


def _duty(officer: Officer, shift: Shift) -> Duty:
    duty = Duty.objects.filter(officer=officer, shift=shift).select_related("officer").first()
    if duty is None:
        raise Refused(f"{officer} is not on {shift}.")
    duty.shift = shift
    return duty
