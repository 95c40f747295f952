"""Cameras as rows of a table: any filter, any order, a page at a constant cost.

A page is found by the last row of the page before it (keyset), so the hundredth page costs
what the first does. What changes with every report carries no index: an index on it would
slow each report to make a rare question faster.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from django.db import connection

from devices.access.people import Visible
from devices.board.cards import Custody
from devices.board.rules import IN_REPAIR, Bucket
from devices.board.sql import BUCKET, HELD_NOW, HOLDERS, MINE
from devices.inventory import codes
from devices.policy import Policy
from devices.readiness.sql import CLOCK_OFF, COUNTED, DISPLACED

MOST_COUNTED = 1000


class Order(StrEnum):
    """What the table may be sorted by."""

    NUMBER = "number"
    SERIAL = "serial"
    MODEL = "model"
    STATION = "station"
    BATTERY = "battery"
    HEARD = "heard"
    FIRMWARE = "firmware"


@dataclass(frozen=True)
class Wanted:
    """Which rows somebody wants; an empty field wants all. ``badges``: may badges be searched."""

    text: str = ""
    bucket: str = ""
    station: str = ""
    model: int | None = None
    firmware: str = ""
    service: str = ""
    dock: str = ""
    standing: str = ""
    hearing: str = ""
    tag: str = ""
    battery_below: int | None = None
    badges: bool = False


@dataclass(frozen=True)
class Page:
    """Rows ``size`` at a time, after the row that ``after`` names as (sort value, number)."""

    order: Order = Order.NUMBER
    descending: bool = False
    after: tuple[str, int] | None = None
    size: int = 50


@dataclass(frozen=True, slots=True)
class Row:
    """One camera of the table."""

    id: int
    number: int
    sort_value: str
    bucket: str
    serial: str
    asset_tag: str
    model: str
    station: str
    home: str | None
    place: str | None
    badge: str | None
    service_state: str
    service_note: str
    lot: str
    supplier: str
    installed_on: Any
    hearing: str
    heard_at: datetime | None
    since: datetime | None
    measured_at: datetime | None
    docked: bool | None
    mode: str
    battery_percent: int | None
    battery_health_percent: int | None
    storage_free_mb: int | None
    clips_waiting: int | None
    firmware: str
    profile: str
    faults: str
    clock_wrong: bool
    held_now: list[str | None] | None
    shows_badges: bool
    assigned: bool
    tags: list[str]

    @property
    def name(self) -> str:
        return codes.name(self.number)

    @property
    def custody(self) -> Custody | None:
        """Who holds it now."""
        return Custody.of(self.held_now)

    @property
    def worn_by(self) -> str | None:
        """The badge number of who holds it now, else of whose own it is; None is not shown."""
        if self.custody is None or not self.shows_badges:
            return self.badge
        return self.custody.badge

    @property
    def key(self) -> tuple[str, int]:
        return self.sort_value, self.number


# Each sorts without nulls, so that a keyset comparison never meets one; as text on its way out.
_SORTS: Mapping[Order, tuple[str, str]] = MappingProxyType(
    {
        Order.NUMBER: ("c.number", "bigint"),
        Order.SERIAL: ("upper(c.serial)", "text"),
        Order.MODEL: ("m.maker || ' ' || m.name", "text"),
        Order.STATION: ("s.code", "text"),
        Order.BATTERY: ("coalesce(h.battery_percent, -1)", "int"),
        Order.HEARD: ("coalesce(h.heard_at, 'epoch')", "timestamptz"),
        Order.FIRMWARE: ("coalesce(h.firmware_version, '')", "text"),
    }
)

_BAY = """(SELECT d.code || '-' || b.position FROM devices_bay b
           JOIN devices_dock d ON d.id = b.dock_id WHERE b.id = {})"""
_SHOWN_BUCKET = f"CASE WHEN c.service_state = 'retired' THEN 'retired' ELSE {BUCKET} END"

_COLUMNS = f"""
    {_SHOWN_BUCKET}, c.serial, c.asset_tag, m.maker || ' ' || m.name, s.name,
    {_BAY.format("c.home_bay_id")}, CASE WHEN h.docked THEN {_BAY.format("h.bay_id")} END,
    CASE WHEN %(badges)s THEN
        (SELECT o.badge_number FROM devices_officer o WHERE o.id = c.officer_id) END,
    c.service_state, c.service_note, c.lot, c.supplier, c.installed_on,
    coalesce(h.hearing, 'never'), h.heard_at, h.since, h.measured_at, h.docked,
    coalesce(h.mode, ''), h.battery_percent, h.battery_health_percent, h.storage_free_mb,
    h.clips_waiting, coalesce(h.firmware_version, ''), coalesce(h.profile_version, ''),
    coalesce(array_to_string(h.faults, ' '), ''), coalesce({CLOCK_OFF} > %(clock)s, FALSE),
    {HELD_NOW}, %(badges)s, c.officer_id IS NOT NULL, c.tags
