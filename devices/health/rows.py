"""The statements under `actions`: many cameras read and written in a fixed number of them.

Columns travel as one array literal each and are unfolded by the database; the ORM would
send a parameter a value, 35 for every camera.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from devices import planned
from devices.health.rules import Facts, Heard, Known, Place


class Row(NamedTuple):
    """A camera as the gateway meets it: its identity, its rules, and what is known of it."""

    camera_id: int
    serial: str
    station_id: int
    radio: bool
    firmware_version: str
    profile_version: str
    said_profile: str
    dock_id: int | None
    known: Known
    pinned: bool = False  # evidence: nothing is to be installed on it
    locate_number: int = 0
    locate_asked_at: datetime | None = None
    model_id: int = 0
    unit: str = ""
    tags: Sequence[str] = ()


_SELECT = """
SELECT c.id, upper(c.serial), c.station_id, m.radio, m.firmware_version, m.profile_version,
       h.profile_version, b.dock_id,
       h.boot, h.sequence, h.received, h.hearing, h.since, h.reading_at, h.moved_at,
       h.mode, h.battery_percent, h.battery_state, h.offload, h.clips_waiting,
       h.firmware_version, h.clock_wrong, h.faults, h.docked, h.bay_id, h.placed_at,
       h.seen_docked, h.seen_bay_id, h.seen_at, h.seen_boot, h.seen_sequence,
       c.held_at IS NOT NULL, h.locate_number, h.locate_asked_at,
       c.model_id, coalesce(o.unit, ''), c.tags
