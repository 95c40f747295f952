"""One shift with its people and its reserve, and the kinds of shifts there are."""

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import get_default_timezone, now
from django.views.decorators.http import require_POST

from dashboard import rostering, week
from dashboard.doors import Entered, door
from dashboard.roster_forms import KindOfShift, Reserve
from devices.access.people import reach_of
from devices.errors import Refused
from devices.inventory.models import Officer, Station
from devices.roles import Act
from devices.roster import actions, rules
from devices.roster.actions import Moves
from devices.roster.models import Shift, ShiftKind


@door(Act.VIEW_READINESS)
def shift(request: Entered, code: str, kind: str, on: date) -> HttpResponseBase:
    """Who is on this shift, and what it needs."""
    station = rostering.station_of(request.reach, code)
    return _page(request, _shift(station, kind, on))


@require_POST
@door(Act.SET_ROSTER)
def set_reserve(request: Entered, code: str, kind: str, on: date) -> HttpResponseBase:
    found = _shift(rostering.station_of(request.reach, code), kind, on)
    form = Reserve(request.POST, label_suffix="")
    if not form.is_valid():
        return _page(request, found, form)
    try:
        actions.set_reserve(found, form.cleaned_data["reserve"], by=request.user, now=now())
    except Refused as refused:
        return _page(request, found, fault=str(refused))
    messages.success(request, f"{found} keeps {found.reserve} in reserve.")
    return HttpResponseRedirect(reverse("roster_shift", args=[code, kind, on]))


@require_POST
@door(Act.SET_ROSTER)
def put_on(request: Entered, code: str, kind: str, on: date) -> HttpResponseBase:
    """The officer of this badge number is on the shift."""
    station = rostering.station_of(request.reach, code)
    found = _shift(station, kind, on)
    badge = request.POST.get("badge", "").strip().upper()[:20]
    officer = Officer.objects.filter(badge_number=badge).first() if badge.isprintable() else None
    if officer is None:
        return _page(request, found, fault=f"No officer has the badge number “{badge}”.")
    try:
        said = rostering.undoing(
            request, officer, [found.pk], on, lambda: _do(request, officer, found)
        )
    except Refused as refused:
        return _page(request, found, fault=str(refused))
    messages.success(request, said)
    return HttpResponseRedirect(reverse("roster_shift", args=[code, kind, on]))


@door(Act.VIEW_READINESS)
def kinds(request: Entered) -> HttpResponseBase:
    """The shifts as they come round every day."""
    return _kinds(request)


@require_POST
@door(Act.DECIDE_POLICY)
def define_kind(request: Entered) -> HttpResponseBase:
    """A new kind of shift, or other times for one; they are the whole department's.

    What other times would move is shown first, and asked for again.
    """
    form, at = KindOfShift(request.POST, label_suffix=""), now()
    if not form.is_valid():
        return _kinds(request, form)
    told = form.cleaned_data
    try:
        moves = actions.moves(told["code"], form.hours(), now=at)
        if moves and not told["sure"]:
            return _kinds(request, form, moves)
        kind = actions.define_kind(
            told["code"],
            name=told["name"],
            hours=form.hours(),
            reserve=told["reserve"],
            by=request.user,
            now=at,
        )
    except Refused as refused:
        form.add_error(None, str(refused))
        return _kinds(request, form)
    messages.success(request, f"{kind} is from {kind.hours}; shifts that have not begun follow.")
    return HttpResponseRedirect(reverse("roster_kinds"))


def _do(request: Entered, officer: Officer, found: Shift) -> str:
    actions.put_on(officer, found, by=request.user, now=now())
    return f"{officer} put on {found}."


def _page(
    request: Entered, found: Shift, form: Reserve | None = None, *, fault: str = ""
) -> HttpResponseBase:
    duties = list(found.duties.select_related("officer").order_by("unit", "officer__badge_number"))
    for duty in duties:
        duty.shift = found
    at = now()
    barred = sum(bool(duty.barred(at)) for duty in duties)
    rostered = len(duties) - barred
    context = {
        "shift": found,
        "duties": [
            (duty, "" if duty.span == found.span else week.hours(duty.span), duty.barred(at))
            for duty in duties
        ],
        "rostered": rostered,
        "barred": barred,
        "need": rostered + found.reserve,
        "hours": week.hours(found.span),
        "note": rules.unusual(found.kind.name, found.kind.hours, found.on, get_default_timezone()),
        "form": form or Reserve(initial={"reserve": found.reserve}, label_suffix=""),
        "fault": fault,
        "names": rostering.covers(request, Act.VIEW_OFFICERS, found.station),
        "may_set": rostering.covers(request, Act.SET_ROSTER, found.station) and found.ends_at > at,
        "back": rostering.week_address(found.station, found.on),
    }
    status = 422 if fault or form else 200
    page = render(request, "dashboard/roster_shift.html", context, status=status)
    return rostering.no_store(page)


def _kinds(
    request: Entered, refused: KindOfShift | None = None, moves: Moves | None = None
) -> HttpResponseBase:
    known = list(ShiftKind.objects.all())
    forms = [
        (
            kind,
            KindOfShift(
                initial={
                    "code": kind.code,
                    "name": kind.name,
                    "begins": kind.begins,
                    "ends": kind.ends,
                    "reserve": kind.reserve,
                },
                auto_id=f"id_{kind.pk}_%s",
                label_suffix="",
            ),
        )
        for kind in known
    ]
    context = {
        "kinds": forms,
        "form": refused or KindOfShift(initial={"reserve": 0}, label_suffix=""),
        "refused": refused is not None and moves is None,
        "moves": moves,
        "may_define": reach_of(request.user, Act.DECIDE_POLICY) is not None,
    }
    status = 422 if refused else 200
    return render(request, "dashboard/roster_kinds.html", context, status=status)


def _shift(station: Station, code: str, on: date) -> Shift:
    rows = station.shifts.filter(kind__code=code, on=on) if code.isprintable() else None
    found: Shift | None = (
        rows.select_related("kind", "station").first() if rows is not None else None
    )
    if found is None:
        raise Http404(code)
    return found
