"""The next step of every rollout, every few seconds.

Everything is counted anew from rows and every step is guarded, so that it may run twice, late or
in two workers: one sweeps, the other finds that somebody does. Each part is a transaction of its
own, so that a desk waits for none of them for long, and moves turns once: a camera that speaks
holds its turn and waits for the ledger, so that who holds the ledger must not wait for a turn.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from devices.access.people import Visible
from devices.inventory.models import ServiceState, UpdateStage
from devices.policy import Policy
from devices.readiness import shifts
from devices.releases.models import ReleaseState
from devices.releases.reading import assigned_releases
from devices.rollouts import proving, standing
from devices.rollouts.advancing.actions import advance
from devices.rollouts.aside import actions as aside
from devices.rollouts.courses import actions as courses
from devices.rollouts.floor import Candidate, Granted, permits
from devices.rollouts.gate import RESERVED_AHEAD, Standing, back_by, begin_by, order, why_waits
from devices.rollouts.matching import joining, target_for
from devices.rollouts.models import UNFIT, Deployment, PutAside, Rollout
from devices.rollouts.offers.actions import Permit, grant
from devices.rollouts.planning import why_not_from, why_not_on
from devices.rollouts.reading import is_open, wants_of, waves_of
from devices.rollouts.repairs import actions as repairs
from devices.rollouts.room import Room
from devices.rollouts.rules import (
    ACTIVE,
    BEFORE_INSTALL,
    GIVEN_UP_AFTER,
    MOST_ATTEMPTS,
    PUT_ASIDE,
    Course,
    Event,
    Turn,
)
from devices.rollouts.steps import Do, Next, WaveStands, next_step
from devices.rollouts.turns import actions as turns

_TURN = 7_403_017  # any number of our own: one sweep at a time
# Reports of cameras that were given up are looked at for so long: who comes back after a week has
# been looked at by people.
_STILL_BELIEVED = timedelta(days=7)
# All that `target_for` looks at of a rollout.
WANTED = ("release__profile_version__profile", "order__signed_by")
# Cameras that are weighed against the coming shifts in one sweep.
MOST_WEIGHED = 200
MOST_STATIONS = 20


def sweep(*, now: datetime, policy: Policy) -> int:
    """Every rollout does what is next; says how many cameras were offered their turn."""
    _settle(now, policy)
    _free(now)
    _put_aside(now)
    _advance(now, policy)
    with _alone() as alone:
        return _offer(now, policy) if alone else 0


def join(*, now: datetime) -> int:
    """Cameras that came to match a rollout join its last wave, and those that need it no more are
    skipped; says how many joined."""
    under_way = Rollout.objects.filter(state__in=courses.UNDER_WAY).select_related(*WANTED)
    if not under_way.exists():
        return 0
    with _alone() as alone:
        if not alone:
            return 0
        _skip_needless(now)
    with _alone() as alone:
        if alone:
            _skip_otherwise(under_way, now)
    joined = 0
    running = under_way.filter(state=Course.RUNNING, repairs_of=None)
    for one in list(running):
        with _alone() as alone:
            for rollout in _locked(running.filter(pk=one.pk)) if alone else ():
                joined += _joined(rollout, now)
    return joined


def repair(*, now: datetime) -> int:
    """Cameras that drifted from the profile that a rollout had brought them are brought back by
    one of repairs; says how many have their turn."""
    for first in (repairs.let_go, repairs.put_aside):
        with _alone() as alone:
            if alone:
                first(now=now)
    brought = 0
    for release in sorted(assigned_releases()):
        with _alone() as alone:
            brought += repairs.repair(release, now=now) if alone else 0
    return brought


def _skip_otherwise(under_way: Any, now: datetime) -> None:
    """Planned turns of cameras that run what may not come to the release, or that it is not for."""
    targets = {one.pk: target_for(one) for one in under_way}
    reasons = {
        turn: why
        for turn, rollout, version, hardware in proving.changed()
        if (to := targets.get(rollout))
        and (why := why_not_on(hardware, to) or why_not_from(version, to))
    }
    rows = Deployment.objects.filter(pk__in=reasons, state=Turn.PLANNED)
    skipped = turns.move_all(rows, Event.SKIP, by=None, now=now, reasons=reasons, each=True)
    turns.count_as_failed(skipped, now=now)


def _skip_needless(now: datetime) -> None:
    """Planned turns of cameras that run the release by now."""
    reasons = proving.needless()
    rows = Deployment.objects.filter(pk__in=reasons, state=Turn.PLANNED)
    turns.move_all(rows, Event.FOUND, by=None, now=now, reasons=reasons, each=True)


def _joined(rollout: Rollout, now: datetime) -> int:
    """Who is in another rollout of the same kind joins when that is over."""
    asked = joining(rollout, now=now, heard_since=now - GIVEN_UP_AFTER)
    if not asked:
        return 0
    others = Deployment.objects.filter(
        rollout__state__in=courses.UNDER_WAY,
        rollout__release__kind=rollout.release.kind,
        state__in=(Turn.PLANNED, *ACTIVE),
        camera__in=[one.camera_id for one in asked],
    ).exclude(rollout=rollout)
    elsewhere = set(others.values_list("camera", flat=True))
    new = [one for one in asked if one.camera_id not in elsewhere]
    return courses.join(rollout, new, now=now) if new else 0


@contextmanager
def _alone() -> Iterator[bool]:
    """A transaction in which nobody else sweeps; False when somebody does."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_TURN])
        yield bool(cursor.fetchone()[0])


