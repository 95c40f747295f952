"""An officer's duty and the camera for it: what the duty asks, and which camera answers. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

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


class Span(Protocol):
    """From when to when an officer is on."""

    @property
    def begins_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...


def duty_with_joined(
    duty: Span, of_officer: Iterable[Span], policy: Policy
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
    """An officer on a shift with the best of these cameras, before anything is to be done. Whoever
    is barred from duty takes none."""
    begins_at, ends_at = duty_with_joined(duty, of_officer, policy)
    double = (begins_at, ends_at) != (duty.begins_at, duty.ends_at)
    back_at = _back_before(begins_at, of_officer, policy, now)
    # While its officer is on another duty, it is out for that one.
    takes_from = begins_at if back_at else begins_at - policy.test_counts_for
    asked = _Asked(duty.badge, duty.begins_at, begins_at, ends_at, takes_from)
    takes = () if duty.barred else cameras
    found = [judged(one, _need(asked, one, now), policy, now) for one in takes]
    best = min(
        found, key=lambda one: (len(one.readiness.reasons), one.camera.known.number), default=None
    )
    if best is None:
        return Post(duty, double, begins_at, None, stands_in=stands_in, gone=False)
    back = _docked_at(best, back_at, policy, now) if back_at and not best.ready else None
    return Post(
        duty,
        double,
        begins_at,
        back or best,
        stands_in=stands_in,
        gone=best.need.taken,
        due=back is not None,
    )


def _back_before(
    begins_at: datetime, of_officer: Iterable[OnDuty], policy: Policy, now: datetime
) -> datetime | None:
    """When the officer is back from the duty they are on, if that is before ``begins_at``."""
    backs = [duty.ends_at + policy.handover for duty in of_officer if duty.begins_at <= now]
    back_at = max((at for at in backs if at > now), default=begins_at)
    return back_at if back_at < begins_at else None


def _docked_at(one: Judged, back_at: datetime, policy: Policy, now: datetime) -> Judged | None:
    """The camera as it will be if its officer docks it at ``back_at``; None if it is not out, or
    if even then it would not be ready."""
    camera = one.camera
    if camera.known.docked is not False:
        return None
    docked = replace(camera, known=camera.known.docked_at(back_at))
    then = judged(docked, one.need, policy, now)
    return replace(then, camera=camera, ready_now=False) if then.ready else None


class _Asked(NamedTuple):
    """A duty with those that it joins: who leaves a bay from ``takes_from`` on is out for it."""

    badge: str
    duty_begins_at: datetime
    begins_at: datetime
    ends_at: datetime
    takes_from: datetime

    def since(self, at: datetime, *, taken: bool = False) -> Need:
        """What is left of it from ``at`` on."""
        return Need(at, max(self.ends_at - at, timedelta()), self.badge, taken=taken)


def _need(asked: _Asked, camera: Held, now: datetime) -> Need:
    """What this duty asks of the camera from when it takes it, or from its last word if it has.

    It has when it was given out to its officer, and has not when it was to another. Else it has
    when it left its bay not long before the duty, as a pre-shift test made then counts;
    and when it is awake in a bay during it, as one is on a cruiser's charger.
    """
    known, begins_at = camera.known, asked.begins_at
    last_word_at = max(begins_at, known.measured_at or begins_at)
    if known.issued_to == asked.badge and asked.takes_from <= now:
        return asked.since(last_word_at, taken=True)
    if known.issued_to:
        return asked.since(max(begins_at, now))
    left_at = known.moved_at if known.docked is False else None
    if left_at is not None and left_at >= asked.takes_from:
        return asked.since(last_word_at, taken=True)
    if begins_at <= now and known.docked and known.mode not in ("", Mode.OFF):
        return asked.since(now, taken=True)
    return asked.since(begins_at if begins_at > now else max(asked.duty_begins_at, now))
