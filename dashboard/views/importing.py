"""Importing a CSV: choose, look at every change and every error, then all of it or nothing."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.timezone import now

from dashboard import uploads
from dashboard.doors import signed_in
from devices.access.people import Visible, reach_of
from devices.custody.imports import IMPORTS
from devices.errors import Refused
from devices.inventory.imports import ACT_OF as ACT_OF_INVENTORY
from devices.inventory.imports import Kind, Plan
from devices.inventory.imports.importing import Import, apply, plan
from devices.inventory.imports.judging import Added, Changed, Removed
from devices.inventory.imports.reading import MOST_BYTES
from devices.roles import Act
from devices.roster import imports as roster

MOST_DRAWN = 2_000  # of changes and of errors; past it their number is said

KINDS: tuple[StrEnum, ...] = (*Kind, *roster.Kind)
ACT_OF: dict[StrEnum, Act] = {
    **dict(ACT_OF_INVENTORY.items()),
    **dict(roster.ACT_OF.items()),
}
WORDS: dict[StrEnum, tuple[str, str]] = {
    Kind.STATIONS: ("Stations", "code, name, pool"),
    Kind.MODELS: ("Camera models", "maker, name, radio, battery_hours, storage_gb, …"),
    Kind.DOCKS: ("Docks", "code, station, kind, place, bays, …"),
    Kind.OFFICERS: ("Officers", "badge_number, station, unit, credentials"),
    Kind.CAMERAS: ("Cameras", "number, serial, asset_tag, maker, model, station, home_bay, …"),
    roster.Kind.SHIFTS: ("Shifts", "code, name, begins, ends, reserve"),
    roster.Kind.ROTATIONS: ("Rotations", "badge_number, shift, pattern, first_on, last_on, unit"),
    roster.Kind.ROSTER: ("Roster", "date, shift, station, badge_number, unit, begins, ends"),
}


@signed_in
def start(request: HttpRequest) -> HttpResponseBase:
    """The form; posted with a file, the preview; posted to confirm, the result."""
    reaches = _reaches(request)
    if request.method != "POST":
        return _form(request, reaches)
    kind = _kind(request.POST.get("kind", ""), reaches)
    if kind is None:
        return _form(request, reaches, "Choose what the file holds.")
    if _whole(request) and kind is not roster.Kind.ROSTER:
        return _form(request, reaches, "Only a roster can be the whole of its shifts.", kind)
    if "confirm" in request.POST:
        return _apply(request, kind, reaches)
    return _preview(request, kind, reaches)


def _preview(
    request: HttpRequest, kind: StrEnum, reaches: dict[StrEnum, Visible]
) -> HttpResponseBase:
    sent = request.FILES.get("file")
    if not isinstance(sent, UploadedFile):
        return _form(request, reaches, "Choose a file.", kind)
    if (sent.size or 0) > MOST_BYTES:
        return _form(request, reaches, f"The file is larger than {MOST_BYTES // 1024**2} MB.", kind)
    raw = sent.read()
    try:
        found = plan(_import(request, kind), raw, stations=reaches[kind].stations)
        follows = _follows(request, found)
    except Refused as refused:
        return _form(request, reaches, str(refused), kind)
    uploads.keep(request, raw)
    status = 422 if found.errors else 200
    return _no_store(
        render(
            request,
            "dashboard/import_preview.html",
            {**_told(request, found, sent.name), "follows": follows},
            status=status,
        )
    )


def _follows(request: HttpRequest, found: Plan) -> list[str]:
    """What else a right file of the roster does."""
    asked = found.changes and not found.errors and isinstance(found.kind, roster.Kind)
    sees = _sees_officers(request)
    return roster.follows(found, now=now(), names_officers=sees) if asked else []


def _apply(
    request: HttpRequest, kind: StrEnum, reaches: dict[StrEnum, Visible]
) -> HttpResponseBase:
    raw = uploads.kept(request)
    if raw is None:
        return _form(request, reaches, "The preview is too old; choose the file again.", kind)
    try:
        done = apply(
            _import(request, kind),
            raw,
            by=request.user,
            now=now(),
            expected=request.POST.get("digest", ""),
            stations=reaches[kind].stations,
        )
    except Refused as refused:
        return _form(request, reaches, f"Nothing was imported. {refused}", kind)
    uploads.forget(request)
    return render(
        request,
        "dashboard/import_done.html",
        {**_told(request, done), "next": _next(kind, reaches)},
    )


def _form(
    request: HttpRequest,
    reaches: dict[StrEnum, Visible],
    fault: str = "",
    kind: StrEnum | None = None,
) -> HttpResponseBase:
    context = {
        "kinds": [(one, *WORDS[one]) for one in KINDS if one in reaches],
        "chosen": kind or _kind(request.GET.get("kind", ""), reaches),
        "fault": fault,
        "whole": _whole(request),
        "offers_whole": roster.Kind.ROSTER in reaches and _sees_officers(request),
        "most_mb": MOST_BYTES // 1024**2,
    }
    return render(request, "dashboard/import.html", context, status=422 if fault else 200)


@dataclass(frozen=True)
class Line:
    """A change as the preview draws it."""

    line: int
    what: str
    name: str
    sentences: list[str]


def _drawn(change: Added | Changed | Removed, hidden: Collection[str]) -> Line:
    match change:
        case Changed():
            sentences = change.sentences_without(hidden)
        case _:
            sentences = change.sentences
    return Line(change.line, change.what, change.name, sentences)


def _told(request: HttpRequest, found: Plan, name: str | None = None) -> dict[str, Any]:
    """What is drawn of it; whose a camera was is shown to those alone who may see officers."""
    hidden = () if _sees_officers(request) else ("officer",)
    lines = found.changes
    return {
        "plan": found,
        "kind": found.kind,
        "label": WORDS[found.kind][0],
        "file": name,
        "lines": [_drawn(one, hidden) for one in lines[:MOST_DRAWN]],
        "more_lines": max(0, len(lines) - MOST_DRAWN),
        "errors": found.errors[:MOST_DRAWN],
        "more_errors": max(0, len(found.errors) - MOST_DRAWN),
        "whole": _whole(request),
    }


def _sees_officers(request: HttpRequest) -> bool:
    return reach_of(request.user, Act.VIEW_OFFICERS) is not None


def _reaches(request: HttpRequest) -> dict[StrEnum, Visible]:
    """How far each kind of import reaches for this person; who may import none is refused."""
    assert isinstance(request.user, User)
    found = {kind: reach_of(request.user, act) for kind, act in ACT_OF.items()}
    reaches = {kind: reach for kind, reach in found.items() if reach is not None}
    if not reaches:
        raise PermissionDenied("Your role does not let you import.")
    return reaches


def _kind(said: str, reaches: dict[StrEnum, Visible]) -> StrEnum | None:
    kind = next((one for one in KINDS if one.value == said), None)
    if kind is not None and kind not in reaches:
        raise PermissionDenied(f"Your role does not let you {ACT_OF[kind].value}.")
    return kind


def _whole(request: HttpRequest) -> bool:
    """Whether the file is said to be the whole of the shifts it names."""
    return "whole" in request.POST


def _next(kind: StrEnum, reaches: dict[StrEnum, Visible]) -> StrEnum | None:
    """What is imported after this, in the order that loads cleanly."""
    return next((one for one in KINDS[KINDS.index(kind) + 1 :] if one in reaches), None)


def _import(request: HttpRequest, kind: StrEnum) -> Import:
    sees, whole = _sees_officers(request), _whole(request)
    if whole and not sees:
        raise PermissionDenied("Who takes officers off their shifts sees who they are.")
    if isinstance(kind, roster.Kind):
        what = roster.at(kind, now(), whole=whole)
    else:
        what = IMPORTS[Kind(kind)]
    return replace(what, names_officers=sees)


def _no_store(response: HttpResponseBase) -> HttpResponseBase:
    response["Cache-Control"] = "no-store"
    return response
