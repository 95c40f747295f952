"""What a camera's page says of its battery: hours now and at the next shift, and how it is known.

Pure.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dashboard import battery_charts
from dashboard.battery_charts import HeldChart, OutlookChart, WearChart
from devices.battery import wear
from devices.battery.models import Forecast
from devices.battery.outlook import Outlook
from devices.battery.rules import FULL, USUAL_HOURS, Hours
from devices.battery.wear import Month, Wear
from devices.policy import Policy
from devices.readiness.rules import USUAL_SHIFT

SURE_H = 16.0  # hours of its own duty after which a camera's figures are called its own


@dataclass(frozen=True)
class Learnt:
    """One figure: what the camera showed, from how much, and what its model would have."""

    label: str
    own: str
    seen: str
    usual: str


@dataclass(frozen=True)
class BatteryFacts:
    """Everything the battery's card draws."""

    outlook: Outlook
    now: Hours
    at_shift: Hours | None
    shift_at: datetime | None
    ready_at: datetime | None
    never_ready: bool
    needed_h: float
    basis: str
    chart: OutlookChart
    held: HeldChart | None
    wear: Wear | None
    wear_chart: WearChart | None
    learnt: Sequence[Learnt]


@dataclass(frozen=True)
class Read:
    """What was read of one camera's battery."""

    name: str
    model_hours: float | None
    outlook: Outlook
    forecasts: Sequence[Forecast]
    months: Sequence[Month]
    shift_at: datetime | None


def facts(
    one: Read, *, now: datetime, needed_h: float, policy: Policy, zone: ZoneInfo
) -> BatteryFacts:
    """The card of a camera that has said how full it is."""
    ready_at = one.outlook.ready_at(needed_h)
    worn = _wear(one, needed_h, now, zone)
    chart = one.months and battery_charts.wear(
        one.months,
        loses=worn.loses_a_month if worn else None,
        limit_percent=policy.battery_retire_percent,
        name=one.name,
    )
    return BatteryFacts(
        outlook=one.outlook,
        now=one.outlook.hours_at(now),
        at_shift=one.outlook.hours_at(one.shift_at) if one.shift_at else None,
        shift_at=one.shift_at,
        ready_at=ready_at,
        never_ready=one.outlook.charging and ready_at is None,
        needed_h=needed_h,
        basis=_basis(one),
        chart=battery_charts.outlook(
            one.outlook, now=now, needed_h=needed_h, zone=zone, name=one.name
        ),
        held=battery_charts.held(one.forecasts, zone) if one.forecasts else None,
        wear=worn,
        wear_chart=chart or None,
        learnt=list(_learnt(one)),
    )


def _wear(one: Read, needed_h: float, now: datetime, zone: ZoneInfo) -> Wear | None:
    capacity = one.outlook.learned.capacity_percent
    if capacity is None:
        return None
    today = now.astimezone(zone).date()
    return wear.wear(capacity, one.months, one.outlook.by, needed_h=needed_h, today=today)


def _basis(one: Read) -> str:
    """Whose figures these are, in words."""
    seen = one.outlook.learned.buffering_hours_seen
    model = "its model's figures" if one.model_hours else "what cameras usually do"
    if seen < 1:
        return f"From {model}: it has not shown its own yet."
    if seen < SURE_H:
        return f"From {seen:.0f} h of its own duties and {model}."
    return f"From {seen:.0f} h of its own duties."


def _learnt(one: Read) -> Iterator[Learnt]:
    own, by = one.outlook.learned, one.outlook.by
    new = FULL / (one.model_hours or USUAL_HOURS)
    yield _rate("Buffering", own.buffering_percent_h, own.buffering_hours_seen, new)
    yield _rate("Recording", own.recording_percent_h, own.recording_hours_seen)
    yield _rate("Asleep", own.sleep_percent_h, own.sleep_hours_seen)
    yield _rate("Charging", own.charge_percent_h, own.charge_hours_seen)
    yield _rate(
        f"Charging above {by.knee_percent:.0f} %", own.top_up_percent_h, own.charge_hours_seen
    )
    yield Learnt("Recording, of a duty", _share(own.recording_share), "", "")
    yield Learnt("Full battery", f"{by.full_hours:.1f} h of duty", "", _usual_hours(one))


def _rate(label: str, rate: float | None, seen_h: float, usual: float | None = None) -> Learnt:
    shown = "" if usual is None else f"{usual:.1f} % an hour"
    if rate is None:
        return Learnt(label, "", "", shown)
    return Learnt(label, f"{rate:.1f} % an hour", f"{seen_h:.0f} h", shown)


def _share(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.0f} %"


def _usual_hours(one: Read) -> str:
    return f"{one.model_hours:.0f} h buffering" if one.model_hours else ""


def cost(listed: Sequence[Wear]) -> str:
    """What keeping these batteries costs, in shifts that end without a camera."""
    fails, soon = (
        round(sum(one.fails for one in listed)),
        round(sum(one.fails_soon for one in listed)),
    )
    they = "it fails" if len(listed) == 1 else "they fail"
    if not soon:
        return f"Kept, {they} hardly a shift even in half a year."
    now = (
        f"about {fails} shift{'s' if fails > 1 else ''} a month" if fails else "hardly a shift now"
    )
    return f"Kept, {they} {now}, and about {soon} a month in half a year."


def needed_h(policy: Policy) -> float:
    """Hours that a battery must last for the usual shift, its handover and something to spare."""
    return (USUAL_SHIFT + policy.handover + policy.battery_spare) / timedelta(hours=1)
