"""What to do about each camera that is not ready for its shift, and which spare helps. Pure.

By when is the moment at which it has to begin, so as to be done when the duty begins. What has no
time left gives way to a spare.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from devices.policy import Policy
from devices.readiness.margin import (
    Held,
    Judged,
    Post,
    Remedy,
    ShiftReadiness,
    ShiftSpan,
    Todo,
)
from devices.readiness.posting import judged
from devices.readiness.rules import Blocker, Need, Reason


class Spares(NamedTuple):
    """A station's spares, and those of them that its other shifts take meanwhile."""

    free: Sequence[Held]
    for_others: Sequence[Held] = ()


def shift_readiness(
    shift: ShiftSpan,
    posts: Iterable[Post],
    spares: Spares,
    policy: Policy,
    now: datetime,
    *,
    advised: bool = True,
) -> ShiftReadiness:
    """The shift with what to do about each exception; no spare is offered to two officers.

    Where nobody reads the advice, none is made.
    """
    begins_at = max(shift.begins_at, now)
    need = Need(begins_at, shift.ends_at - begins_at)
    found, for_others = ([judged(one, need, policy, now) for one in some] for some in spares)
    ready = sorted((one for one in found if one.ready), key=_best_first)
    unfit = sorted((one for one in found if not one.ready), key=_best_first)
    left = _left_by_the_pool(shift, posts, ready, policy, now)
    in_order, free = sorted(left.posts, key=_most_urgent_first), list(left.spares)
    if advised:
        told = [_with_todo(one, free, policy, now) for one in in_order]
        in_order = sorted(told, key=_first_to_begin)  # of equals, as they were
    return ShiftReadiness(
        shift, tuple(in_order), tuple(left.spares), tuple(unfit), now, tuple(for_others)
    )


class _Left(NamedTuple):
    """The posts when those who take any camera have one, and the spares that are left then."""

    posts: Sequence[Post]
    spares: Sequence[Judged]


def _left_by_the_pool(
    shift: ShiftSpan, posts: Iterable[Post], ready: list[Judged], policy: Policy, now: datetime
) -> _Left:
    """In a pool whoever has no camera takes the best that is free and lasts, in the order in which
    they come on."""
    in_order = sorted(posts, key=lambda one: (one.duty.begins_at, one.duty.badge))
    if not shift.pool:
        return _Left(in_order, ready)
    free = list(ready)
    served = [
        replace(one, takes_any=True, judged=_take(one, free, policy, now))
        if one.judged is None and not one.duty.barred
        else one
        for one in in_order
    ]
    return _Left(served, free)


def taken_before(
    shift: ShiftSpan, earlier: Iterable[ShiftReadiness], policy: Policy
) -> frozenset[int]:
    """The spares that earlier shifts of its station take, by id, while this one is on.

    Two that share no more than a handover do not: who comes off then takes no spare any more.
    """
    beside = (one for one in earlier if one.shift.ends_at - policy.handover > shift.begins_at)
    return frozenset(camera_id for one in beside for camera_id in one.takes)


def _best_first(one: Judged) -> tuple[int, float, int]:
    """Whole hours, then wear: half an hour more is no reason to wear a good battery first."""
    return (-int(one.hours or 0), -one.camera.capacity_percent, one.camera.known.number)


_GRAVEST_FIRST = list(Blocker)


def _most_urgent_first(one: Post) -> tuple[bool, datetime, int, str]:
    gravity = _GRAVEST_FIRST.index(one.reason.blocker) if one.reason else -1
    return (one.ready or one.due, one.duty.begins_at, gravity, one.duty.badge)


def _first_to_begin(one: Post) -> tuple[bool, datetime]:
    return (not one.todo, one.todo[0].by if one.todo else one.duty.begins_at)


