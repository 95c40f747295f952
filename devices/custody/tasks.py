from celery import shared_task
from django.utils.timezone import now

from devices.custody.following import actions as following


@shared_task
def follow_docks() -> int:
    return following.follow_docks(now=now())
