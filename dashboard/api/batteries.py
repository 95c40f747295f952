"""What is in the batteries of some cameras, as plain values.

All is of the moment a camera last spoke, so that an answer stays the same until something changes.
"""

from collections.abc import Sequence

from dashboard.api.fields import Row
from dashboard.battery_facts import needed_h
from devices.battery.outlook import Outlook, outlooks
from devices.department import current


def batteries_of(camera_ids: Sequence[int]) -> dict[int, Row]:
    """The batteries of those that ever said how full they are; one query for all."""
    enough_h = needed_h(current.policy())
    return {pk: _battery(one, enough_h) for pk, one in outlooks(camera_ids).items()}


def _battery(one: Outlook, enough_h: float) -> Row:
    hours = one.hours_at(one.measured_at)
    return {
        "hours": _tenths(hours.hours),
        "hours_low": _tenths(hours.low),
        "hours_high": _tenths(hours.high),
        "full_hours": _tenths(one.by.full_hours),
        "capacity_percent": one.learned.capacity_percent and _tenths(one.learned.capacity_percent),
        "hours_seen": _tenths(one.learned.buffering_hours_seen),
        "enough_at": one.ready_at(enough_h),
    }


def _tenths(value: float) -> float:
    return round(value, 1)
