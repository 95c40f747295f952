"""What the board of a year ago costs behind a long history. Runs inside Django, on an empty
database of its own: `main("50000000")` makes that many rows, which takes a while."""

import json
from datetime import datetime, timedelta
from statistics import median
from time import perf_counter

from django.core.management import call_command
from django.db import connection
from django.utils.timezone import now

from devices.access.people import Visible
from devices.board import past
from devices.policy import Policy
from tests.rows import a_fleet

CAMERAS, MOST = 140, 160
DAYS = 730  # of intervals; readings are kept for the last ninety

_INTERVALS = """
INSERT INTO devices_interval (camera_id, state, from_at, until_at, heard, place, cause, detected_at)
SELECT c.id, (ARRAY['docked', 'charging', 'out', 'recording'])[n %% 4 + 1],
       %(began)s + n * %(each)s, %(began)s + (n + 1) * %(each)s, TRUE, '', 'report', %(began)s
FROM generate_series(0, %(rows)s - 1) AS n, devices_camera c"""
_READINGS = """
INSERT INTO devices_reading (camera_id, at, received_at, device_time, clock_wrong, boot, sequence,
    mode, docked, battery_percent, battery_state, storage_free_mb, bytes_waiting, offload,
    firmware_version, faults)
SELECT c.id, %(began)s + n * %(each)s, %(began)s, %(began)s, FALSE, 1, n, 'off', TRUE, 80, 'full',
       60000, 0, 'complete', '4.2.1', '{}'
FROM generate_series(0, %(rows)s - 1) AS n, devices_camera c"""


def main(history: str = "2000000", times: str = "20") -> str:
    """Says, as JSON, how many rows there were and the milliseconds of one look a year back."""
    call_command("migrate", verbosity=0)
    present = now()
    a_fleet(present - timedelta(days=DAYS), cameras=CAMERAS)
    made = _history(int(history) // CAMERAS // 2)
    moment = present - timedelta(days=365)
    first = _look(moment)
    looks = [_look(moment - n * timedelta(hours=7)) for n in range(int(times))]
    return json.dumps({"rows": made, "first_ms": first, "look_ms": median(looks)})


def _history(each: int) -> int:
    made = 0
    with connection.cursor() as cursor:
        for sql, days in ((_INTERVALS, DAYS), (_READINGS, 90)):
            long = timedelta(days=days)
            asked = {"began": now() - long, "each": long / each, "rows": each}
            cursor.execute(sql, asked)
            made += cursor.rowcount
        cursor.execute("ANALYZE")
    return made


def _look(moment: datetime) -> float:
    begun = perf_counter()
    cards, _ = past.at(Visible(), moment, policy=Policy(), most=MOST)
    took = (perf_counter() - begun) * 1000
    if len(cards) != CAMERAS:
        raise RuntimeError(f"{len(cards)} cameras")
    return took
