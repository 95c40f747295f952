"""Closing the shift at a desk, and the record that stays of it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods

from dashboard.desks import open_desk
from dashboard.doors import Entered, door
from dashboard.due_forms import Close
from dashboard.present import present
from devices.custody.models import Desk
from devices.desk.closing import actions
from devices.desk.closing.actions import Waiting
from devices.desk.models import DeskClosing
from devices.errors import Refused
from devices.roles import Act

MOST_LISTED = 20
UNCOUNTED = (
    "The browser did not say which scans it keeps. Close the shift in the desk's own browser, "
    "with script allowed."
)


@require_http_methods(["GET", "HEAD", "POST"])
@door(Act.WORK_DESK)
def close(request: Entered, pk: int) -> HttpResponseBase:
    """What the shift came to; posted, it is closed, unless something waits or is unsettled."""
    desk = open_desk(pk, request.reach)
    if desk is None:
        raise Http404(pk)
    if request.method != "POST":
        return _page(request, desk)
    form = Close(request.POST)
    if not form.is_valid():
        return _page(request, desk, UNCOUNTED)
    said = form.cleaned_data
    try:
        made = actions.close(
            desk,
            Waiting(said["pending"], said["failed"]),
            after=said["after"],
            by=request.user,
            now=now(),
            policy=present().policy,
        )
    except Refused as refused:
        return _page(request, desk, str(refused))
    messages.success(request, "The shift is closed.")
    return HttpResponseRedirect(reverse("desk_closing", args=[made.pk]))


@door(Act.VIEW_CUSTODY)
def closing(request: Entered, pk: int) -> HttpResponseBase:
    """The record of a shift at a desk, to read and to print."""
    rows = DeskClosing.objects.select_related("desk__station", "by")
    if request.reach.stations is not None:
        rows = rows.filter(desk__station__in=request.reach.stations)
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404(pk)
    return render(request, "dashboard/closing.html", {"one": found})


def _page(request: Entered, desk: Desk, refused: str = "") -> HttpResponseBase:
    asked = present()
    context: dict[str, Any] = {
        "desk": desk,
        "found": actions.figures(desk, policy=asked.policy, now=asked.now),
        "refused": refused,
        "earlier": list(DeskClosing.objects.filter(desk=desk).select_related("by")[:MOST_LISTED]),
        "at": asked.now,
    }
    page = render(request, "dashboard/close.html", context, status=422 if refused else 200)
    page["Cache-Control"] = "no-store"
    return page
