from celery import shared_task
from django.utils.timezone import now

from devices.recalls import actions


@shared_task
def sweep() -> int:
    return actions.sweep(now=now())
