"""The verbs of a rollout, each one transaction with its entry in the ledger.

Who may is the door's to ask; that two people brought it on its way is asked here. Whoever changes
a rollout or its turns takes turns by the rollout's row.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from devices import hurry, ledger
from devices.errors import AnotherPerson, NotNow, Refused
from devices.inventory.models import Camera, CameraModel, Station
from devices.releases.actions import order_in_force
from devices.releases.models import Release, ReleaseState
from devices.releases.reading import models_of
from devices.rollouts.drafts import LONGEST_REASON, Draft, Step, refusals, too_slow
from devices.rollouts.matching import matching, target_for, target_of
from devices.rollouts.models import ROLLOUT, Deployment, PutAside, Rollout, Wave
from devices.rollouts.planning import Matched, Target, waves, why_skipped
from devices.rollouts.rules import ACTIVE, BEFORE_INSTALL, FINAL, Course, Event, Turn
from devices.rollouts.turns import actions as turns

_BATCH = 5000  # rows written by one statement
_SWEEP = "devices.rollouts.tasks.sweep"
UNDER_WAY = (Course.RUNNING, Course.PAUSED)
TRIED_AGAIN = (Turn.FAILED, Turn.TIMED_OUT)
GIVEN_UP = (*TRIED_AGAIN, Turn.CANCELLED)


@transaction.atomic
def make(release: Release, draft: Draft, *, by: Any, now: datetime) -> Rollout:
    """There is a draft of a rollout, for another person to approve.

    Refuses a release that is not approved, and a draft that is wrong, with every reason.
    """
    wanted = _checked(release, draft)
    rollout = Rollout.objects.create(
        release=release, made_at=now, made_by=by, **_columns(draft), wanted=wanted
    )
    _put_waves(rollout, draft.steps)
    _tell("rollout drafted", rollout, by=by, now=now, **_facts(draft))
    return rollout


@transaction.atomic
def change(rollout: Rollout, draft: Draft, *, by: Any, now: datetime) -> None:
    """The draft is this instead, and who says so does not approve it either.

    Refuses what is approved already: what was approved stays so.
    """
    locked = _locked(rollout)
    if locked.state != Course.DRAFT:
        raise NotNow(f"{rollout} is {locked.state}; only a draft can be changed.")
    wanted = _checked(locked.release, draft)
    Rollout.objects.filter(pk=rollout.pk).update(**_columns(draft), wanted=wanted, changed_by=by)
    locked.waves.all().delete()
    _put_waves(locked, draft.steps)
    rollout.refresh_from_db()
    _tell("rollout draft changed", rollout, by=by, now=now, **_facts(draft))


@transaction.atomic
def approve(rollout: Rollout, *, by: Any, now: datetime) -> None:
    """It may start. Refuses whoever made it or changed it last, and a release that was recalled
    since."""
    locked = _locked(rollout)
    _refuse_alone(locked, by)
    _refuse_release(locked.release)
    ROLLOUT.move(rollout, Course.APPROVED, approved_by=by)
    _tell("rollout approved", rollout, by=by, now=now)


@transaction.atomic
def start(rollout: Rollout, *, by: Any, now: datetime) -> None:
    """Every camera that it describes has its turn planned, or is skipped with the reason.

    Refuses what is not approved or has started, a release that was recalled since, a filter that no
    camera matches or in which none needs it, and cameras that another rollout of the same kind is
    bringing elsewhere.
    """
    locked = _locked(rollout)
    if locked.state != Course.APPROVED:
        raise NotNow(f"{rollout} is {locked.state}; only one that is approved can start.")
    release = locked.release
    _refuse_release(release)
    ROLLOUT.move(rollout, Course.RUNNING, started_at=now, order=order_in_force(release))
    matched = matching(release, rollout.wanted, now=now)
    if not matched:
        raise Refused("No camera is as its filter says.")
    _refuse_others(rollout, matched)
    planned, skipped = _plan(rollout, matched, target_of(release), now)
    if not planned:
        said = Counter(skipped).most_common(3)
        raise Refused("No camera needs it. " + " ".join(f"{n}: {why}" for why, n in said))
    rollout.waves.filter(number=1).update(opened_at=now)
    _tell(
        "rollout started",
        rollout,
        by=by,
        now=now,
        cameras=planned,
        skipped=len(skipped),
        rollback=rollout.order_id is not None,
    )
    hurry.soon(_SWEEP)


def _plan(
    rollout: Rollout, matched: Iterable[Matched], target: Target, now: datetime
) -> tuple[int, list[str]]:
    """Writes the turns; says how many are planned, and why the others are skipped."""
    against = {one: why_skipped(one, target) for one in matched}
    rows = list(rollout.waves.order_by("number"))
    to_do = waves((one for one, why in against.items() if not why), [_step(one) for one in rows])
    made = [
        _turn(rollout, wave, one, now)
        for wave, cameras in zip(rows, to_do, strict=True)
        for one in cameras
    ]
    planned = len(made)
    skipped = [(one, why) for one, why in against.items() if why]
    made += [_turn(rollout, rows[-1], one, now, skipped=why) for one, why in skipped]
    Deployment.objects.bulk_create(made, batch_size=_BATCH)
    return planned, [why for _, why in skipped]


def _turn(
    rollout: Rollout, wave: Wave, camera: Matched, now: datetime, skipped: str = ""
) -> Deployment:
    return Deployment(
        rollout=rollout,
        wave=wave,
        camera_id=camera.camera_id,
        state=Turn.SKIPPED if skipped else Turn.PLANNED,
        since=now,
        ended_at=now if skipped else None,
        from_version=camera.version,
        reason=skipped,
    )


@transaction.atomic
def join(rollout: Rollout, cameras: Sequence[Matched], *, now: datetime) -> int:
    """Cameras that came to match have a turn in the last wave, or are skipped; so have those that
    were skipped for what holds no more. Says how many have."""
    target, last = target_for(rollout), rollout.waves.order_by("-number").first()
    if last is None:
        return 0
    skipped = rollout.deployments.filter(
        state=Turn.SKIPPED, camera__in=[one.camera_id for one in cameras]
    )
    had = dict(skipped.values_list("camera", "pk"))
    made = [
        _turn(rollout, last, one, now, skipped=why_skipped(one, target))
        for one in cameras
        if one.camera_id not in had
    ]
    Deployment.objects.bulk_create(made, batch_size=_BATCH, ignore_conflicts=True)
    again = {
        had[one.camera_id]: one
        for one in cameras
        if one.camera_id in had and not why_skipped(one, target)
    }
    joined = sum(one.state == Turn.PLANNED for one in made) + _back(again, last, now)
    if joined:
        _tell("rollout joined", rollout, by=None, now=now, cameras=joined)
    return joined


def _back(skipped: Mapping[int, Matched], wave: Wave, now: datetime) -> int:
    """These turns are to come again, in this wave; how many."""
    if not skipped:
        return 0
    rows = Deployment.objects.filter(pk__in=skipped, state=Turn.SKIPPED)
    back = turns.move_all(rows, Event.RETRY, by=None, now=now, each=True)
    anew = [
        Deployment(pk=pk, wave=wave, from_version=skipped[pk].version, reason="") for pk in back
    ]
    Deployment.objects.bulk_update(anew, ["wave", "from_version", "reason"], batch_size=_BATCH)
    return len(back)


@transaction.atomic
def pause(rollout: Rollout, reason: str, *, by: Any, now: datetime) -> None:
    """Nothing more is offered or begins to install: what was offered is taken back, what downloads
    is told to stop. What installs ends by itself. The repairs of its work that run are paused too.

    Wants a reason. ``by`` None: a stop rule's.
    """
    reason = _said(reason)
    _locked(rollout)
    ROLLOUT.move(rollout, Course.PAUSED, paused_because=reason)
    repairs = _repairs(rollout, Course.RUNNING)
    because = _paused_with(rollout, reason)
    for one in repairs:
        ROLLOUT.move(one, Course.PAUSED, paused_because=because)
    before = Deployment.objects.filter(rollout__in=[rollout, *repairs], state__in=BEFORE_INSTALL)
    turns.move_all(before, Event.TAKE_BACK, by=by, now=now)
    _tell("rollout paused", rollout, by=by, now=now, reason=reason)
    for one in repairs:
        _tell("rollout paused", one, by=by, now=now, reason=because)


@transaction.atomic
def resume(rollout: Rollout, *, by: Any, now: datetime) -> None:
    """It goes on, and the failures so far are forgiven. So do the repairs of its work that were
    paused with it, without their failures being forgiven; one that was paused before stays so.

    Refuses what is not paused, and a release that was recalled since.
    """
    locked = _locked(rollout)
    if locked.state != Course.PAUSED:
        raise NotNow(f"{rollout} is {locked.state}; only one that is paused can go on.")
    _refuse_release(locked.release)
    forgiven = rollout.deployments.filter(failed_at__isnull=False).count()
    ROLLOUT.move(rollout, Course.RUNNING, paused_because="", forgiven_at=now)
    _tell("rollout resumed", rollout, by=by, now=now, failures_forgiven=forgiven)
    for one in _repairs(rollout, Course.PAUSED):
        if one.paused_because == _paused_with(rollout, locked.paused_because):
            ROLLOUT.move(one, Course.RUNNING, paused_because="")
            _tell("rollout resumed", one, by=by, now=now, failures_forgiven=0)
    hurry.soon(_SWEEP)


@transaction.atomic
def abort(rollout: Rollout, reason: str, *, by: Any, now: datetime) -> None:
    """It ends, and so do the repairs of its work: what was planned or offered is cancelled, what
    began is told to stop.

    Wants a reason. What has installed already is still held to its proof.
    """
    reason = _said(reason)
    _locked(rollout)
    ended = [rollout, *_repairs(rollout, *UNDER_WAY)]
    for one in ended:
        ROLLOUT.move(one, Course.ABORTED, ended_at=now, paused_because="")
    left = Deployment.objects.filter(rollout__in=ended).exclude(state__in=FINAL)
    whose = dict(left.values_list("pk", "rollout"))
    became = turns.move_all(left, Event.CANCEL, by=by, now=now, reasons=f"Aborted: {reason}")
    for one in ended:
        ours = [
            became[pk] for pk, rollout_id in whose.items() if rollout_id == one.pk and pk in became
        ]
        told_to_stop = ours.count(Turn.CANCELLING)
        _tell(
            "rollout aborted",
            one,
            by=by,
            now=now,
            reason=reason if one is rollout else f"{rollout} was aborted: {reason}",
            cancelled=len(ours) - told_to_stop,
            told_to_stop=told_to_stop,
        )


@transaction.atomic
def retry_failed(
    rollout: Rollout, camera_ids: Collection[int] | None = None, *, by: Any, now: datetime
) -> int:
    """The cameras that failed or gave up have another turn, or these of them; says how many.

    Refuses while the rollout is not under way, and cameras that are put aside.
    """
    if _locked(rollout).state not in UNDER_WAY:
        raise NotNow(f"{rollout} is {rollout.get_state_display().lower()}; nothing is tried again.")
    rows = rollout.deployments.filter(state__in=GIVEN_UP)
    if camera_ids is not None:
        rows = rows.filter(camera__in=camera_ids)
    fit = rows.exclude(camera__in=PutAside.objects.filter(ended_at=None).values("camera"))
    again = turns.move_all(fit, Event.RETRY, by=by, now=now)
    if not again:
        put = "; those that did are put aside: end that first" if rows.exists() else ""
        raise Refused(f"No camera failed that can be tried again{put}.")
    _tell("rollout tried again", rollout, by=by, now=now, cameras=len(again))
    return len(again)


def _paused_with(rollout: Rollout, reason: str) -> str:
    """Why a repair of its work was paused, when this rollout was for that reason."""
    return f"{rollout} was paused: {reason}"[:LONGEST_REASON]


def _repairs(rollout: Rollout, *states: Course) -> list[Rollout]:
    """The repairs of its work that stand so, locked; whose work they are was locked before them."""
    rows = Rollout.objects.filter(repairs_of=rollout, state__in=states).select_related("release")
    return list(rows.order_by("pk").select_for_update(no_key=True, of=("self",)))


def _locked(rollout: Rollout) -> Rollout:
    """The rollout as it is now; one act at a time on it."""
    rows = Rollout.objects.select_for_update(no_key=True, of=("self",)).select_related("release")
    locked: Rollout = rows.get(pk=rollout.pk)
    return locked


def _refuse_alone(rollout: Rollout, by: Any) -> None:
    if by is None or by.pk is None:
        raise Refused("A person approves a rollout, not the fleet itself.")
    if rollout.made_by_id == by.pk:
        raise AnotherPerson(f"You made {rollout}; another person must approve it.")
    if rollout.changed_by_id == by.pk:
        raise AnotherPerson(f"You changed {rollout} last; another person must approve it.")


def _refuse_release(release: Release) -> None:
    if release.state == ReleaseState.RECALLED:
        raise Refused(f"{release} was recalled: {release.recalled_because}")
    if release.state != ReleaseState.APPROVED:
        raise Refused(f"{release} is not approved; a second person approves it first.")


def _checked(release: Release, draft: Draft) -> dict[str, list[Any]]:
    """The draft's filter; refuses the draft with everything that is wrong with it."""
    fresh = Release.objects.get(pk=release.pk)
    _refuse_release(fresh)
    wrong = list(refusals(draft))
    if not wrong:
        wrong = [*too_slow(fresh.size, draft.caps), *_unknown(release, draft)]
    if wrong:
        raise Refused(" ".join(dict.fromkeys(wrong)))
    return draft.whole


