"""The statements under `actions`: many cameras read and written in a fixed number of them.

Columns travel as one array literal each and are unfolded by the database; the ORM would
send a parameter a value, 35 for every camera.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from devices.health.rules import Arrival, Facts, Heard, Known, Outcome, Place


@dataclass(frozen=True, slots=True)
class Row:
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


_SELECT = """
SELECT c.id, upper(c.serial), c.station_id, m.radio, m.firmware_version, m.profile_version,
       h.profile_version, b.dock_id,
       h.boot, h.sequence, h.received, h.hearing, h.since, h.reading_at,
       h.mode, h.battery_percent, h.battery_state, h.offload, h.clips_waiting,
       h.firmware_version, h.clock_wrong, h.faults, h.docked, h.bay_id, h.placed_at,
       h.seen_docked, h.seen_bay_id, h.seen_at, h.seen_boot, h.seen_sequence
FROM devices_camerahealth h
JOIN devices_camera c ON c.id = h.camera_id
JOIN devices_cameramodel m ON m.id = c.model_id
LEFT JOIN devices_bay b ON b.id = h.bay_id
WHERE upper(c.serial) = ANY(%s) AND c.service_state <> 'retired'
ORDER BY h.camera_id
FOR UPDATE OF h
"""


def lock_cameras(serials: Collection[str]) -> dict[str, Row]:
    """The cameras with these serial numbers (in capitals), locked until the transaction ends.

    Always locked in the order of their ids, so that two processes cannot wait for each other.
    """
    wanted = list(serials)
    with connection.cursor() as cursor:
        cursor.execute(_SELECT, [wanted])
        found = {row[1]: _row(row) for row in cursor.fetchall()}
        if len(found) < len(wanted) and _expect(cursor, set(wanted) - found.keys()):
            cursor.execute(_SELECT, [wanted])
            found = {row[1]: _row(row) for row in cursor.fetchall()}
    return found


def _expect(cursor: Any, serials: set[str]) -> bool:
    """Give cameras that were enrolled since a row of their own; says whether there were any."""
    cursor.execute(
        "INSERT INTO devices_camerahealth (camera_id, received, hearing, clock_wrong, mode,"
        " battery_state, offload, firmware_version, firmware_digest, profile_version,"
        " profile_digest, faults)"
        " SELECT id, '{}', 'never', false, '', '', '', '', '', '', '', '{}' FROM devices_camera"
        " WHERE upper(serial) = ANY(%s) ON CONFLICT DO NOTHING",
        [list(serials)],
    )
    return bool(cursor.rowcount)


def _row(row: Sequence[Any]) -> Row:
    facts = None if row[9] is None else Facts._make((*row[14:21], tuple(row[21])))
    docked, bay_id, placed_at = row[22:25]
    seen_docked, seen_bay_id, seen_at, *count = row[25:30]
    known = Known(
        boot=row[8],
        sequence=row[9],
        received=row[10],
        facts=facts,
        place=None if placed_at is None else Place(placed_at, docked, bay_id),
        seen=None if seen_at is None else Place(seen_at, seen_docked, seen_bay_id, None, (*count,)),
        hearing=Heard(row[11]),
        since=row[12],
        reading_at=row[13],
    )
    return Row(row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], known)


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
    with connection.cursor() as cursor:
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
    with connection.cursor() as cursor:
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
    with connection.cursor() as cursor:
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
    with connection.cursor() as cursor:
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


@dataclass(frozen=True, slots=True)
class Change:
    """One camera's row to write."""

    camera_id: int
    heard_at: datetime
    hearing: Heard
    expected_by: datetime | None
    outcome: Outcome


