"""Faults: what must be done next and by when, one fault from told to cleared, and telling one."""

from django.contrib import messages
from django.contrib.auth.models import User
from django.db.models import Count, Min, Q
from django.http import Http404, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_POST

from dashboard import fault_facts, shifts, stand_ins
from dashboard.doors import Entered, door
from dashboard.fault_forms import Clear, FaultFilter, Promise, Report
from devices.access.people import Visible, reach_of, standing_of, stations_of
from devices.department import current
from devices.errors import Refused
from devices.faults import actions, rules
from devices.faults.models import Fault, FaultQuerySet, FaultSource, FaultState, Repair, Resolution
from devices.inventory.models import Camera
from devices.readiness.promising import Offer, promise_spare
from devices.roles import Act, Role
from devices.roster.models import StandIn

MOST_SHOWN = 200


@door(Act.VIEW_CAMERA)
def faults(request: Entered) -> HttpResponseBase:
    """What must be done next, the first due first."""
    at = now()
    form = FaultFilter(request.GET, stations=stations_of(request.reach).order_by("name"))
    asked, policy = form.asked(), current.policy()
    rows = _asked(Fault.objects.within(request.reach), asked)
    rows = rows.select_related("camera", "acknowledged_by", "resolved_by")
    shown = list(rows.urgent_first(policy)[: MOST_SHOWN + 1])
    lines = [fault_facts.line(one, policy, at) for one in shown[:MOST_SHOWN]]
    context = {
        "form": form,
        "filtered": bool(asked),
        "lines": lines,
        "more": len(shown) > MOST_SHOWN,
        "sentence": fault_facts.count_sentence(_count(request.reach), at),
        "may_see_repairs": reach_of(request.user, Act.VIEW_READINESS) is not None,
        "at": at,
    }
    return render(request, "dashboard/faults.html", context)


@door(Act.VIEW_CAMERA)
def fault(request: Entered, pk: int) -> HttpResponseBase:
    return _page(request, _one(request.reach, pk), Clear(label_suffix=""))


@require_POST
@door(Act.ACKNOWLEDGE_FAULT)
def acknowledge(request: Entered, pk: int) -> HttpResponseBase:
    one = _one(request.reach, pk)
    try:
        actions.acknowledge(one, by=request.user, now=now())
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"You acknowledged it: {one}.")
    return HttpResponseRedirect(reverse("fault", args=[pk]))


@require_POST
@door(Act.INSPECT)
def see(request: Entered, pk: int) -> HttpResponseBase:
    """A commander knows of what somebody else acknowledged."""
    one = _one(request.reach, pk)
    try:
        actions.see(one, by=request.user, now=now())
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"It is on record that you have seen it: {one}.")
    return HttpResponseRedirect(reverse("fault", args=[pk]))


@require_POST
@door(Act.INSPECT)
def promise(request: Entered, pk: int) -> HttpResponseBase:
    """A spare is promised to the officer whose camera has this fault, and kept with it."""
    one, form = _one(request.reach, pk), Promise(request.POST)
    officer = one.camera.officer
    shift = shifts.shift_of(request.reach, form.cleaned_data["shift"]) if form.is_valid() else None
    if shift is None or officer is None:
        raise Http404(pk)
    spare = get_object_or_404(request.reach.cameras(), pk=form.cleaned_data["camera"])
    try:
        _refuse_if_over(one)
        offer = Offer(officer, spare, one.pk)
        promise_spare(shift, offer, by=request.user, now=now(), policy=current.policy())
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"{spare} is promised for {shift}.")
    return HttpResponseRedirect(reverse("fault", args=[pk]))


@require_POST
@door(Act.REPAIR_CAMERA)
def clear(request: Entered, pk: int) -> HttpResponseBase:
    """The fault is over; a critical one only by IT, which the action sees to."""
    one = _one(request.reach, pk)
    form = Clear(request.POST, label_suffix="")
    if not form.is_valid():
        return _page(request, one, form, status=422)
    said = form.cleaned_data
    try:
        resolution = Resolution(said["resolution"])
        actions.resolve(one, resolution, words=said["words"], by=request.user, now=now())
    except Refused as refused:
        form.add_error(None, str(refused))
        return _page(request, one, form, status=422)
    messages.success(request, f"Cleared: {one}.")
    return HttpResponseRedirect(reverse("fault", args=[pk]))


@door(Act.OPEN_FAULT)
def report(request: Entered, number: int) -> HttpResponseBase:
    """The form for a malfunction; posted, the fault it opened."""
    camera = get_object_or_404(request.reach.cameras(), number=number)
    if request.method != "POST":
        asked = {"code": request.GET.get("code", "")}
        return _report_page(request, camera, Report(initial=asked, label_suffix=""))
    form = Report(request.POST, label_suffix="")
    if form.is_valid():
        try:
            opened = _tell(request, camera, form)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "It stands in the commander's list; the clock runs.")
            return HttpResponseRedirect(reverse("fault", args=[opened.pk]))
    return _report_page(request, camera, form, status=422)


def source_of(user: User, camera: Camera) -> FaultSource:
    """As what somebody tells of a fault: the wearer before all else, then by the role."""
    standing = standing_of(user)
    if standing.officer_id is not None and camera.officer_id == standing.officer_id:
        return FaultSource.OFFICER
    for role, source in _AS:
        if role in standing.roles:
            return source
    return FaultSource.OFFICER


