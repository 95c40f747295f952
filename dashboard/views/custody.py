"""Custody to read: a camera's history, one custody, any moment, and all of it as a file."""

import csv
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from datetime import datetime
from io import StringIO
from typing import Any
from urllib.parse import urlencode

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.timezone import localtime, now

from dashboard import custody_facts
from dashboard.custody_facts import Drawing, Line, Names
from dashboard.custody_file import HEAD, rows_of
from dashboard.custody_forms import (
    Corrected,
    ExportFilter,
    HistoryFilter,
    Moment,
    OwnCamera,
    SwapFor,
    ToOfficer,
)
from dashboard.doors import Entered, door
from dashboard.present import present
from dashboard.views.cameras import safe
from devices import ledger
from devices.access.people import Visible, reach_of
from devices.board.cards import Asked
from devices.custody import history, moments
from devices.custody.history import Place, Wanted
from devices.custody.models import FOR_A_SHIFT, Custody, CustodyEvent
from devices.custody.rules import is_overdue
from devices.inventory.models import SERVICE, Camera, Officer, ServiceState
from devices.roles import Act

LINES = 25
MOST_DUTIES = 30  # of an own camera, in a history; its record tells all
FILE_LINES = 500
MOST_EXPORTED = 50_000
LATEST = 3


@door(Act.VIEW_CUSTODY)
def camera_custody(request: Entered, number: int) -> HttpResponseBase:
    """The history of one camera's custody, newest first, narrowed by what the address says."""
    cameras = request.reach.cameras().select_related("station", "officer")
    camera = get_object_or_404(cameras, number=number)
    shown = reach_of(request.user, Act.VIEW_OFFICERS)
    form = HistoryFilter(request.GET, reach=request.reach, shown=shown)
    asked, names = present(), Names(shown)
    held, _ = history.latest(request.reach, camera, most=0)
    context = {
        "camera": camera,
        "sentence": custody_facts.present_sentence(camera, held, names, asked)
        if request.reach.officer_id is None or held
        else f"You do not hold {camera}.",
        **pages(request, form, form.wanted(camera=camera), names, asked),
        "export": export_of(request, camera=camera.name),
    }
    return render(request, "dashboard/custody_history.html", context)


def pages(
    request: Entered, form: HistoryFilter, wanted: Wanted, names: Names, asked: Asked
) -> dict[str, Any]:
    """One page of a history, drawn, and the addresses of the first and the next."""
    begins = request.GET.get("after", "")
    found = history.page(request.reach, wanted, after=Place.read(begins), size=LINES)
    kept = {name: said for name, said in request.GET.items() if name in form.fields and said}
    cameras = reach_of(request.user, Act.VIEW_CAMERA)
    return {
        "form": form,
        "filtered": bool(kept),
        "lines": Drawing(names, asked, cameras, most_duties=MOST_DUTIES).lines(found.lines),
        "first": urlencode(kept) if begins else None,
        "older": urlencode({**kept, "after": str(found.older)}) if found.older else None,
        "at": asked.now,
    }


@door(Act.VIEW_CUSTODY)
def custody(request: Entered, pk: int) -> HttpResponseBase:
    """One custody, whole: to be printed, and to be corrected by who may."""
    return custody_page(request, one_custody(request.reach, pk))


def custody_page(
    request: Entered, one: Custody, form: Corrected | None = None, *, status: int = 200
) -> HttpResponseBase:
    """The record, with its numbers in the ledger; a form that was refused stands as it was sent."""
    (record,) = history.records([one])
    correcting = reach_of(request.user, Act.CORRECT_CUSTODY)
    if form is None and correcting is not None and covers(correcting, one):
        form = Corrected(custody=one)
    context = {
        "custody": one,
        "camera": one.camera,
        "line": _drawn(request, [record])[0],
        "form": form,
        "may_see_camera": may(request, Act.VIEW_CAMERA, one.camera),
        "zone": settings.TIME_ZONE,
        "at": now(),
    }
    return render(request, "dashboard/custody_record.html", context, status=status)


