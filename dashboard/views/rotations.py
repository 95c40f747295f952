"""An officer's standing places in the roster: looked at, ended and begun, as an import does it."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localdate, now
from django.views.decorators.http import require_POST

from dashboard import rostering
from dashboard.doors import Entered, door
from dashboard.roster_forms import EndedRotation, NewRotation
from devices.custody.holders import officers_in
from devices.errors import Refused
from devices.inventory.imports import Plan
from devices.inventory.imports.importing import apply, plan
from devices.inventory.models import Officer
from devices.roles import Act
from devices.roster import imports
from devices.roster.imports import Kind
from devices.roster.models import Rotation

DIGEST = 64


@door(Act.VIEW_OFFICERS)
def rotations(request: Entered, badge: str) -> HttpResponseBase:
    """Which shift the officer is on by turns, since when and until when."""
    return _page(request, _one(request, badge))


@require_POST
@door(Act.SET_ROSTER)
def change(request: Entered, badge: str) -> HttpResponseBase:
    """One ends, or another begins: shown first with what it would fill, and then done."""
    one = _one(request, badge)
    ends = request.POST.get("act") == "end"
    form: forms.Form = EndedRotation(request.POST) if ends else NewRotation(request.POST)
    if not form.is_valid():
        return _page(request, one, form, faults=_said(form))
    told = form.cleaned_data
    try:
        row = _ended(one, told["first_on"], told["last_on"]) if ends else _begun(one, told)
        if "confirm" in request.POST:
            return _done(request, one, row)
        return _looked_at(request, one, form, row)
    except Refused as refused:
        return _page(request, one, form, faults=[str(refused)])


def _looked_at(
    request: Entered, one: Officer, form: forms.Form, row: dict[str, str]
) -> HttpResponseBase:
    at = now()
    found = plan(imports.at(Kind.ROTATIONS, at), [row], stations=request.reach.stations)
    if found.errors:
        return _page(request, one, form, faults=[error.sentence for error in found.errors])
    if not found.changes:
        return _page(request, one, form, faults=["So it is already."])
    shown = _shown(request, found, [_would(form.cleaned_data), *imports.follows(found, now=at)])
    return _page(request, one, form, shown=shown)


def _done(request: Entered, one: Officer, row: dict[str, str]) -> HttpResponseBase:
    apply(
        imports.at(Kind.ROTATIONS, now()),
        [row],
        by=request.user,
        now=now(),
        expected=request.POST.get("digest", "")[:DIGEST],
        stations=request.reach.stations,
    )
    messages.success(request, f"The rotations of {one} are changed, and the weeks ahead follow.")
    return HttpResponseRedirect(reverse("rotations", args=[one.badge_number]))


def _shown(request: Entered, found: Plan, sentences: list[str]) -> dict[str, Any]:
    """What would be done, and the form that does it."""
    asked = {name: str(said) for name, said in request.POST.items() if name in _ASKED}
    return {"sentences": sentences, "asked": asked, "digest": found.digest}


def _would(told: dict[str, Any]) -> str:
    begins, last_on = _day(told["first_on"]), told["last_on"]
    goes_on = f"until {_day(last_on)}" if last_on else "for good"
    if "shift" not in told:
        return f"The rotation that began on {begins} would go on {goes_on}."
    shift = f"{told['shift'].name}, {told['pattern']}"
    return f"{shift}, would begin on {begins} and go on {goes_on}."


def _day(on: date) -> str:
    return date_format(on, "j M Y")


_ASKED = frozenset({"act", "shift", "pattern", "first_on", "last_on", "unit"})


def _ended(one: Officer, first_on: date, last_on: date | None) -> dict[str, str]:
    """The rotation that began on this day, as it is but for its end."""
    rows = one.rotations.select_related("kind", "pattern")
    rotation = get_object_or_404(rows, first_on=first_on)
    told = {"shift": rotation.kind.code, "pattern": rotation.pattern.name, "unit": rotation.unit}
    return imports.rotation_row(
        one.badge_number, {**told, "first_on": first_on, "last_on": last_on}
    )


def _begun(one: Officer, told: dict[str, Any]) -> dict[str, str]:
    if one.rotations.filter(first_on=told["first_on"]).exists():
        raise Refused(f"{one} has a rotation that begins on that day already.")
    return imports.rotation_row(one.badge_number, {**told, "shift": told["shift"].code})


def _page(
    request: Entered,
    one: Officer,
    form: forms.Form | None = None,
    *,
    faults: list[str] | None = None,
    shown: dict[str, Any] | None = None,
) -> HttpResponseBase:
    rows = one.rotations.select_related("kind", "pattern").order_by("-first_on")
    context = {
        "officer": one,
        "rotations": [(row, _end_form(row), _over(row)) for row in rows],
        "form": form if isinstance(form, NewRotation) else NewRotation(label_suffix=""),
        "faults": faults or [],
        "shown": shown,
        "may_set": rostering.covers(request, Act.SET_ROSTER, one.station),
    }
    page = render(request, "dashboard/rotations.html", context, status=422 if faults else 200)
    return rostering.no_store(page)


def _end_form(row: Rotation) -> EndedRotation:
    told = {"first_on": row.first_on, "last_on": row.last_on}
    return EndedRotation(initial=told, auto_id=f"id_{row.pk}_%s", label_suffix="")


def _over(row: Rotation) -> bool:
    return row.last_on is not None and row.last_on < localdate()


def _said(form: forms.Form) -> list[str]:
    return [str(said) for faults in form.errors.values() for said in faults]


def _one(request: Entered, badge: str) -> Officer:
    rows = officers_in(request.reach).select_related("station")
    found: Officer = get_object_or_404(rows, badge_number=badge.replace("\0", "")[:20])
    return found
