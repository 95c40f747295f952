"""What is read of cameras, tests and faults: for any number of cameras in as many queries."""

from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from devices.battery import rules as battery
from devices.battery.models import Battery
from devices.faults import rules
from devices.faults.models import Fault
from devices.health.models import CameraHealth
from devices.inventory.models import Camera
from devices.policy import Policy


@dataclass(frozen=True)
class Known:
    """A camera's facts at one moment: those that are judged, and all that is frozen."""

    facts: rules.Facts
    frozen: dict[str, Any]


def known(camera_ids: Collection[int]) -> dict[int, Known]:
    """What is known of these cameras now, in two queries."""
    critical: dict[int, list[str]] = {}
    told = Fault.objects.critical().filter(camera__in=camera_ids).order_by("opened_at")
    for camera_id, code in told.values_list("camera_id", "code"):
        critical.setdefault(camera_id, []).append(code)
    rows = Camera.objects.filter(pk__in=camera_ids).select_related(
        "model", "battery", "health__bay__dock"
    )
    return {one.pk: _known(one, tuple(critical.get(one.pk, ()))) for one in rows}


def _known(one: Camera, critical: tuple[str, ...]) -> Known:
    health: CameraHealth | None = getattr(one, "health", None)
    facts = _facts(one, health, critical)
    provenance = {
        "service_state": one.service_state,
        **{name: getattr(health, name, None) for name in _PROVENANCE},
        "bay": str(health.bay) if health and health.bay else "",
    }
    tenths = {name: _tenths(getattr(facts, name)) for name in ("hours", "hours_low")}
    told = asdict(facts) | tenths | provenance
    return Known(facts, {name: _plain(value) for name, value in told.items()})


# Which report it was, and by which clocks.
_PROVENANCE = ("boot", "sequence", "received_at", "measured_at", "device_time", "clock_offset_s")


def _facts(one: Camera, health: CameraHealth | None, critical: tuple[str, ...]) -> rules.Facts:
    model = one.model
    nothing = rules.Facts(
        radio=model.radio,
        firmware_wanted=model.firmware_version,
        profile_wanted=model.profile_version,
        firmware_accepted=tuple(model.firmware_accepted),
        profile_accepted=tuple(model.profile_accepted),
        profile_refused=tuple(model.profile_refused),
        open_critical=critical,
    )
    if health is None or health.received_at is None:
        return nothing
    percent, wear = health.battery_percent, health.battery_health_percent
    lasts = _lasts(one, percent, wear)
    return replace(
        nothing,
        said_at=health.measured_at,
        heard_at=health.heard_at,
        hearing=health.hearing,
        docked=health.docked,
        mode=health.mode,
        battery_percent=percent,
        battery_health_percent=wear,
        hours=lasts and lasts.hours,
        hours_low=lasts and lasts.low,
        storage_free_mb=health.storage_free_mb,
        clips_waiting=health.clips_waiting,
        offload=health.offload,
        clock_ahead_s=_ahead_s(health),
        firmware_version=health.firmware_version,
        profile_version=health.profile_version,
        reported=tuple(health.faults),
    )


def _lasts(one: Camera, percent: int | None, wear: int | None) -> battery.Hours | None:
    """Hours of duty in its battery, as the battery's room knows it; None by guesswork alone. At
    worst they are as many, unless there is doubt."""
    learnt: Battery | None = getattr(one, "battery", None)
    own = learnt.learned if learnt else None
    shown = own is not None and own.buffering_percent_h is not None
    if percent is None or not (one.model.battery_hours or shown):
        return None
    by = battery.figures(own, model_hours=one.model.battery_hours, health_percent=wear)
    lasts = battery.hours_left(percent, by)
    doubted = battery.doubted(own, model_hours=one.model.battery_hours)
    return lasts if doubted else lasts._replace(low=lasts.hours)


def _ahead_s(health: CameraHealth) -> float | None:
    said, was = health.device_time, health.measured_at
    return (said - was).total_seconds() if said and was else None


# No officer is on for longer than two days.
_DUTIES = """
SELECT begins_at, ends_at FROM devices_duty
WHERE officer_id = %s AND ends_at > %s AND begins_at < %s ORDER BY begins_at"""


def on_duty(officer_id: int | None, *, now: datetime, policy: Policy) -> rules.OnDuty | None:
    """The duty that a test made now counts for; one query, none without an officer."""
    if officer_id is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(_DUTIES, [officer_id, now, now + timedelta(days=2)])
        return rules.on_duty(cursor.fetchall(), policy, now)


def _tenths(hours: float | None) -> float | None:
    """As it is kept to be read; what is judged is not rounded."""
    return None if hours is None else round(hours, 1)


def _plain(value: Any) -> Any:
    """As JSON keeps it, so that what is held is what will be read."""
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


@dataclass(frozen=True, slots=True)
class Duty:
    """A camera that an officer is to wear from one moment to another."""

    camera_id: int
    begins_at: datetime
    ends_at: datetime
    officer_id: int


@dataclass(frozen=True, slots=True)
class Tested:
    """What became of the pre-shift test of a duty; ``test_id`` and ``at`` are of the latest."""

    verdict: rules.Verdict
    test_id: int | None = None
    at: datetime | None = None


_LATEST = """
SELECT duty.place, test.id, test.at, test.passed
FROM unnest(%(cameras)s::bigint[], %(begin)s::timestamptz[], %(end)s::timestamptz[],
            %(officers)s::bigint[])
     WITH ORDINALITY AS duty(camera_id, begins_at, ends_at, officer_id, place)
CROSS JOIN LATERAL (
    SELECT id, at, passed FROM devices_preshifttest t
    WHERE t.camera_id = duty.camera_id AND t.at < duty.ends_at
      AND t.at >= duty.begins_at - %(counts_for)s
      AND (NOT t.passed OR t.officer_id = duty.officer_id AND (
               t.duty_ends_at IS NULL OR duty.ends_at <= t.duty_ends_at
               OR duty.begins_at <= t.duty_begins_at))
    ORDER BY t.at DESC LIMIT 1) test
"""


def tested(duties: Collection[Duty], *, now: datetime, policy: Policy) -> dict[Duty, Tested]:
    """For each duty whether its camera's test was passed, failed, skipped, or can still be made.

    The latest test counts that was made during the duty or `Policy.test_counts_for` before it; one
    that was passed for what was left of an earlier duty is not passed for this one, nor is one that
    somebody else confirmed: their tap is not the officer's. One that failed says something of the
    camera, whoever made it. One query, whatever their number.
    """
    listed = list(duties)
    told: dict[str, Any] = {
        "cameras": [one.camera_id for one in listed],
        "begin": [one.begins_at for one in listed],
        "end": [one.ends_at for one in listed],
        "officers": [one.officer_id for one in listed],
        "counts_for": policy.test_counts_for,
    }
    with connection.cursor() as cursor:
        cursor.execute(_LATEST, told)
        latest = {listed[place - 1]: (pk, at, ok) for place, pk, at, ok in cursor.fetchall()}
    return {one: _tested(one, latest.get(one), now, policy) for one in listed}


def _tested(
    duty: Duty, found: tuple[int, datetime, bool] | None, now: datetime, policy: Policy
) -> Tested:
    pk, at, ok = found or (None, None, None)
    verdict = rules.verdict(test_passed=ok, begins_at=duty.begins_at, policy=policy, now=now)
    return Tested(verdict, pk, at)