def _locked(rollouts: Any) -> list[Rollout]:
    """These, but for those that a person is changing at this moment."""
    rows = rollouts.select_related(*WANTED).order_by("pk")
    return list(rows.select_for_update(no_key=True, of=("self",), skip_locked=True))


# --- Turns ---------------------------------------------------------------------------------------

# What happened, to which turns, and why: by turn, or one sentence for all.
Found = Iterator[tuple[Event, QuerySet[Deployment], Mapping[int, str] | str]]


def _settle(now: datetime, policy: Policy) -> None:
    """Every turn is as its camera, its desk and the clock have left it."""
    for look in (_proven, _taken, _late, _slow, _stopped):
        for event, rows, reasons in look(now, policy):
            with _alone() as alone:
                if alone:
                    moving = _of_running(rows) if event is Event.RETRY else rows
                    turns.move_all(moving, event, by=None, now=now, reasons=reasons, each=True)


def _of_running(rows: QuerySet[Deployment]) -> QuerySet[Deployment]:
    """Those of these turns whose rollout runs, and is kept so meanwhile: an abort passes over what
    has ended, and what had another turn at that moment would have it for ever."""
    whose = Rollout.objects.filter(state=Course.RUNNING, pk__in=rows.order_by().values("rollout"))
    return rows.filter(rollout__in=[one.pk for one in _locked(whose)])


def _proven(now: datetime, _: Policy) -> Found:
    said = proving.said(now=now, since=now - _STILL_BELIEVED)
    for event, reasons in proving.by_event(said).items():
        rows = Deployment.objects.filter(pk__in=reasons)
        yield event, rows.filter(fetched=False) if event is Event.FOUND else rows, reasons


def _taken(_: datetime, __: Policy) -> Found:
    """What does not install and must not begin to: a desk took the camera, it left its bay,
    recorded or became evidence, its rollout does not run. What downloads is told to stop."""
    taken = Q(camera__update_stage=UpdateStage.NONE) | Q(camera__held_at__isnull=False)
    gone = ~Q(camera__service_state=ServiceState.IN_SERVICE) | UNFIT
    paused = ~Q(rollout__state=Course.RUNNING)
    before = Deployment.objects.filter(state__in=BEFORE_INSTALL)
    if ids := list(before.filter(taken | gone | paused).values_list("pk", flat=True)):
        yield Event.TAKE_BACK, before.filter(pk__in=ids), ""


def _late(now: datetime, policy: Policy) -> Found:
    late = Deployment.objects.filter(state__in=ACTIVE, by__lte=now)
    rows = list(late.select_related("rollout__release"))
    offered = [one.pk for one in rows if one.state == Turn.OFFERED]
    reasons = {
        one.pk: f"Nothing was heard of it in time: {one.state.replace('_', ' ')}."
        + (_WRITES if turns.may_write(one) else "")
        for one in rows
        if one.state not in (Turn.OFFERED, Turn.CANCELLING)
    }
    if len(rows) > len(offered):
        yield Event.OVERDUE, late.exclude(state=Turn.OFFERED), reasons
    if offered:
        yield from _not_fetched(late.filter(pk__in=offered, state=Turn.OFFERED), now, policy)


