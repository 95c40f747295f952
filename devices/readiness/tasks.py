from celery import shared_task
from django.utils.timezone import now

from devices.department import current
from devices.readiness import forecasts, outcomes


@shared_task
def keep_outcomes() -> int:
    return outcomes.keep(now=now(), policy=current.policy())


@shared_task
def foretell_next_duties() -> int:
    return forecasts.foretell_next_duties(now=now(), policy=current.policy())