def _unknown(release: Release, draft: Draft) -> Iterable[str]:
    """What the filter names and is not there, or is not what the release is for."""
    wanted = draft.whole
    for table, name in ((CameraModel, "models"), (Station, "stations"), (Camera, "cameras")):
        ids = wanted[name]
        known = set(table.objects.filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()
        if missing := sorted(set(ids) - known):
            yield f"There are no {name} {', '.join(map(str, missing[:5]))}."
    fits = set(models_of(release).values_list("pk", flat=True))
    if strange := set(wanted["models"]) - fits:
        models = CameraModel.objects.filter(pk__in=strange)
        yield f"{release} is not for {', '.join(map(str, models))}."


def _columns(draft: Draft) -> dict[str, Any]:
    terms, caps = draft.terms, draft.caps
    return {
        "name": draft.name.strip(),
        "windows": [list(one) for one in draft.windows],
        "success_percent": terms.success_percent,
        "soak": terms.soak,
        "most_failures": terms.most_failures,
        "most_failures_percent": terms.most_failures_percent,
        "most_per_dock": caps.most_per_dock,
        "most_per_station": caps.most_per_station,
        "most_at_once": caps.most_at_once,
        "most_mbit_each": caps.most_mbit_each,
    }


def _put_waves(rollout: Rollout, steps: Sequence[Step]) -> None:
    Wave.objects.bulk_create(
        Wave(rollout=rollout, number=number, percent=step.percent, count=step.count)
        for number, step in enumerate(steps, 1)
    )


def _step(wave: Wave) -> Step:
    return Step(wave.percent, wave.count)


def _refuse_others(rollout: Rollout, matched: Sequence[Matched]) -> None:
    """Two rollouts of one kind would bring the same camera here and there."""
    others = Rollout.objects.filter(state__in=UNDER_WAY, release__kind=rollout.release.kind)
    ids = [one.camera_id for one in matched]
    for other in others.exclude(pk=rollout.pk):
        rows = other.deployments.filter(state__in=(Turn.PLANNED, *ACTIVE), camera__in=ids)
        if count := rows.count():
            raise NotNow(
                f"{other} is under way with {count} of these cameras: let it end, or abort it."
            )


def _said(reason: str) -> str:
    reason = " ".join(reason.split())[:LONGEST_REASON]
    if not reason:
        raise Refused("Say why in a few words; it stays with the rollout.")
    return reason


def _facts(draft: Draft) -> dict[str, Any]:
    return {
        "wanted": [f"{name}: {one}" for name, given in draft.whole.items() for one in given][:100],
        "waves": [str(step) for step in draft.steps],
        "windows": [f"{begins} to {ends}" for begins, ends in draft.windows],
        "success_percent": draft.terms.success_percent,
        "soak_minutes": int(draft.terms.soak / timedelta(minutes=1)),
        "most_failures": draft.terms.most_failures,
        "most_failures_percent": draft.terms.most_failures_percent,
        "most_at_once": draft.caps.most_at_once,
        "most_mbit_each": draft.caps.most_mbit_each,
    }


def _tell(verb: str, rollout: Rollout, *, by: Any, now: datetime, **facts: Any) -> None:
    said = {"rollout": rollout.pk, "release": str(rollout.release), **facts}
    ledger.record(verb, f"rollout {rollout.name}", by=by, now=now, **said)
