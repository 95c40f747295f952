"""The words that people sort cameras by, said on a camera's own page."""

from django.contrib import messages
from django.http import HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_POST

from dashboard.doors import Entered, door
from dashboard.forms import Tags
from devices.errors import Refused
from devices.inventory import actions
from devices.inventory.models import Camera
from devices.roles import Act


@require_POST
@door(Act.IMPORT_INVENTORY)
def tag(request: Entered, number: int) -> HttpResponseBase:
    """The camera has the tags that are written, and no others."""
    camera = get_object_or_404(request.reach.cameras(), number=number)
    form = Tags(request.POST)
    if form.is_valid():
        _tag(request, camera, form.cleaned_data["tags"])
    else:
        messages.error(request, " ".join(map(str, next(iter(form.errors.values())))))
    return HttpResponseRedirect(reverse("camera", args=[number]))


def _tag(request: Entered, camera: Camera, tags: list[str]) -> None:
    try:
        changed = actions.tag(camera, tags, by=request.user, now=now())
    except Refused as refused:
        messages.error(request, str(refused))
        return
    said = f"tagged {', '.join(tags)}" if tags else "without a tag"
    messages.success(request, f"{camera} is {said}{'' if changed else ', as it was'}.")
