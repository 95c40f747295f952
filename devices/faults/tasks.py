from celery import shared_task
from django.utils.timezone import now

from devices.department import current
from devices.faults import actions


@shared_task
def follow_cameras() -> int:
    return actions.follow_cameras(now=now(), policy=current.policy())


@shared_task
def escalate_overdue() -> int:
    return actions.escalate_overdue(now=now())
