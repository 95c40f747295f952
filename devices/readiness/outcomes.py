"""How shifts stood when they began, to be kept so that weeks can be compared."""

from collections import Counter
from datetime import datetime, timedelta

from devices.policy import Policy
from devices.readiness import shifts
from devices.readiness.margin import ShiftReadiness
from devices.readiness.rules import Fit
from devices.roster.models import Outcome, Shift
from devices.roster.roll_call import actions

# A worker that was away for longer would write down a shift as it no longer is.
LATEST = timedelta(minutes=10)


def keep(*, now: datetime, policy: Policy) -> int:
    """Keep how the shifts that began just now stand; says how many. Repeating it keeps nothing."""
    begun = Shift.objects.filter(begins_at__lte=now, begins_at__gt=now - LATEST, outcome=None)
    ids = list(begun.values_list("pk", flat=True))
    if not ids:
        return 0
    judged = shifts.named(ids, now=now, policy=policy)
    return actions.keep_outcomes([outcome(one, now) for one in judged])


def outcome(one: ShiftReadiness, now: datetime) -> Outcome:
    """A shift in numbers; a camera that went out already counts as it was judged."""
    against = [post.judged.readiness for post in one.exceptions if post.judged]
    reasons = Counter(reason.blocker.value for each in against for reason in each.reasons)
    if without := sum(post.judged is None for post in one.posts) - one.barred:
        reasons["no_camera"] = without
    return Outcome(
        shift_id=one.shift.id,
        at=now,
        rostered=one.rostered,
        ready=one.ready,
        unknown=sum(each.fit is Fit.UNKNOWN for each in against),
        spares=len(one.spares),
        need=one.need,
        reasons=dict(reasons),
    )
