"""What is done about who may speak."""

from collections.abc import Collection
from datetime import datetime

from django.db import connection

from devices.access.models import QuarantineKind

MOST_OPEN = 200  # unsettled rows a sender may cause, so that a flood of serials fills no table

_QUARANTINE = """
INSERT INTO devices_quarantined (kind, serial, dock_id, camera_id, first_at, last_at, times, note)
SELECT %(kind)s, serial, %(dock)s, %(camera)s, %(now)s, %(now)s, 1, ''
FROM (SELECT unnest(%(serials)s::text[]) AS serial) said
WHERE (SELECT count(*) FROM devices_quarantined
       WHERE settled_at IS NULL AND dock_id IS NOT DISTINCT FROM %(dock)s::bigint
         AND camera_id IS NOT DISTINCT FROM %(camera)s::bigint) < %(most)s
   OR EXISTS (SELECT FROM devices_quarantined q
              WHERE q.settled_at IS NULL AND q.kind = %(kind)s AND q.serial = said.serial
                AND q.dock_id IS NOT DISTINCT FROM %(dock)s::bigint
                AND q.camera_id IS NOT DISTINCT FROM %(camera)s::bigint)
ORDER BY serial LIMIT %(most)s
ON CONFLICT (kind, serial, dock_id, camera_id) WHERE settled_at IS NULL
DO UPDATE SET last_at = excluded.last_at, times = devices_quarantined.times + 1
"""


def quarantine(
    kind: QuarantineKind,
    serials: Collection[str],
    *,
    dock_id: int | None,
    camera_id: int | None,
    now: datetime,
) -> None:
    """List serial numbers that were said but not believed, for a person to settle.

    A serial already listed counts up. Past ``MOST_OPEN`` unsettled rows of one sender no
    new ones are listed: the list then already says that something is wrong there.
    """
    told = {
        "kind": kind.value,
        "serials": sorted(serials),
        "dock": dock_id,
        "camera": camera_id,
        "now": now,
        "most": MOST_OPEN,
    }
    with connection.cursor() as cursor:
        cursor.execute(_QUARANTINE, told)
