from celery import shared_task
from django.utils.timezone import now

from devices.alerts import actions, looking, notices, sending, summaries
from devices.alerts.catalogue import Pace
from devices.department import current


@shared_task
def look() -> int:
    return looking.look(now=now())


@shared_task
def follow_cameras() -> int:
    return looking.follow_cameras(now=now(), policy=current.policy())


@shared_task
def look_at_shifts() -> int:
    return actions.sweep(now=now(), pace=Pace.SLOW)


@shared_task
def send_notices() -> int:
    moment, policy = now(), current.policy()
    notices.sum_up(now=moment, policy=policy)
    summaries.write(now=moment, policy=policy)
    return sending.send_due(now=moment)
