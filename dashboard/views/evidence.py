"""What is asked of one camera: to be kept as evidence, and to show itself."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_POST

from dashboard.doors import Entered, door
from dashboard.forms import Reason
from devices.errors import Refused
from devices.health import actions as health
from devices.inventory import actions as inventory
from devices.inventory.models import Camera
from devices.roles import Act


@require_POST
@door(Act.HOLD_EVIDENCE)
def hold(request: Entered, number: int) -> HttpResponseBase:
    """It goes to nobody and stays as it is from now on."""
    return _with_reason(request, number, inventory.hold, "{} is held as evidence.")


@require_POST
@door(Act.HOLD_EVIDENCE)
def release(request: Entered, number: int) -> HttpResponseBase:
    """It is as any other camera again."""
    return _with_reason(request, number, inventory.release_hold, "{} is not held any more.")


@require_POST
@door(Act.LOCATE_CAMERA)
def locate(request: Entered, number: int) -> HttpResponseBase:
    """It blinks and beeps for half a minute, as soon as it or its dock speaks next."""
    camera = get_object_or_404(request.reach.cameras().select_related("model"), number=number)
    asked = "{} is asked to blink and beep: it does so within a minute, for half a minute."
    return _done(request, camera, lambda by, at: health.locate(camera, by=by, now=at), asked)


def _with_reason(
    request: Entered, number: int, act: Callable[..., None], done: str
) -> HttpResponseBase:
    camera = get_object_or_404(request.reach.cameras(), number=number)
    form = Reason(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(map(str, next(iter(form.errors.values())))))
        return HttpResponseRedirect(reverse("camera", args=[number]))
    reason = form.cleaned_data["reason"]
    return _done(request, camera, lambda by, at: act(camera, reason, by=by, now=at), done)


def _done(
    request: Entered, camera: Camera, act: Callable[[Any, datetime], None], said: str
) -> HttpResponseBase:
    try:
        act(request.user, now())
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, said.format(camera))
    return HttpResponseRedirect(reverse("camera", args=[camera.number]))
