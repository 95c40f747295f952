from celery import shared_task
from django.utils.timezone import now

from devices.department import current
from devices.rollouts import sweeping


@shared_task
def sweep() -> int:
    return sweeping.sweep(now=now(), policy=current.policy())


@shared_task
def join() -> int:
    return sweeping.join(now=now())


@shared_task
def repair() -> int:
    return sweeping.repair(now=now())