_AS = (
    (Role.COMMANDER, FaultSource.COMMANDER),
    (Role.QUARTERMASTER, FaultSource.QUARTERMASTER),
    (Role.IT, FaultSource.IT),
)


def _tell(request: Entered, camera: Camera, form: Report) -> Fault:
    said = form.cleaned_data
    telling = actions.Telling(
        code=said["code"],
        words=said["words"],
        source=source_of(request.user, camera),
        key=form.own_key,
        officer=getattr(request.user, "officer", None),
        must_not_be_issued=said["must_not_be_issued"],
    )
    return actions.report_malfunction(
        camera, telling, by=request.user, now=now(), policy=current.policy()
    )


def _report_page(
    request: Entered, camera: Camera, form: Report, *, status: int = 200
) -> HttpResponseBase:
    at, policy = now(), current.policy()
    rows = Fault.objects.unresolved().filter(camera=camera).urgent_first(policy)
    context = {
        "camera": camera,
        "form": form,
        "open": [fault_facts.line(one, policy, at) for one in rows[:MOST_SHOWN]],
    }
    return render(request, "dashboard/report.html", context, status=status)


def _page(request: Entered, one: Fault, form: Clear, *, status: int = 200) -> HttpResponseBase:
    at, policy = now(), current.policy()
    camera = one.camera
    repairs = _repairs_of(one)
    away = next((repair for repair in repairs if repair.returned_at is None), None)
    line = fault_facts.line(one, policy, at)
    officers = reach_of(request.user, Act.VIEW_OFFICERS)
    promises = allowed(request.user, Act.INSPECT, camera)
    context = {
        "line": line,
        "fault": one,
        "camera": camera,
        "sentence": fault_facts.sentence(line, at),
        "events": fault_facts.timeline(one, repairs, _promises_of(one)),
        "spare": promises and stand_ins.spare_for(one, now=at, policy=policy),
        "facts": fault_facts.frozen(one.facts),
        "away": away,
        "sees_officer": officers is not None and officers.includes(camera),
        "form": form,
        "at": at,
        **_may(request.user, one, away),
    }
    return render(request, "dashboard/fault.html", context, status=status)


def _may(user: User, one: Fault, away: Repair | None) -> dict[str, bool]:
    """Which acts this person is offered; the doors and actions ask again."""
    left = one.state != FaultState.RESOLVED
    mends = left and allowed(user, Act.REPAIR_CAMERA, one.camera)
    clears = Act.CLEAR_CRITICAL if rules.only_it_clears(one.severity) else Act.REPAIR_CAMERA
    return {
        "may_acknowledge": one.state == FaultState.OPEN
        and allowed(user, Act.ACKNOWLEDGE_FAULT, one.camera),
        "may_see": one.told_at is None
        and one.state in (FaultState.ACKNOWLEDGED, FaultState.IN_REPAIR)
        and allowed(user, Act.INSPECT, one.camera),
        "may_send": mends and away is None,
        "may_take_back": mends and away is not None,
        "may_clear": left and away is None and allowed(user, clears, one.camera),
    }


def allowed(user: User, act: Act, camera: Camera) -> bool:
    reach = reach_of(user, act)
    return reach is not None and reach.includes(camera)


def _one(reach: Visible, pk: int) -> Fault:
    rows = Fault.objects.within(reach).select_related(
        "camera__station",
        "camera__officer",
        "officer",
        "test",
        "opened_by",
        "acknowledged_by",
        "resolved_by",
    )
    found: Fault | None = rows.timed().filter(pk=pk).first()
    if found is None:
        raise Http404(pk)
    return found


def _repairs_of(one: Fault) -> list[Repair]:
    """The repairs that the camera went to while it had this fault."""
    rows = Repair.objects.filter(camera=one.camera_id, sent_at__gte=one.opened_at)
    if one.resolved_at:
        rows = rows.filter(sent_at__lte=one.resolved_at)
    return list(rows.select_related("approved_by", "returned_to").order_by("sent_at"))


def _refuse_if_over(one: Fault) -> None:
    if one.state == FaultState.RESOLVED:
        raise Refused(f"{one} is resolved already; its camera needs no spare.")


def _promises_of(one: Fault) -> list[StandIn]:
    """The spares that were promised because of it."""
    rows = one.stand_ins.select_related("camera", "shift__kind", "offered_by")
    return list(rows.order_by("offered_at"))


def _asked(rows: FaultQuerySet, asked: dict[str, str]) -> FaultQuerySet:
    rows = rows.filter(state=asked["state"]) if "state" in asked else rows.unresolved()
    named = {"severity": "severity", "source": "source", "station": "camera__station__code"}
    return rows.filter(**{named[name]: value for name, value in asked.items() if name in named})


def _count(reach: Visible) -> fault_facts.Count:
    found = (
        Fault.objects.within(reach)
        .unresolved()
        .aggregate(
            open=Count("pk", filter=Q(state=FaultState.OPEN)),
            acknowledged=Count("pk", filter=Q(state=FaultState.ACKNOWLEDGED)),
            away=Count("pk", filter=Q(state=FaultState.IN_REPAIR)),
            first_by=Min("acknowledge_by", filter=Q(state=FaultState.OPEN)),
        )
    )
    return fault_facts.Count(**found)
