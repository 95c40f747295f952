from celery import shared_task
from django.utils.timezone import now

from devices.department import current
from devices.health import actions


@shared_task
def announce_silence() -> int:
    return actions.announce_silence(now=now(), policy=current.policy())


@shared_task
def tidy_history() -> int:
    return actions.tidy_history(now=now(), policy=current.policy())


@shared_task
def keep_intervals() -> int:
    return actions.keep_intervals(now=now(), policy=current.policy())
