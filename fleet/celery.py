"""Alarm clocks: Celery with the fleet's settings, and when each clock rings."""

import os
from contextlib import suppress
from time import time

from celery import Celery
from celery.schedules import crontab
from celery.signals import worker_ready
from redis.exceptions import RedisError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fleet.settings")

app = Celery("fleet")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(
    [
        "fleet",
        "devices.alerts",
        "devices.battery",
        "devices.custody",
        "devices.faults",
        "devices.health",
        "devices.readiness",
        "devices.recalls",
        "devices.releases",
        "devices.rollouts",
        "devices.roster",
    ]
)

# A run that could not start in its period is worth nothing: the next one does its work.
app.conf.beat_schedule = {
    "worker-heartbeat": {
        "task": "fleet.tasks.worker_heartbeat",
        "schedule": 10.0,
        "options": {"expires": 10},
    },
    "announce-silence": {
        "task": "devices.health.tasks.announce_silence",
        "schedule": 5.0,
        "options": {"expires": 5},
    },
    # From cause to screen within a second: a look costs a few milliseconds.
    "look-for-alerts": {
        "task": "devices.alerts.tasks.look",
        "schedule": 0.5,
        "options": {"expires": 1},
    },
    "follow-cameras": {
        "task": "devices.alerts.tasks.follow_cameras",
        "schedule": 0.5,
        "options": {"expires": 1},
    },
    # Shifts that will be short: ten minutes of patience, and every camera of a day to judge.
    "look-at-shifts": {
        "task": "devices.alerts.tasks.look_at_shifts",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    "send-notices": {
        "task": "devices.alerts.tasks.send_notices",
        "schedule": 5.0,
        "options": {"expires": 5},
    },
    "keep-intervals": {
        "task": "devices.health.tasks.keep_intervals",
        "schedule": 20.0,
        "options": {"expires": 20},
    },
    # Whoever docks a camera has given it back: the desk says so before the next one is asked for.
    "follow-docks": {
        "task": "devices.custody.tasks.follow_docks",
        "schedule": 2.0,
        "options": {"expires": 2},
    },
    "escalate-overdue": {
        "task": "devices.faults.tasks.escalate_overdue",
        "schedule": 15.0,
        "options": {"expires": 15},
    },
    "keep-outcomes": {
        "task": "devices.readiness.tasks.keep_outcomes",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    "verify-received": {
        "task": "devices.releases.tasks.verify_received",
        "schedule": 2.0,
        "options": {"expires": 2},
    },
    "sweep-releases": {
        "task": "devices.releases.tasks.sweep",
        "schedule": crontab(hour=3, minute=50),
    },
    "sweep-rollouts": {
        "task": "devices.rollouts.tasks.sweep",
        "schedule": 5.0,
        "options": {"expires": 5},
    },
    "join-rollouts": {
        "task": "devices.rollouts.tasks.join",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "repair-drift": {
        "task": "devices.rollouts.tasks.repair",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    # A camera that is put into a bay may be asked for again within a minute.
    "sweep-recalls": {
        "task": "devices.recalls.tasks.sweep",
        "schedule": 5.0,
        "options": {"expires": 5},
    },
    "tidy-history": {
        "task": "devices.health.tasks.tidy_history",
        "schedule": crontab(hour=3, minute=30),
    },
    "learn-batteries": {
        "task": "devices.battery.tasks.learn_all",
        "schedule": crontab(hour=2, minute=30),
    },
    "foretell-next-duties": {
        "task": "devices.readiness.tasks.foretell_next_duties",
        "schedule": crontab(minute=50),
        "options": {"expires": 3000},
    },
    # Every hour although once a night would do: a machine that was off at night has its shifts.
    "keep-roster-filled": {
        "task": "devices.roster.tasks.keep_filled",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
}


@worker_ready.connect
def say_that_the_worker_lives(**_: object) -> None:
    """Its first sign of life: beat asks for the next one only after a while."""
    from fleet import heartbeats, watchdog

    with suppress(RedisError):
        heartbeats.beat("worker", time())
    watchdog.watch()
