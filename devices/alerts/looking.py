"""A look at everything that may call for somebody, and what people are told of it at once."""

from datetime import datetime

from devices.alerts import actions, notices
from devices.alerts.catalogue import Pace
from devices.faults import actions as faults
from devices.policy import Policy


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
