from celery import shared_task
from django.utils.timezone import now

from devices.roster.filling import actions


@shared_task
def keep_filled() -> int:
    return actions.keep_filled(now=now())