"""  # noqa: S608 (made of the constants above)
_FROM = f"{COUNTED} JOIN devices_station s ON s.id = c.station_id {HOLDERS}"
# To choose rows by: what is joined from the left is left out where nothing asks for it.
_CHOSEN_FROM = """
FROM devices_camera c
LEFT JOIN devices_camerahealth h ON h.camera_id = c.id
LEFT JOIN devices_cameramodel m ON m.id = c.model_id
LEFT JOIN devices_station s ON s.id = c.station_id
"""


def first_page(
    reach: Visible, wanted: Wanted, asked: Page, policy: Policy
) -> tuple[list[Row], int]:
    """The first page, and how many rows there are in all, up to one more than ``MOST_COUNTED``.

    Both from one look at the fleet: what few rows match costs as much to find as to count.
    """
    return _read_page(reach, wanted, asked, policy, most=max(asked.size, MOST_COUNTED) + 1)


def page(reach: Visible, wanted: Wanted, asked: Page, policy: Policy) -> tuple[list[Row], bool]:
    """One page of rows, and whether another follows."""
    rows, found = _read_page(reach, wanted, asked, policy, most=asked.size + 1)
    return rows, found > asked.size


def _read_page(
    reach: Visible, wanted: Wanted, asked: Page, policy: Policy, *, most: int
) -> tuple[list[Row], int]:
    """A page of rows, and how many were found where at most so many were looked for."""
    sort, kind = _SORTS[asked.order]
    direction, comparison = ("DESC", "<") if asked.descending else ("ASC", ">")
    conditions = _conditions(reach, wanted)
    if asked.after:
        conditions.append(
            f"({sort}, c.number) {comparison} (%(after_value)s::{kind}, %(after_number)s)"
        )
    value, number = asked.after or ("", 0)
    rows = _read(
        f"""WITH chosen AS MATERIALIZED (SELECT ARRAY(
                SELECT c.id {_CHOSEN_FROM} WHERE {_all(conditions)}
                ORDER BY {sort} {direction}, c.number {direction} LIMIT %(most)s) AS ids)
            SELECT (SELECT cardinality(ids) FROM chosen),
                   c.id, c.number, ({sort})::text, {_COLUMNS} {_FROM}
            WHERE c.id = ANY ((SELECT ids[:%(size)s] FROM chosen)::bigint[])
            ORDER BY {sort} {direction}, c.number {direction}""",  # noqa: S608 (constants)
        {
            **_values(reach, wanted, policy),
            "after_value": value,
            "after_number": number,
            "size": asked.size,
            "most": most,
        },
    )
    return [Row(*row[1:]) for row in rows], rows[0][0] if rows else 0


def count(reach: Visible, wanted: Wanted, policy: Policy) -> int:
    """How many rows there are in all, up to one more than ``MOST_COUNTED``."""
    sql = f"""SELECT count(*) FROM (SELECT {_CHOSEN_FROM}
              WHERE {_all(_conditions(reach, wanted))} LIMIT {MOST_COUNTED + 1}) AS counted"""  # noqa: S608 (constants)
    return int(_read(sql, _values(reach, wanted, policy))[0][0])


def _conditions(reach: Visible, wanted: Wanted) -> list[str]:
    return [*_within(reach), *_service(wanted), *_filters(wanted)]


def _within(reach: Visible) -> Iterator[str]:
    if reach.officer_id is not None:
        yield MINE
    elif reach.stations is not None:
        yield "c.station_id = ANY(%(stations)s)"


def _service(wanted: Wanted) -> Iterator[str]:
    """A retired camera is shown only to who asks for it by name or state."""
    if wanted.service:
        yield "c.service_state = %(service)s"
    elif not wanted.text:
        yield "c.service_state <> 'retired'"


def _filters(wanted: Wanted) -> Iterator[str]:
    if wanted.text:
        yield _TEXT
    if wanted.bucket:
        yield f"({_BUCKETS[Bucket(wanted.bucket)]})"
    for field, condition in _PLAIN.items():
        if getattr(wanted, field) not in ("", None):
            yield condition
    if wanted.standing:
        yield f"c.officer_id IS {'NOT ' if wanted.standing == 'personal' else ''}NULL"


# The rule of each bucket as plain conditions, which the planner can count on; BUCKET as one
# expression is the same (a test holds them equal), but it would be computed for every camera.
_SERVING = "c.service_state = 'in_service'"
_KNOWN = "h.docked IS NOT NULL AND h.hearing <> 'never'"
_IN_DOCK = f"{_SERVING} AND {_KNOWN} AND h.docked AND h.hearing <> 'silent' AND NOT {DISPLACED}"
_AWAY = f"{_SERVING} AND {_KNOWN} AND NOT h.docked"
_TOLD = "(m.radio AND h.hearing IN ('heard', 'late') AND h.mode = 'recording')"
_CHARGING = "(h.battery_state = 'charging' AND coalesce(h.battery_percent < %(charged)s, FALSE))"
# Few cameras are in doubt, so they are found first: what they said, or said nothing; and of
# all that are docked, those in a bay that more than one claims.
_IN_DOUBT = f"""
SELECT told.camera_id FROM devices_camerahealth told
WHERE told.docked IS NULL OR told.hearing = 'never' OR told.docked AND told.hearing = 'silent'
UNION ALL
SELECT h.camera_id FROM devices_camerahealth h
WHERE h.docked AND {DISPLACED} AND h.bay_id = ANY (ARRAY(
    SELECT claimed.bay_id FROM devices_camerahealth claimed
    WHERE claimed.docked GROUP BY 1 HAVING count(*) > 1))
