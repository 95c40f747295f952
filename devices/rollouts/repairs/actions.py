"""Repairs begin, are let go, and stop where they do not last. Each within a transaction in which
nobody else sweeps; who may be repaired is `rules`' to say.

A repair is a rollout like any other, on the terms of the one whose work it mends: the same gate,
never a shift short, the same proof, and its turn in the camera's history.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from devices import ledger
from devices.releases.actions import order_in_force
from devices.releases.reading import assigned_releases
from devices.rollouts.aside import actions as aside
from devices.rollouts.drafts import ANY
from devices.rollouts.models import Deployment, Rollout, Wave
from devices.rollouts.repairs.finding import (
    drifting,
    last_own,
    latest_of,
    newcomers,
    wanted_no_more,
)
from devices.rollouts.repairs.rules import BRINGING, Drifting, again_and_again, why_not
from devices.rollouts.rules import Course, Event, Turn
from devices.rollouts.turns import actions as turns

# What a repair takes over from the rollout whose work it mends.
_TERMS = (
    "windows",
    "most_failures",
    "most_failures_percent",
    "most_per_dock",
    "most_per_station",
    "most_at_once",
    "most_mbit_each",
)


def let_go(*, now: datetime) -> None:
    """Whoever should run another version by now is repaired to the old one no more."""
    reasons = wanted_no_more()
    rows = Deployment.objects.filter(pk__in=reasons, state=Turn.PLANNED)
    turns.move_all(rows, Event.SKIP, by=None, now=now, reasons=reasons, each=True)


def put_aside(*, now: datetime) -> None:
    """Whoever was brought back three times and drifted again is left to people."""
    reasons = {
        one.camera_id: why
        for one in drifting(assigned_releases(), now=now)
        if (why := why_not(one)) and why == again_and_again(one)
    }
    if reasons:
        aside.put_all_aside(reasons, by=None, now=now)


def repair(release_id: int, *, now: datetime) -> int:
    """Cameras that drifted from this, which a rollout had brought, have a turn to it, and some of
    those that came to it since; says how many. One release in a transaction: whoever stops a
    rollout of another holds its row and waits for the ledger, which this one holds when it has
    written."""
    several = [one for one in drifting([release_id], now=now) if not why_not(one)]
    new = [one for one in newcomers(release_id, now=now) if not why_not(one)]
    several += new[: new[0].room] if new else []
    return _bring_back(release_id, several, now) if several else 0


def _bring_back(release_id: int, several: Sequence[Drifting], now: datetime) -> int:
    """In the repair of what people began last, if one runs, as far as they have no turn in it yet;
    the others in a new one. Who stops that rollout stops them."""
    under_way = (Course.RUNNING, Course.PAUSED)
    rows = Rollout.objects.filter(release=release_id, state__in=under_way).order_by("pk")
    locked = list(rows.select_for_update(no_key=True))
    own = last_own([release_id])
    if latest_of([release_id], own)[release_id].state not in BRINGING:
        return 0  # somebody stopped it a moment ago
    left, mended = list(several), own[release_id]
    ours = [one for one in locked if one.repairs_of_id == mended.pk]
    for rollout in (one for one in ours if one.state == Course.RUNNING):
        had = set(rollout.deployments.values_list("camera", flat=True))
        _add(rollout, [one for one in left if one.camera_id not in had], now)
        left = [one for one in left if one.camera_id in had]
    if left:
        _add(_begun(mended, now), left, now)
    return len(several)


def _begun(mended: Rollout, now: datetime) -> Rollout:
    """A repair of this rollout's work. One camera that fails keeps no other from being repaired:
    it is put aside, and the failures allowed stop all."""
    release = mended.release
    rollout = Rollout.objects.create(
        name=f"Repair of {release.version}",
        release=release,
        repairs_of=mended,
        order=order_in_force(release),
        state=Course.RUNNING,
        wanted=dict(ANY),
        soak=timedelta(0),
        success_percent=0,
        made_at=now,
        started_at=now,
        **{name: getattr(mended, name) for name in _TERMS},
    )
    Wave.objects.create(rollout=rollout, number=1, percent=100, opened_at=now)
    return rollout


def _add(rollout: Rollout, several: Sequence[Drifting], now: datetime) -> None:
    if not several:
        return
    wave = rollout.waves.get()
    Deployment.objects.bulk_create(
        Deployment(
            rollout=rollout,
            wave=wave,
            camera_id=one.camera_id,
            state=Turn.PLANNED,
            since=now,
            from_version=one.runs,
        )
        for one in several
    )
    ledger.record(
        "drift repaired by rollout",
        f"rollout {rollout.name}",
        by=None,
        now=now,
        rollout=rollout.pk,
        release=str(rollout.release),
        repairs=str(rollout.repairs_of),
        cameras=len(several),
    )
