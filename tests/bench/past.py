"""What the board of a year ago costs behind a long history. Runs inside Django, on an empty
database of its own. 50 million rows take some 12 GB meanwhile."""

import json
from datetime import datetime, timedelta
from statistics import median
from time import perf_counter
from typing import Any

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


def main(rows: str, times: str = "20") -> str:
    """Says, as JSON, how many intervals there were and the milliseconds of one look a year back.

    There are a tenth as many readings: those of the last ninety days.
    """
    call_command("migrate", verbosity=0)
    present = now()
    a_fleet(present - timedelta(days=DAYS), cameras=CAMERAS)
    made = _history(int(rows) // CAMERAS)
    moment = present - timedelta(days=365)
    first = _look(moment)
    looks = [_look(moment - n * timedelta(hours=7)) for n in range(int(times))]
    return json.dumps({"rows": made, "first_ms": first, "look_ms": median(looks)})


def _history(each: int) -> int:
    """So many intervals a camera; the index comes after the rows, which is quicker."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SET maintenance_work_mem = '512MB'")
        index = _index_of_intervals(cursor)
        cursor.execute("DROP INDEX intervals_of_a_camera")
        made = _fill(cursor, _INTERVALS, each, days=DAYS)
        cursor.execute(index)
        _fill(cursor, _READINGS, max(1, each // 10), days=90)
        cursor.execute("ANALYZE")
    return made


def _index_of_intervals(cursor: Any) -> str:
    cursor.execute("SELECT pg_get_indexdef('intervals_of_a_camera'::regclass)")
    return str(cursor.fetchone()[0])


def _fill(cursor: Any, sql: str, each: int, *, days: int) -> int:
    long = timedelta(days=days)
    cursor.execute(sql, {"began": now() - long, "each": long / each, "rows": each})
    return int(cursor.rowcount)


def _look(moment: datetime) -> float:
    begun = perf_counter()
    cards, _ = past.at(Visible(), moment, policy=Policy(), most=MOST)
    took = (perf_counter() - begun) * 1000
    if len(cards) != CAMERAS:
        raise RuntimeError(f"{len(cards)} cameras")
    return took