def _with_todo(one: Post, free: list[Judged], policy: Policy, now: datetime) -> Post:
    if one.ready or one.due or one.duty.barred:
        return one
    offer = _offer(one, free, policy, now)
    begin_by = _begin_by(one, policy, now)
    own = _remedy(one, begin_by or one.duty.begins_at, policy, now)
    in_time = begin_by is not None and begin_by >= now
    # No spare can be put into the hands of somebody on the street.
    own_first = own and own.remedy in AT_ONCE and (in_time or one.gone)
    todo = (own, offer) if own_first else (offer, own)
    return replace(one, todo=tuple(each for each in todo if each))


# How long things take until a camera is known to be ready. est. but for field.md's 25 Mbit/s of a
# bay, and its image of 900 MB at most that takes 15 min to install and 90 s to start again.
HANDING_OUT = timedelta(minutes=2)
SEATING = timedelta(minutes=3)  # out, back, and heard once more
SEEING_TO_A_DOCK = timedelta(minutes=10)
FINDING = timedelta(minutes=30)
BAY_MBIT_S, IMAGE_MB, INSTALLING = 25, 900, timedelta(minutes=16, seconds=30)


def _begin_by(one: Post, policy: Policy, now: datetime) -> datetime | None:
    """When somebody has to begin, for its camera to be ready when the duty begins; None: nothing
    that can be done makes it ready for this one."""
    if one.judged is None:
        return None
    takes = [_takes(reason, one.judged, policy, now) for reason in one.judged.readiness.reasons]
    known = [span for span in takes if span is not None]
    return one.duty.begins_at - sum(known, timedelta()) if len(known) == len(takes) else None


def _takes(  # noqa: C901, PLR0911 (one for each)
    reason: Reason, one: Judged, policy: Policy, now: datetime
) -> timedelta | None:
    """How long it takes until this no longer stands against it; None: too long for any shift."""
    known = one.camera.known
    match reason.blocker:
        case Blocker.AWAY | Blocker.SILENT if not known.docked:
            return policy.overdue_after  # long enough to drive back and dock
        case Blocker.SILENT:
            return SEEING_TO_A_DOCK if known.dock_is_silent(policy, now) else SEATING
        case Blocker.NEVER_HEARD | Blocker.DISPLACED:
            return FINDING
        case Blocker.UPDATING:
            until = known.updating_until  # once that is past, nobody knows
            return until - now if until and until > now else None
        case Blocker.BATTERY:
            charged_at = known.docked_at(now).charged_at(one.need, policy)
            return charged_at - now if charged_at else None
        case Blocker.STORAGE:
            return _sent(policy.storage_for_shift_mb - (known.storage_free_mb or 0))
        case Blocker.FIRMWARE | Blocker.PROFILE:
            return _sent(IMAGE_MB) + INSTALLING
        case Blocker.CLOCK:
            return SEATING
    return None


def _sent(megabytes: int) -> timedelta:
    """How long a bay's line takes for so much."""
    return timedelta(seconds=megabytes * 8 / BAY_MBIT_S)


# What makes an officer's own camera ready before the shift, if it is done now.
AT_ONCE = frozenset(
    {
        Remedy.CALL_UNIT,
        Remedy.LOOK_AT_DOCK,
        Remedy.SEAT_AGAIN,
        Remedy.OFF_LOAD,
        Remedy.UPDATE,
        Remedy.SET_CLOCK,
    }
)


def _offer(one: Post, free: list[Judged], policy: Policy, now: datetime) -> Todo:
    """To offer the best spare that lasts for this duty, taken out of ``free``."""
    fitted = _take(one, free, policy, now)
    if fitted is not None:
        where = f" in {fitted.camera.place}" if fitted.camera.place else ""
        sentence = f"Offer spare {fitted.camera.name}{where}: {fitted.hours:.1f} h."
        by = one.duty.begins_at - HANDING_OUT
        return Todo(Remedy.OFFER_SPARE, sentence, by, fitted)
    sentence = "No spare lasts for this duty: ask another station."
    by = one.duty.begins_at - policy.overdue_after - HANDING_OUT
    return Todo(Remedy.ASK_ELSEWHERE, sentence, by)