FROM devices_camerahealth h
JOIN devices_camera c ON c.id = h.camera_id
JOIN devices_cameramodel m ON m.id = c.model_id
LEFT JOIN devices_bay b ON b.id = h.bay_id
LEFT JOIN devices_officer o ON o.id = c.officer_id
WHERE upper(c.serial) = ANY(%s) AND c.service_state <> 'retired'
ORDER BY h.camera_id
FOR UPDATE OF h
"""


def lock_cameras(serials: Collection[str]) -> dict[str, Row]:
    """The cameras with these serial numbers (in capitals), locked until the transaction ends.

    Always locked in the order of their ids, so that two processes cannot wait for each other.
    """
    found = _locked(serials)
    if len(found) < len(serials):
        _expect(set(serials) - found.keys())
        found = _locked(serials)
    return found


def _locked(serials: Collection[str]) -> dict[str, Row]:
    with planned.cursor(binary=True) as cursor:  # times as text took an eighth of a report
        cursor.execute(_SELECT, [list(serials)])
        return {row[1]: _row(row) for row in cursor}


def _expect(serials: Collection[str]) -> None:
    """Give cameras that were enrolled since a row of their own.

    If another transaction is giving one, this waits for it; its row is there then as well.
    """
    with planned.cursor() as cursor:
        cursor.execute(
            "INSERT INTO devices_camerahealth (camera_id, received, hearing, clock_wrong, mode,"
            " battery_state, offload, firmware_version, firmware_digest, profile_version,"
            " profile_digest, faults)"
            " SELECT id, '{}', 'never', false, '', '', '', '', '', '', '', '{}'"
            " FROM devices_camera WHERE upper(serial) = ANY(%s) ON CONFLICT DO NOTHING",
            [list(serials)],
        )


_HEARD = {one.value: one for one in Heard}


def _row(row: Sequence[Any]) -> Row:
    facts = None if row[9] is None else Facts._make((*row[15:22], tuple(row[22])))
    docked, bay_id, placed_at = row[23:26]
    seen_docked, seen_bay_id, seen_at, *count = row[26:31]
    known = Known(
        boot=row[8],
        sequence=row[9],
        received=row[10],
        facts=facts,
        place=None if placed_at is None else Place(placed_at, docked, bay_id),
        seen=None if seen_at is None else Place(seen_at, seen_docked, seen_bay_id, None, (*count,)),
        hearing=_HEARD[row[11]],
        since=row[12],
        reading_at=row[13],
        moved_at=row[14],
    )
    return Row(
        row[0],
        row[1],
        row[2],
        row[3],
        row[4],
        row[5],
        row[6],
        row[7],
        known,
        *row[31:],
    )


@dataclass(frozen=True, slots=True)
class DockRow:
    """A dock as the gateway meets it: which of its records came, when it spoke, its clock."""

    known: Known
    heard_at: datetime | None
    clock_behind: timedelta | None


def lock_docks(dock_ids: list[int]) -> dict[int, DockRow]:
    """These docks, each locked until the transaction ends, by id."""
    asked = (
        "SELECT dock_id, boot, received, heard_at, clock_behind_s FROM devices_dockhealth"
        " WHERE dock_id = ANY(%s) ORDER BY dock_id FOR UPDATE"
    )
    with planned.cursor() as cursor:
        cursor.execute(asked, [dock_ids])
        found = cursor.fetchall()
        if len(found) < len(dock_ids):
            cursor.execute(
                "INSERT INTO devices_dockhealth (dock_id, received, hearing)"
                " SELECT unnest(%s::bigint[]), '{}', 'never' ON CONFLICT DO NOTHING",
                [dock_ids],
            )
            cursor.execute(asked, [dock_ids])
            found = cursor.fetchall()
    return {
        dock_id: DockRow(
            Known(boot=boot, received=received),
            heard_at,
            None if behind_s is None else timedelta(seconds=behind_s),
        )
        for dock_id, boot, received, heard_at, behind_s in found
    }


def save_docks(
    docks: Sequence[tuple[int, int | None, list[int], timedelta | None]],
    *,
    heard_at: datetime,
    expected_by: datetime,
) -> None:
    """Write (dock, boot, received, how far behind), and that each of them just spoke."""
    if not docks:
        return
    with planned.cursor() as cursor:
        cursor.execute(
            "UPDATE devices_dockhealth h SET boot = t.boot, received = t.received::bigint[],"
            " clock_behind_s = t.behind_s, heard_at = %s, hearing = 'heard', expected_by = %s"
            " FROM unnest(%s::bigint[], %s::int[], %s::text[], %s::float8[])"
            " AS t(dock_id, boot, received, behind_s) WHERE h.dock_id = t.dock_id",
            [
                heard_at,
                expected_by,
                _literal([one[0] for one in docks]),
                _literal([one[1] for one in docks]),
                _literal([_nested(one[2]) for one in docks]),
                _literal([one[3].total_seconds() if one[3] is not None else None for one in docks]),
            ],
        )


def earlier_boots(owner: str, ids: Collection[int]) -> dict[int, dict[int, list[int]]]:
    """What came of earlier boots; ``owner`` is ``camera`` or ``dock``."""
    found: dict[int, dict[int, list[int]]] = {}
    with planned.cursor() as cursor:
        cursor.execute(
            f"SELECT {owner}_id, boot, received FROM devices_earlierboot"  # noqa: S608
            f" WHERE {owner}_id = ANY(%s)",
            [list(ids)],
        )
        for device_id, boot, received in cursor.fetchall():
            found.setdefault(device_id, {})[boot] = received
    return found


def save_earlier(owner: str, rows: Iterable[tuple[int, int, list[int]]]) -> None:
    """Keep (device, boot, received) of earlier boots."""
    listed = list(rows)
    if not listed:
        return
    other = "dock" if owner == "camera" else "camera"
    with planned.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO devices_earlierboot ({owner}_id, boot, received)"  # noqa: S608
            " SELECT d, b, r::bigint[] FROM unnest(%s::bigint[], %s::int[], %s::text[])"
            f" AS t(d, b, r) ON CONFLICT ({owner}_id, boot) WHERE {other}_id IS NULL"
            " DO UPDATE SET received = excluded.received",
            [
                _literal([row[0] for row in listed]),
                _literal([row[1] for row in listed]),
                _literal([_nested(row[2]) for row in listed]),
            ],
        )


def save_sightings(seen: Sequence[tuple[int, Place]]) -> None:
    """Keep what a dock last saw of each of these cameras, as (camera, place)."""
    if not seen:
        return
    with planned.cursor() as cursor:
        cursor.execute(
            "UPDATE devices_camerahealth h SET seen_docked = t.docked, seen_bay_id = t.bay,"
            " seen_at = t.at, seen_boot = t.boot, seen_sequence = t.sequence"
            " FROM unnest(%s::bigint[], %s::bool[], %s::bigint[], %s::timestamptz[], %s::int[],"
            " %s::bigint[]) AS t(camera, docked, bay, at, boot, sequence)"
            " WHERE h.camera_id = t.camera",
            [
                _literal([camera_id for camera_id, _ in seen]),
                _literal([place.docked for _, place in seen]),
                _literal([place.bay_id for _, place in seen]),
                _literal([place.at for _, place in seen]),
                _literal([place.count[0] for _, place in seen]),
                _literal([place.count[1] for _, place in seen]),
            ],
        )


def _nested(values: Iterable[Any]) -> str:
    """An array literal inside another's text; the wire allows no character that needs care."""
    return f"{{{','.join(map(str, values))}}}"


def _literal(values: Sequence[Any]) -> str:
    """One column as a PostgreSQL array literal.

    A column of plain texts or numbers is joined in one go; that is most of them, and a tenth
    of the time a report takes.
    """
    if None in values:
        return f"{{{','.join(map(_element, values))}}}"
    if values and isinstance(values[0], str):
        joined = '","'.join(values)
        if "\\" in joined or joined.count('"') != 2 * (len(values) - 1):
            return f"{{{','.join(map(_element, values))}}}"
        return f'{{"{joined}"}}'
    return f"{{{','.join(map(str, values))}}}"


def _element(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return str(value)
