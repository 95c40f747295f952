"""What a department's database holds of what devices said, by SQL of the story's own."""

from pathlib import Path
from typing import Any, NamedTuple

import psycopg

_RECEIVED = """
SELECT 'report', c.serial, s.boot, s.received FROM devices_camera c JOIN (
    SELECT camera_id, boot, received FROM devices_camerahealth
    UNION ALL SELECT camera_id, boot, received FROM devices_earlierboot) s ON s.camera_id = c.id
UNION ALL
SELECT 'event', d.code, s.boot, s.received FROM devices_dock d JOIN (
    SELECT dock_id, boot, received FROM devices_dockhealth
    UNION ALL SELECT dock_id, boot, received FROM devices_earlierboot) s ON s.dock_id = d.id
"""
_TWICE = """
SELECT camera_id, boot, sequence FROM devices_reading GROUP BY 1, 2, 3 HAVING count(*) > 1
"""


def rows(var: Path, asked: str, *given: Any) -> list[tuple[Any, ...]]:
    """What the database of this department answers."""
    with psycopg.connect((var / "database-url").read_text()) as database:
        return database.execute(asked, given).fetchall()


class Key(NamedTuple):
    """What one record is known by, wherever it is."""

    kind: str
    device: str
    boot: int
    sequence: int


class Kept:
    """Read once, when everything has been said."""

    def __init__(self, var: Path) -> None:
        with psycopg.connect((var / "database-url").read_text()) as database:
            self.received = {
                Key(kind, device, boot, sequence)
                for kind, device, boot, received in database.execute(_RECEIVED)
                for first, last in zip(received[::2], received[1::2], strict=True)
                for sequence in range(first, last + 1)
            }
            self.readings_kept_twice = database.execute(_TWICE).fetchall()
