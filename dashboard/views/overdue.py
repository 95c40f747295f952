"""Overdue: what did not come back, whom to call, and the acts that end it."""

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localtime, now
from django.views.decorators.http import require_POST

from dashboard.doors import Entered, door
from dashboard.due_forms import LOCAL, DueLater
from dashboard.present import present
from devices.access.people import reach_of
from devices.custody import actions
from devices.custody.actions import Told
from devices.custody.models import Custody
from devices.desk import overdue
from devices.errors import Refused
from devices.roles import Act

SUGGESTED = timedelta(hours=2)


@door(Act.VIEW_CUSTODY)
def page(request: Entered) -> HttpResponseBase:
    return _page(request)


@require_POST
@door(Act.WORK_DESK)
def extend(request: Entered, pk: int) -> HttpResponseBase:
    """The camera is due at another time, for a reason."""
    custody, form = _custody(request, pk), DueLater(request.POST, label_suffix="")
    if not form.is_valid():
        return _page(request, (pk, form))
    said = form.cleaned_data
    told = Told(by=request.user, now=now(), reason=said["reason"])
    try:
        actions.extend(custody, said["until"], told=told)
    except Refused as refused:
        form.add_error(None, str(refused))
        return _page(request, (pk, form))
    until = f"{localtime(said['until']):%d %b %H:%M}"
    messages.success(request, f"{custody.camera} is due {until}.")
    return HttpResponseRedirect(reverse("overdue"))


@require_POST
@door(Act.WORK_DESK)
def back(request: Entered, pk: int) -> HttpResponseBase:
    """It is here: nobody answers for it any more."""
    custody = _custody(request, pk)
    try:
        actions.check_in(custody.camera, told=Told(by=request.user, now=now()), of=custody)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"{custody.camera} is back.")
    return HttpResponseRedirect(reverse("overdue"))


def _page(request: Entered, refused: tuple[int, DueLater] | None = None) -> HttpResponseBase:
    asked = present()
    seen = reach_of(request.user, Act.VIEW_CUSTODY)
    assert seen is not None  # whoever works at a desk sees custody; the matrix is tested
    found = overdue.late(seen, policy=asked.policy, now=asked.now)
    own = overdue.not_docked(seen, policy=asked.policy, now=asked.now)
    works = reach_of(request.user, Act.WORK_DESK) is not None
    context = {
        "rows": [(one, _form(one, refused) if works else None) for one in found],
        "own": own,
        "shows_officers": reach_of(request.user, Act.VIEW_OFFICERS) is not None,
        "sentence": overdue.sentence(found, own),
        "stray": refused[1] if refused and refused[0] not in _ids(found) else None,
        "open_form": refused[0] if refused else None,
        "suggested": f"{localtime(asked.now + SUGGESTED):{LOCAL}}",
        "overdue_after": asked.policy.overdue_after,
        "missing_after": asked.policy.missing_after,
        "at": asked.now,
    }
    return render(request, "dashboard/overdue.html", context, status=422 if refused else 200)


def _ids(found: list[overdue.Late]) -> set[int]:
    return {one.custody.pk for one in found}


def _form(one: overdue.Late, refused: tuple[int, DueLater] | None) -> DueLater:
    if refused and refused[0] == one.custody.pk:
        return refused[1]
    return DueLater(label_suffix="", auto_id=f"id_{one.custody.pk}_%s")


def _custody(request: Entered, pk: int) -> Custody:
    rows = overdue.within(Custody.objects.for_a_shift(), request.reach)
    found: Custody | None = rows.select_related("camera", "officer").filter(pk=pk).first()
    if found is None:
        raise Http404(pk)
    return found
