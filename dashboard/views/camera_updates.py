"""What one camera was updated to, what it said meanwhile, and whether updates leave it alone."""

from typing import Any

from django.contrib.auth.models import User
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_POST, require_safe

from dashboard.doors import Entered, door
from dashboard.views.releases import acted, reason_in
from devices.access.people import reach_of
from devices.errors import Refused
from devices.inventory.models import Camera, ServiceState
from devices.roles import Act
from devices.rollouts import history
from devices.rollouts.aside import actions as aside
from devices.rollouts.models import PutAside

ON_CARD = 3
MOST_WORDS = 60  # of each update: what SWUpdate says of one, and some


@require_safe
@door(Act.VIEW_ROLLOUTS)
def updates(request: Entered, number: int) -> HttpResponseBase:
    """Every update that was planned for it, newest first."""
    one = _camera(request, number)
    turns = history.updates_of(one)
    words = history.words_of([turn.pk for turn in turns], MOST_WORDS)
    context = {
        "camera": one,
        "updates": [(turn, words[turn.pk]) for turn in turns],
        "before": history.put_aside_before(one),
        "attributes": _attributes(one),
        **_aside(request.user, one),
    }
    return render(request, "dashboard/camera_updates.html", context)


@require_POST
@door(Act.PUT_ASIDE)
def put_aside(request: Entered, number: int) -> HttpResponseBase:
    """No rollout takes it until somebody ends that."""
    one = _camera(request, number)
    return acted(
        request,
        lambda: aside.put_aside(one, reason_in(request), by=request.user, now=now()),
        f"{one} is put aside: no rollout takes it.",
        reverse("camera_updates", args=[one.number]),
    )


@require_POST
@door(Act.PUT_ASIDE)
def end_put_aside(request: Entered, number: int) -> HttpResponseBase:
    """Rollouts take it again."""
    one = _camera(request, number)
    return acted(
        request,
        lambda: aside.end_put_aside(_put(one), reason_in(request), by=request.user, now=now()),
        f"{one} is updated like any other again.",
        reverse("camera_updates", args=[one.number]),
    )


def _attributes(one: Camera) -> dict[str, Any]:
    """What its client told of it, by name, and when it last did; empty if it told nothing."""
    found = history.attributes_of(one)
    return {"told": sorted(found.told.items()), "at": found.told_at} if found else {}


def _put(one: Camera) -> PutAside:
    put = history.put_aside_now(one)
    if put is None:
        raise Refused(f"{one} is not put aside.")
    return put


def card(user: User, one: Camera) -> dict[str, Any]:
    """Its last updates, for the camera's own page; nothing for who may not see rollouts."""
    reach = reach_of(user, Act.VIEW_ROLLOUTS)
    if reach is None or not reach.includes(one):
        return {}
    return {"updates": history.updates_of(one, ON_CARD), "sees_updates": True, **_aside(user, one)}


def _aside(user: User, one: Camera) -> dict[str, Any]:
    reach = reach_of(user, Act.PUT_ASIDE)
    return {
        "aside": history.put_aside_now(one),
        "may_put_aside": reach is not None
        and reach.includes(one)
        and one.service_state != ServiceState.RETIRED,
    }


def _camera(request: Entered, number: int) -> Camera:
    return get_object_or_404(request.reach.cameras(), number=number)
