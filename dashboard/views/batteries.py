"""Batteries: which to replace, when, and what it costs to wait."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils.timezone import now

from dashboard import battery_charts, battery_facts
from dashboard.battery_charts import WearChart
from dashboard.battery_facts import BatteryFacts, Read
from dashboard.camera_facts import Subject
from dashboard.doors import Entered, door
from devices.battery import retirement
from devices.battery.models import Forecast
from devices.battery.outlook import outlooks
from devices.battery.retirement import MOST_LISTED, Worn
from devices.battery.wear import Wear, wear
from devices.department import current
from devices.roles import Act
from devices.roster.models import Shift

SOON = timedelta(days=183)
DUTIES_SHOWN = 30


@dataclass(frozen=True)
class Listed:
    """A battery to replace, now or soon, and why."""

    worn: Worn
    wear: Wear
    below: bool
    now: bool
    chart: WearChart | None


@door(Act.VIEW_READINESS)
def batteries(request: Entered) -> HttpResponseBase:
    """What batteries still hold, which to replace, and the shifts that waiting costs."""
    at, policy = now(), current.policy()
    today, needed_h = _today(at), battery_facts.needed_h(policy)
    limit = policy.battery_retire_percent
    rows = retirement.worst(request.reach, needed_h=needed_h, below_percent=limit, today=today)
    listed = list(_listed(rows, needed_h, limit, today))
    at_once = [one for one in listed if one.now]
    return render(
        request,
        "dashboard/batteries.html",
        {
            "listed": listed,
            "at_once": at_once,
            "soon": len(listed) - len(at_once),
            "cut": len(rows) == MOST_LISTED,
            "cost": battery_facts.cost([one.wear for one in listed]),
            "trust": retirement.trust(request.reach),
            "spreads": battery_charts.spreads(
                retirement.spread(request.reach, below_percent=limit), limit
            ),
            "unknown": retirement.unknown(request.reach),
            "say_worn": retirement.say_worn(request.reach, below_percent=limit),
            "needed_h": needed_h,
            "limit": limit,
            "at": at,
        },
    )


def of_camera(one: Subject, at: datetime) -> BatteryFacts | None:
    """The battery's card of a camera's page, from four queries; None if it never said a word."""
    known = outlooks([one.camera.pk]).get(one.camera.pk)
    if known is None:
        return None
    settled = Forecast.objects.filter(camera=one.camera, actual_hours__isnull=False)
    read = Read(
        name=one.name,
        model_hours=one.camera.model.battery_hours,
        outlook=known,
        forecasts=list(reversed(settled.order_by("-for_at")[:DUTIES_SHOWN])),
        months=retirement.months_of([one.camera.pk], _today(at)).get(one.camera.pk, []),
        shift_at=_next_shift(one, at),
    )
    policy = current.policy()
    return battery_facts.facts(
        read, now=at, needed_h=battery_facts.needed_h(policy), policy=policy, zone=_zone()
    )


def _next_shift(one: Subject, at: datetime) -> datetime | None:
    coming = Shift.objects.coming(at).filter(station=one.camera.station)
    return coming.values_list("begins_at", flat=True).first()


def _listed(rows: Sequence[Worn], needed_h: float, limit: float, today: date) -> Iterator[Listed]:
    for worn in rows:
        shown = wear(worn.capacity_percent, worn.months, worn.by, needed_h=needed_h, today=today)
        below = worn.capacity_percent < limit
        until = shown.carries_until
        if not below and (until is None or until > today + SOON):
            continue
        yield Listed(
            worn=worn,
            wear=shown,
            below=below,
            now=below or (until is not None and until <= today),
            chart=_chart(worn, shown, limit),
        )


def _chart(worn: Worn, shown: Wear, limit: float) -> WearChart | None:
    if not worn.months:
        return None
    return battery_charts.wear(
        worn.months,
        loses=shown.loses_a_month,
        limit_percent=limit,
        name=worn.camera.name,
    )


def _today(at: datetime) -> date:
    return at.astimezone(_zone()).date()


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)
