from celery import shared_task
from django.utils.timezone import now

from devices.battery import actions
from devices.department import current


@shared_task
def learn_all() -> int:
    return actions.learn_all(now=now(), policy=current.policy())
