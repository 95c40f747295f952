"""What a group of reports leaves behind: each camera's present, and the readings history keeps.

All of it is copied in once, in the database's binary form, into a table that only this
transaction sees; from there the database puts it in its places. A column at a time, as an
array of texts, took four times as long here and half as long again there.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple

from django.db import connection

from devices.health.rules import Arrival, Heard, Outcome


class Change(NamedTuple):
    """One camera's row to write."""

    camera_id: int
    heard_at: datetime
    hearing: Heard
    expected_by: datetime | None
    outcome: Outcome


# What is copied, by column: its type, and where its value is found. Arrays travel as text.
_CAMERA = {
    "camera_id": "int8",
    "heard_at": "timestamptz",
    "present": "bool",  # this row is the camera's present, not only a reading
    "kept": "bool",  # history keeps what this row says
    "received_text": "text",
}
_HEARD = {
    "hearing": ("varchar", "hearing"),
    "expected_by": ("timestamptz", "expected_by"),
    "boot": ("int4", "outcome.known.boot"),
    "since": ("timestamptz", "outcome.known.since"),
    "reading_at": ("timestamptz", "outcome.known.reading_at"),
    "moved_at": ("timestamptz", "outcome.known.moved_at"),
}
_PLACED = {
    "docked": ("bool", "docked"),
    "bay_id": ("int8", "bay_id"),
    "placed_at": ("timestamptz", "at"),
}
_SAID = {
    "said_boot": ("int4", "report.boot"),
    "said_docked": ("bool", "report.docked"),
    "sequence": ("int8", "report.sequence"),
    "measured_at": ("timestamptz", "at"),
    "device_time": ("timestamptz", "report.device_time"),
    "clock_offset_s": ("float8", "report.clock_offset_s"),
    "clock_wrong": ("bool", "clock_wrong"),
    "mode": ("varchar", "report.mode"),
    "battery_percent": ("int2", "report.battery_percent"),
    "battery_state": ("varchar", "report.battery_state"),
    "battery_health_percent": ("int2", "report.battery_health_percent"),
    "storage_used_mb": ("int4", "report.storage_used_mb"),
    "storage_free_mb": ("int4", "report.storage_free_mb"),
    "clips_waiting": ("int8", "report.clips_waiting"),
    "bytes_waiting": ("int8", "report.bytes_waiting"),
    "offload": ("varchar", "report.offload"),
    "firmware_version": ("varchar", "report.firmware_version"),
    "firmware_digest": ("varchar", "report.firmware_digest"),
    "profile_version": ("varchar", "report.profile_version"),
    "profile_digest": ("varchar", "report.profile_digest"),
    "temperature_c": ("float8", "report.temperature_c"),
}
_FAULTS = {"faults_text": "text"}
_SPOT = {
    "latitude": ("float8", "latitude"),
    "longitude": ("float8", "longitude"),
    "accuracy_m": ("float8", "accuracy_m"),
}

_READ = {**_HEARD, **_PLACED, **_SAID, **_SPOT}
_COLUMNS = (*_CAMERA, *_HEARD, *_PLACED, *_SAID, *_FAULTS, *_SPOT)
_TYPES = [_READ[name][0] if name in _READ else (_CAMERA | _FAULTS)[name] for name in _COLUMNS]

_INCOMING = """
CREATE TEMP TABLE IF NOT EXISTS incoming ON COMMIT DELETE ROWS AS
SELECT *, docked AS present, docked AS kept, boot AS said_boot, docked AS said_docked,
       '' AS received_text, '' AS faults_text
FROM devices_camerahealth WITH NO DATA
"""
_COPY = f"COPY incoming ({', '.join(_COLUMNS)}) FROM STDIN (FORMAT BINARY)"

