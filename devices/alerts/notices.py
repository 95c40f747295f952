"""Who is told of what, when: read from the rows, so that a lost or doubled sweep tells once.

New alerts wait a moment, so that what happens together is told together, and what comes soon
after is told in one more notice; what comes and goes is told of once, as such; what nobody takes
is escalated; what goes on is told again, in other words; what nobody was told of as firing is
not told of as over.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, Max, OuterRef, Q

from devices.alerts import actions, rules, summaries
from devices.alerts.catalogue import CATALOGUE, at_least
from devices.alerts.models import LASTING, Alert, AlertQuerySet, Channel, Notice
from devices.alerts.texts import Background, Standing, Told, Why, digest, notice
from devices.policy import Policy
from devices.roster.models import Shift

ESCALATED_AFTER = timedelta(minutes=15)  # board.md
AGAIN_AFTER = timedelta(hours=4)  # Alertmanager's repeat_interval
SUMMED_UP_WITHIN = timedelta(hours=1)  # a worker away for longer leaves the summary out
TOLD_OF_THE_END_WITHIN = timedelta(hours=1)  # likewise


class Key(NamedTuple):
    """What is told in one notice: alerts of one rule at one place, which come and go or do not."""

    rule: str
    place: str
    flapping: bool


class Before(NamedTuple):
    """Of how many alerts of a group people know, and when they were last told of any."""

    number: int
    last: datetime


NONE_BEFORE: Mapping[Key, Before] = MappingProxyType({})


@transaction.atomic
def tell(*, now: datetime) -> int:
    """Write the notices that are due now; says how many. Sending them is another matter."""
    channels = list(Channel.objects.filter(ended_at=None))
    list(Alert.objects.filter(resolved_at=None).locked().values_list("pk"))  # all, in one order
    written = _tell_of_what_is_new(channels, now)
    bad = _own().filter(cleared_at=None, acknowledged_at=None)
    due = {
        Why.STILL: bad.filter(told_at__lte=now - AGAIN_AFTER),
        Why.ESCALATED: bad.filter(told_at__lte=now - ESCALATED_AFTER, escalated_at=None),
    }
    written += sum(_tell(why, _locked(rows), channels, now) for why, rows in due.items())
    return written + _tell_of_the_end(channels, now)


def _own() -> AlertQuerySet:
    """Open alerts that stand for themselves and that nobody silenced."""
    return Alert.objects.shown().filter(cause=None, suppressed_why="")


def _locked(rows: AlertQuerySet) -> list[Alert]:
    return list(rows.select_related("station").locked())


def _tell_of_what_is_new(channels: list[Channel], now: datetime) -> int:
    """What comes and goes is told of even if it should be well at this moment."""
    new = _own().filter(told_at=None, acknowledged_at=None)
    waiting = _groups(_locked(new.filter(LASTING)))
    told = _told_before() if waiting else {}
    due: dict[Why, list[Alert]] = defaultdict(list)
    for key, group in waiting.items():
        before = told.get(key)
        if rules.is_told(min(map(_new_since, group)), before and before.last, now):
            why = Why.FLAPPING if key.flapping else Why.MORE if before else Why.NEW
            due[why] += group
    return sum(_tell(why, found, channels, now, told) for why, found in due.items())


def _new_since(one: Alert) -> datetime:
    """When it fired; or when it turned once too often, for as long as that turn is remembered."""
    if one.flapping:
        return one.turns[min(len(one.turns), rules.FLAPPING_TURNS + 1) - 1]
    return one.fired_at or one.began_at


def _told_before() -> dict[Key, Before]:
    known = _own().filter(LASTING, told_at__isnull=False)
    by = known.values("rule", "place", "station__name", "flapping")
    return {
        Key(one["rule"], one["place"] or one["station__name"] or "", one["flapping"]): Before(
            one["number"], one["last"]
        )
        for one in by.annotate(number=Count("pk"), last=Max("told_at"))
    }


def _tell(
    why: Why,
    found: list[Alert],
    channels: list[Channel],
    now: datetime,
    told: Mapping[Key, Before] = NONE_BEFORE,
) -> int:
    if not found:
        return 0
    field = "escalated_at" if why is Why.ESCALATED else "told_at"
    actions.note_told(found, field, now=now)
    return _write(why, found, channels, now, told)


def _tell_of_the_end(channels: list[Channel], now: datetime) -> int:
    """Those who were told that it began are told that it is over, once.

    It waits as long as a follow-up does: nobody has to hurry because of it, and what ends within
    these minutes is told in one notice. Nothing is over that is wrong again by then; once that is
    told, the one end is told with the new alert's.
    """
    over = Alert.objects.filter(cleared_at__isnull=False, told_at__isnull=False, flapping=False)
    over = over.filter(suppressed_why="", cause=None).filter(
        Q(resolved_at=None) | Q(resolved_at__gte=now - TOLD_OF_THE_END_WITHIN)
    )
    same = {"rule": OuterRef("rule"), "subject": OuterRef("subject")}
    new = Alert.objects.shown().filter(LASTING, **same)
    again, told_again = Exists(new), Exists(new.filter(told_at__isnull=False))
    actions.note_told(_locked(over.filter(told_again)), "told_at", now=None)
    ended = [
        one
        for group in _groups(_locked(over.filter(~again))).values()
        if min(one.cleared_at or now for one in group) <= now - rules.FOLLOWED_UP_AFTER
        for one in group
    ]
    if not ended:
        return 0
    actions.note_told(ended, "told_at", now=None)
    return _write(Why.CLEARED, ended, channels, now)


def _write(
    why: Why,
    alerts: list[Alert],
    channels: list[Channel],
    now: datetime,
    told: Mapping[Key, Before] = NONE_BEFORE,
) -> int:
    before = _background(Alert.objects.all(), now)
    made = [
        _notice(channel, why, group, before, told[key].number if key in told else 0)
        for channel in channels
        for key, group in _groups(one for one in alerts if _wants(channel, one, why)).items()
    ]
    return len(actions.write_notices(made))


def _background(alerts: AlertQuerySet, now: datetime) -> Background:
    return Background(
        now=now,
        zone=ZoneInfo(settings.TIME_ZONE),
        link=f"{settings.ADDRESS}/alerts/",
        standing=_standing(alerts),
    )


def _standing(alerts: AlertQuerySet) -> Standing:
    """How many of these are wrong now, and what became of them; what another explains is its."""
    loud, fresh = Q(suppressed_why=""), Q(acknowledged_at=None)
    return Standing(
        **alerts.shown()
        .filter(LASTING, cause=None)
        .aggregate(
            calling=Count("pk", filter=loud & fresh),
            in_hand=Count("pk", filter=loud & ~fresh),
            silenced=Count("pk", filter=~loud),
        )
    )


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
    there = Alert.objects.at_stations([shift.station_id])
    during = there.filter(
        fired_at__gte=shift.begins_at, fired_at__lt=shift.ends_at, cause=None
    ).select_related("station")
    text = digest(
        f"{shift} at {shift.station}",
        [_told(one) for one in during if at_least(one.severity, channel.least)],
        cameras=cameras,
        before=_background(there, now),
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
    there = None in (channel.station_id, alert.station_id)
    there = there or channel.station_id == alert.station_id
    return there and at_least(alert.severity, channel.least)


def _groups(alerts: Iterable[Alert]) -> Mapping[Key, list[Alert]]:
    groups: dict[Key, list[Alert]] = defaultdict(list)
    for one in alerts:
        groups[Key(one.rule, _place(one), one.flapping)].append(one)
    return groups


def _place(one: Alert) -> str:
    return one.place or (one.station.name if one.station else "")


def _notice(
    channel: Channel,
    why: Why,
    alerts: list[Alert],
    before: Background,
    besides: int,
) -> Notice:
    text = notice(why, [_told(one) for one in alerts], before=before, besides=besides)
    first = min(alerts, key=lambda one: one.pk)
    return Notice(
        channel=channel,
        once=f"{why}:{first.pk}:{first.times}:{before.now.isoformat()}",
        title=text.title,
        body=text.body,
        made_at=before.now,
        due_at=before.now,
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
        link=f"{settings.ADDRESS}{one.address or '/alerts/'}",
        place=_place(one),
        over_at=one.cleared_at,
        turns=tuple(one.turns) if one.flapping else (),
    )
