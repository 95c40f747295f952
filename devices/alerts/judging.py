"""What rules see by the judgement of other rooms: readiness's of shifts, that of rollouts."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime, timedelta

from django.db import connection

from devices.access.people import Visible
from devices.alerts.rules import Condition, Sight
from devices.department import current
from devices.policy import Policy
from devices.readiness import shifts
from devices.readiness.margin import ShiftReadiness
from devices.readiness.rules import Blocker
from devices.rollouts.models import Rollout
from devices.rollouts.reading import progress
from devices.rollouts.rules import Course as RolloutCourse


def _short_shifts(hours: float, open_subjects: Collection[str], now: datetime) -> Iterator[Sight]:
    """A shift on which somebody would go out without a camera; well once its reserve is whole too.

    A reserve that is being used is no alarm: it is there for the camera that came back late. A
    shift that has begun, or is no more, is short no longer: nothing is left to do before it. It is
    the shift as foretold: a camera that will be charged in time is ready for it.
    """
    seen, policy = set(), current.policy()
    until = now + timedelta(hours=hours)
    for one in shifts.beginning(Visible(), until, now=now, policy=policy):
        subject, cameras = f"shift:{one.shift.id}", one.foretold
        short = cameras < one.rostered
        if not short and subject not in open_subjects:
            continue
        seen.add(subject)
        name = f"{one.shift.name} shift at {one.shift.station}"
        better = Condition.GOOD if one.margin >= 0 else Condition.BETWEEN
        yield Sight(
            rule="shift_short",
            subject=subject,
            condition=Condition.BAD if short else better,
            name=name[:80],
            words=f"{name} will have {cameras} ready for the {one.rostered} on duty.",
            value=f"{cameras} will be ready",
            limit=f"{one.rostered} officers",
            station_id=one.shift.station_id,
            place=one.shift.station,
            address=f"/shift/?shift={one.shift.begins_at:%Y%m%dT%H%M}",
            causes=_docks_down(one, one.rostered - cameras, policy, now) if short else (),
        )
    for subject in set(open_subjects) - seen:
        yield Sight("shift_short", subject, Condition.GOOD, "", "")


def _docks_down(
    one: ShiftReadiness, lacking: int, policy: Policy, now: datetime
) -> tuple[tuple[str, str], ...]:
    """The dock with most of the cameras that are unknown only because it is silent, if the shift
    would have enough with them: then it is the dock that somebody has to see to, or what keeps all
    the docks there from being heard."""
    unready = [*(post.judged for post in one.exceptions if post.judged), *one.unfit_spares]
    silent = Counter(
        each.camera.place.rpartition("-")[0]
        for each in unready
        if each.camera.known.dock_is_silent(policy, now)
        and {reason.blocker for reason in each.readiness.reasons} == {Blocker.SILENT}
    )
    if silent.total() < lacking:
        return ()
    station = f"station:{one.shift.station_id}"
    above = (("no_dock_heard", "fleet"), ("no_dock_heard", station)) if silent else ()
    return (*above, *(("dock_silent", f"dock:{dock}") for dock, _ in silent.most_common(1)))


def _still_rollouts(hours: float, open_subjects: Collection[str], now: datetime) -> Iterator[Sight]:
    """A rollout that runs, whose cameras wait and none of which goes on."""
    after, seen = timedelta(hours=hours), set()
    for one in progress(Rollout.objects.filter(state=RolloutCourse.RUNNING)):
        since = one.still_since(now, after)
        if since is None:
            continue
        name, subject = one.rollout.name, f"rollout:{one.rollout.pk}"
        seen.add(subject)
        yield Sight(
            rule="rollout_still",
            subject=subject,
            condition=Condition.BAD,
            name=name,
            words=f"In the rollout {name} nothing has moved for {_days(now - since)}.",
            value=_days(now - since),
            limit=f"{hours:g} hours",
            since=since + after,
            address=f"/rollouts/{one.rollout.pk}/",
        )
    for subject in set(open_subjects) - seen:
        yield Sight("rollout_still", subject, Condition.GOOD, "", "")


def _days(span: timedelta) -> str:
    return "a day" if span.days == 1 else f"{span.days} days"


# The last that paused it was nobody. Names may be the same, so it is the rollout's own entry.
_STOPPED = """
SELECT r.id, r.name, r.paused_because, r.repairs_of_id, told.at
FROM devices_rollout r CROSS JOIN LATERAL (
    SELECT e.at, e.actor_id FROM devices_ledgerentry e
    WHERE e.subject = left('rollout ' || r.name, 80) AND e.verb = 'rollout paused'
      AND e.facts->>'rollout' = r.id::text
    ORDER BY e.seq DESC LIMIT 1) told
WHERE r.state = 'paused' AND told.actor_id IS NULL"""


def _stopped_rollouts(_: float, open_subjects: Collection[str], __: datetime) -> Iterator[Sight]:
    """A rollout that the fleet itself paused; its repairs, which stopped with it, are explained."""
    with connection.cursor() as cursor:
        cursor.execute(_STOPPED)
        rows = cursor.fetchall()
    for pk, name, because, repairs_of, at in rows:
        yield Sight(
            rule="rollout_stopped",
            subject=f"rollout:{pk}",
            condition=Condition.BAD,
            name=name,
            words=f"The rollout {name} stopped by itself: {because}",
            since=at,
            address=f"/rollouts/{pk}/",
            causes=(("rollout_stopped", f"rollout:{repairs_of}"),) if repairs_of else (),
        )
    for subject in set(open_subjects) - {f"rollout:{row[0]}" for row in rows}:
        yield Sight("rollout_stopped", subject, Condition.GOOD, "", "")


Judging = Callable[[float, Collection[str], datetime], Iterator[Sight]]
JUDGED: Mapping[str, Judging] = {
    "shift_short": _short_shifts,
    "rollout_still": _still_rollouts,
    "rollout_stopped": _stopped_rollouts,
}
