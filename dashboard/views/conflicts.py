"""What desks told while they were cut off and the record denies: nothing is dropped or guessed."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_POST

from dashboard.doors import Entered, door
from dashboard.due_forms import Settle
from dashboard.present import present
from devices.access.people import Visible
from devices.custody.actions import Told, since
from devices.custody.models import Custody
from devices.desk.models import DeskConflict
from devices.desk.settling import actions
from devices.errors import Refused
from devices.roles import Act

MOST_OPEN = 200
MOST_SETTLED = 20


@door(Act.WORK_DESK)
def page(request: Entered) -> HttpResponseBase:
    return _page(request)


@require_POST
@door(Act.WORK_DESK)
def settle(request: Entered, pk: int) -> HttpResponseBase:
    """Somebody found out who has the camera; the record says so from now on."""
    conflict = _within(request.reach).filter(pk=pk).first()
    if conflict is None:
        raise Http404(pk)
    form = Settle(request.POST, label_suffix="", auto_id=f"id_{pk}_%s")
    if not form.is_valid():
        return _page(request, form, pk)
    told = Told(by=request.user, now=now())
    try:
        actions.settle(conflict, form.finding, told=told, policy=present().policy)
    except Refused as refused:
        form.add_error(None, str(refused))
        return _page(request, form, pk)
    messages.success(request, f"Settled: {conflict.camera or conflict.request.raw}.")
    return HttpResponseRedirect(reverse("desk_conflicts"))


def _page(request: Entered, refused: Settle | None = None, pk: int = 0) -> HttpResponseBase:
    rows = _within(request.reach)
    unsettled = list(rows.filter(settled_at=None).order_by("at")[:MOST_OPEN])
    held = {
        one.camera_id: one
        for one in Custody.objects.open()
        .filter(camera__in=[each.camera_id for each in unsettled])
        .select_related("officer")
    }
    scanners = _scanners(unsettled)
    context: dict[str, Any] = {
        "open": [
            (
                one,
                _record(held.get(one.camera_id)),
                refused if one.pk == pk else _form(one),
                scanners.get(one.request.answer.get("scanned_by"), ""),
            )
            for one in unsettled
        ],
        "stray": refused if refused and pk not in {one.pk for one in unsettled} else None,
        "settled": list(rows.exclude(settled_at=None).order_by("-settled_at")[:MOST_SETTLED]),
    }
    return render(request, "dashboard/conflicts.html", context, status=422 if refused else 200)


def _scanners(conflicts: list[DeskConflict]) -> dict[int, str]:
    """The user names of those who scanned what another sent; it is kept with their numbers."""
    numbers = [one.request.answer.get("scanned_by") for one in conflicts]
    known = [one for one in numbers if isinstance(one, int)]
    return dict(User.objects.filter(pk__in=known).values_list("pk", "username"))


def _form(one: DeskConflict) -> Settle:
    badge = one.officer.badge_number if one.officer else ""
    return Settle(initial={"officer": badge}, label_suffix="", auto_id=f"id_{one.pk}_%s")


@dataclass(frozen=True)
class Record:
    """What stands on record of a camera, in words; ``custody`` is the open one's id, or none."""

    says: str
    custody: int | None = None


def _record(held: Custody | None) -> Record:
    if held is None:
        return Record("nobody holds it")
    return Record(f"{held.officer} holds it {since(held)}", held.pk)


def _within(reach: Visible) -> Any:
    rows = DeskConflict.objects.select_related(
        "camera", "officer", "request__desk__station", "request__by", "settled_by"
    )
    if reach.stations is None:
        return rows
    return rows.filter(request__desk__station__in=reach.stations)
