from celery import shared_task
from django.utils.timezone import now

from devices.alerts import actions, notices, sending
from devices.alerts.catalogue import Pace


@shared_task
def look() -> int:
    moment = now()
    changed = actions.sweep(now=moment, pace=Pace.QUICK)
    notices.tell(now=moment)
    return changed


@shared_task
def look_at_shifts() -> int:
    return actions.sweep(now=now(), pace=Pace.SLOW)


@shared_task
def send_notices() -> int:
    moment = now()
    notices.sum_up(now=moment)
    return sending.send_due(now=moment)
