from celery import shared_task
from django.utils.timezone import now

from devices.releases.receiving import actions


@shared_task
def verify_received() -> int:
    return actions.verify_received(now=now())


@shared_task
def sweep() -> int:
    return actions.sweep(now=now())