@door(Act.VIEW_CUSTODY)
def moment(request: Entered) -> HttpResponseBase:
    """Who held this camera then, or what did this officer hold: one sentence and the record.

    A time alone, as the board of a past moment gives it, asks nothing yet: it stands in the form.
    """
    shown = reach_of(request.user, Act.VIEW_OFFICERS)
    filled = any(request.GET.get(name) for name in ("camera", "officer", "at"))
    asking = filled and set(request.GET) != {"at"}
    told = {"initial": {"at": request.GET.get("at", "")[:40]}}
    form = Moment(request.GET if asking else None, reach=request.reach, shown=shown, **told)
    context: dict[str, Any] = {"form": form, "zone": settings.TIME_ZONE, "at": now()}
    if asking and form.is_valid():
        context |= _answered(request, form.cleaned_data, Names(shown))
    status = 400 if asking and form.errors else 200
    return render(request, "dashboard/custody_moment.html", context, status=status)


def _answered(request: Entered, asked: dict[str, Any], names: Names) -> dict[str, Any]:
    about: Camera | Officer = asked.get("camera") or asked["officer"]
    if isinstance(about, Camera):
        answer = moments.of_camera(request.reach, about, asked["at"])
    else:
        answer = moments.of_officer(request.reach, about, asked["at"])
    corrections = [one for record in answer.records for one in record.corrections]
    beside = [one for one in answer.corrections if one not in corrections]
    drawing = Drawing(names, present(), entries=moments.entries_of(beside))
    return {
        "answer": answer,
        "about": about,
        "sentence": custody_facts.moment_sentence(about, answer, names),
        "lines": _drawn(request, answer.records, at=answer.at),
        "beside": [drawing.corrected(one) for one in beside],
    }


def _drawn(
    request: Entered, records: Iterable[history.Record], *, at: datetime | None = None
) -> list[Line]:
    """Records with their numbers in the ledger, and the readiness as it was known ``at`` then."""
    told = list(records)
    events: list[CustodyEvent] = []
    for record in told:
        for one in record.events:
            events += [one.event, *([one.undone_by] if one.undone_by else [])]
        events += record.corrections
    names = Names(reach_of(request.user, Act.VIEW_OFFICERS))
    entries = moments.entries_of(events)
    return Drawing(names, present(), entries=entries, moment=at).lines(told)


def one_custody(reach: Visible, pk: int) -> Custody:
    """The custody of this number, within reach."""
    rows = Custody.objects.within(reach).select_related(*history.NAMES)
    found: Custody | None = rows.filter(pk=pk).first()
    if found is None:
        raise Http404(pk)
    return found


def covers(reach: Visible, one: Custody) -> bool:
    """Whether this custody, already read, is within reach."""
    if reach.officer_id is not None:
        return one.officer_id == reach.officer_id
    stations = reach.stations
    return stations is None or bool({one.camera.station_id, one.officer.station_id} & stations)


def may(request: Entered, act: Act, camera: Camera) -> bool:
    """Whether whoever looks may do this to this camera."""
    reach = reach_of(request.user, act)
    return reach is not None and reach.includes(camera)


