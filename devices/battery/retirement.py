"""Reading what batteries still hold: the worst of them one by one, all of them as a spread."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from django.db.models import Count, F, IntegerField, Q, QuerySet
from django.db.models.functions import Cast, Floor

from devices.access.people import Visible
from devices.battery import rules
from devices.battery.models import BatteryMonth, Forecast
from devices.battery.rules import Figures
from devices.battery.wear import Month
from devices.inventory.models import Camera, ServiceState

MOST_LISTED = 200
MONTHS_SHOWN = timedelta(days=400)
NEAR = 1.25  # of the hours a shift needs: worth looking at
MOST_TRUSTED = 1000  # of the duties that ended last
STEP = 2  # percent of capacity that one column of a spread stands for


@dataclass(frozen=True)
class Worn:
    """A camera with a battery worth looking at."""

    camera: Camera
    capacity_percent: float
    by: Figures
    months: Sequence[Month]


@dataclass(frozen=True)
class Column:
    """How many cameras of a model hold so much of a new battery, in steps of ``STEP`` percent,
    and how many of those hold less than the limit."""

    model_id: int
    model: str
    capacity_percent: int
    cameras: int
    short: int


@dataclass(frozen=True)
class Trust:
    """How hours that were foretold then held: by half of the duties, and within their range."""

    duties: int
    off_at_8h: float
    within: float


def worst(reach: Visible, *, needed_h: float, below_percent: float, today: date) -> list[Worn]:
    """The batteries that are worn below the limit or near to failing a shift, worst first."""
    short = Q(battery__duty_percent_h__gt=rules.FULL / (needed_h * NEAR))
    found = (
        _known(reach)
        .filter(short | Q(battery__capacity_percent__lt=below_percent))
        .select_related("model", "station", "health", "battery")
        .order_by(F("battery__duty_percent_h").desc(nulls_last=True), "number")[:MOST_LISTED]
    )
    cameras = list(found)
    months = months_of([one.pk for one in cameras], today)
    return [
        Worn(one, float(one.battery.capacity_percent or 0), _figures(one), months.get(one.pk, ()))
        for one in cameras
    ]


def months_of(camera_ids: Sequence[int], today: date) -> dict[int, list[Month]]:
    """What these cameras held in each month of the last year, oldest first."""
    rows = BatteryMonth.objects.filter(camera__in=camera_ids, month__gte=today - MONTHS_SHOWN)
    found: dict[int, list[Month]] = {}
    for camera_id, *month in rows.order_by("month").values_list("camera", *Month._fields):
        found.setdefault(camera_id, []).append(Month(*month))
    return found


def spread(reach: Visible, *, below_percent: float) -> list[Column]:
    """How capacity lies in each model, from as many rows as there are columns to draw."""
    step = Cast(Floor(F("battery__capacity_percent") / STEP) * STEP, IntegerField())
    rows = (
        _known(reach)
        .values("model", "model__maker", "model__name", at=step)
        .annotate(
            cameras=Count("pk"),
            short=Count("pk", filter=Q(battery__capacity_percent__lt=below_percent)),
        )
        .order_by("model__maker", "model__name", "at")
    )
    return [
        Column(
            model_id=row["model"],
            model=f"{row['model__maker']} {row['model__name']}",
            capacity_percent=row["at"],
            cameras=row["cameras"],
            short=row["short"],
        )
        for row in rows
    ]


def unknown(reach: Visible) -> int:
    """How many cameras have not shown enough to say what they hold."""
    return int(_serving(reach).filter(battery__capacity_percent=None).count())


def say_worn(reach: Visible, *, below_percent: float) -> list[Camera]:
    """Cameras of those that say of themselves that they hold less, the worst first."""
    unshown = _serving(reach).filter(battery__capacity_percent=None)
    worn = unshown.filter(health__battery_health_percent__lt=below_percent)
    return list(
        worn.select_related("health").order_by("health__battery_health_percent")[:MOST_LISTED]
    )


def trust(reach: Visible) -> Trust | None:
    """How far off the hours of the last duties were; None before anything was settled."""
    cameras = None if reach == Visible() else reach.cameras().values("pk")
    held = Forecast.objects.filter(settled_at__isnull=False, actual_hours__gt=0)
    held = held if cameras is None else held.filter(camera__in=cameras)
    rows = list(
        held.order_by("-settled_at").values_list(
            "hours", "low_hours", "high_hours", "actual_hours"
        )[:MOST_TRUSTED]
    )
    if not rows:
        return None
    off = [abs(hours - had) * 8 / had for hours, _, _, had in rows if had]
    within = sum(low <= had <= high for _, low, high, had in rows if had)
    return Trust(duties=len(rows), off_at_8h=median(off), within=within / len(rows))


def _serving(reach: Visible) -> QuerySet[Camera]:
    return reach.cameras().exclude(service_state__in=(ServiceState.RETIRED, ServiceState.LOST))


def _known(reach: Visible) -> QuerySet[Camera]:
    return _serving(reach).filter(battery__capacity_percent__isnull=False)


def _figures(camera: Camera) -> Figures:
    health = getattr(camera, "health", None)
    return rules.figures(
        camera.battery.learned,
        model_hours=camera.model.battery_hours,
        health_percent=health.battery_health_percent if health else None,
    )
