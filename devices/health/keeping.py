"""Reads for keeping intervals: which cameras something came in of, and what is kept of them."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import connection

from devices.health.intervals import Kept, ServedFrom
from devices.health.models import CameraHealth, Hearing
from devices.inventory.models import ServiceChange, ServiceState

_TOUCHED = """
SELECT camera_id, min(at) FROM (
    SELECT camera_id, at FROM devices_reading
    WHERE received_at > %(mark)s AND received_at <= %(now)s
    UNION ALL
    SELECT camera_id, at FROM devices_placement
    WHERE received_at > %(mark)s AND received_at <= %(now)s
    UNION ALL
    SELECT camera_id, began_at FROM devices_silence
    WHERE detected_at > %(mark)s AND detected_at <= %(now)s
    UNION ALL
    SELECT camera_id, ended_at FROM devices_silence
    WHERE ended_at > %(mark)s AND ended_at <= %(now)s
    UNION ALL
    SELECT camera_id, at FROM devices_servicechange WHERE at > %(mark)s AND at <= %(now)s
) came GROUP BY camera_id ORDER BY camera_id"""


def touched(mark: datetime, now: datetime) -> dict[int, datetime]:
    """The cameras of which anything came in between the two, and from when on it matters."""
    with connection.cursor() as cursor:
        cursor.execute(_TOUCHED, {"mark": mark, "now": now})
        return dict(cursor.fetchall())


_KEPT = """
SELECT i.camera_id, i.state, i.from_at, i.until_at, i.heard, i.place, i.cause, i.id
FROM unnest(%s::bigint[], %s::timestamptz[]) AS w(camera_id, since)
JOIN devices_interval i ON i.camera_id = w.camera_id
 AND (i.until_at IS NULL OR i.until_at >= w.since)"""


def kept(wanted: Mapping[int, datetime]) -> dict[int, list[Kept]]:
    """The intervals that reach into the time from each camera's moment on."""
    found: dict[int, list[Kept]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_KEPT, [list(wanted), list(wanted.values())])
        for camera_id, *row in cursor.fetchall():
            found[camera_id].append(Kept(*row))
    return found


def service(camera_ids: Collection[int]) -> dict[int, list[ServedFrom]]:
    """When these cameras changed their state of service; few times in a camera's life."""
    found: dict[int, list[ServedFrom]] = defaultdict(list)
    rows = ServiceChange.objects.filter(camera__in=camera_ids).order_by("at")
    for camera_id, at, before, after in rows.values_list("camera_id", "at", "before", "after"):
        if not found[camera_id] and before != "in_service":
            found[camera_id].append(ServedFrom(_LONG_AGO, before))
        found[camera_id].append(ServedFrom(at, after))
    return found


_LONG_AGO = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def known_until(camera_ids: Collection[int], now: datetime) -> dict[int, datetime]:
    """Until when each camera's state is known; from there on it goes on.

    A docked camera that speaks as it should is known until its last word; what is said of
    another, even that nothing is known, holds now.
    """
    listened = (Hearing.HEARD, Hearing.LATE)
    rows = CameraHealth.objects.filter(
        pk__in=camera_ids,
        camera__service_state=ServiceState.IN_SERVICE,
        docked=True,
        hearing__in=listened,
        heard_at__isnull=False,
    ).values_list("pk", "heard_at")
    words = dict(rows)
    return {one: words.get(one) or now for one in camera_ids}
