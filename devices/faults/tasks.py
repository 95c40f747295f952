from celery import shared_task
from django.utils.timezone import now

from devices.faults import actions


@shared_task
def escalate_overdue() -> int:
    return actions.escalate_overdue(now=now())
