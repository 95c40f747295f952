"""Repairs: cameras that are away and since when, sending one away, and taking it back."""

from django.contrib import messages
from django.http import Http404, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_POST

from dashboard.doors import Entered, door
from dashboard.fault_forms import SendAway, TakeBack
from dashboard.views.faults import allowed
from devices.access.people import Visible
from devices.department import current
from devices.errors import Refused
from devices.faults import actions, rules
from devices.faults.actions import Leaving, Returning
from devices.faults.models import Fault, Repair
from devices.health.models import CameraHealth
from devices.inventory.models import Camera
from devices.roles import Act

MOST_AWAY = 500
MOST_BACK = 50


@door(Act.VIEW_READINESS)
def repairs(request: Entered) -> HttpResponseBase:
    """Cameras away, the longest first, and those that came back lately."""
    at = now()
    rows = Repair.objects.within(request.reach).select_related(
        "camera__model", "approved_by", "returned_to"
    )
    away = list(rows.filter(returned_at=None).order_by("sent_at")[:MOST_AWAY])
    most = current.policy().repair_at_most
    late = at - most
    context = {
        "away": [(one, one.sent_at is not None and one.sent_at <= late) for one in away],
        "late": sum(one.sent_at is not None and one.sent_at <= late for one in away),
        "back": list(rows.exclude(returned_at=None).order_by("-returned_at")[:MOST_BACK]),
        "away_at_most_days": most.days,
    }
    return render(request, "dashboard/repairs.html", context)


@door(Act.VIEW_READINESS)
def repair(request: Entered, pk: int) -> HttpResponseBase:
    return _page(request, _one(request.reach, pk), TakeBack(label_suffix=""))


@require_POST
@door(Act.REPAIR_CAMERA)
def take_back(request: Entered, pk: int) -> HttpResponseBase:
    one = _one(request.reach, pk)
    form = TakeBack(request.POST, label_suffix="")
    if form.is_valid():
        try:
            actions.take_back(one, Returning(**form.cleaned_data), by=request.user, now=now())
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"{one.camera} is back in service.")
            return HttpResponseRedirect(reverse("repair", args=[pk]))
    return _page(request, one, form, status=422)


@door(Act.REPAIR_CAMERA)
def send_away(request: Entered, number: int) -> HttpResponseBase:
    """The form; posted, the camera is away and its statement can be printed."""
    cameras = request.reach.cameras().select_related("model", "station")
    camera = get_object_or_404(cameras, number=number)
    fault = _fault(camera, request.GET.get("fault", ""))
    if request.method != "POST":
        reason = rules.code_of(fault.code).words if fault else ""
        form = SendAway(initial={"reason": reason}, label_suffix="")
        return _send_page(request, camera, fault, form)
    form = SendAway(request.POST, label_suffix="")
    if form.is_valid():
        said = {name: value for name, value in form.cleaned_data.items() if name != "key"}
        try:
            one = actions.send_to_repair(
                camera, Leaving(**said), fault=fault, key=form.own_key, by=request.user, now=now()
            )
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"{camera} is away. Its statement is ready to be printed.")
            return HttpResponseRedirect(reverse("repair", args=[one.pk]))
    return _send_page(request, camera, fault, form, status=422)


def _page(request: Entered, one: Repair, form: TakeBack, *, status: int = 200) -> HttpResponseBase:
    context = {
        "repair": one,
        "camera": one.camera,
        "form": form,
        "may_take_back": one.returned_at is None
        and allowed(request.user, Act.REPAIR_CAMERA, one.camera),
        "may_read_fault": allowed(request.user, Act.VIEW_CAMERA, one.camera),
    }
    return render(request, "dashboard/repair.html", context, status=status)


def _send_page(
    request: Entered, camera: Camera, fault: Fault | None, form: SendAway, *, status: int = 200
) -> HttpResponseBase:
    health = CameraHealth.objects.filter(camera=camera).first()
    away = Repair.objects.filter(camera=camera, returned_at=None).first()
    context = {
        "camera": camera,
        "fault": fault,
        "form": form,
        "away": away,
        "clips": health.clips_waiting if health else None,
    }
    return render(request, "dashboard/send_to_repair.html", context, status=status)


def _one(reach: Visible, pk: int) -> Repair:
    rows = Repair.objects.within(reach).select_related(
        "camera__model", "camera__station", "fault", "approved_by", "sanitised_by", "returned_to"
    )
    found: Repair | None = rows.filter(pk=pk).first()
    if found is None:
        raise Http404(pk)
    return found


def _fault(camera: Camera, said: str) -> Fault | None:
    """The open fault for which it is sent, if the address names one of this camera."""
    if not (said.isascii() and said.isdigit() and len(said) < 19):
        return None
    return Fault.objects.unresolved().filter(camera=camera, pk=int(said)).first()
