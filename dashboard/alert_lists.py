"""What the page of alerts lists: what calls first, and how many more there are than it shows."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.contrib.auth.models import User
from django.db.models import Count, Q

from dashboard.bells import UNTAKEN_FOR, within
from dashboard.doors import leads_to
from devices.access.people import Visible
from devices.alerts.catalogue import CATALOGUE, SEVERITIES, Rule
from devices.alerts.models import CALLING, EXPLAINS, LASTING, Alert
from devices.alerts.texts import together

MOST_SHOWN = 300
OWN = Q(cause=None)


@dataclass(frozen=True)
class Group:
    """Alerts of one rule at one place: what people see as one thing. ``reader`` sees it."""

    rule: Rule
    place: str
    alerts: list[Alert]
    reader: int

    @property
    def key(self) -> str:
        """The same as long as the alert that was opened first is among these."""
        return f"alert-{min(one.pk for one in self.alerts)}"

    @property
    def first(self) -> Alert:
        return min(self.alerts, key=lambda one: one.began_at)

    @property
    def severity(self) -> str:
        return max((one.severity for one in self.alerts), key=SEVERITIES.index)

    @property
    def free(self) -> list[Alert]:
        """Those that nobody has in hand."""
        return [one for one in self.alerts if one.acknowledged_at is None]

    @property
    def with_others(self) -> list[Alert]:
        """Those that somebody else has in hand than who reads this."""
        taken = (one for one in self.alerts if one.acknowledged_at is not None)
        return [one for one in taken if one.acknowledged_by_id != self.reader]

    @property
    def loud(self) -> list[Alert]:
        """Those that may be silenced."""
        return [one for one in self.alerts if one.lasting and not one.suppressed_why]

    @property
    def untaken(self) -> str:
        """That nobody took one of them in time; empty while somebody still may."""
        if not any(one.untaken for one in self.alerts):
            return ""
        return f"nobody took it for {UNTAKEN_FOR}"

    @property
    def sentence(self) -> str:
        if len(self.alerts) == 1:
            return self.first.words
        return f"{together(len(self.alerts), self.rule.many, self.place)}."


@dataclass(frozen=True)
class Part:
    """One part of the page. ``more``: so many alerts belong here and are not shown."""

    groups: list[Group]
    more: int


@dataclass(frozen=True)
class Listed:
    """``explained``: so many are another's, which calls for them."""

    calling: Part
    in_hand: Part
    over: Part
    explained: int

    @property
    def nothing(self) -> bool:
        return not (self.calling.groups or self.in_hand.groups or self.over.groups)


def listed(user: User, reach: Visible) -> Listed:
    """What this person sees, at most `MOST_SHOWN` of it; two queries, however many there are."""
    shown = within(reach).shown()
    there = shown.aggregate(
        calling=Count("pk", filter=CALLING),
        lasting=Count("pk", filter=OWN & LASTING),
        own=Count("pk", filter=OWN),
        every=Count("pk"),
    )
    first = shown.filter(OWN).urgent_first().annotate(explains=EXPLAINS)
    rows = list(first.select_related("station", "cause", "acknowledged_by")[:MOST_SHOWN])
    for one in rows:  # a name without a link, where the reader may not go
        one.address = one.address if leads_to(user, one.address) else ""
    lasting = [one for one in rows if one.lasting]
    calling = [one for one in lasting if one.calling]
    in_hand = [one for one in lasting if not one.calling]
    over = [one for one in rows if not one.lasting]
    return Listed(
        calling=_part(calling, user, there["calling"]),
        in_hand=_part(in_hand, user, there["lasting"] - there["calling"]),
        over=_part(over, user, there["own"] - there["lasting"]),
        explained=there["every"] - there["own"],
    )


def _part(rows: list[Alert], reader: User, there: int) -> Part:
    return Part(_groups(rows, reader.pk), max(0, there - len(rows)))


def _groups(alerts: Iterable[Alert], reader: int) -> list[Group]:
    """What nobody took first, then the gravest, then the oldest."""
    rows = sorted(alerts, key=lambda one: (one.rule, _place(one)))
    groups = [
        Group(CATALOGUE[rule], place, list(found), reader)
        for (rule, place), found in groupby(rows, key=lambda one: (one.rule, _place(one)))
    ]
    return sorted(groups, key=_turn)


def _turn(one: Group) -> tuple[bool, int, datetime]:
    return not one.untaken, -SEVERITIES.index(one.severity), one.first.began_at


def _place(one: Alert) -> str:
    return one.place or str(one.station or "")
