"""What is in the batteries of these cameras now, and what will be in them; one query for all."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from devices.battery import rules
from devices.battery.rules import LEARNED_COLUMNS, NOTHING, Figures, Hours, Learned
from devices.wire import BatteryState, Mode

_HOUR = timedelta(hours=1)
_READ = f"""
SELECT c.id, h.measured_at, h.battery_percent, h.battery_state, h.mode, coalesce(h.docked, FALSE),
       m.battery_hours, h.battery_health_percent, b.camera_id IS NOT NULL,
       {", ".join(f"b.{column}" for column in LEARNED_COLUMNS)}
FROM devices_camera c
JOIN devices_camerahealth h ON h.camera_id = c.id
JOIN devices_cameramodel m ON m.id = c.model_id
LEFT JOIN devices_battery b ON b.camera_id = c.id
WHERE c.id = ANY(%s) AND h.battery_percent IS NOT NULL AND h.measured_at IS NOT NULL
"""  # noqa: S608 (made of the constants above)


@dataclass(frozen=True, slots=True)
class Outlook:
    """One camera's battery when it last spoke, and by which figures it goes on.

    ``charging``: it sits in a bay that charges it or keeps it full, and is taken to stay there.
    """

    camera_id: int
    measured_at: datetime
    percent: int
    charging: bool
    mode: Mode
    by: Figures
    learned: Learned

    def percent_at(self, at: datetime) -> float:
        return rules.percent_at(
            self.percent, self._after_h(at), self.by, charging=self.charging, mode=self.mode
        )

    def hours_at(self, at: datetime) -> Hours:
        """Hours of duty in it at this moment, if it stays where it is and goes on as it does."""
        return rules.hours_at(
            self.percent, self._after_h(at), self.by, charging=self.charging, mode=self.mode
        )

    def ready_at(self, wanted_h: float) -> datetime | None:
        """When it has these hours for sure; None if it does not charge or never has them."""
        if not self.charging:
            return None
        return rules.ready_at(self.percent, self.measured_at, wanted_h, self.by)

    def _after_h(self, at: datetime) -> float:
        return max(0.0, (at - self.measured_at) / _HOUR)


def outlooks(camera_ids: Collection[int]) -> dict[int, Outlook]:
    """Those of these cameras that ever said how full they are, by camera."""
    with connection.cursor() as cursor:
        cursor.execute(_READ, [list(camera_ids)])
        rows = cursor.fetchall()
    return {row[0]: _outlook(row) for row in rows}


def _outlook(row: tuple[Any, ...]) -> Outlook:
    camera_id, measured_at, percent, state, mode, docked, model_hours, health, learnt, *shown = row
    own = Learned(*shown) if learnt else NOTHING
    return Outlook(
        camera_id=camera_id,
        measured_at=measured_at,
        percent=percent,
        charging=docked and state != BatteryState.DISCHARGING,
        mode=Mode(mode) if mode else Mode.OFF,
        by=rules.figures(own, model_hours=model_hours, health_percent=health),
        learned=own,
    )