UNION ALL
SELECT mute.id FROM devices_camera mute
WHERE NOT EXISTS (SELECT FROM devices_camerahealth word WHERE word.camera_id = mute.id)"""  # noqa: S608
_BUCKETS = {
    Bucket.LOST: "c.service_state = 'lost'",
    Bucket.REPAIR: f"c.service_state IN {tuple(sorted(IN_REPAIR))}",
    Bucket.UNKNOWN: f"{_SERVING} AND c.id IN ({_IN_DOUBT})",
    Bucket.RECORDING: f"h.mode = 'recording' AND ({_IN_DOCK} OR {_AWAY} AND {_TOLD})",
    Bucket.OUT: f"{_AWAY} AND NOT {_TOLD}",
    Bucket.CHARGING: f"{_IN_DOCK} AND h.mode <> 'recording' AND {_CHARGING}",
    Bucket.DOCKED: f"{_IN_DOCK} AND h.mode <> 'recording' AND NOT {_CHARGING}",
}
_PLAIN = {
    "station": "s.code = %(station)s",
    "model": "c.model_id = %(model)s",
    "firmware": "h.firmware_version = %(firmware)s",
    "hearing": "(h.hearing = %(hearing)s OR h.hearing IS NULL AND %(hearing)s = 'never')",
    "tag": "%(tag)s = ANY(c.tags)",
    "battery_below": "h.battery_percent < %(battery_below)s",
    "dock": """c.id IN (
        SELECT home.id FROM devices_camera home JOIN devices_bay b ON b.id = home.home_bay_id
        JOIN devices_dock d ON d.id = b.dock_id WHERE d.code = %(dock)s
        UNION SELECT there.camera_id FROM devices_camerahealth there
        JOIN devices_bay b ON b.id = there.bay_id JOIN devices_dock d ON d.id = b.dock_id
        WHERE d.code = %(dock)s AND there.docked)""",
}
_TEXT = """
(c.number = %(typed_number)s OR upper(c.serial) LIKE %(typed)s OR upper(c.asset_tag) LIKE %(typed)s
 OR c.id IN (SELECT code.camera_id FROM devices_cameracode code WHERE code.value = %(typed_code)s)
 OR %(badges)s AND c.officer_id IN
    (SELECT o.id FROM devices_officer o WHERE upper(o.badge_number) = %(typed_badge)s)
 OR %(badges)s AND c.id IN
    (SELECT held.camera_id FROM devices_officer o
     JOIN devices_custody held ON held.officer_id = o.id AND held.closed_at IS NULL
     WHERE upper(o.badge_number) = %(typed_badge)s))"""


def _values(reach: Visible, wanted: Wanted, policy: Policy) -> dict[str, Any]:
    typed = wanted.text.upper()
    escaped = typed.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return {
        "charged": policy.charged_percent,
        "clock": policy.clock_tolerance,
        "officer": reach.officer_id,
        "stations": sorted(reach.stations or ()),
        "typed_number": number_typed(typed),
        "typed": f"%{escaped}%",
        "typed_code": wanted.text,
        "typed_badge": typed,
        "badges": wanted.badges,
        "bucket": wanted.bucket,
        "service": wanted.service,
        **{field: getattr(wanted, field) for field in _PLAIN},
    }


def sortable(value: str, order: Order) -> bool:
    """Whether this text may stand in a keyset of this order."""
    kind = _SORTS[order][1]
    try:
        match kind:
            case "bigint" | "int":
                return -1 <= int(value) < 2**31
            case "timestamptz":
                return bool(datetime.fromisoformat(value))
    except ValueError:
        return False
    return len(value) <= 200


def number_typed(typed: str) -> int:
    """The camera number somebody typed or scanned: C0417, 417 or a whole label; else -1."""
    labelled = codes.number_on(typed)
    if labelled is not None:
        return labelled
    digits = typed.upper().removeprefix("C")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else -1


def _all(conditions: list[str]) -> str:
    return " AND ".join(conditions) or "TRUE"


def _read(sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found