_WRITES = " It goes to nobody until it starts anew, or is tried again by hand."


def _not_fetched(late: QuerySet[Deployment], now: datetime, policy: Policy) -> Found:
    """An offer counts as an attempt, the third as the last, if its camera could have fetched it:
    it sits in its dock and speaks, and the rollout's window is open. Else it is taken back."""
    heard_since = now - policy.silent_after
    docked = late.filter(camera__health__docked=True, camera__health__heard_at__gte=heard_since)
    could = [one for one in docked.select_related("rollout") if is_open(one.rollout, now)]
    ids = [one.pk for one in could]
    last = [one.pk for one in could if one.attempts >= MOST_ATTEMPTS]
    if last:
        yield Event.GIVE_UP, late.filter(pk__in=last), _DOES_NOT_FETCH
    if ids != last:
        yield Event.OVERDUE, late.filter(pk__in=ids), _DOES_NOT_FETCH
    yield Event.TAKE_BACK, late.exclude(pk__in=ids), ""


_DOES_NOT_FETCH = "The camera speaks, but its update client did not fetch what was offered."


def _slow(now: datetime, _: Policy) -> Found:
    """What downloads so slowly that installing would not be over as it was reckoned is told to
    stop."""
    slow = Deployment.objects.filter(state=Turn.DOWNLOADING, begin_by__lt=now)
    if slow.exists():
        yield (
            Event.CANCEL,
            slow,
            "It downloads for so long that it would not be back as it was reckoned.",
        )


def _stopped(_: datetime, __: Policy) -> Found:
    """What stopped, because a desk took it, it was too slow, or by itself, has its turn again
    while its rollout runs, unless the camera is aside. The third attempt that came to nothing is
    a failure."""
    stopped = Deployment.objects.filter(state=Turn.CANCELLED, rollout__state=Course.RUNNING)
    rows = list(stopped.values_list("pk", "camera", "attempts", "reason"))
    if not rows:
        return
    kept = PutAside.objects.filter(camera__in={camera for _, camera, *_ in rows}, ended_at=None)
    why = dict(kept.values_list("camera", "reason"))
    skipped = {pk: f"{PUT_ASIDE}{why[camera]}" for pk, camera, *_ in rows if camera in why}
    failed = {
        pk: reason or "Its update client stopped by itself."
        for pk, _, attempts, reason in rows
        if attempts >= MOST_ATTEMPTS and pk not in skipped
    }
    again = [pk for pk, *_ in rows if pk not in skipped and pk not in failed]
    yield Event.PUT_ASIDE, stopped.filter(pk__in=skipped), skipped
    yield Event.GIVE_UP, stopped.filter(pk__in=failed), failed
    yield Event.RETRY, stopped.filter(pk__in=again), ""


def _free(now: datetime) -> None:
    """Cameras that installed when they were last heard of, and write no more."""
    if ids := proving.over():
        with _alone() as alone:
            if alone:
                turns.free_all(ids, now=now)


def _put_aside(now: datetime) -> None:
    """Who failed three times is asked no more, until somebody has looked at it."""
    failed = Deployment.objects.filter(
        state__in=courses.TRIED_AGAIN,
        attempts__gte=MOST_ATTEMPTS,
        rollout__state__in=courses.UNDER_WAY,
    )
    failed = failed.exclude(camera__in=PutAside.objects.filter(ended_at=None).values("camera"))
    reasons = {
        camera: f"It failed {attempts} times in {name}: {reason}"[:200]
        for camera, attempts, name, reason in failed.values_list(
            "camera", "attempts", "rollout__name", "reason"
        )
    }
    if reasons:
        with _alone() as alone:
            if alone:
                aside.put_all_aside(reasons, by=None, now=now)


# --- Waves ---------------------------------------------------------------------------------------


def _advance(now: datetime, policy: Policy) -> None:
    """Most sweeps find nothing to do here; what is to be done is asked once more, when nobody can
    change the rollout meanwhile."""
    running = Rollout.objects.filter(state=Course.RUNNING)
    seen = list(running.select_related("release"))
    stand = waves_of([one.pk for one in seen])
    for one in seen:
        if _next(one, stand[one.pk], now).do is not Do.NOTHING:
            with _alone() as alone:
                for rollout in _locked(running.filter(pk=one.pk)) if alone else ():
                    step = _next(rollout, waves_of([one.pk])[one.pk], now)
                    advance(rollout, step, now=now, policy=policy)


