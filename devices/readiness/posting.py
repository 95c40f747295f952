"""An officer's duty and the camera for it: what the duty asks, and which camera answers. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from devices.policy import Policy
from devices.readiness.margin import Held, Judged, OnDuty, Post
from devices.readiness.rules import Need
from devices.wire import Mode


def judged(camera: Held, need: Need, policy: Policy, now: datetime) -> Judged:
    """This camera for this need."""
    known = camera.known
    lasts = known.hours(need)
    at_once = need if need.taken else Need(now, need.lasts, need.badge)
    return Judged(
        camera=camera,
        need=need,
        readiness=known.judged(need, policy, now),
        ready_now=known.judged(at_once, policy, now).ready,
        hours=lasts.hours if lasts else None,
        hours_low=lasts.low if lasts else None,
        charged_at=known.charged_at(need, policy),
    )


def duty_with_joined(
    duty: OnDuty, of_officer: Iterable[OnDuty], policy: Policy
) -> tuple[datetime, datetime]:
    """From when to when an officer is on without a break: a double shift joins two duties."""
    begins_at, ends_at = duty.begins_at, duty.ends_at
    others = sorted(of_officer, key=lambda one: one.begins_at)
    for one in others:
        if begins_at < one.begins_at <= ends_at + policy.handover:
            ends_at = max(ends_at, one.ends_at)
    for one in reversed(others):
        if begins_at - policy.handover <= one.ends_at < ends_at:
            begins_at = min(begins_at, one.begins_at)
    return begins_at, ends_at


def post(
    duty: OnDuty,
    of_officer: Iterable[OnDuty],
    cameras: Sequence[Held],
    policy: Policy,
    now: datetime,
    *,
    stands_in: bool = False,
) -> Post:
    """An officer on a shift with the best of these cameras, before anything is to be done."""
    begins_at, ends_at = duty_with_joined(duty, of_officer, policy)
    double = (begins_at, ends_at) != (duty.begins_at, duty.ends_at)
    found = [
        judged(one, _need(duty, begins_at, ends_at, one, policy, now), policy, now)
        for one in cameras
    ]
    best = min(
        found, key=lambda one: (len(one.readiness.reasons), one.camera.known.number), default=None
    )
    if best is None:
        return Post(duty, double, begins_at, None, stands_in=stands_in, gone=False)
    back = None if best.ready else _docked_by_then(best, begins_at, of_officer, policy, now)
    return Post(
        duty,
        double,
        begins_at,
        back or best,
        stands_in=stands_in,
        gone=best.need.taken,
        due=back is not None,
    )


def _docked_by_then(
    one: Judged, begins_at: datetime, of_officer: Iterable[OnDuty], policy: Policy, now: datetime
) -> Judged | None:
    """The camera as it will be if its officer docks it when the duty they are on ends; None if
    it is not out on one that ends before ``begins_at``, or if even then it would not be ready."""
    backs = [duty.ends_at + policy.handover for duty in of_officer if duty.begins_at <= now]
    back_at = max((at for at in backs if at > now), default=begins_at)
    camera = one.camera
    if camera.known.docked is not False or back_at >= begins_at:
        return None
    docked = replace(camera, known=camera.known.docked_at(back_at))
    then = judged(docked, one.need, policy, now)
    return replace(then, camera=camera, ready_now=False) if then.ready else None


def _need(
    duty: OnDuty,
    begins_at: datetime,
    ends_at: datetime,
    camera: Held,
    policy: Policy,
    now: datetime,
) -> Need:
    """What this duty asks of the camera from when it takes it, or from its last word if it has.

    It has when it was given out to its officer, and has not when it was to another. Else it has
    when it left its bay not long before the duty, as a pre-shift test made then counts;
    and when it is awake in a bay during it, as one is on a cruiser's charger.
    """
    known = camera.known
    if known.issued_to == duty.badge and begins_at - policy.test_counts_for <= now:
        since = max(begins_at, known.measured_at or begins_at)
        return Need(since, max(ends_at - since, timedelta()), duty.badge, taken=True)
    if known.issued_to:
        since = max(begins_at, now)
        return Need(since, max(ends_at - since, timedelta()), duty.badge)
    left_at = known.placed_at if known.docked is False else None
    if left_at is not None and left_at >= begins_at - policy.test_counts_for:
        since = max(begins_at, known.measured_at or begins_at)
        return Need(since, max(ends_at - since, timedelta()), duty.badge, taken=True)
    if begins_at <= now and known.docked and known.mode not in ("", Mode.OFF):
        return Need(now, max(ends_at - now, timedelta()), duty.badge, taken=True)
    since = begins_at if begins_at > now else max(duty.begins_at, now)
    return Need(since, max(ends_at - since, timedelta()), duty.badge)
