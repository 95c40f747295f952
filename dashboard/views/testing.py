"""The pre-shift test: find the camera, look at its facts, confirm; and the record that stays."""

from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.timezone import now

from dashboard import fault_facts, scans
from dashboard.doors import Entered, door
from dashboard.fault_forms import Confirm
from dashboard.views.faults import allowed
from devices.access.people import Visible, reach_of
from devices.department import current
from devices.errors import Refused
from devices.faults import actions, reading, rules
from devices.faults.actions import Confirming
from devices.faults.models import Confirmation, PreShiftTest
from devices.inventory.models import Camera, Officer, ServiceState
from devices.roles import Act

MOST_OWN = 20


@door(Act.TEST_CAMERA)
def start(request: Entered) -> HttpResponseBase:
    """Which camera: an officer's own at once, any other by its label or its officer's badge."""
    scanned = request.GET.get("scan", "").strip()
    if scanned:
        return _scanned(request, scanned)
    own = _own(request)
    if len(own) == 1:
        return HttpResponseRedirect(reverse("test_camera", args=[own[0].name]))
    return _start_page(request, own)


@door(Act.TEST_CAMERA)
def test_camera(request: Entered, number: int) -> HttpResponseBase:
    """The facts of this moment and the button; posted, the record it made."""
    cameras = request.reach.cameras().select_related("model", "station", "officer")
    camera = get_object_or_404(cameras, number=number)
    if request.method != "POST":
        scanned = {"scan": request.GET.get("scan", "")[: scans.LONGEST]}
        return _test_page(request, camera, Confirm(initial=scanned, label_suffix=""))
    form = Confirm(request.POST, label_suffix="")
    if form.is_valid():
        try:
            test = _confirm(request, camera, form)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            return HttpResponseRedirect(reverse("pre_shift_test", args=[test.pk]))
    return _test_page(request, camera, form, status=422)


@door(Act.VIEW_CAMERA)
def record(request: Entered, pk: int) -> HttpResponseBase:
    """One test as it was kept."""
    rows = PreShiftTest.objects.within(request.reach)
    test = get_object_or_404(rows.select_related("camera__station", "officer", "by"), pk=pk)
    officers = reach_of(request.user, Act.VIEW_OFFICERS)
    at, policy = now(), current.policy()
    faults = test.fault_records.timed().order_by("pk")
    context = {
        "test": test,
        "camera": test.camera,
        "facts": fault_facts.frozen(test.facts),
        "opened": [fault_facts.line(one, policy, at) for one in faults],
        "sees_officer": officers is not None and officers.includes(test.camera),
        "may_report": allowed(request.user, Act.OPEN_FAULT, test.camera),
        "at": at,
    }
    return render(request, "dashboard/pre_shift_test.html", context)


def _confirm(request: Entered, camera: Camera, form: Confirm) -> PreShiftTest:
    how, officer = _said_by(request, camera, form.cleaned_data["scan"])
    said = Confirming(officer, how, form.own_key, form.cleaned_data["note"])
    return actions.test_camera(camera, said, by=request.user, now=now(), policy=current.policy())


def _said_by(request: Entered, camera: Camera, code: str) -> tuple[Confirmation, Officer | None]:
    """How it was confirmed and by whom; refuses the code of another camera or nobody's."""
    own = _wearer(request, camera)
    if not code:
        return Confirmation.TAP, own
    found = scans.camera_named(request.reach.cameras(), code)
    if found == camera:
        stands = scans.stands_on(camera, code)
        return (Confirmation.CAMERA if stands else Confirmation.TAP), own
    if found is not None:
        raise Refused(f"That is {found}, and this is the test of {camera}.")
    officer = scans.officer_named(_officers(request), code)
    if officer is None:
        raise Refused("No camera or badge of yours has this code.")
    return Confirmation.BADGE, officer


def _wearer(request: Entered, camera: Camera) -> Officer | None:
    """The person's own officer, if the camera is theirs or they hold it; of anybody else's camera
    they test for its officer, who confirms it by their badge."""
    own: Officer | None = getattr(request.user, "officer", None)
    return own if own and Visible(officer_id=own.pk).includes(camera) else None


def _scanned(request: Entered, code: str) -> HttpResponseBase:
    """Where a scan leads: to the camera it names, or to that of the officer it names."""
    cameras = request.reach.cameras()
    camera = scans.camera_named(cameras, code)
    if camera is None:
        officer = scans.officer_named(_officers(request), code)
        found = list(cameras.filter(officer=officer)[:2]) if officer else []
        camera = found[0] if len(found) == 1 else None
        if officer and camera is None:
            fault = "This badge has not one camera of its own; scan the camera instead:"
            return _start_page(request, _own(request), fault)
    if camera is None:
        return _start_page(request, _own(request), "No camera or badge of yours has this code:")
    address = reverse("test_camera", args=[camera.name])
    if scans.stands_on(camera, code):
        address += "?" + urlencode({"scan": code})
    return HttpResponseRedirect(address)


def _own(request: Entered) -> list[Camera]:
    """What an officer wears; who tests other people's cameras scans them."""
    own: Officer | None = getattr(request.user, "officer", None)
    if own is None:
        return []
    rows = request.reach.cameras().filter(officer=own, service_state=ServiceState.IN_SERVICE)
    return list(rows.order_by("number")[:MOST_OWN])


def _officers(request: Entered) -> QuerySet[Officer]:
    shown: Visible | None = reach_of(request.user, Act.VIEW_OFFICERS)
    if shown is None:
        return Officer.objects.none()
    if shown.officer_id is not None:
        return Officer.objects.filter(pk=shown.officer_id)
    every: Any = Officer.objects
    found: QuerySet[Officer] = every.at_stations(shown.stations)
    return found


def _start_page(request: Entered, own: list[Camera], fault: str = "") -> HttpResponseBase:
    context = {
        "own": own,
        "fault": fault,
        "code": request.GET.get("scan", "")[: scans.LONGEST],
        "is_officer": getattr(request.user, "officer", None) is not None,
    }
    return render(request, "dashboard/test_start.html", context)


def _test_page(
    request: Entered, camera: Camera, form: Confirm, *, status: int = 200
) -> HttpResponseBase:
    at = now()
    known = reading.known([camera.pk])[camera.pk]
    own = _wearer(request, camera)
    policy, wears_it = current.policy(), own.pk if own else camera.officer_id
    duty = reading.on_duty(wears_it, now=at, policy=policy)
    checks = rules.test(known.facts, policy, at, duty)
    against = [one for one in checks if one.passed is not True]
    last = camera.tests.order_by("-at").first()
    context = {
        "camera": camera,
        "form": form,
        "checks": checks,
        "against": against,
        "tested": camera.service_state == ServiceState.IN_SERVICE,
        "last": last,
        "for_an_officer": own is None,
        "at": at,
    }
    return render(request, "dashboard/test_camera.html", context, status=status)
