"""Doing what `steps.next_step` says, with the rollout's row locked by whoever asks."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Case, Q, QuerySet, When

from devices import ledger
from devices.errors import Refused
from devices.inventory.models import Camera, ServiceState, UpdateStage
from devices.policy import Policy
from devices.releases.actions import make_standard
from devices.releases.models import Assignment, Release, ReleaseKind
from devices.releases.reading import models_of
from devices.rollouts.courses import actions as courses
from devices.rollouts.models import ROLLOUT, Deployment, PutAside, Rollout, Wave
from devices.rollouts.reading import NEXT, NO_MOVE, is_open, waves_of, why_even_alone
from devices.rollouts.rules import (
    ACTIVE,
    GIVEN_UP_AFTER,
    IN_VAIN,
    MOST_ATTEMPTS,
    UNSAID,
    Course,
    Event,
    Turn,
)
from devices.rollouts.steps import Do, Next
from devices.rollouts.turns import actions as turns

# Who comes and goes and is out just then may be back for its turn: it has longer.
OUT_GIVEN_UP_AFTER = 2 * GIVEN_UP_AFTER


def advance(rollout: Rollout, step: Next, *, now: datetime, policy: Policy) -> None:
    """The rollout does this next."""
    if step.do is Do.LEAVE:
        _leave(rollout, now, policy)
    act = _ACTS.get(step.do)
    if act is not None:
        act(rollout, step, now)


def _pause(rollout: Rollout, step: Next, now: datetime) -> None:
    courses.pause(rollout, step.because, by=None, now=now)


def _open(rollout: Rollout, step: Next, now: datetime) -> None:
    wave = _wave(step)
    if Wave.objects.filter(pk=wave.pk, opened_at=None).update(opened_at=now):
        _tell("wave opened", rollout, now, wave=wave.number)


def _close(rollout: Rollout, step: Next, now: datetime) -> None:
    wave = _wave(step)
    if Wave.objects.filter(pk=wave.pk, done_at=None).update(done_at=now):
        _tell("wave done", rollout, now, wave=wave.number)


def _retry(rollout: Rollout, step: Next, now: datetime) -> None:
    """Bounded: whoever failed three times is put aside, and who is aside is asked no more; nor is
    who may be writing still."""
    failed = rollout.deployments.filter(
        wave=_wave(step).pk, state__in=courses.TRIED_AGAIN, attempts__lt=MOST_ATTEMPTS
    ).exclude(camera__in=PutAside.objects.filter(ended_at=None).values("camera"))
    failed = failed.exclude(camera__update_stage=UpdateStage.INSTALLING)
    turns.move_all(failed, Event.RETRY, by=None, now=now, each=True)


def _carry(rollout: Rollout, step: Next, now: datetime) -> None:
    wave, last = _wave(step), rollout.waves.order_by("-number").first()
    left = Deployment.objects.filter(wave=wave.pk, state=Turn.PLANNED)
    if carried := left.update(wave=last):
        _tell("wave carried on", rollout, now, wave=wave.number, cameras=carried)


def _leave(rollout: Rollout, now: datetime, policy: Policy) -> None:
    """When nobody is left but cameras that cannot be brought to it, those are left out, with the
    reason: until then they may come back."""
    planned = rollout.deployments.filter(state=Turn.PLANNED)
    reasons = _away(rollout, planned, now)
    every = planned.count()
    if len(reasons) < every:
        reasons |= _in_vain(rollout, planned.exclude(pk__in=reasons), now, policy)
    if reasons and len(reasons) == every:
        left = planned.filter(pk__in=reasons)
        turns.move_all(left, Event.SKIP, by=None, now=now, reasons=reasons, each=True)
        _tell("rollout left out", rollout, now, cameras=len(reasons))


def _away(rollout: Rollout, planned: QuerySet[Deployment], now: datetime) -> dict[int, str]:
    """Those that are out of reach, or do not say what they run."""
    heard_since = now - GIVEN_UP_AFTER
    away = ~Q(camera__service_state=ServiceState.IN_SERVICE) | Q(camera__held_at__isnull=False)
    silent = Q(camera__health=None) | Q(camera__health__heard_at=None)
    silent |= Q(camera__health__heard_at__lt=heard_since)
    # Who was never heard has as long from the rollout's start as who fell silent.
    begun = rollout.started_at is not None and rollout.started_at < heard_since
    undocked, unsaid = _in_no_dock(heard_since), _unsaid(rollout.release)
    waited = Q(undocked | unsaid, since__lt=heard_since)
    left = planned.filter(away | silent | waited if begun else away)
    rows = left.annotate(
        silent=Case(When(silent, then=True), default=False),
        undocked=Case(When(undocked, then=True), default=False),
    ).values_list("pk", "camera__service_state", "camera__held_at", "silent", "undocked")
    return {pk: _why_left(*row) for pk, *row in rows}


def _in_vain(
    rollout: Rollout, planned: QuerySet[Deployment], now: datetime, policy: Policy
) -> dict[int, str]:
    """Those of these that could not be offered it once in as long a time in which nothing of the
    rollout moved: never emptied or charged, given out, needed by every shift, or out of their
    docks whenever it might be, for twice as long. Judged while its window is open and as if no
    camera were being updated, so that the reason is theirs: who only waits for others has its turn
    after them.
    """
    since = now - GIVEN_UP_AFTER
    moments = [rollout.started_at, rollout.forgiven_at]  # who lets it go on gives it its time anew
    if max(filter(None, moments), default=now) >= since or not is_open(rollout, now):
        return {}
    lately = rollout.deployments.exclude(state__in=NO_MOVE).filter(since__gte=since)
    elsewhere = Deployment.objects.filter(state__in=ACTIVE).values("camera")
    long_since = now - OUT_GIVEN_UP_AFTER
    docked = Q(camera__health__docked=True, since__lt=since, wave__opened_at__lt=since)
    waited = planned.filter(docked | Q(since__lt=long_since, wave__opened_at__lt=long_since))
    rows = waited.exclude(camera__in=elsewhere).values_list("pk", "camera__health__docked")
    several = {pk: GIVEN_UP_AFTER if there else OUT_GIVEN_UP_AFTER for pk, there in rows}
    if len(several) < planned.count() or lately.exists():
        return {}
    waves = waves_of([rollout.pk])[rollout.pk]
    waits = why_even_alone(rollout, waves, now=now, policy=policy)
    return {
        pk: f"{IN_VAIN}{several[pk].days} days: {' '.join(why)}"
        for pk, why in waits.items()
        if pk in several and why != (NEXT,)
    }


def _in_no_dock(since: datetime) -> Q:
    """Cameras that sit in no dock, and have not since then."""
    out = Q(camera__health__docked=False) | Q(camera__health__docked=None)
    moved = Q(camera__health__moved_at=None) | Q(camera__health__moved_at__lt=since)
    return out & moved


def _unsaid(release: Release) -> Q:
    return Q(**{f"camera__health__{_kind(release)}_version": ""})


def _why_left(service_state: str, held_at: datetime | None, silent: bool, undocked: bool) -> str:
    if held_at is not None:
        return "It is held as evidence."
    if service_state != ServiceState.IN_SERVICE:
        return f"It is {service_state.replace('_', ' ')}."
    if silent:
        return f"It was not heard for {GIVEN_UP_AFTER.days} days."
    if undocked:
        return f"It was in no dock for {GIVEN_UP_AFTER.days} days."
    return f"{UNSAID}for {GIVEN_UP_AFTER.days} days what it runs."


def _finish(rollout: Rollout, _: Next, now: datetime) -> None:
    """It is over. What it brought is what cameras should run, if (nearly) all of them do."""
    ROLLOUT.move(rollout, Course.FINISHED, ended_at=now)
    why_not = _why_no_standard(rollout)
    if not why_not:
        try:
            make_standard(rollout.release, by=None, now=now)
        except Refused as refused:
            why_not = str(refused)
    facts: dict[str, Any] = {"standard": not why_not}
    if why_not:
        facts["because"] = why_not
    _tell("rollout finished", rollout, now, **facts)


def _why_no_standard(rollout: Rollout) -> str:
    """The sentence why the release is not what cameras should run; empty if it is.

    Whoever does not run the standard is not ready: so it changes when they do, not before, and a
    rollout to some of them leaves it as it is.
    """
    if rollout.repairs_of_id is not None:
        return "A repair leaves what cameras should run as it is."
    release = rollout.release
    cameras = Camera.objects.filter(
        service_state=ServiceState.IN_SERVICE, model__in=_models_of(release)
    )
    every, running = cameras.count(), cameras.filter(_runs(release)).count()
    if not every:
        return "No camera in service should run it."
    if running * 100 < every * rollout.success_percent:
        return f"{running} of {every} cameras run it; {rollout.success_percent} % are wanted."
    return ""


def _models_of(release: Release) -> Any:
    models = models_of(release)
    if release.profile_version is None:
        return models
    assigned = Assignment.objects.filter(
        profile=release.profile_version.profile_id, model__isnull=False
    )
    return models.filter(pk__in=assigned.values("model"))


def _kind(release: Release) -> str:
    """What cameras call it in what they say of themselves."""
    return "firmware" if release.kind == ReleaseKind.FIRMWARE else "profile"


def _runs(release: Release) -> Q:
    kind = _kind(release)
    version, digest = f"health__{kind}_version", f"health__{kind}_digest__in"
    return Q(**{version: release.version, digest: ("", release.sha256)})


def _wave(step: Next) -> Any:
    assert step.wave is not None
    return Wave(pk=step.wave.id, number=step.wave.number)


def _tell(verb: str, rollout: Rollout, now: datetime, **facts: Any) -> None:
    said = {"rollout": rollout.pk, "release": str(rollout.release), **facts}
    ledger.record(verb, f"rollout {rollout.name}", by=None, now=now, **said)


_ACTS: Mapping[Do, Callable[[Rollout, Next, datetime], None]] = {
    Do.PAUSE: _pause,
    Do.OPEN: _open,
    Do.CLOSE: _close,
    Do.RETRY: _retry,
    Do.CARRY: _carry,
    Do.FINISH: _finish,
}
