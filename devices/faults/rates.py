"""Faults of each model, against how long how many of its cameras were there to have them."""

from dataclasses import dataclass, field
from datetime import datetime
from math import sqrt
from typing import Any

from django.db import connection

from devices.access.people import Visible
from devices.faults.rules import PASSING

MONTH_DAYS = 30.44
LEAST_MONTHS = 12.0  # below a camera-year no rate is said: one fault would be a hundredfold
SURE = 1.96  # of a normal distribution: 95 in 100


@dataclass(frozen=True)
class Rate:
    """One model's faults in a span; ``codes`` says of which kind, the most frequent first."""

    model: str
    cameras: int
    months: float
    faults: int
    codes: dict[str, int] = field(default_factory=dict)

    @property
    def known(self) -> bool:
        """Whether its cameras were there for long enough to say anything."""
        return self.months >= LEAST_MONTHS

    @property
    def per_100(self) -> float:
        """Faults in 100 camera-months."""
        return self._in_100(self.faults)

    @property
    def low(self) -> float:
        return self._in_100(interval(self.faults)[0])

    @property
    def high(self) -> float:
        return self._in_100(interval(self.faults)[1])

    def _in_100(self, faults: float) -> float:
        return 100 * faults / self.months if self.months else 0.0


def interval(count: int) -> tuple[float, float]:
    """Between which numbers the true one lies, 95 times in 100, where ``count`` were seen.

    Byar's approximation of the exact Poisson limits (Breslow and Day, 1987, eq. 2.10).
    """
    above = count + 1
    low = count * (1 - 1 / (9 * count) - SURE / (3 * sqrt(count))) ** 3 if count else 0.0
    return max(0.0, low), above * (1 - 1 / (9 * above) + SURE / (3 * sqrt(above))) ** 3


# A camera counts from when it was enrolled, or the span began, until it was retired.
_MONTHS = """
SELECT model.id, model.maker || ' ' || model.name, count(*),
       sum(extract(epoch FROM least(gone.at, %(until)s) - greatest(camera.enrolled_at, %(since)s)))
FROM devices_camera camera JOIN devices_cameramodel model ON model.id = camera.model_id
JOIN devices_station station ON station.id = camera.station_id
LEFT JOIN LATERAL (
    SELECT max(at) AS at FROM devices_servicechange change
    WHERE change.camera_id = camera.id AND change.after = 'retired'
      AND camera.service_state = 'retired') gone ON true
WHERE least(gone.at, %(until)s) > greatest(camera.enrolled_at, %(since)s)
  AND (%(every)s OR camera.station_id = ANY(%(stations)s))
  AND (%(station)s = '' OR station.code = %(station)s)
GROUP BY model.id"""

_FAULTS = """
SELECT camera.model_id, fault.code, count(*)
FROM devices_fault fault JOIN devices_camera camera ON camera.id = fault.camera_id
JOIN devices_station station ON station.id = camera.station_id
WHERE fault.opened_at >= %(since)s AND fault.opened_at < %(until)s
  AND fault.code <> ALL(%(passing)s)
  AND (%(every)s OR camera.station_id = ANY(%(stations)s))
  AND (%(station)s = '' OR station.code = %(station)s)
GROUP BY 1, 2 ORDER BY 3 DESC, 2"""


def rates(reach: Visible, *, since: datetime, until: datetime, station: str = "") -> list[Rate]:
    """Every model that had a camera in this span, the worst first; two queries.

    What comes and goes with every shift (a battery runs low) is no fault here.
    """
    asked: dict[str, Any] = {
        "since": since,
        "until": until,
        "passing": list(PASSING),
        "every": reach.stations is None,
        "stations": sorted(reach.stations or ()),
        "station": station,
    }
    with connection.cursor() as cursor:
        cursor.execute(_FAULTS, asked)
        codes: dict[int, dict[str, int]] = {}
        for model_id, code, number in cursor.fetchall():
            codes.setdefault(model_id, {})[code] = number
        cursor.execute(_MONTHS, asked)
        found = [
            Rate(
                model=name,
                cameras=cameras,
                months=float(seconds) / 86400 / MONTH_DAYS,
                faults=sum(codes.get(model_id, {}).values()),
                codes=codes.get(model_id, {}),
            )
            for model_id, name, cameras, seconds in cursor.fetchall()
        ]
    return sorted(found, key=lambda one: (not one.known, -one.per_100, one.model))