def _take(one: Post, free: list[Judged], policy: Policy, now: datetime) -> Judged | None:
    """The best of ``free`` that lasts for this duty, out of them from now on; the nearest of
    equals."""
    need = need_of_a_spare(one, now)
    home = one.judged.camera.home.rpartition("-")[0] if one.judged else ""
    for spare in _by_nearness(free, home) if home else free:
        fitted = judged(spare.camera, need, policy, now)
        if fitted.ready:
            free.remove(spare)
            return fitted
    return None


def need_of_a_spare(one: Post, now: datetime) -> Need:
    """What a camera has to last for that this officer is given instead of the one judged."""
    begins_at = max(one.duty.begins_at, now)
    ends_at = one.judged.need.begins_at + one.judged.need.lasts if one.judged else one.duty.ends_at
    return Need(begins_at, max(ends_at - begins_at, timedelta()), one.duty.badge)


def _by_nearness(free: Iterable[Judged], home: str) -> list[Judged]:
    return sorted(free, key=lambda spare: (*_best_first(spare)[:2], not _near(spare.camera, home)))


def _near(camera: Held, dock: str) -> bool:
    return bool(dock) and dock in (camera.place.rpartition("-")[0], camera.home.rpartition("-")[0])


def _remedy(one: Post, by: datetime, policy: Policy, now: datetime) -> Todo | None:
    """What is to be done about the camera itself."""
    if one.judged is None or one.reason is None:
        return None
    blocker = one.reason.blocker
    if one.gone and blocker is Blocker.BATTERY and one.judged.hours is None:
        return None  # nobody turns round for what may be well
    charges = blocker is Blocker.BATTERY and one.judged.charged_at is not None
    if one.gone and not charges:
        name, unit = one.judged.camera.name, one.duty.unit or "its unit"
        sentence = f"Call {unit} in: {name} {one.reason.says}."
        return Todo(Remedy.CALL_UNIT, sentence, by)
    match blocker:
        case Blocker.BATTERY:
            found = _about_battery(one.judged)
        case Blocker.SILENT:
            found = _about_silence(one.judged, policy, now)
        case _:
            found = _about(one, one.judged.camera.name, one.reason)
    return found and Todo(found[0], found[1], by)


def _about(  # noqa: PLR0911 (one for each)
    one: Post, name: str, reason: Reason
) -> tuple[Remedy, str] | None:
    match reason.blocker:
        case Blocker.FAULT:
            return Remedy.REPAIR, f"Send {name} to repair: {reason.value}."
        case Blocker.NEVER_HEARD | Blocker.DISPLACED:
            return Remedy.FIND, f"Find {name} and put it into a bay."
        case Blocker.AWAY:
            return Remedy.CALL_UNIT, f"Call {one.duty.unit or 'its unit'}: {reason.sentence}"
        case Blocker.STORAGE:
            return Remedy.OFF_LOAD, f"Off-load {name}: {reason.sentence}"
        case Blocker.UPDATING:
            return Remedy.UPDATE, f"Leave {name} in its bay: {reason.sentence}"
        case Blocker.FIRMWARE | Blocker.PROFILE:
            return Remedy.UPDATE, f"Leave {name} in its bay to be updated to {reason.limit}."
        case Blocker.CLOCK:
            return Remedy.SET_CLOCK, f"Put {name} into another bay: its dock sets the clock."
    return None


def _about_silence(one: Judged, policy: Policy, now: datetime) -> tuple[Remedy, str]:
    camera = one.camera
    if camera.known.dock_is_silent(policy, now):
        dock = camera.place.rpartition("-")[0] or "its dock"
        return Remedy.LOOK_AT_DOCK, f"Look at {dock}: it is silent, and {camera.name} with it."
    bay = camera.place or "its bay"
    return Remedy.SEAT_AGAIN, f"Take {camera.name} out of {bay} and put it back."


def _about_battery(one: Judged) -> tuple[Remedy, str] | None:
    camera = one.camera
    if one.charged_at:
        return Remedy.CHARGE, f"Leave {camera.name} in its bay: it charges."
    if camera.known.charges:
        return None
    bay = camera.place or "its bay"
    return Remedy.CHARGE, f"{camera.name} does not charge in {bay}: put it into another."
