"""A fleet of any size as rows, with tokens for its first docks."""

from datetime import UTC, datetime

from django.db import connection

from devices.access import tokens
from devices.access.models import DeviceToken
from devices.access.tokens import TokenKind
from devices.inventory.models import CameraModel, Dock, Station

BAYS = 8


def make(cameras: int, *, docks_with_tokens: int) -> list[tuple[str, list[str]]]:
    """Make ``cameras`` cameras in docks of eight; the tokens and serials of the first docks."""
    station = Station.objects.create(code=f"B{cameras}", name=f"Bench {cameras}")
    model = CameraModel.objects.create(maker="Bench", name=f"M{cameras}")
    docks = Dock.objects.bulk_create(
        Dock(code=f"B{cameras}-{n}", station=station) for n in range(-(-cameras // BAYS))
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO devices_bay (dock_id, position, mac)"
            " SELECT id, p, '' FROM devices_dock, generate_series(1, %s) p WHERE station_id = %s",
            [BAYS, station.pk],
        )
        cursor.execute(
            "INSERT INTO devices_camera (number, serial, asset_tag, model_id, supplier, station_id,"
            " home_bay_id, service_state, service_note, enrolled_at)"
            " SELECT %s + n, 'BWC-' || %s || '-' || n, '', %s, '', %s, bay, 'in_service', '', now()"
            " FROM (SELECT id AS bay, row_number() OVER (ORDER BY dock_id, position) - 1 AS n"
            "       FROM devices_bay WHERE dock_id IN"
            "       (SELECT id FROM devices_dock WHERE station_id = %s)) home WHERE n < %s",
            [cameras * 10, cameras, model.pk, station.pk, station.pk, cameras],
        )
        cursor.execute(
            "INSERT INTO devices_camerahealth (camera_id, boot, sequence, received, heard_at,"
            " hearing, received_at, measured_at, device_time, clock_wrong, mode, battery_percent,"
            " battery_state, storage_used_mb, storage_free_mb, clips_waiting, bytes_waiting,"
            " offload, firmware_version, firmware_digest, profile_version, profile_digest, faults,"
            " docked, bay_id, placed_at, since, reading_at)"
            " SELECT id, 1, 1, '{1,1}', now(), 'heard', now(), now(), now(), false, 'off',"
            " 20 + id %% 80, CASE WHEN id %% 3 = 0 THEN 'charging' ELSE 'full' END, 2000, 62000,"
            " 0, 0, 'complete', '4.2.1', '', '', '', '{}', true, home_bay_id, now(), now(), now()"
            " FROM devices_camera WHERE station_id = %s",
            [station.pk],
        )
        cursor.execute("ANALYZE")
    return _tokens(docks[:docks_with_tokens], cameras)


def _tokens(docks: list[Dock], cameras: int) -> list[tuple[str, list[str]]]:
    minted = [tokens.mint(TokenKind.DOCK) for _ in docks]
    DeviceToken.objects.bulk_create(
        DeviceToken(key_id=one.key_id, digest=one.digest, made_at=datetime.now(UTC), dock=dock)
        for one, dock in zip(minted, docks, strict=True)
    )
    return [
        (one.plaintext, [f"BWC-{cameras}-{n * BAYS + p}" for p in range(BAYS)])
        for n, one in enumerate(minted)
    ]
