from celery import shared_task
from django.utils.timezone import now

from devices.department import current
from devices.readiness import outcomes


@shared_task
def keep_outcomes() -> int:
    return outcomes.keep(now=now(), policy=current.policy())
