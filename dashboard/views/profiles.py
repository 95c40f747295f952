"""Device profiles: what they set, in versions, which cameras should run which, and which do not."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_POST

from dashboard.doors import Entered, door
from dashboard.release_forms import NewAssignment, ProfileSettings
from dashboard.views.releases import acted, known
from devices.access.people import reach_of
from devices.errors import Refused
from devices.inventory import codes
from devices.inventory.models import ServiceState
from devices.releases import reading
from devices.releases.models import Assignment, Profile, ProfileVersion
from devices.releases.profiles import actions, schema
from devices.releases.profiles.schema import Change, Setting
from devices.releases.reading import Running
from devices.roles import Act
from devices.rollouts.repairs.finding import outlook

MOST_DRIFTED = 500
NEW = 0


@dataclass(frozen=True)
class Version:
    """One version, and what it changed."""

    row: ProfileVersion
    changes: list[Change]
    defeats: list[str]


@dataclass(frozen=True)
class Drifted:
    """A camera that does not say it runs what it should, and what becomes of that."""

    one: Running
    outlook: str

    @property
    def name(self) -> str:
        return codes.name(self.one.number)


@door(Act.VIEW_RELEASES)
def profiles(request: Entered) -> HttpResponseBase:
    return _page(request, NewAssignment())


def _page(request: Entered, form: NewAssignment, *, status: int = 200) -> HttpResponseBase:
    rows = [_latest(one) for one in Profile.objects.prefetch_related("versions__release")]
    assignments = Assignment.objects.select_related("profile", "camera", "station", "model", "by")
    drifted, unknown = _drift(request)
    context = {
        "profiles": rows,
        "assignments": [(one, actions.target_of(one).words) for one in assignments],
        "drifted": drifted,
        "unknown": unknown,
        "form": form,
        "may_edit": reach_of(request.user, Act.EDIT_PROFILE) is not None,
    }
    return render(request, "dashboard/profiles.html", context, status=status)


def _latest(one: Profile) -> tuple[Profile, ProfileVersion | None, list[str]]:
    version = next(iter(one.versions.all()), None)
    return one, version, schema.defeats(version.chosen) if version else []


def _drift(request: Entered) -> tuple[list[Running], int]:
    """Who has drifted, longest first and last those of whom it is not known; and how many did not
    say what they run."""
    cameras = request.reach.cameras().filter(service_state=ServiceState.IN_SERVICE)
    rows = reading.running(cameras)
    drifted = [one for one in rows if one.drifted]
    drifted.sort(key=lambda one: (one.drifted_since or now(), one.number))
    return drifted, sum(one.drifted is None for one in rows)


@door(Act.VIEW_RELEASES)
def drift(request: Entered) -> HttpResponseBase:
    """Every camera whose profile is not the one it should run."""
    drifted, unknown = _drift(request)
    shown = drifted[:MOST_DRIFTED]
    outlooks = outlook(shown, now=now())
    context = {
        "drifted": [Drifted(one, outlooks[one.camera_id]) for one in shown],
        "count": len(drifted),
        "unknown": unknown,
    }
    return render(request, "dashboard/drift.html", context)


@door(Act.VIEW_RELEASES)
def profile(request: Entered, pk: int) -> HttpResponseBase:
    one = _profile(pk)
    versions = _versions(one)
    latest = versions[0] if versions else None
    context = {
        "profile": one,
        "versions": versions,
        "latest": latest,
        "settings": _words(latest.row.chosen) if latest else [],
        "may_edit": reach_of(request.user, Act.EDIT_PROFILE) is not None,
    }
    return render(request, "dashboard/profile.html", context)


def _words(chosen: Mapping[str, Any]) -> list[tuple[Setting, str]]:
    return [
        (one, one.words(chosen[one.name]) if one.name in chosen else "not set")
        for one in schema.SETTINGS
    ]


def _versions(one: Profile) -> list[Version]:
    rows = list(one.versions.select_related("made_by", "release"))
    before: list[Mapping[str, Any]] = [*(row.chosen for row in rows[1:]), {}]
    return [
        Version(row, schema.diff(earlier, row.chosen), schema.defeats(row.chosen))
        for row, earlier in zip(rows, before, strict=True)
    ]


@door(Act.EDIT_PROFILE)
def new(request: Entered) -> HttpResponseBase:
    """A first version of a profile."""
    return _edit(request, None, schema.USUAL, NEW)


@door(Act.EDIT_PROFILE)
def edit(request: Entered, pk: int) -> HttpResponseBase:
    """The next version of a profile, looked at before it is made."""
    one = _profile(pk)
    latest = one.versions.first()
    chosen = latest.chosen if latest else schema.USUAL
    return _edit(request, one, chosen, latest.number if latest else NEW)


def _edit(
    request: Entered, one: Profile | None, chosen: Mapping[str, Any], number: int
) -> HttpResponseBase:
    if request.method != "POST":
        form = ProfileSettings(initial={**chosen, "based_on": number})
        return _form(request, one, form, schema.pretty(chosen))
    said = request.POST.get("json", "")
    by_json = request.POST.get("act", "").startswith("json")
    try:
        form, wanted = _as_json(request, said) if by_json else _as_form(request)
    except Refused as refused:
        form = ProfileSettings(request.POST)
        return _form(request, one, form, said, fault=str(refused))
    if wanted is None:
        return _form(request, one, form, schema.pretty(chosen), fault="Nothing was made.")
    if not request.POST.get("act", "").endswith("make"):
        return _form(request, one, form, schema.pretty(wanted), changes=schema.diff(chosen, wanted))
    return _make(request, one, form, wanted)


def _as_form(request: Entered) -> tuple[ProfileSettings, dict[str, Any] | None]:
    form = ProfileSettings(request.POST)
    return form, form.chosen() if form.is_valid() else None


def _as_json(request: Entered, said: str) -> tuple[ProfileSettings, dict[str, Any]]:
    """What was written, put into the form, so that both say the same from now on."""
    wanted = schema.read(said)
    schema.refuse_wrong(wanted)
    beside = {name: request.POST.get(name, "") for name in ("name", "note", "based_on")}
    form = ProfileSettings({**wanted, **beside})
    if not form.is_valid():
        raise Refused("Look at what is marked below.")
    return form, wanted


def _make(
    request: Entered, one: Profile | None, form: ProfileSettings, wanted: dict[str, Any]
) -> HttpResponseBase:
    told = form.cleaned_data
    try:
        version = actions.make_version(
            one.name if one else told["name"],
            wanted,
            based_on=told["based_on"] if one else NEW,
            note=told["note"],
            by=request.user,
            now=now(),
        )
    except Refused as refused:
        return _form(request, one, form, schema.pretty(wanted), fault=str(refused))
    return HttpResponseRedirect(reverse("release", args=[version.release.pk]))


def _form(
    request: Entered,
    one: Profile | None,
    form: ProfileSettings,
    text: str,
    *,
    fault: str = "",
    changes: list[Change] | None = None,
) -> HttpResponseBase:
    defeats = schema.defeats(form.chosen()) if changes is not None else []
    context = {
        "profile": one,
        "form": form,
        "json": text,
        "fault": fault,
        "changes": changes,
        "defeats": defeats,
    }
    return render(request, "dashboard/profile_edit.html", context, status=422 if fault else 200)


@require_POST
@door(Act.EDIT_PROFILE)
def assign(request: Entered) -> HttpResponseBase:
    form = NewAssignment(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    said = form.cleaned_data
    return acted(
        request,
        lambda: actions.assign(said["profile"], said["target"], by=request.user, now=now()),
        f"Assigned: {said['target'].words} should run {said['profile']}.",
        reverse("profiles"),
    )


@require_POST
@door(Act.EDIT_PROFILE)
def unassign(request: Entered, pk: int) -> HttpResponseBase:
    rows = Assignment.objects.select_related("profile", "camera", "station", "model")
    row = rows.filter(pk=known(pk)).first()
    if row is None:
        raise Http404(pk)
    return acted(
        request,
        lambda: actions.unassign(row, by=request.user, now=now()),
        "Taken away. Whatever is wider counts now.",
        reverse("profiles"),
    )


def _profile(pk: int) -> Profile:
    row = Profile.objects.filter(pk=known(pk)).first()
    if row is None:
        raise Http404(pk)
    return row
