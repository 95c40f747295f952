"""The statements of the sweeps: what cameras say against what is open, each in one of them."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

# Each row also enters the ledger, whose head is locked meanwhile: a recall of thousands of
# cameras takes a few sweeps, and nobody else's act waits longer than one of them.
AT_ONCE = 200

_NEW = """
SELECT h.camera_id, told.code
FROM devices_camerahealth h
JOIN devices_camera c ON c.id = h.camera_id
CROSS JOIN LATERAL unnest(h.faults) AS told(code)
WHERE h.faults <> '{}' AND c.service_state NOT IN ('in_repair', 'retired')
  AND told.code <> ALL(%(passing)s)
  AND NOT EXISTS (SELECT FROM devices_fault f WHERE f.camera_id = h.camera_id
                  AND f.code = told.code AND f.state <> 'resolved')
  AND NOT EXISTS (SELECT FROM devices_fault f WHERE f.camera_id = h.camera_id
                  AND f.code = told.code AND f.resolved_at >= h.received_at)
  AND (SELECT count(*) FROM devices_fault f
       WHERE f.camera_id = h.camera_id AND f.state <> 'resolved') < %(most)s
ORDER BY 1, 2 LIMIT %(at_once)s
"""


def reported(*, passing: Collection[str], most_open: int) -> list[tuple[int, str]]:
    """(camera, code) of what cameras report and no open fault holds, in order.

    What was cleared stays so until the camera speaks again; one with ``most_open`` open faults
    opens no more.
    """
    told = {"passing": [*passing], "most": most_open, "at_once": AT_ONCE}
    return _rows(_NEW, told)


# A fault that is said again is not quiet; whether it is, only a newer word can say.
_QUIET = """
WITH changed AS (
    SELECT f.id, h.received_at, f.code = ANY(h.faults) AS said
    FROM devices_fault f JOIN devices_camerahealth h ON h.camera_id = f.camera_id
    WHERE f.source = 'camera' AND f.state <> 'resolved' AND h.received_at > f.opened_at
      AND (f.quiet_since IS NULL) <> (f.code = ANY(h.faults))
    ORDER BY f.id FOR UPDATE OF f SKIP LOCKED
)
UPDATE devices_fault f SET quiet_since = CASE WHEN NOT said THEN changed.received_at END
FROM changed WHERE f.id = changed.id
RETURNING f.camera_id
"""


def note_quiet() -> set[int]:
    """Since when cameras no longer report their open faults is noted; the cameras it changed."""
    return {row[0] for row in _rows(_QUIET, {})}


_OVER = """
WITH over AS (
    SELECT f.id FROM devices_fault f JOIN devices_camerahealth h ON h.camera_id = f.camera_id
    WHERE f.source = 'camera' AND f.state IN ('open', 'acknowledged')
      AND f.severity <> 'critical' AND f.code <> ALL(h.faults)
      AND h.received_at >= f.quiet_since + %(quiet_for)s
    ORDER BY f.id LIMIT %(at_once)s FOR UPDATE OF f SKIP LOCKED
)
UPDATE devices_fault f SET state = 'resolved', resolved_at = %(now)s, resolution = 'went_away',
    resolution_words = 'The camera no longer reports it.'
FROM over WHERE f.id = over.id
RETURNING f.id
"""


def end_quiet(*, now: datetime, quiet_for: timedelta) -> list[int]:
    """Lesser faults that their cameras did not report for this long are over; which ones."""
    return [
        row[0] for row in _rows(_OVER, {"now": now, "quiet_for": quiet_for, "at_once": AT_ONCE})
    ]


_LATE = """
WITH late AS (
    SELECT id FROM devices_fault
    WHERE state = 'open' AND escalated_at IS NULL AND acknowledge_by <= %(now)s
    ORDER BY id LIMIT %(at_once)s FOR UPDATE SKIP LOCKED
)
UPDATE devices_fault f SET escalated_at = %(now)s FROM late WHERE f.id = late.id
RETURNING f.id
"""


def escalate(now: datetime) -> list[int]:
    """Open faults past their time are escalated, each once; which ones."""
    return [row[0] for row in _rows(_LATE, {"now": now, "at_once": AT_ONCE})]


def _rows(statement: str, told: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, told)
        return list(cursor.fetchall())
