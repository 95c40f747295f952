"""Doing what `steps.next_step` says, with the rollout's row locked by whoever asks."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from devices import ledger
from devices.errors import Refused
from devices.inventory.models import Camera, ServiceState, UpdateStage
from devices.releases.actions import make_standard
from devices.releases.models import Assignment, Release, ReleaseKind
from devices.rollouts.courses import actions as courses
from devices.rollouts.models import ROLLOUT, Deployment, PutAside, Rollout, Wave
from devices.rollouts.rules import MOST_ATTEMPTS, Course, Event, Turn
from devices.rollouts.steps import Do, Next
from devices.rollouts.turns import actions as turns

# A camera that nobody heard for so long is in a drawer: no rollout waits for it.
GIVEN_UP_AFTER = timedelta(days=7)


def advance(rollout: Rollout, step: Next, *, now: datetime) -> None:
    """The rollout does this next."""
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


def _leave(rollout: Rollout, _: Next, now: datetime) -> None:
    """When nobody is left but cameras that cannot be brought to it, those are left out, with the
    reason: until then they may come back."""
    heard_since = now - GIVEN_UP_AFTER
    away = ~Q(camera__service_state=ServiceState.IN_SERVICE) | Q(camera__held_at__isnull=False)
    silent = Q(camera__health=None) | Q(camera__health__heard_at=None)
    silent |= Q(camera__health__heard_at__lt=heard_since)
    planned = rollout.deployments.filter(state=Turn.PLANNED)
    # Who was never heard has as long from the rollout's start as who fell silent.
    begun = rollout.started_at is not None and rollout.started_at < heard_since
    left = planned.filter(away | silent if begun else away)
    rows = left.values_list("pk", "camera__service_state", "camera__held_at")
    reasons = {pk: _why_left(state, held_at) for pk, state, held_at in rows}
    if reasons and len(reasons) == planned.count():
        turns.move_all(left, Event.SKIP, by=None, now=now, reasons=reasons, each=True)
        _tell("rollout left out", rollout, now, cameras=len(reasons))


def _why_left(service_state: str, held_at: datetime | None) -> str:
    if held_at is not None:
        return "It is held as evidence."
    if service_state != ServiceState.IN_SERVICE:
        return f"It is {service_state.replace('_', ' ')}."
    return f"It was not heard for {GIVEN_UP_AFTER.days} days."


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
    models = release.fits.all()
    if release.profile_version is None:
        return models
    assigned = Assignment.objects.filter(
        profile=release.profile_version.profile_id, model__isnull=False
    )
    return models.filter(pk__in=assigned.values("model"))


def _runs(release: Release) -> Q:
    kind = "firmware" if release.kind == ReleaseKind.FIRMWARE else "profile"
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
    Do.LEAVE: _leave,
    Do.FINISH: _finish,
}