def _next(rollout: Rollout, waves: list[WaveStands], now: datetime) -> Next:
    release = rollout.release
    if release.state == ReleaseState.RECALLED:
        return Next(Do.PAUSE, because=f"{release} was recalled: {release.recalled_because}")
    return next_step(waves, rollout.terms, now)


# --- Offers --------------------------------------------------------------------------------------


def _offer(now: datetime, policy: Policy) -> int:
    running = {one.pk: one for one in _locked(Rollout.objects.filter(state=Course.RUNNING))}
    room = standing.room(policy) if running else Room(policy)
    open_ones = {
        pk: one
        for pk, one in running.items()
        if not room.is_full(pk, one.caps) and is_open(one, now)
    }
    if not open_ones:
        return 0
    asked = standing.candidates(
        open_ones, now=now, policy=policy, reserved_until=now + RESERVED_AHEAD
    )
    wants = {pk: wants_of(one, now) for pk, one in open_ones.items()}
    fit = [
        one
        for one in asked
        if not room.why_full(one.spot, running[one.rollout_id].caps)
        and not any(why_waits(one, wants[one.rollout_id], policy, now))
    ]
    fit = _unstopped(fit, running, now)
    weighed = _weighed(_some(_once(order(fit, now)), now), running, room, policy, now)
    return len(grant(list(weighed), running, now=now))


def _unstopped(
    fit: Sequence[Standing], rollouts: Mapping[int, Rollout], now: datetime
) -> list[Standing]:
    """Those whose rollout nothing stops. A camera that says meanwhile that it failed makes room,
    and may stop it: so who failed is counted after the room was, or one more is offered it."""
    stand = waves_of(sorted({one.rollout_id for one in fit}))
    stopped = {pk for pk in stand if _next(rollouts[pk], stand[pk], now).do is Do.PAUSE}
    return [one for one in fit if one.rollout_id not in stopped]


def _once(fit: Sequence[Standing]) -> list[Standing]:
    """Each camera for the first of its turns: of two rollouts, of firmware and of a profile, only
    one can have it."""
    first: dict[int, Standing] = {}
    for one in fit:
        first.setdefault(one.camera_id, one)
    return list(first.values())


def _some(fit: Sequence[Standing], now: datetime) -> list[Standing]:
    """Those that are weighed in this sweep: of a few stations, by turns, because the shifts of
    each have to be counted."""
    stations = sorted({one.station_id for one in fit})
    first = int(now.timestamp()) // 5 * MOST_STATIONS % max(1, len(stations))
    ours = {*(stations + stations)[first : first + MOST_STATIONS]}
    return [one for one in fit if one.station_id in ours][:MOST_WEIGHED]


def _weighed(
    fit: list[Standing], rollouts: dict[int, Rollout], room: Room, policy: Policy, now: datetime
) -> Iterator[Permit]:
    """Those that may install: there is room for them, and no shift could lack them."""
    if not fit:
        return
    took = standing.installs(now=now)
    by_id = {one.camera_id: one for one in fit}
    takes = {
        one.camera_id: took.takes(one.model_id, rollouts[one.rollout_id].release.kind)
        for one in fit
    }
    backs = {one.camera_id: back_by(one, takes[one.camera_id], now) for one in fit}
    reach = Visible(stations=frozenset(one.station_id for one in fit))
    until = max(backs.values())
    coming = shifts.beginning(reach, until, now=now, policy=policy, cameras=by_id)
    with_room = _with_room(fit, backs, room, rollouts)
    for answer in permits(with_room, coming):
        if isinstance(answer, Granted):
            camera = by_id[answer.camera_id]
            room.take(camera.spot, rollouts[camera.rollout_id].most_mbit_each)
            begins = begin_by(answer.back_by, takes[answer.camera_id])
            yield Permit(camera, begins, answer.back_by)


def _with_room(
    fit: Iterable[Standing], backs: dict[int, datetime], room: Room, rollouts: dict[int, Rollout]
) -> Iterator[Candidate]:
    """One after the other: each is asked for when those before it have taken their room."""
    for one in fit:
        if not room.why_full(one.spot, rollouts[one.rollout_id].caps):
            yield Candidate(one.camera_id, one.name, one.station_id, backs[one.camera_id])
