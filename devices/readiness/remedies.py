"""What to do about each camera that is not ready for its shift, and which spare helps. Pure.

By when is the moment at which it has to begin, so as to be done when the duty begins. What has no
time left gives way to a spare.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

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


def shift_readiness(
    shift: ShiftSpan,
    posts: Iterable[Post],
    spares: Iterable[Held],
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
    found = [judged(one, need, policy, now) for one in spares]
    ready = sorted((one for one in found if one.ready), key=_best_first)
    unfit = sorted((one for one in found if not one.ready), key=_best_first)
    in_order = sorted(posts, key=_most_urgent_first)
    free = list(ready)
    if advised:
        told = [_with_todo(one, free, policy, now) for one in in_order]
        in_order = sorted(told, key=_first_to_begin)  # of equals, as they were
    return ShiftReadiness(shift, tuple(in_order), tuple(ready), tuple(unfit), now)


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
    if one.ready or one.due:
        return one
    offer = _offer(one, free, policy, now)
    begin_by = _begin_by(one, policy, now)
    own = _remedy(one, begin_by or one.duty.begins_at)
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
            return SEEING_TO_A_DOCK if known.dock_silent else SEATING
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
    """The best spare that lasts for this duty, taken out of ``free``; the nearest of equals."""
    begins_at = max(one.duty.begins_at, now)
    ends_at = one.judged.need.begins_at + one.judged.need.lasts if one.judged else one.duty.ends_at
    need = Need(begins_at, max(ends_at - begins_at, timedelta()), one.duty.badge)
    home = one.judged.camera.home.rpartition("-")[0] if one.judged else ""
    by_nearness = sorted(
        free, key=lambda spare: (*_best_first(spare)[:2], not _near(spare.camera, home))
    )
    for spare in by_nearness:
        fitted = judged(spare.camera, need, policy, now)
        if fitted.ready:
            free.remove(spare)
            where = f" in {spare.camera.place}" if spare.camera.place else ""
            sentence = f"Offer spare {spare.camera.name}{where}: {fitted.hours:.1f} h."
            by = one.duty.begins_at - HANDING_OUT
            return Todo(Remedy.OFFER_SPARE, sentence, by, fitted)
    sentence = "No spare lasts for this duty: ask another station."
    by = one.duty.begins_at - policy.overdue_after - HANDING_OUT
    return Todo(Remedy.ASK_ELSEWHERE, sentence, by)


def _near(camera: Held, dock: str) -> bool:
    return bool(dock) and dock in (camera.place.rpartition("-")[0], camera.home.rpartition("-")[0])


def _remedy(one: Post, by: datetime) -> Todo | None:
    """What is to be done about the camera itself."""
    if one.judged is None or one.reason is None:
        return None
    blocker = one.reason.blocker
    if one.gone and blocker is not Blocker.BATTERY:
        name, unit = one.judged.camera.name, one.duty.unit or "its unit"
        sentence = f"Call {unit} in: {name} {one.reason.says}."
        return Todo(Remedy.CALL_UNIT, sentence, by)
    about = {Blocker.BATTERY: _about_battery, Blocker.SILENT: _about_silence}.get(blocker)
    found = about(one.judged) if about else _about(one, one.judged.camera.name, one.reason)
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


def _about_silence(one: Judged) -> tuple[Remedy, str]:
    camera = one.camera
    if camera.known.dock_silent:
        dock = camera.place.rpartition("-")[0] or "its dock"
        return Remedy.LOOK_AT_DOCK, f"Look at {dock}: it is silent, and {camera.name} with it."
    bay = camera.place or "its bay"
    return Remedy.SEAT_AGAIN, f"Take {camera.name} out of {bay} and put it back."


def _about_battery(one: Judged) -> tuple[Remedy, str] | None:
    camera = one.camera
    if one.charged_at:
        return Remedy.CHARGE, f"Leave {camera.name} in its bay: it charges."
    if camera.known.charges or one.need.taken:
        return None
    bay = camera.place or "its bay"
    return Remedy.CHARGE, f"{camera.name} does not charge in {bay}: put it into another."
