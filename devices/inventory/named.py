"""Whose a code is already, as it stands: asked by whoever writes one down.

Badge numbers, credentials, serial numbers, asset tags and codes alike, of whoever left and of what
is retired too, for a desk reads them all.
"""

from django.db import connection

from devices.inventory import codes
from devices.inventory.naming import Name, What, clashes

_NAMES = """
SELECT name.code, name.what, name.whose, name.column, station.code FROM (
    SELECT badge_number AS code, 'officer' AS what, badge_number AS whose,
           'badge_number' AS column, station_id FROM devices_officer
    UNION ALL
    SELECT held.value, 'officer', o.badge_number, 'credentials', o.station_id
    FROM devices_credential held JOIN devices_officer o ON o.id = held.officer_id
    UNION ALL
    SELECT serial, 'camera', number::text, 'serial', station_id FROM devices_camera
    UNION ALL
    SELECT asset_tag, 'camera', number::text, 'asset_tag', station_id FROM devices_camera
    WHERE asset_tag <> ''
    UNION ALL
    SELECT held.value, 'camera', c.number::text, 'codes', c.station_id
    FROM devices_cameracode held JOIN devices_camera c ON c.id = held.camera_id
) AS name JOIN devices_station station ON station.id = name.station_id"""

# As `codes.bare` says it.
_BARE = "ltrim(trim('-' from regexp_replace(upper(name.code), '[^A-Z0-9]+', '-', 'g')), '0')"


def of_all(what: What) -> list[Name]:
    """Every code of an officer or of a camera, in one statement."""
    return _read("WHERE name.what = %s", what.value)


def whose(code: str, what: What, owner: str) -> str:
    """Who has this code already, if it were this officer's (a badge number) or camera's (its
    number): officer 1031. Empty if nobody else has."""
    mine = Name(code, what, owner)
    like = _read(f"WHERE {_BARE} = %s", codes.bare(code))
    for claimed in clashes([mine, *like]):
        others = [one.owner for one in claimed if one.owner != mine.owner]
        if mine.owner in {one.owner for one in claimed} and others:
            return others[0]
    return ""


def _read(which: str, value: str) -> list[Name]:
    with connection.cursor() as cursor:
        cursor.execute(f"{_NAMES} {which}", [value])
        return [
            Name(code, What(what), whose, column, station)
            for code, what, whose, column, station in cursor.fetchall()
        ]