def card(request: Entered, camera: Camera) -> dict[str, Any]:
    """What a camera's own page says of its custody, and what may be done there."""
    reach = reach_of(request.user, Act.VIEW_CUSTODY)
    if reach is None or not reach.includes(camera):
        return {}
    asked, names = present(), Names(reach_of(request.user, Act.VIEW_OFFICERS))
    held, events = history.latest(reach, camera, most=LATEST)
    drawing = Drawing(names, asked)
    working = may(request, Act.WORK_DESK, camera)
    away = held is not None and held.kind in FOR_A_SHIFT
    retired = camera.service_state == ServiceState.RETIRED
    return {
        "open_custody": held,
        "held_sentence": custody_facts.present_sentence(camera, held, names, asked),
        "held_overdue": held is not None and is_overdue(held.due_at, asked.policy, asked.now),
        "held_linked": held is not None and names.may(held.officer, camera),
        "custody_events": [drawing.said(one, one.get_verb_display()) for one in events],
        "to_officer": ToOfficer(auto_id="to_%s", label_suffix=""),
        "swap_for": SwapFor(
            rows=request.reach.cameras(),
            initial={"officer": held.officer} if held else {},
            auto_id="swap_%s",
        ),
        "own_camera": OwnCamera(auto_id="own_%s", label_suffix=""),
        "may_check_in": working and away,
        "may_swap": working and away and held is not None and names.may(held.officer, camera),
        "may_transfer": working and held is not None,
        "may_assign": working and not away and not retired,
        # Who may change its service says so there, among what else may be done.
        "may_report_lost": ServiceState.LOST in SERVICE.moves[ServiceState(camera.service_state)]
        and may(request, Act.REPORT_LOST, camera)
        and not may(request, Act.CHANGE_SERVICE, camera),
        "may_find": camera.service_state == ServiceState.LOST
        and may(request, Act.CHANGE_SERVICE, camera),
    }


# --- As a file -------------------------------------------------------------------------------


@door(Act.EXPORT_CUSTODY)
def custody_csv(request: Entered) -> HttpResponseBase:
    """Exactly what the filter shows, as CSV. That somebody took it is written down first."""
    shown = reach_of(request.user, Act.VIEW_OFFICERS)
    form = ExportFilter(request.GET, reach=request.reach, shown=shown)
    wanted = form.wanted()
    wanted = replace(wanted, camera=form.cleaned_data.get("camera"))
    if form.errors:
        return _not_exported(request, " ".join(str(one[0]) for one in form.errors.values()))
    lines, at = history.count(request.reach, wanted), present()
    if lines > MOST_EXPORTED:
        return _not_exported(request, f"That is {lines} rows; narrow it to {MOST_EXPORTED}.")
    asked = {name: said for name, said in request.GET.items() if name in form.fields and said}
    with transaction.atomic():
        ledger.record(
            "exported custody",
            str(wanted.camera) if wanted.camera else "custody",
            by=request.user,
            now=at.now,
            asked=[f"{name}={said[:60]}" for name, said in sorted(asked.items())],
            rows=lines,
        )
    name = f"custody-{localtime(at.now):%Y%m%d-%H%M}.csv"
    return StreamingHttpResponse(
        _file(request.reach, wanted, Drawing(Names(shown), at)),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )


async def _file(reach: Visible, wanted: Wanted, drawing: Drawing) -> AsyncIterator[str]:
    """A page at a time, so that any history passes through little memory."""
    yield "\ufeff" + _line(HEAD)
    after, left = None, MOST_EXPORTED
    while left > 0:
        found = await sync_to_async(history.page)(reach, wanted, after=after, size=FILE_LINES)
        lines = drawing.lines(found.lines)[:left]
        yield "".join(_line(cells) for cells in rows_of(lines))
        after, left = found.older, left - len(lines)
        if after is None:
            return


def _line(cells: Iterable[object]) -> str:
    line = StringIO()
    csv.writer(line).writerow([safe(cell) for cell in cells])
    return line.getvalue()


def _not_exported(request: Entered, why: str) -> HttpResponseBase:
    messages.error(request, f"Nothing was exported. {why}")
    return HttpResponseRedirect(reverse("custody"))


def export_of(request: Entered, **of: str) -> str | None:
    """The address of this view as a file; None for who may not export."""
    if reach_of(request.user, Act.EXPORT_CUSTODY) is None:
        return None
    kept = {name: said for name, said in request.GET.items() if name != "after" and said}
    return urlencode({**kept, **of})
