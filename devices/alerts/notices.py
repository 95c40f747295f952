"""Who is told of what, when: read from the rows, so that a lost or doubled sweep tells once.

New alerts wait a moment, so that what happens together is told together; what nobody takes
is escalated; what goes on is told again, in other words; what nobody was told of as firing
is not told of as over.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from devices.alerts import actions, summaries
from devices.alerts.catalogue import CATALOGUE, at_least
from devices.alerts.models import Alert, Channel, Notice
from devices.alerts.texts import Told, Why, digest, notice
from devices.policy import Policy
from devices.roster.models import Shift

GATHERED_FOR = timedelta(seconds=30)  # Alertmanager's group_wait
ESCALATED_AFTER = timedelta(minutes=15)  # board.md
AGAIN_AFTER = timedelta(hours=4)  # Alertmanager's repeat_interval
SUMMED_UP_WITHIN = timedelta(hours=1)  # a worker away for longer leaves the summary out


@transaction.atomic
def tell(*, now: datetime) -> int:
    """Write the notices that are due now; says how many. Sending them is another matter."""
    channels = list(Channel.objects.filter(ended_at=None))
    open_alerts = Alert.objects.filter(resolved_at=None).select_related("station")
    firing = open_alerts.filter(
        fired_at__isnull=False, cleared_at=None, cause=None, suppressed_why="", flapping=False
    )
    due = {
        Why.NEW: firing.filter(
            told_at=None, acknowledged_at=None, fired_at__lte=now - GATHERED_FOR
        ),
        Why.STILL: firing.filter(told_at__lte=now - AGAIN_AFTER, acknowledged_at=None),
        Why.ESCALATED: firing.filter(
            told_at__lte=now - ESCALATED_AFTER, acknowledged_at=None, escalated_at=None
        ),
    }
    written = sum(_tell(why, rows, channels, now) for why, rows in due.items())
    return written + _tell_of_the_end(channels, now)


def _tell(why: Why, rows: QuerySet[Alert], channels: list[Channel], now: datetime) -> int:
    found = list(rows.select_for_update(of=("self",)))
    if not found:
        return 0
    field = "escalated_at" if why is Why.ESCALATED else "told_at"
    actions.note_told(found, field, now=now)
    return _write(why, found, channels, now)


def _tell_of_the_end(channels: list[Channel], now: datetime) -> int:
    """Those who were told that it began are told that it is over, once."""
    over = Alert.objects.filter(
        Q(cleared_at__isnull=False), told_at__isnull=False, suppressed_why="", cause=None
    ).filter(Q(resolved_at=None) | Q(resolved_at__gte=now - GATHERED_FOR))
    found = list(over.select_for_update(of=("self",)).select_related("station"))
    if not found:
        return 0
    actions.note_told(found, "told_at", now=None)
    return _write(Why.CLEARED, found, channels, now)


def _write(why: Why, alerts: list[Alert], channels: list[Channel], now: datetime) -> int:
    firing = Alert.objects.calling().count()
    made = [
        notice
        for channel in channels
        for group in _groups(alert for alert in alerts if _wants(channel, alert, why)).values()
        for notice in [_notice(channel, why, group, firing, now)]
    ]
    return len(actions.write_notices(made))


@transaction.atomic
def sum_up(*, now: datetime, policy: Policy) -> int:
    """Write one summary of each shift that ended within the last hour, for those who asked."""
    channels = list(Channel.objects.filter(ended_at=None, digest=True))
    if not channels:
        return 0
    ended = Shift.objects.filter(ends_at__lte=now, ends_at__gt=now - SUMMED_UP_WITHIN)
    made = [
        _digest(channel, shift, summaries.of_station(shift, policy=policy, now=now), now)
        for shift in ended.select_related("kind", "station")
        for channel in channels
        if channel.station_id in (None, shift.station_id)
    ]
    return len(actions.write_notices(made))


def _digest(channel: Channel, shift: Shift, cameras: list[str], now: datetime) -> Notice:
    during = Alert.objects.filter(
        fired_at__gte=shift.begins_at, fired_at__lt=shift.ends_at, station=shift.station, cause=None
    ).select_related("station")
    text = digest(
        f"{shift} at {shift.station}",
        [_told(one) for one in during if at_least(one.severity, channel.least)],
        cameras=cameras,
        open_now=Alert.objects.calling().filter(station=shift.station).count(),
        link=f"{settings.ADDRESS}/alerts/",
        zone=ZoneInfo(settings.TIME_ZONE),
    )
    return Notice(
        channel=channel,
        once=f"shift:{shift.pk}",
        title=text.title,
        body=text.body,
        made_at=now,
        due_at=now,
    )


def _wants(channel: Channel, alert: Alert, why: Why) -> bool:
    if channel.escalations_only and why is not Why.ESCALATED:
        return False
    there = channel.station_id is None or channel.station_id == alert.station_id
    return there and at_least(alert.severity, channel.least)


def _groups(alerts: Iterable[Alert]) -> Mapping[tuple[str, str], list[Alert]]:
    groups: dict[tuple[str, str], list[Alert]] = defaultdict(list)
    for one in alerts:
        groups[one.rule, one.place or str(one.station or "")].append(one)
    return groups


def _notice(channel: Channel, why: Why, alerts: list[Alert], firing: int, now: datetime) -> Notice:
    told = [_told(one) for one in alerts]
    link = f"{settings.ADDRESS}/alerts/"
    text = notice(why, told, link=link, zone=ZoneInfo(settings.TIME_ZONE), now=now, firing=firing)
    first = min(alerts, key=lambda one: one.pk)
    once = f"{why}:{first.pk}:{first.times}:{now.isoformat()}"
    return Notice(
        channel=channel, once=once, title=text.title, body=text.body, made_at=now, due_at=now
    )


def _told(one: Alert) -> Told:
    rule = CATALOGUE[one.rule]
    return Told(
        many=rule.many,
        name=one.name,
        words=one.words,
        value=one.value,
        limit=one.limit,
        severity=one.severity,
        began_at=one.began_at,
        to_do=rule.to_do,
        place=one.place or str(one.station or ""),
        flapping=one.flapping,
    )
