"""Rollouts: what is under way, one while it goes on, and what people do to it."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard import rollout_words, rollouts
from dashboard.doors import Entered, door
from dashboard.session import background
from dashboard.views.releases import acted, known, reason_in
from devices.access.people import reach_of
from devices.department import current
from devices.errors import Refused
from devices.roles import Act
from devices.rollouts import history, reading
from devices.rollouts.courses import actions
from devices.rollouts.foreseeing import dry_run
from devices.rollouts.models import Rollout
from devices.rollouts.rules import Course, Turn

MOST_FAILED = 50  # told of at length; the table has every one
MOST_WORDS = 10  # of each camera that failed; its own page has more
BY_HAND = "Paused by hand."
NOT_BEGUN = (Course.DRAFT, Course.APPROVED)


@require_safe
@door(Act.VIEW_ROLLOUTS)
def listing(request: Entered) -> HttpResponseBase:
    return render(request, "dashboard/rollouts.html", _listed(request))


@require_safe
@background
@door(Act.VIEW_ROLLOUTS)
def listing_now(request: Entered) -> HttpResponseBase:
    """The list as it is now, for part.js to put in place."""
    return _part(request, "dashboard/_rollouts_now.html", _listed(request))


def _listed(request: Entered) -> dict[str, Any]:
    found = rollouts.listed(rollouts.read())
    states = [one.progress.rollout.state for one in found]
    return {
        "listed": found,
        "running": states.count(Course.RUNNING),
        "paused": states.count(Course.PAUSED),
        "waiting": states.count(Course.DRAFT),
        "showing": [one.progress.rollout.pk for one in found],
        "may_make": reach_of(request.user, Act.MAKE_ROLLOUT) is not None,
        "at": now(),
    }


@require_safe
@door(Act.VIEW_ROLLOUTS)
def rollout(request: Entered, pk: int) -> HttpResponseBase:
    one = _rollout(pk)
    context = _told(request, one)
    if one.state in NOT_BEGUN:
        context |= _foreseen(request, one)
    return render(request, "dashboard/rollout.html", context)


@require_safe
@background
@door(Act.VIEW_ROLLOUTS)
def rollout_now(request: Entered, pk: int) -> HttpResponseBase:
    """What changes while one looks, for part.js to put in place."""
    return _part(request, "dashboard/_rollout_now.html", _told(request, _rollout(pk)))


@require_safe
@door(Act.VIEW_ROLLOUTS)
def foresee(request: Entered, pk: int) -> HttpResponseBase:
    """What is left of it, played forward: when it would be done, and what shifts would have."""
    one = _rollout(pk)
    if one.state in rollouts.ENDED:
        return HttpResponseRedirect(reverse("rollout", args=[pk]))
    context = {"rollout": one, **_foreseen(request, one)}
    return render(request, "dashboard/rollout_foreseen.html", context)


def _foreseen(request: Entered, one: Rollout) -> dict[str, Any]:
    run = dry_run(one, now=now(), policy=current.policy())
    found = rollouts.foreseen(run, request.reach)
    return {"foreseen": found, "everywhere": request.reach.stations is None}


def _told(request: Entered, one: Rollout) -> dict[str, Any]:
    at, policy = now(), current.policy()
    group = rollout_words.chosen(request.GET.get("state", ""))
    page = reading.page(
        one, now=at, policy=policy, reach=request.reach, states=group.turns if group else ()
    )
    numbers, draft = page.progress, reading.draft_of(one)
    failed = [turn for turn in page.turns if turn.state in (Turn.FAILED, Turn.TIMED_OUT)]
    return {
        "rollout": one,
        "page": page,
        "numbers": numbers,
        "segments": (segments := rollout_words.bar(numbers)),
        "bar_says": rollout_words.bar_says(segments),
        "sentence": rollout_words.sentence(
            numbers, now=at, windows_open=page.windows_open, waits=page.waits.values()
        ),
        "still": rollout_words.still(numbers, page.waits.values(), now=at),
        "waits": rollout_words.summary(page.waits.values()),
        "waits_of": reading.MOST_SHOWN
        if numbers.by_state.get(Turn.PLANNED, 0) > reading.MOST_SHOWN
        else 0,
        "lowest": rollout_words.lowest(page.lowest),
        "waves": list(rollout_words.wave_lines(numbers, draft.steps)),
        "failed": _with_words(failed[:MOST_FAILED]),
        "failed_more": max(0, len(failed) - MOST_FAILED),
        "group": group,
        "draft": draft,
        "described": rollouts.described(draft) if one.repairs_of is None else rollouts.DRIFTED,
        "windows": rollout_words.windows(one.windows),
        "preview": rollouts.preview(one.release, draft, now=at) if one.state in NOT_BEGUN else None,
        "profile_changes": rollouts.profile_changes(one.release),
        "acts": rollouts.acts_of(request.user, one, numbers.to_try_again),
        "by_hand": BY_HAND,
        "everywhere": request.reach.stations is None,
        "at": at,
    }


def _with_words(failed: list[reading.CameraTurn]) -> list[tuple[reading.CameraTurn, list[Any]]]:
    words = history.words_of([one.deployment_id for one in failed], MOST_WORDS)
    return [(one, words[one.deployment_id]) for one in failed]


def _part(request: Entered, template: str, context: dict[str, Any]) -> HttpResponseBase:
    response = render(request, template, context)
    response["Cache-Control"] = "no-store"
    return response


# --- What people do to it --------------------------------------------------------------------


@require_POST
@door(Act.APPROVE_ROLLOUT)
def approve(request: Entered, pk: int) -> HttpResponseBase:
    one = _rollout(pk)
    return _done(request, one, actions.approve, f"{one} is approved. It may start.")


@require_POST
@door(Act.MAKE_ROLLOUT)
def start(request: Entered, pk: int) -> HttpResponseBase:
    one = _rollout(pk)
    return _done(request, one, actions.start, f"{one} is running.")


@require_POST
@door(Act.STOP_ROLLOUT)
def pause(request: Entered, pk: int) -> HttpResponseBase:
    """Nothing more begins, at once; the reason is said for whoever says none."""
    one = _stoppable(request, pk)
    reason = request.POST.get("reason", "").strip() or BY_HAND
    act = partial(_with_reason, actions.pause, reason)
    return _done(request, one, act, f"{one} is paused. What installs ends by itself.")


@require_POST
@door(Act.MAKE_ROLLOUT)
def resume(request: Entered, pk: int) -> HttpResponseBase:
    one = _rollout(pk)
    return _done(request, one, actions.resume, f"{one} goes on.")


@require_http_methods(["GET", "POST"])
@door(Act.STOP_ROLLOUT)
def abort(request: Entered, pk: int) -> HttpResponseBase:
    """Asked twice: what it would end, then why."""
    one = _stoppable(request, pk)
    if one.state in rollouts.ENDED:
        messages.error(request, f"{one} has ended already.")
        return HttpResponseRedirect(reverse("rollout", args=[pk]))
    if request.method == "GET":
        return _abort_page(request, one)
    try:
        actions.abort(one, reason_in(request), by=request.user, now=now())
    except Refused as refused:
        return _abort_page(request, one, str(refused))
    messages.success(request, f"{one} is aborted.")
    return HttpResponseRedirect(reverse("rollout", args=[pk]))


def _abort_page(request: Entered, one: Rollout, refused: str = "") -> HttpResponseBase:
    (numbers,) = reading.progress([one])
    context = {"rollout": one, "numbers": numbers, "refused": refused}
    return render(request, "dashboard/rollout_abort.html", context, status=422 if refused else 200)


@require_POST
@door(Act.MAKE_ROLLOUT)
def retry(request: Entered, pk: int) -> HttpResponseBase:
    """Every camera that failed has another turn, or the one that is named."""
    one = _rollout(pk)
    named = request.POST.get("camera", "")
    if named and not (named.isascii() and named.isdigit() and len(named) < 19):
        raise Http404(named)
    act = partial(_again, [int(named)] if named else None)
    return _done(request, one, act, "Tried again as soon as it may be offered.")


def _again(camera_ids: list[int] | None, one: Rollout, **by: Any) -> None:
    actions.retry_failed(one, camera_ids, **by)


def _with_reason(act: Callable[..., object], reason: str, one: Rollout, **by: Any) -> None:
    act(one, reason, **by)


def _done(
    request: Entered, one: Rollout, act: Callable[..., object], says: str
) -> HttpResponseBase:
    """Do it or say why not, and go back to the rollout."""
    address = reverse("rollout", args=[one.pk])
    return acted(request, lambda: act(one, by=request.user, now=now()), says, address)


def _rollout(pk: int) -> Rollout:
    row = rollouts.read().filter(pk=known(pk)).first()
    if row is None:
        raise Http404(pk)
    return row


def _stoppable(request: Entered, pk: int) -> Rollout:
    """The rollout, if cameras within reach are in it; who has none there has nothing to stop."""
    one = _rollout(pk)
    if not reading.concerns(request.reach, one):
        raise Http404(pk)
    return one