_CONTACT: Mapping[str, tuple[str, Callable[[Change], Any]]] = {
    "camera_id": ("bigint", lambda one: one.camera_id),
    "heard_at": ("timestamptz", lambda one: one.heard_at),
    "hearing": ("text", lambda one: one.hearing.value),
    "expected_by": ("timestamptz", lambda one: one.expected_by),
    "boot": ("int", lambda one: one.outcome.known.boot),
    "received": ("bigint[]", lambda one: _nested(one.outcome.known.received)),
    "docked": ("bool", lambda one: one.outcome.known.place and one.outcome.known.place.docked),
    "bay_id": ("bigint", lambda one: one.outcome.known.place and one.outcome.known.place.bay_id),
    "placed_at": (
        "timestamptz",
        lambda one: one.outcome.known.place and one.outcome.known.place.at,
    ),
    "since": ("timestamptz", lambda one: one.outcome.known.since),
    "reading_at": ("timestamptz", lambda one: one.outcome.known.reading_at),
}
_FACTS: Mapping[str, tuple[str, Callable[[Arrival], Any]]] = {
    "sequence": ("bigint", lambda one: one.report.sequence),
    "measured_at": ("timestamptz", lambda one: one.at),
    "device_time": ("timestamptz", lambda one: one.report.device_time),
    "clock_offset_s": ("float8", lambda one: one.report.clock_offset_s),
    "clock_wrong": ("bool", lambda one: one.clock_wrong),
    "mode": ("text", lambda one: one.report.mode.value),
    "battery_percent": ("smallint", lambda one: one.report.battery_percent),
    "battery_state": ("text", lambda one: one.report.battery_state.value),
    "battery_health_percent": ("smallint", lambda one: one.report.battery_health_percent),
    "storage_used_mb": ("int", lambda one: one.report.storage_used_mb),
    "storage_free_mb": ("int", lambda one: one.report.storage_free_mb),
    "clips_waiting": ("bigint", lambda one: one.report.clips_waiting),
    "bytes_waiting": ("bigint", lambda one: one.report.bytes_waiting),
    "offload": ("text", lambda one: one.report.offload.value),
    "firmware_version": ("text", lambda one: one.report.firmware_version),
    "firmware_digest": ("text", lambda one: one.report.firmware_digest or ""),
    "profile_version": ("text", lambda one: one.report.profile_version or ""),
    "profile_digest": ("text", lambda one: one.report.profile_digest or ""),
    "temperature_c": ("float8", lambda one: one.report.temperature_c),
    "faults": ("text[]", lambda one: _nested(one.report.faults)),
    "latitude": ("float8", lambda one: one.report.position and one.report.position.latitude),
    "longitude": ("float8", lambda one: one.report.position and one.report.position.longitude),
    "accuracy_m": ("float8", lambda one: one.report.position and one.report.position.accuracy_m),
}


def save_cameras(changes: Sequence[Change]) -> None:
    """Write each camera's row; the facts only where a newer report brought them."""
    newer = [(one, one.outcome.newest) for one in changes if one.outcome.newest is not None]
    older = [one for one in changes if one.outcome.newest is None]
    contact = {name: [read(one) for one, _ in newer] for name, (_, read) in _CONTACT.items()}
    facts = {name: [read(one) for _, one in newer] for name, (_, read) in _FACTS.items()}
    facts["received_at"] = contact["heard_at"]
    _update(contact | facts)
    _update({name: [read(one) for one in older] for name, (_, read) in _CONTACT.items()})


def save_sightings(seen: Sequence[tuple[int, Place]]) -> None:
    """Keep what a dock last saw of each of these cameras, as (camera, place)."""
    if not seen:
        return
    with connection.cursor() as cursor:
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


_KINDS = {name: kind for name, (kind, _) in (*_CONTACT.items(), *_FACTS.items())} | {
    "received_at": "timestamptz"
}


def _update(columns: Mapping[str, list[Any]]) -> None:
    if not columns["camera_id"]:
        return
    kinds = {name: _KINDS[name] for name in columns}
    carried = {name: "text" if kind.endswith("[]") else kind for name, kind in kinds.items()}
    assigned = ", ".join(
        f"{name} = t.{name}::{kind}" for name, kind in kinds.items() if name != "camera_id"
    )
    arrays = ", ".join(f"%s::{kind}[]" for kind in carried.values())
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE devices_camerahealth h SET {assigned}"  # noqa: S608  (our own column names)
            f" FROM unnest({arrays}) AS t({', '.join(columns)}) WHERE h.camera_id = t.camera_id",
            [_literal(values) for values in columns.values()],
        )


def add_readings(rows: Sequence[tuple[int, Arrival]], now: datetime) -> None:
    """Append (camera, report) pairs to history."""
    if not rows:
        return
    with (
        connection.cursor() as cursor,
        cursor.copy(
            "COPY devices_reading (camera_id, at, received_at, device_time, clock_wrong, boot,"
            " sequence, mode, docked, battery_percent, battery_state, storage_free_mb,"
            " bytes_waiting, offload, firmware_version, temperature_c, faults) FROM STDIN"
        ) as copy,
    ):
        for camera_id, one in rows:
            said = one.report
            copy.write_row(
                (
                    camera_id,
                    one.at,
                    now,
                    said.device_time,
                    one.clock_wrong,
                    said.boot,
                    said.sequence,
                    said.mode.value,
                    said.docked,
                    said.battery_percent,
                    said.battery_state.value,
                    said.storage_free_mb,
                    said.bytes_waiting,
                    said.offload.value,
                    said.firmware_version,
                    said.temperature_c,
                    _nested(said.faults),
                )
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
