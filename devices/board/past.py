"""The fleet as it stood at a moment: what each camera did then, as its history proves.

Where a camera belongs and whose it is are of today; what it did, where it sat and how full it was
are of then. What nothing proves is unknown.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from devices.access.people import Visible
from devices.board.cards import Homed
from devices.health.timeline import proves
from devices.policy import Policy

RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class PastCard(Homed):
    """What is known of one camera at a moment.

    ``heard``: it said so itself. ``cause`` is what proves it (report, placement, silence,
    service), empty where no history reaches. ``until`` None: it still is. ``battery_…`` is its
    last reading before the moment, if that is near enough to prove anything. ``silent_dock`` is
    where one was seen last of which nothing is known, if that dock was silent then.
    """

    id: int
    number: int
    serial: str
    station_code: str
    station: str
    home_dock: str | None
    home_kind: str | None
    home_place: str | None
    home_position: int | None
    state: str
    since: datetime | None
    until: datetime | None
    heard: bool
    place: str
    cause: str
    detected_at: datetime | None
    battery_percent: int | None
    battery_at: datetime | None
    silent_dock: str


# The newest interval that began by then: one step down an index, however long the history is.
_THEN = """
SELECT c.id, c.number, c.serial, s.code, s.name, hd.code, hd.kind, hd.place, hb.position,
       coalesce(i.state, 'unknown'), i.from_at, i.until_at, coalesce(i.heard, FALSE),
       coalesce(i.place, ''), coalesce(i.cause, ''), i.detected_at, r.battery_percent, r.at,
       coalesce(down.code, '')
FROM ({some}) AS c
JOIN devices_station s ON s.id = c.station_id
LEFT JOIN devices_bay hb ON hb.id = c.home_bay_id
LEFT JOIN devices_dock hd ON hd.id = hb.dock_id
LEFT JOIN LATERAL (
    SELECT began.* FROM devices_interval began
    WHERE began.camera_id = c.id AND began.from_at <= %(moment)s
    ORDER BY began.from_at DESC LIMIT 1
) i ON i.until_at IS NULL OR i.until_at > %(moment)s
LEFT JOIN LATERAL (
    SELECT battery_percent, at FROM devices_reading
    WHERE camera_id = c.id AND at <= %(moment)s AND at >= %(moment)s - %(proves)s
    ORDER BY at DESC LIMIT 1
) r ON TRUE
LEFT JOIN LATERAL (
    SELECT sat_in.code FROM (
        SELECT seen.place FROM devices_interval seen
        WHERE coalesce(i.state, 'unknown') = 'unknown' AND seen.camera_id = c.id
          AND seen.from_at <= %(moment)s AND seen.state <> 'unknown'
        ORDER BY seen.from_at DESC LIMIT 1
    ) last
    JOIN devices_dock sat_in ON sat_in.code = regexp_replace(last.place, '-[^-]*$', '')
    JOIN devices_docksilence quiet ON quiet.dock_id = sat_in.id AND quiet.began_at <= %(moment)s
      AND (quiet.ended_at IS NULL OR quiet.ended_at > %(moment)s)
    LIMIT 1
) down ON TRUE
"""
_COLUMNS = "c.id, c.number, c.serial, c.station_id, c.home_bay_id"
_HOMED = f"""
(SELECT {_COLUMNS} FROM devices_dock d JOIN devices_bay b ON b.dock_id = d.id
 JOIN devices_camera c ON c.home_bay_id = b.id JOIN devices_station s ON s.id = c.station_id
 WHERE NOT %(homeless)s AND d.code >= %(dock)s AND (d.code, b.position) > (%(dock)s, %(position)s)
   AND (%(home)s = '' OR d.code = %(home)s) AND {{among}}
 ORDER BY d.code, b.position LIMIT %(most)s)"""  # noqa: S608 (constants)
_HOMELESS = f"""
(SELECT {_COLUMNS} FROM devices_camera c JOIN devices_station s ON s.id = c.station_id
 WHERE c.home_bay_id IS NULL AND %(home)s = '' AND c.number > %(number)s AND {{among}}
 ORDER BY c.number LIMIT %(most)s)"""  # noqa: S608 (constants)


def at(  # noqa: PLR0913 (what is asked, one by one)
    reach: Visible,
    moment: datetime,
    *,
    policy: Policy,
    most: int,
    station: str = "",
    dock: str = "",
    after: str = "",
) -> tuple[list[PastCard], str]:
    """At most ``most`` cameras as they stood, by dock and bay, and where the next page starts.

    Cameras enrolled later are not there, nor are those that were retired by then. Cameras
    without a home bay come last.
    """
    homeless, begin = after.startswith("~"), after.rpartition("-")
    among = " AND ".join(_among(reach))
    some = f"{_HOMED} UNION ALL {_HOMELESS} LIMIT %(most)s".format(among=among)
    found = _read(
        some,
        moment,
        policy,
        reach=reach,
        station=station,
        home=dock,
        homeless=homeless,
        dock=begin[0] if begin[2].isdigit() else "",
        position=_number(begin[2]),
        number=_number(after[1:]) if homeless else -1,
        most=most + 1,
    )
    here, last = found[:most], found[most - 1] if len(found) > most else None
    shown = sorted((one for one in here if one.state != RETIRED), key=lambda one: one.order)
    return shown, (last.home or f"~{last.number}") if last else ""


def of(ids: Collection[int], moment: datetime, *, policy: Policy) -> dict[int, PastCard]:
    """The same of these cameras, whoever may see them."""
    some = f"SELECT {_COLUMNS} FROM devices_camera c WHERE c.id = ANY(%(ids)s)"  # noqa: S608 (constants)
    return {one.id: one for one in _read(some, moment, policy, ids=list(ids))}


def tally(cards: Iterable[PastCard]) -> dict[str, int]:
    """How many were in each state; only states that there are."""
    counts: dict[str, int] = {}
    for card in cards:
        counts[card.state] = counts.get(card.state, 0) + 1
    return counts


def _among(reach: Visible) -> Sequence[str]:
    conditions = ["c.enrolled_at <= %(moment)s", "(%(station)s = '' OR s.code = %(station)s)"]
    if reach.officer_id is not None:
        return [*conditions, "c.officer_id = %(officer)s"]
    if reach.stations is not None:
        return [*conditions, "c.station_id = ANY(%(stations)s)"]
    return conditions


def _number(said: str) -> int:
    return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else -1


def _read(
    some: str, moment: datetime, policy: Policy, *, reach: Visible | None = None, **values: Any
) -> list[PastCard]:
    """One statement, in the order of pages: docks by code, bays as mounted, then the homeless."""
    asked = {
        "moment": moment,
        "proves": proves(policy),
        "officer": reach.officer_id if reach else None,
        "stations": sorted(reach.stations or ()) if reach else [],
        **values,
    }
    with connection.cursor() as cursor:
        cursor.execute(_THEN.format(some=some), asked)
        return sorted((PastCard(*row) for row in cursor.fetchall()), key=lambda one: one.page_order)
