"""A look at everything that may call for somebody, and what people are told of it at once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from devices.alerts import actions, notices
from devices.alerts.catalogue import Pace
from devices.alerts.models import Looked
from devices.faults import actions as faults
from devices.policy import Policy

# Beat asks for a look twice a second, and every half minute for one at what moves slowly; so many
# that were missed are no hiccup.
LOOKED_WITHIN = {Pace.QUICK: timedelta(seconds=15), Pace.SLOW: timedelta(minutes=2)}


@dataclass(frozen=True)
class Unlooked:
    """Nobody looks whether anything is wrong. ``since`` None: nobody ever did."""

    since: datetime | None


def unlooked(*, now: datetime) -> Unlooked | None:
    """Since when nobody looks at what is wrong of some pace, or None while all is looked at.

    It is the look itself that is remembered: a worker that lives and whose looks all fail gives
    signs of life. One query.
    """
    last = {one.pace: one.at for one in Looked.objects.all()}
    late = [last.get(pace) for pace in Pace if _is_late(last.get(pace), pace, now)]
    if not late:
        return None
    return Unlooked(None if None in late else min(one for one in late if one))


def _is_late(last: datetime | None, pace: Pace, now: datetime) -> bool:
    return last is None or now - last > LOOKED_WITHIN[pace]


def look(*, now: datetime) -> int:
    """Every alert but those of coming shifts is as it should be, and told; how many changed."""
    changed = actions.sweep(now=now, pace=Pace.QUICK)
    notices.tell(now=now)
    return changed


def follow_cameras(*, now: datetime, policy: Policy) -> int:
    """What cameras say of themselves is a fault, and its alert does not wait for the next look.

    Says how many faults were opened.
    """
    opened = faults.follow_cameras(now=now, policy=policy)
    if opened:
        look(now=now)
    return opened
