"""Custody by hand, on a camera's page: each act with its reason, and a sentence if it cannot be."""

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from dashboard.custody_forms import CheckIn, Corrected, OwnCamera, SwapFor, ToOfficer
from dashboard.doors import Entered, door
from dashboard.forms import Reason
from dashboard.present import present
from dashboard.views.custody import custody_page, one_custody
from devices.custody.actions import Correction
from devices.desk.by_hand import actions as by_hand
from devices.desk.by_hand.actions import Hand
from devices.errors import Refused
from devices.faults import actions as faults
from devices.inventory.models import Camera
from devices.roles import Act


@require_POST
@door(Act.WORK_DESK)
def check_in(request: Entered, number: int) -> HttpResponseBase:
    """Nobody has the camera for a shift any more, if it is still with whom the page showed."""
    camera = _camera(request, number)
    form = CheckIn(request.POST, rows=camera.custodies.all())
    return _done(
        request,
        camera,
        form,
        lambda: by_hand.check_in(camera, hand_of(request, form), of=form.cleaned_data["custody"]),
        lambda: f"{camera} is checked in.",
    )


@require_POST
@door(Act.WORK_DESK)
def transfer(request: Entered, number: int) -> HttpResponseBase:
    """Another officer has the camera from now on."""
    camera, form = _camera(request, number), ToOfficer(request.POST)
    return _done(
        request,
        camera,
        form,
        lambda: by_hand.transfer(camera, form.cleaned_data["officer"], hand_of(request, form)),
        lambda: f"{camera} went to {form.cleaned_data['officer']}.",
    )


@require_POST
@door(Act.WORK_DESK)
def swap(request: Entered, number: int) -> HttpResponseBase:
    """Whoever has the camera gives it back and has another one of this station."""
    camera, form = _camera(request, number), SwapFor(request.POST, rows=request.reach.cameras())
    return _done(
        request,
        camera,
        form,
        lambda: by_hand.swap(
            form.cleaned_data["officer"],
            camera,
            form.cleaned_data["instead"],
            hand_of(request, form),
        ),
        lambda: (
            f"{camera} is back; {form.cleaned_data['instead']} went to"
            f" {form.cleaned_data['officer']} instead."
        ),
    )


@require_POST
@door(Act.WORK_DESK)
def assign(request: Entered, number: int) -> HttpResponseBase:
    """The camera is somebody's own from now on, or nobody's."""
    camera, form = _camera(request, number), OwnCamera(request.POST)

    def said() -> str:
        whose = form.cleaned_data["officer"]
        return f"{camera} is {whose}'s own." if whose else f"{camera} is nobody's own any more."

    return _done(
        request,
        camera,
        form,
        lambda: by_hand.assign(camera, form.cleaned_data["officer"], hand_of(request, form)),
        said,
    )


@require_POST
@door(Act.REPORT_LOST)
def lost(request: Entered, number: int) -> HttpResponseBase:
    """The camera is lost; who held it last still answers for it. Officers say so of their own, and
    of one that they hold."""

    def report(camera: Camera, hand: Hand) -> object:
        faults.refuse_if_away(camera)
        return by_hand.report_lost(camera, hand)

    return _for_a_reason(request, number, report, "{camera} is lost.")


@require_POST
@door(Act.CHANGE_SERVICE)
def found(request: Entered, number: int) -> HttpResponseBase:
    """A lost camera is here again; it stays out of service until somebody has looked at it."""
    said = "{camera} is found. Look at it, then put it back in service."
    return _for_a_reason(request, number, by_hand.found, said)


@require_POST
@door(Act.CORRECT_CUSTODY)
def correct(request: Entered, pk: int) -> HttpResponseBase:
    """What was really so of a custody stands beside it from now on."""
    one = one_custody(request.reach, pk)
    form = Corrected(request.POST, custody=one)
    if not form.is_valid():
        return custody_page(request, one, form, status=422)
    said = form.cleaned_data
    right = Correction(said["officer"], said["opened_at"], said["closed_at"])
    try:
        by_hand.correct(one, right, hand_of(request, form))
    except Refused as refused:
        form.add_error(None, str(refused))
        return custody_page(request, one, form, status=422)
    messages.success(request, "The correction stands beside the record.")
    return HttpResponseRedirect(reverse("custody_record", args=[pk]))


def hand_of(request: Entered, form: forms.Form) -> Hand:
    """Whoever is signed in acts, now, for the reason in the form."""
    asked = present()
    return Hand(request.user, asked.now, asked.policy, form.cleaned_data["reason"])


def _camera(request: Entered, number: int) -> Camera:
    rows = request.reach.cameras().select_related("station")
    camera: Camera = get_object_or_404(rows, number=number)
    return camera


def _for_a_reason(
    request: Entered, number: int, act: Callable[[Camera, Hand], object], said: str
) -> HttpResponseBase:
    """What is done to a camera for a reason alone."""
    camera, form = _camera(request, number), Reason(request.POST)
    return _done(
        request,
        camera,
        form,
        lambda: act(camera, hand_of(request, form)),
        lambda: said.format(camera=camera),
    )


def _done(
    request: Entered,
    camera: Camera,
    form: forms.Form,
    act: Callable[[], object],
    said: Callable[[], str],
) -> HttpResponseBase:
    """Do it and say so, or say why not; then the camera's page."""
    if form.is_valid():
        try:
            act()
        except Refused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, said())
    else:
        first = next(iter(form.errors.values()))
        messages.error(request, " ".join(map(str, first)))
    return HttpResponseRedirect(reverse("camera", args=[camera.number]))
