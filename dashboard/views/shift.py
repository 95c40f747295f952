"""Ten seconds at roll call: who has no working camera, and what to do about it."""

from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.timezone import localtime, now
from django.views.decorators.http import require_POST

from dashboard import margins, roll_calls, shifts, stand_ins
from dashboard import roll_call_pdf as paper
from dashboard.doors import Entered, door
from dashboard.session import background
from devices import ledger
from devices.access.people import reach_of
from devices.department import current
from devices.errors import Refused
from devices.readiness import promising
from devices.readiness import shifts as readiness
from devices.readiness.promising import Offer
from devices.roles import Act
from devices.roster.models import Shift, StandIn
from devices.roster.roll_call import actions


@door(Act.VIEW_READINESS)
def page(request: Entered) -> HttpResponseBase:
    return render(request, "dashboard/shift.html", _page(request))


@background
@door(Act.VIEW_READINESS)
def page_now(request: Entered) -> HttpResponseBase:
    """What changes while one looks, for part.js to put in place."""
    response = render(request, "dashboard/_shift_now.html", _page(request))
    response["Cache-Control"] = "no-store"
    return response


def _page(request: Entered) -> dict[str, Any]:
    at, policy = now(), current.policy()
    found = shifts.turns(request.reach, now=at, policy=policy)
    turn = shifts.chosen(found, request.GET.get("shift", ""), at)
    badges = reach_of(request.user, Act.VIEW_OFFICERS) is not None
    return {
        "turns": [(one, margins.bar(one)) for one in found],
        "turn": turn,
        "views": shifts.views(turn, badges=badges, policy=policy) if turn else [],
        "badges": badges,
        "inspects": reach_of(request.user, Act.INSPECT) is not None,
        "tests": reach_of(request.user, Act.TEST_CAMERA) is not None,
        "sets_roster": reach_of(request.user, Act.SET_ROSTER) is not None,
        "showing": _showing(turn),
        "query": urlencode({"shift": turn.key}) if turn else "",
        "at": at,
    }


def _showing(turn: shifts.Turn | None) -> list[int]:
    """The cameras whose change changes the page."""
    if turn is None:
        return []
    posts = [post.judged.camera.id for one in turn.shifts for post in one.posts if post.judged]
    spares = [
        each.camera.id
        for one in turn.shifts
        for each in (*one.spares, *one.unfit_spares, *one.for_others)
    ]
    return sorted({*posts, *spares})


class _Officer(forms.Form):
    officer = forms.IntegerField(min_value=1, max_value=2**63 - 1)


class _Offer(_Officer):
    camera = forms.IntegerField(min_value=1, max_value=2**63 - 1)


class _Words(_Officer):
    words = forms.CharField(max_length=200)
    cause = forms.CharField(max_length=actions.LONGEST_CAUSE, required=False)


@require_POST
@door(Act.INSPECT)
def offer(request: Entered, pk: int) -> HttpResponseBase:
    """A spare is promised to an officer for this shift."""
    shift, form = _shift(request, pk), _Offer(request.POST)
    if not form.is_valid():
        raise Http404
    officer = shifts.officer_of(shift, form.cleaned_data["officer"])
    cameras = request.reach.cameras()
    camera = get_object_or_404(cameras, pk=form.cleaned_data["camera"])
    if officer is None:
        raise Http404
    behind = stand_ins.fault_behind(officer)
    act = partial(promising.promise_spare, policy=current.policy())
    return _done(request, shift, act, shift, Offer(officer, camera, behind))


@require_POST
@door(Act.INSPECT)
def free(request: Entered, pk: int) -> HttpResponseBase:
    """The promise of a spare ends."""
    shift, form = _shift(request, pk), _Officer(request.POST)
    if not form.is_valid():
        raise Http404
    rows = StandIn.objects.select_related("camera", "officer", "shift")
    promise = get_object_or_404(
        rows, shift=shift, officer=form.cleaned_data["officer"], ended_at=None
    )
    return _done(request, shift, actions.end_promise, promise)


@require_POST
@door(Act.INSPECT)
def in_hand(request: Entered, pk: int) -> HttpResponseBase:
    """Somebody deals with it: the unit was called, or as they say. What else is wrong with the
    same officer's camera, or comes to be, still asks for somebody."""
    shift, form = _shift(request, pk), _Words(request.POST)
    officer = shifts.officer_of(shift, form.cleaned_data["officer"]) if form.is_valid() else None
    if officer is None:
        raise Http404
    said = form.cleaned_data["words"], form.cleaned_data["cause"]
    return _done(request, shift, actions.take_in_hand, shift, officer, *said)


@require_POST
@door(Act.INSPECT)
def inspected(request: Entered, pk: int) -> HttpResponseBase:
    """The commander looked; what the screen said is kept with that. Refused once it would say
    something else: nobody has looked at that."""
    shift, policy = _shift(request, pk), current.policy()
    judged = readiness.named([shift.pk], now=now(), policy=policy)
    shown = shifts.view(judged[0], badges=False, policy=policy)

    def inspect(**told: Any) -> None:
        if request.POST.get("seen") != shown.seen:
            raise Refused(f"{shift} has changed since you looked: look again, and say so then.")
        actions.inspect(shift, shown.found, **told)

    return _done(request, shift, inspect)


@door(Act.VIEW_READINESS)
def roll_call(request: Entered, pk: int) -> HttpResponseBase:
    """The shift as a sheet to print and sign; of one that is over, what was kept of it."""
    shift = _shift(request, pk)
    try:
        context = {"shift": shift, "sheet": _sheet(request, shift, now())}
    except Refused as refused:
        return _over(request, shift, refused)
    return render(request, "dashboard/roll_call.html", context)


@door(Act.VIEW_READINESS)
def roll_call_pdf(request: Entered, pk: int) -> HttpResponseBase:
    """The same sheet as a file. That somebody took it is written down."""
    shift, at = _shift(request, pk), now()
    try:
        sheet = _sheet(request, shift, at)
    except Refused as refused:
        return _over(request, shift, refused)
    with transaction.atomic():
        ledger.record(
            "exported roll call",
            shift,
            by=request.user,
            now=at,
            on=shift.on.isoformat(),
            station=shift.station.code,
            badges=sheet.badges,
        )
    name = f"roll-call-{slugify(shift.station.code)}-{localtime(shift.begins_at):%Y%m%d-%H%M}.pdf"
    return HttpResponse(
        paper.drawn(sheet),
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )


def _over(request: Entered, shift: Shift, refused: Refused) -> HttpResponseBase:
    context = {"shift": shift, "refused": refused, "past": roll_calls.past(shift)}
    return render(request, "dashboard/roll_call_over.html", context, status=410)


def _sheet(request: Entered, shift: Shift, at: datetime) -> roll_calls.Sheet:
    badges = reach_of(request.user, Act.VIEW_OFFICERS) is not None
    return roll_calls.sheet(shift, badges=badges, now=at, policy=current.policy())


def _shift(request: Entered, pk: int) -> Shift:
    """The shift, or 404 beyond reach."""
    found = shifts.shift_of(request.reach, pk) if pk < 2**63 else None
    if found is None:
        raise Http404(pk)
    return found


def _done(request: Entered, shift: Shift, act: Any, *said: Any) -> HttpResponseBase:
    """Do it or say why not, and go back to the shift."""
    try:
        act(*said, by=request.user, now=now())
    except Refused as refused:
        messages.error(request, str(refused))
    asked = urlencode({"shift": f"{shift.begins_at:%Y%m%dT%H%M}"})
    return HttpResponseRedirect(f"{reverse('shift')}?{asked}")
