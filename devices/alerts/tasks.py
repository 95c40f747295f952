from celery import shared_task
from django.utils.timezone import now

from devices.alerts import actions, notices, sending
from devices.alerts.catalogue import Pace
from devices.department import current
from devices.faults import actions as faults


@shared_task
def look() -> int:
    moment = now()
    changed = actions.sweep(now=moment, pace=Pace.QUICK)
    notices.tell(now=moment)
    return changed


@shared_task
def follow_cameras() -> int:
    """What cameras say of themselves is a fault, and its alert does not wait for the next look."""
    opened = faults.follow_cameras(now=now(), policy=current.policy())
    if opened:
        look()
    return opened


@shared_task
def look_at_shifts() -> int:
    return actions.sweep(now=now(), pace=Pace.SLOW)


@shared_task
def send_notices() -> int:
    moment = now()
    notices.sum_up(now=moment)
    return sending.send_due(now=moment)
