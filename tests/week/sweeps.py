"""Every alarm clock of the fleet, rung by simulated time.

The periods are those of the beat table itself, so that a sweep added there is missed here at
once: `SWEEPS` names what each task does, and one it does not name is an error.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from celery.schedules import crontab, schedule
from django.utils.timezone import get_default_timezone

from devices.alerts import actions as alerts
from devices.alerts import looking, notices, summaries
from devices.alerts.catalogue import Pace
from devices.battery import actions as battery
from devices.custody.following import actions as following
from devices.faults import actions as faults
from devices.health import actions as health
from devices.policy import Policy
from devices.readiness import forecasts, outcomes
from devices.recalls import actions as recalls
from devices.releases.receiving import actions as releases
from devices.rollouts import sweeping as rollouts
from devices.roster.filling import actions as filling
from fleet.celery import app

Sweep = Callable[[datetime, Policy], object]


SWEEPS: dict[str, Sweep] = {
    "fleet.tasks.worker_heartbeat": lambda now, policy: None,
    "devices.health.tasks.announce_silence": lambda now, policy: health.announce_silence(
        now=now, policy=policy
    ),
    "devices.alerts.tasks.follow_cameras": lambda now, policy: looking.follow_cameras(
        now=now, policy=policy
    ),
    "devices.custody.tasks.follow_docks": lambda now, policy: following.follow_docks(now=now),
    "devices.recalls.tasks.sweep": lambda now, policy: recalls.sweep(now=now),
    "devices.faults.tasks.escalate_overdue": lambda now, policy: faults.escalate_overdue(now=now),
    "devices.health.tasks.keep_intervals": lambda now, policy: health.keep_intervals(
        now=now, policy=policy
    ),
    "devices.readiness.tasks.keep_outcomes": lambda now, policy: outcomes.keep(
        now=now, policy=policy
    ),
    "devices.health.tasks.tidy_history": lambda now, policy: health.tidy_history(
        now=now, policy=policy
    ),
    "devices.battery.tasks.learn_all": lambda now, policy: battery.learn_all(
        now=now, policy=policy
    ),
    "devices.readiness.tasks.foretell_next_duties": (
        lambda now, policy: forecasts.foretell_next_duties(now=now, policy=policy)
    ),
    "devices.roster.tasks.keep_filled": lambda now, policy: filling.keep_filled(now=now),
    "devices.releases.tasks.verify_received": lambda now, policy: releases.verify_received(now=now),
    "devices.releases.tasks.sweep": lambda now, policy: releases.sweep(now=now),
    "devices.rollouts.tasks.sweep": lambda now, policy: rollouts.sweep(now=now, policy=policy),
    "devices.rollouts.tasks.join": lambda now, policy: rollouts.join(now=now),
    "devices.rollouts.tasks.repair": lambda now, policy: rollouts.repair(now=now),
    "devices.alerts.tasks.send_notices": lambda now, policy: (
        notices.sum_up(now=now, policy=policy),
        summaries.write(now=now, policy=policy),
    ),
    "devices.alerts.tasks.look_at_shifts": lambda now, policy: alerts.sweep(
        now=now, pace=Pace.SLOW
    ),
    # Last, so that it sees what the others found at the same moment.
    "devices.alerts.tasks.look": lambda now, policy: looking.look(now=now),
}


class Clocks:
    """Rings whatever is due, in the order of `SWEEPS`."""

    def __init__(self, now: datetime) -> None:
        tasks = {one["task"]: one["schedule"] for one in app.conf.beat_schedule.values()}
        self.due = {task: _Due(tasks.pop(task), now) for task in SWEEPS}
        if tasks:
            raise LookupError(f"Nobody rings {', '.join(tasks)}.")

    def ring(self, now: datetime, policy: Policy) -> None:
        for task, sweep in SWEEPS.items():
            if self.due[task].at(now):
                sweep(now, policy)


class _Due:
    def __init__(self, when: object, now: datetime) -> None:
        self.when, self.last = when, now

    def at(self, now: datetime) -> bool:
        """Whether it should have rung since it last did; at most once a call."""
        if isinstance(self.when, crontab):
            due = any(_names(self.when, moment) for moment in _minutes(self.last, now))
        else:
            every = self.when.run_every if isinstance(self.when, schedule) else self.when
            span = every if isinstance(every, timedelta) else timedelta(seconds=float(every))
            due = now - self.last >= span
        if due:
            self.last = now
        return due


def _minutes(after: datetime, until: datetime):
    moment = until.replace(second=0, microsecond=0)
    while moment > after:
        yield moment.astimezone(get_default_timezone())
        moment -= timedelta(minutes=1)


def _names(when: crontab, moment: datetime) -> bool:
    return moment.minute in when.minute and moment.hour in when.hour
