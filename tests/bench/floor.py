"""What the database alone can do: the least any server must do for a report, in raw SQL."""

from collections.abc import Sequence
from datetime import UTC, datetime
from time import perf_counter

import psycopg

BATCH = 500

_TABLES = """
DROP TABLE IF EXISTS floor_latest, floor_history;
CREATE TABLE floor_latest (camera_id bigint PRIMARY KEY, sequence bigint, at timestamptz,
    battery smallint, mode text, state text, free int, firmware text);
CREATE TABLE floor_history (id bigserial PRIMARY KEY, camera_id bigint, sequence bigint,
    at timestamptz, battery smallint, mode text, state text, free int, firmware text,
    UNIQUE (camera_id, sequence));
INSERT INTO floor_latest
    SELECT n, 0, now(), 50, 'off', 'full', 1, '4' FROM generate_series(1, %s) n;
ANALYZE floor_latest;
"""
_COLUMNS = "camera_id, sequence, at, battery, mode, state, free, firmware"
_ROWS = (
    "SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::timestamptz[], %s::smallint[],"
    " %s::text[], %s::text[], %s::int[], %s::text[])"
)
_UPSERT = (
    f"INSERT INTO floor_latest ({_COLUMNS}) {_ROWS} ON CONFLICT (camera_id) DO UPDATE SET"
    " sequence = excluded.sequence, at = excluded.at, battery = excluded.battery,"
    " mode = excluded.mode, state = excluded.state, free = excluded.free,"
    " firmware = excluded.firmware"
)
_INSERT = f"INSERT INTO floor_history ({_COLUMNS}) {_ROWS}"


def reports_a_second(dsn: str, cameras: int, seconds: float) -> float:
    """Upsert of the latest report and insert of the history row, in transactions of 500."""
    with psycopg.connect(dsn) as connection:
        connection.execute(psycopg.sql.SQL(_TABLES % cameras))  # type: ignore[arg-type]
        connection.commit()
        began, done = perf_counter(), 0
        while perf_counter() - began < seconds:
            columns = _batch(done, cameras)
            with connection.transaction():
                connection.execute(_UPSERT, columns)
                connection.execute(_INSERT, columns)
            done += BATCH
        rate = done / (perf_counter() - began)
        connection.execute("DROP TABLE floor_latest, floor_history")
    return rate


def _batch(done: int, cameras: int) -> Sequence[list[object]]:
    ids: list[object] = [1 + (done + n) % cameras for n in range(BATCH)]
    sequence = 1 + done // cameras
    same: list[object] = [sequence, datetime.now(UTC), 20 + sequence % 80, "off", "charging"]
    return [ids, *([one] * BATCH for one in (*same, 62000, "4.2.1"))]
