"""Recalls: what is open, one while cameras come in, and what people do about it."""

import csv
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localtime, now
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard import recall_words, recalls
from dashboard.custody_file import iso
from dashboard.doors import Entered, door
from dashboard.present import present
from dashboard.recall_forms import WantedRecall, lots_known, versions_known
from dashboard.recalls import Line
from dashboard.session import background
from dashboard.views.cameras import safe
from dashboard.views.releases import acted, known, reason_in
from devices import ledger
from devices.access.people import reach_of
from devices.board import table
from devices.errors import Refused
from devices.inventory.models import Camera
from devices.readiness import what_if
from devices.recalls import actions, reading
from devices.recalls.models import Recall
from devices.recalls.rules import Stand, Wanted
from devices.roles import Act

HEAD = (
    "Camera", "Stands", "Where", "Station", "Holder", "Unit", "Held as", "Held since",
    "Last heard", "Firmware", "Service state", "In the recall since", "Came in", "Cleared", "Why",
)  # fmt: skip


@require_safe
@door(Act.VIEW_RECALLS)
def listing(request: Entered) -> HttpResponseBase:
    found = recalls.listed()
    still_open = [one for one in found if one.recall.ended_at is None]
    context = {
        "listed": found,
        "open": len(still_open),
        "out": sum(one.tally.out for one in still_open),
        "may_recall": _may(request),
    }
    return render(request, "dashboard/recalls.html", context)


@require_safe
@door(Act.VIEW_RECALLS)
def recall(request: Entered, pk: int) -> HttpResponseBase:
    return render(request, "dashboard/recall.html", _told(request, _recall(pk)))


@require_safe
@background
@door(Act.VIEW_RECALLS)
def recall_now(request: Entered, pk: int) -> HttpResponseBase:
    """What changes while one looks, for part.js to put in place."""
    response = render(request, "dashboard/_recall_now.html", _told(request, _recall(pk)))
    response["Cache-Control"] = "no-store"
    return response


def _told(request: Entered, one: Recall) -> dict[str, Any]:
    found, at = recalls.lines(request.user, one, request.reach, recalls.MOST_SHOWN), now()
    groups, told = recalls.by_stand(found), recalls.one_listed(one)
    return {
        "recall": one,
        "one": told,
        "course": recall_words.course(one, told.tally, reading.arrivals(one.pk), at),
        "out": groups[Stand.OUT],
        "came_in": groups[Stand.IN],
        "cleared": groups[Stand.CLEARED],
        "showing": [line.row.id for line in found[: recalls.MOST_WATCHED]],
        "everywhere": request.reach.stations is None,
        "sees_holders": reach_of(request.user, Act.VIEW_OFFICERS) is not None,
        "may_recall": _may(request) and one.ended_at is None,
        "may_roll_out": reach_of(request.user, Act.MAKE_ROLLOUT) is not None,
        "may_export": reach_of(request.user, Act.EXPORT_CAMERAS) is not None,
        "at": at,
    }


@require_safe
@door(Act.EXPORT_CAMERAS)
def recall_csv(request: Entered, pk: int) -> HttpResponseBase:
    """Every camera of the recall within reach. That somebody took it is written down."""
    one, at = _recall(pk), now()
    with transaction.atomic():
        ledger.record("exported a recall", f"recall {one}", by=request.user, now=at, number=one.pk)
    found = recalls.lines(request.user, one, request.reach)
    response = HttpResponse("".join(_file(found)), content_type="text/csv; charset=utf-8")
    name = f"recall-{one.pk}-{localtime(at):%Y%m%d-%H%M}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


def _file(found: list[Line]) -> Iterator[str]:
    yield "\ufeff" + _cells(HEAD)
    for line in found:
        row = line.row
        yield _cells(
            (
                row.name,
                row.stand.value,
                line.where,
                row.station,
                line.holder,
                row.unit,
                line.held,
                iso(line.held_since),
                iso(row.heard_at),
                row.version,
                row.service_words,
                iso(row.joined_at),
                iso(row.came_in_at),
                iso(row.cleared_at),
                row.cleared_because,
            )
        )


def _cells(cells: tuple[object, ...]) -> str:
    line = StringIO()
    csv.writer(line).writerow([safe(cell) for cell in cells])
    return line.getvalue()


# --- What people do ------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@door(Act.RECALL_CAMERAS)
def new(request: Entered) -> HttpResponseBase:
    """A recall, looked at before it is made: which cameras, and what shifts would lack."""
    if request.method == "GET":
        return _form(request, WantedRecall())
    form = WantedRecall(request.POST)
    if not form.is_valid():
        return _form(request, form, status=422)
    if request.POST.get("act") != "recall":
        return _form(request, form, **_looked(request, form.wanted))
    try:
        made = actions.make(form.wanted, by=request.user, now=now())
    except Refused as refused:
        form.add_error(None, str(refused))
        return _form(request, form, status=422)
    messages.success(request, f"{made} is recalled. No desk gives such a camera out any more.")
    return HttpResponseRedirect(reverse("recall", args=[made.pk]))


def _looked(request: Entered, wanted: Wanted) -> dict[str, Any]:
    """What it would take at this moment, and what the coming shifts would have left."""
    found, at = reading.covered(wanted), present()
    if not found:
        return {"takes": "There is no such camera.", "count": 0}
    ids = frozenset(one.id for one in found)
    return {
        "takes": recall_words.takes(found),
        "count": len(found),
        "by_update": bool(wanted.firmware_version),
        "effect": what_if.without(request.reach, ids, wanted.name, at.policy, at.now),
    }


def _form(
    request: Entered, form: WantedRecall, *, status: int = 200, **looked: Any
) -> HttpResponseBase:
    context = {
        "form": form,
        "lots": _hint("As the inventory has it.", lots_known()),
        "versions": _hint("Exactly as cameras say it.", versions_known()),
        **looked,
    }
    return render(request, "dashboard/recall_new.html", context, status=status)


def _hint(says: str, known_ones: list[str]) -> str:
    return f"{says} Known: {', '.join(known_ones)}." if known_ones else says


@require_POST
@door(Act.RECALL_CAMERAS)
def end(request: Entered, pk: int) -> HttpResponseBase:
    one = _recall(pk)
    says = f"{one} has ended. What is out of service stays so until somebody puts it back."
    return _done(
        request,
        one,
        lambda: actions.end(one, reason_in(request), by=request.user, now=now()),
        says,
    )


@require_POST
@door(Act.RECALL_CAMERAS)
def clear(request: Entered, pk: int) -> HttpResponseBase:
    """One camera of it is all right."""
    one = _recall(pk)
    return _done(
        request,
        one,
        lambda: actions.clear(
            one, _camera(request), reason_in(request), by=request.user, now=now()
        ),
        "It is cleared. If it is out of service, put it back on its own page.",
    )


def _camera(request: Entered) -> Camera:
    """The camera that was typed or scanned; refuses what names none."""
    number = table.number_typed(request.POST.get("camera", "").strip().upper())
    found = request.reach.cameras().filter(number=number).first()
    if found is None:
        raise Refused("There is no such camera: write its number, such as C0417.")
    return found


def _done(request: Entered, one: Recall, act: Callable[[], object], says: str) -> HttpResponseBase:
    return acted(request, act, says, reverse("recall", args=[one.pk]))


def _recall(pk: int) -> Recall:
    row = recalls.read().filter(pk=known(pk)).first()
    if row is None:
        raise Http404(pk)
    return row


def _may(request: Entered) -> bool:
    return reach_of(request.user, Act.RECALL_CAMERAS) is not None
