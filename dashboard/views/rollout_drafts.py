"""Drafts of rollouts: one form that says which cameras, in what waves and when, looked at first."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods

from dashboard import rollouts
from dashboard.doors import Entered, door
from dashboard.rollout_forms import WantedRollout, filled, tags_known, units_known, usual
from dashboard.views.releases import known
from devices.department import current
from devices.errors import Refused
from devices.health.models import CameraHealth
from devices.releases.models import Release, ReleaseKind, ReleaseState
from devices.roles import Act
from devices.rollouts import reading
from devices.rollouts.courses import actions
from devices.rollouts.drafts import Draft
from devices.rollouts.foreseeing import dry_run_of
from devices.rollouts.models import Rollout
from devices.rollouts.rules import Course

MOST_VERSIONS = 12


@require_http_methods(["GET", "POST"])
@door(Act.MAKE_ROLLOUT)
def new(request: Entered) -> HttpResponseBase:
    """A draft, for another person to approve; looked at before it is kept."""
    if request.method == "GET":
        form = WantedRollout(initial=usual(_asked(request), request.GET.dict()))
        return _page(request, form, None)
    return _kept(request, WantedRollout(request.POST), None)


@require_http_methods(["GET", "POST"])
@door(Act.MAKE_ROLLOUT)
def edit(request: Entered, pk: int) -> HttpResponseBase:
    """The draft said again, with a change. What is approved stays as it is."""
    rows = Rollout.objects.select_related("release__profile_version")
    one = rows.filter(pk=known(pk)).first()
    if one is None:
        raise Http404(pk)
    if one.state != Course.DRAFT:
        return HttpResponseRedirect(reverse("rollout", args=[pk]))
    if request.method == "GET":
        initial = {**filled(reading.draft_of(one)), "release": one.release}
        return _page(request, WantedRollout(initial=initial, release=one.release), one)
    told = {**request.POST.dict(), "release": str(one.release_id)}
    for name in ("models", "stations"):
        told[name] = request.POST.getlist(name)  # type: ignore[assignment]
    return _kept(request, WantedRollout(told, release=one.release), one)


def _asked(request: Entered) -> Release | None:
    """The release that a link named, or the only one that is approved: of several a person says
    which."""
    named = request.GET.get("release", "")
    rows = Release.objects.filter(state=ReleaseState.APPROVED)
    if named.isascii() and named.isdigit() and len(named) < 19:
        return rows.filter(pk=int(named)).first()
    first = rows[:2]
    return first[0] if len(first) == 1 else None


def _kept(request: Entered, form: WantedRollout, one: Rollout | None) -> HttpResponseBase:
    if not form.is_valid():
        return _page(request, form, one, status=422)
    said = form.cleaned_data
    if request.POST.get("act") != "save":
        return _page(request, form, one, looked=_looked(request, said["release"], form.draft))
    try:
        kept = _keep(request, form, one)
    except Refused as refused:
        form.add_error(None, str(refused))
        return _page(request, form, one, status=422)
    return HttpResponseRedirect(reverse("rollout", args=[kept.pk]))


def _looked(request: Entered, release: Release, draft: Draft) -> dict[str, Any]:
    """What the draft would do, if it were kept, approved and started at this moment."""
    at = now()
    run = dry_run_of(release, draft, now=at, policy=current.policy())
    return {
        "preview": rollouts.preview(release, draft, now=at),
        "foreseen": rollouts.foreseen(run, request.reach),
        "everywhere": True,
    }


def _keep(request: Entered, form: WantedRollout, one: Rollout | None) -> Rollout:
    if one is None:
        release = form.cleaned_data["release"]
        return actions.make(release, form.draft, by=request.user, now=now())
    actions.change(one, form.draft, by=request.user, now=now())
    return one


def _page(
    request: Entered,
    form: WantedRollout,
    one: Rollout | None,
    *,
    looked: Mapping[str, Any] | None = None,
    status: int = 200,
) -> HttpResponseBase:
    context: dict[str, Any] = {
        "form": form,
        "rollout": one,
        **(looked or {}),
        "profile_changes": rollouts.profile_changes(_release(form, one)),
        "units_hint": _hint("With commas.", units_known()),
        "versions_hint": _versions_hint(one.release if one else None),
        "tags_hint": _hint("Such as bench, with commas.", tags_known()),
        "nothing": not form.fields["release"].queryset.exists(),  # type: ignore[attr-defined]
    }
    return render(request, "dashboard/rollout_draft.html", context, status=status)


def _release(form: WantedRollout, one: Rollout | None) -> Release | None:
    """The release that the page is about, if one is chosen by now."""
    if one is not None:
        return one.release
    said = form.cleaned_data if form.is_bound else form.initial
    return said.get("release")


def _hint(says: str, known_ones: list[str]) -> str:
    return f"{says} Known: {', '.join(known_ones)}." if known_ones else says


def _versions_hint(release: Release | None) -> str:
    """What cameras say they run, of the kind that is compared: of a draft's release; of both while
    another release may be chosen."""
    if release is not None:
        return _hint("With commas.", _versions(release.kind))
    says = "With commas: of firmware for firmware, of profiles for a profile."
    found = {kind: _versions(kind) for kind in ReleaseKind}
    several = (
        f"Known of {_OF[kind]}: {', '.join(known)}." for kind, known in found.items() if known
    )
    return " ".join([says, *several])


_OF = {ReleaseKind.FIRMWARE: "firmware", ReleaseKind.PROFILE: "profiles"}


def _versions(kind: str) -> list[str]:
    """What cameras say they run of this kind, as a hint."""
    name = "firmware_version" if kind == ReleaseKind.FIRMWARE else "profile_version"
    rows = CameraHealth.objects.exclude(**{name: ""}).order_by(name)
    return list(rows.values_list(name, flat=True).distinct()[:MOST_VERSIONS])