_TO_CONTACT = {
    **{name: f"i.{name}" for name in ("heard_at", *_HEARD, *_PLACED)},
    "received": "i.received_text::bigint[]",
}
_TO_FACTS = {
    **{name: f"i.{name}" for name in (*_SAID, *_SPOT) if not name.startswith("said_")},
    **{
        name: f"coalesce(i.{name}, '')"
        for name in ("firmware_digest", "profile_version", "profile_digest")
    },
    "profile_since": (
        "CASE WHEN (h.profile_version, h.profile_digest) = (coalesce(i.profile_version, ''),"
        " coalesce(i.profile_digest, '')) THEN h.profile_since ELSE i.measured_at END"
    ),
    "faults": "i.faults_text::varchar[]",
    "received_at": "i.heard_at",
}


def _update(columns: dict[str, str], rows: str) -> str:
    """Give each camera's row what its incoming row holds."""
    return (
        f"UPDATE devices_camerahealth h SET ({', '.join(columns)})"  # noqa: S608  (our own names)
        f" = ({', '.join(columns.values())})"
        f" FROM incoming i WHERE i.present AND {rows} AND h.camera_id = i.camera_id"
    )


# Left empty, because a second group may come in the same transaction.
_PUT_IN_PLACE = f"""
{_update(_TO_CONTACT | _TO_FACTS, "i.sequence IS NOT NULL")};
{_update(_TO_CONTACT, "i.sequence IS NULL")};
INSERT INTO devices_reading (camera_id, at, received_at, device_time, clock_wrong, boot,
    sequence, mode, docked, battery_percent, battery_state, battery_health_percent,
    storage_free_mb, bytes_waiting, offload, firmware_version, temperature_c, faults)
SELECT camera_id, measured_at, heard_at, device_time, clock_wrong, said_boot,
    sequence, mode, said_docked, battery_percent, battery_state, battery_health_percent,
    storage_free_mb, bytes_waiting, offload, firmware_version, temperature_c, faults_text::varchar[]
FROM incoming WHERE kept;
DELETE FROM incoming
"""  # noqa: S608  (our own names)


def write(changes: Collection[Change]) -> None:
    """Write each camera's row, its facts only where a newer report brought them, and readings."""
    with connection.cursor() as cursor:
        cursor.execute(_INCOMING)
        with cursor.copy(_COPY) as copy:
            copy.set_types(_TYPES)
            for one in changes:
                for row in _rows(one):
                    copy.write_row(row)
        cursor.execute(_PUT_IN_PLACE)


_heard = attrgetter(*(path for _, path in _HEARD.values()))
_placed = attrgetter(*(path for _, path in _PLACED.values()))
_said = attrgetter(*(path for _, path in _SAID.values()))
_spot = attrgetter(*(path for _, path in _SPOT.values()))

_NOT_HEARD = (None,) * len(_HEARD)
_NOT_PLACED = (None,) * len(_PLACED)
_NOT_SAID = (None,) * len((*_SAID, *_FAULTS, *_SPOT))
_NO_SPOT = (None,) * len(_SPOT)


def _rows(change: Change) -> Iterator[tuple[Any, ...]]:
    """One for the camera's present, which history may keep too, and one for each other reading."""
    camera_id, heard_at, outcome = change.camera_id, change.heard_at, change.outcome
    place, newest = outcome.known.place, outcome.newest
    others = [one for one in outcome.readings if one is not newest]
    yield (
        camera_id,
        heard_at,
        True,
        len(others) < len(outcome.readings),
        _array(outcome.known.received),
        *_heard(change),
        *(_placed(place) if place else _NOT_PLACED),
        *(_told(newest) if newest else _NOT_SAID),
    )
    for one in others:
        yield (camera_id, heard_at, False, True, None, *_NOT_HEARD, *_NOT_PLACED, *_told(one))


def _told(arrival: Arrival) -> tuple[Any, ...]:
    report = arrival.report
    spot = _spot(report.position) if report.position else _NO_SPOT
    return (*_said(arrival), _array(report.faults), *spot)


def _array(values: Sequence[Any]) -> str:
    """As the database reads an array; nothing that is listed here needs quotes."""
    return f"{{{','.join(map(str, values))}}}"
