"""Giving out, taking back and handing over by hand: the desk's judgement, then custody's verbs.

A reason stands for the reason card. What needs a supervisor's badge stays the desk's: nobody
stands beside a page.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from devices.custody import actions as custody
from devices.custody.actions import Correction, Held, HoldsAnother, Swapped, Terms, Told
from devices.custody.models import Custody, CustodyEvent, CustodyKind, Via
from devices.desk import recommending, rules, seeing
from devices.desk.asking import duty_of
from devices.desk.rules import Act, Code, Context, Judgement
from devices.desk.seeing import Bearer, Sight
from devices.errors import Refused
from devices.inventory.models import Camera, Officer
from devices.policy import Policy
from devices.roster.roll_call import actions as roll_call


@dataclass(frozen=True)
class Hand:
    """Who acts, when, by which numbers, how it came to us, and why."""

    by: User
    now: datetime
    policy: Policy
    reason: str = ""
    via: Via = Via.PAGE


class Unfit(Refused):
    """The camera must not go out: ``reasons`` are all that stand against it, in sentences."""

    def __init__(self, said: str, reasons: Sequence[str]) -> None:
        super().__init__(f"{said} {' '.join(reasons)}".strip())
        self.reasons = tuple(reasons)


@transaction.atomic
def check_out(camera: Camera, officer: Officer, hand: Hand) -> CustodyEvent:
    """The officer has the camera from now on; their own is taken on duty.

    Refuses what a desk refuses: a camera that somebody holds (`Held`), a second one
    (`HoldsAnother`) or one that is not ready (`Unfit`) unless there is a reason; a hard or
    critical blocker, and an officer who has left or is suspended, whatever the reason.
    """
    sight, bearer = _see(camera, officer, hand)
    said = Context(bearer.seen, at=hand.now, reason=hand.reason.strip())
    judgement = _granted(rules.pair(bearer.seen, sight.seen, said), sight, bearer)
    told = _told(hand, sight)
    promises = roll_call.promised_now(officer, now=hand.now, policy=hand.policy)
    if judgement.act is Act.TAKE:
        event = custody.take(camera, officer, told=told)
    else:
        terms = _terms(sight, bearer, hand, extra=judgement.extra)
        event = custody.check_out(camera, officer, terms, told=told)
    roll_call.settle_promises(promises, camera, by=hand.by, now=hand.now)
    recommending.let_go(camera.pk)
    return event


@transaction.atomic
def transfer(camera: Camera, officer: Officer, hand: Hand) -> CustodyEvent:
    """The camera goes from who holds it to this officer. Wants a reason; refuses as a desk does."""
    sight, bearer = _see(camera, officer, hand)
    said = Context(bearer.seen, transfer=True, reason="by hand", at=hand.now)
    judgement = _granted(rules.pair(bearer.seen, sight.seen, said), sight, bearer)
    terms = _terms(sight, bearer, hand, extra=judgement.extra)
    promises = roll_call.promised_now(officer, now=hand.now, policy=hand.policy)
    event = custody.transfer(camera, officer, terms, told=_told(hand, sight))
    roll_call.settle_promises(promises, camera, by=hand.by, now=hand.now)
    return event


@transaction.atomic
def swap(officer: Officer, back: Camera, out: Camera, hand: Hand) -> Swapped:
    """The officer gives one camera back and has the other, on the same terms, at one moment.

    Refused whole: what they do not hold cannot come in, and what a desk refuses does not go out
    (as `check_out`, but that it is no second camera). A reason is said of both.
    """
    custody.swappable(officer, back, out)
    returned = _sight(back, hand)
    sight, bearer = _see(out, officer, hand)
    freed = replace(bearer.seen, holds=())
    said = Context(freed, at=hand.now, reason=hand.reason.strip())
    _granted(rules.pair(freed, sight.seen, said), sight, bearer)
    promises = roll_call.promised_now(officer, now=hand.now, policy=hand.policy)
    swapped = custody.swap(
        officer, back, out, returned=_told(hand, returned), given=_told(hand, sight)
    )
    roll_call.settle_promises(promises, out, by=hand.by, now=hand.now)
    recommending.let_go(out.pk)
    return swapped


@transaction.atomic
def check_in(camera: Camera, hand: Hand, *, of: Custody | None = None) -> CustodyEvent:
    """Nobody has the camera for a shift any more. Never refused for what the camera is like, but
    where it is the end ``of`` a custody that somebody saw, and another holds it since."""
    return custody.check_in(camera, told=_told(hand, _sight(camera, hand)), of=of)


@transaction.atomic
def assign(camera: Camera, officer: Officer | None, hand: Hand) -> CustodyEvent:
    """The camera is this officer's own from now on, or nobody's. Wants a reason."""
    return custody.assign(camera, officer, told=_told(hand, _sight(camera, hand)))


@transaction.atomic
def report_lost(camera: Camera, hand: Hand) -> CustodyEvent:
    """The camera is lost; who held it still answers for it. Wants a reason."""
    return custody.report_lost(camera, told=_told(hand, _sight(camera, hand)))


@transaction.atomic
def found(camera: Camera, hand: Hand) -> CustodyEvent:
    """A lost camera is here again, and out of service until somebody says otherwise."""
    return custody.found(camera, told=_told(hand, _sight(camera, hand)))


def correct(one: Custody, right: Correction, hand: Hand) -> CustodyEvent:
    """What was really so stands beside the record. Wants a reason, and an end of what has ended."""
    if right.closed_at is None and one.closed_at is not None:
        raise Refused("It has ended: say when it really did.")
    told = Told(by=hand.by, now=hand.now, via=hand.via, reason=hand.reason)
    return custody.correct(one, right, told=told)


# --- What is judged by -----------------------------------------------------------------------


def _sight(camera: Camera, hand: Hand, badge: str = "", officer: Officer | None = None) -> Sight:
    """The camera as a desk sees it, its row locked."""
    Camera.objects.select_for_update(no_key=True).get(pk=camera.pk)
    need = seeing.need_at_desk(hand.now, duty_of(officer, hand.policy, hand.now)[1], badge)
    return seeing.cameras([camera.pk], need, hand.policy, hand.now)[camera.pk]


def _see(camera: Camera, officer: Officer, hand: Hand) -> tuple[Sight, Bearer]:
    sight = _sight(camera, hand, officer.badge_number, officer)
    return sight, seeing.officers(ids=[officer.pk])[officer.pk]


def _granted(judgement: Judgement, sight: Sight, bearer: Bearer) -> Judgement:
    """The judgement, if it lets the camera go; else what stands against it."""
    camera, officer = sight.row, bearer.row
    match judgement.code:
        case Code.HELD | Code.ANOTHERS:
            raise Held(camera, sight.custody)
        case Code.SECOND:
            raise HoldsAnother(officer, next(iter(bearer.holds), None))
        case Code.LEFT:
            raise Refused(f"{officer} has left: no camera.")
        case Code.SUSPENDED:
            raise Refused(f"{officer} is suspended: no camera.")
        case Code.SOFT:
            raise Unfit(f"{camera} is not ready.", _reasons(sight))
        case Code.HARD:
            raise Unfit(f"{camera} cannot be issued.", _reasons(sight))
        case Code.CRITICAL | Code.WANTS_SUPERVISOR:
            said = f"{camera} must not go out without a supervisor's badge, scanned at a desk."
            raise Unfit(said, _reasons(sight))
    return judgement


def _reasons(sight: Sight) -> list[str]:
    return [one.sentence for one in sight.readiness.reasons]


def as_it_is(camera: Camera, officer: Officer, hand: Hand) -> tuple[Terms, Told]:
    """On which terms the officer has this camera, and what is known of it, where nobody is to judge
    whether they may: they have it."""
    sight, bearer = _see(camera, officer, hand)
    return _terms(sight, bearer, hand, extra=False), _told(hand, sight)


def _terms(sight: Sight, bearer: Bearer, hand: Hand, *, extra: bool) -> Terms:
    """As at a desk: a loan where the officer has a camera of their own, else for the shift."""
    pool = sight.row.station.pool
    other = None if pool or bearer.own == sight.row.pk else bearer.own
    own = None if other is None else Camera.objects.get(pk=other)
    due_at = duty_of(bearer.row, hand.policy, hand.now)[0] + hand.policy.handover
    return Terms(CustodyKind.LOAN if own else CustodyKind.SHIFT, own, due_at, extra)


def _told(hand: Hand, sight: Sight) -> Told:
    return Told(
        by=hand.by,
        now=hand.now,
        via=hand.via,
        reason=hand.reason,
        snapshot=sight.snapshot(),
    )
