"""An ordinary afternoon of a fleet of any size, as rows. Runs inside Django."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.test import Client

from devices.access.models import DeviceToken
from devices.access.tokens import TokenKind, mint
from devices.battery.models import Battery
from devices.health.models import CameraHealth, DockHealth
from devices.inventory.models import Bay, Camera, CameraModel, Dock, Officer, Station
from devices.roles import Role
from tests.rows import heard, person

BAYS = 8
A_STATION = 25_000  # cameras
MOST_DOCKS = 512  # that get a token
BATCH = 5000

_HISTORY = """
INSERT INTO devices_reading (camera_id, at, received_at, device_time, clock_wrong, boot, sequence,
    mode, docked, battery_percent, battery_state, storage_free_mb, bytes_waiting, offload,
    firmware_version, faults)
SELECT ids[1 + n %% %(cameras)s], at, at, at, FALSE, 1, n / %(cameras)s, 'off', TRUE, n %% 100,
    'charging', 62000, 0, 'complete', '4.2.1', '{}'
FROM (SELECT array_agg(id) AS ids FROM devices_camera) AS every,
     generate_series(1, %(history)s) AS n,
     LATERAL (SELECT %(now)s - INTERVAL '15 minutes' * (%(history)s - n) / %(cameras)s AS at) AS t
"""


def main(size: str, past: str) -> str:
    """Make it, with so much history.

    Says, as JSON, the tokens and serials of the first docks and the cookie of somebody signed in.
    """
    cameras, history, now = int(size), int(past), datetime.now(UTC)
    call_command("migrate", verbosity=0)
    docks = _docks(cameras)
    made = _cameras(cameras, docks, now)
    _history(cameras, history, now)
    keeper = person(Role.QUARTERMASTER, *Station.objects.all())
    client = Client()
    client.force_login(keeper)
    said = {
        "docks": _tokens(docks[:MOST_DOCKS], made, now),
        "cookie": f"sessionid={client.cookies['sessionid'].value}",
        "camera_ids": [camera.pk for camera in made[:MOST_DOCKS]],
    }
    return json.dumps(said)


def _docks(cameras: int) -> list[Dock]:
    stations = [
        Station.objects.create(code=f"S{n}", name=f"Station {n}")
        for n in range(-(-cameras // A_STATION))
    ]
    docks: list[Dock] = Dock.objects.bulk_create(
        (
            Dock(code=f"D{n:05d}", station=stations[n * BAYS // A_STATION])
            for n in range(-(-cameras // BAYS))
        ),
        BATCH,
    )
    Bay.objects.bulk_create(
        (Bay(dock=dock, position=n + 1) for dock in docks for n in range(BAYS)), BATCH
    )
    return docks


def _cameras(cameras: int, docks: list[Dock], now: datetime) -> list[Camera]:
    model = CameraModel.objects.create(maker="Example", name="R2", radio=True)
    bays = list(Bay.objects.order_by("dock__code", "position")[:cameras])
    officers = Officer.objects.bulk_create(
        (Officer(badge_number=f"{n}", station=docks[n // BAYS].station) for n in range(cameras)),
        BATCH,
    )
    made: list[Camera] = Camera.objects.bulk_create(
        (
            Camera(
                number=n + 1,
                serial=f"BWC-{n:06d}",
                model=model,
                station=docks[n // BAYS].station,
                home_bay=bays[n],
                officer=officers[n] if n % 15 else None,
                enrolled_at=now,
                service_state=_service(n),
            )
            for n in range(cameras)
        ),
        BATCH,
    )
    CameraHealth.objects.bulk_create(
        (CameraHealth(camera=made[n], **_afternoon(n, bays, now)) for n in range(cameras)), BATCH
    )
    Battery.objects.bulk_create((_learned(camera, now) for camera in made), BATCH)
    DockHealth.objects.bulk_create(
        (DockHealth(dock=dock, heard_at=now, hearing="heard") for dock in docks), BATCH
    )
    return made


def _service(n: int) -> str:
    if n % 200 == 7:
        return "in_repair"
    return "lost" if n % 1000 == 3 else "in_service"


def _afternoon(n: int, bays: list[Bay], now: datetime) -> dict[str, Any]:
    """Of a hundred: 64 docked, 33 out, one silent in its dock, one never heard, one displaced."""
    kind, home = n % 100, bays[n]
    if kind < 44:
        return heard(now, bay=home)
    if kind < 64:
        return heard(now, bay=home, battery_state="charging", battery_percent=8 + n % 87)
    if kind < 97:
        out = {"docked": False, "battery_state": "discharging", "battery_percent": 12 + n % 85}
        return heard(now, mode="recording" if kind > 93 else "buffering", **out)
    if kind == 97:
        return heard(now - timedelta(minutes=44), bay=home, hearing="silent")
    return {} if kind == 98 else heard(now - timedelta(minutes=5), bay=bays[n - 99])


def _learned(camera: Camera, now: datetime) -> Battery:
    """What a battery has shown after some weeks."""
    slower = 1 + camera.number % 20 / 100
    return Battery(
        camera=camera,
        buffering_percent_h=8.0 * slower,
        buffering_hours_seen=60,
        recording_percent_h=14.5 * slower,
        recording_hours_seen=4,
        sleep_percent_h=1.9 * slower,
        sleep_hours_seen=3,
        duty_percent_h=8.6 * slower,
        charge_percent_h=33.0,
        top_up_percent_h=10.0,
        knee_percent=81.0,
        charge_hours_seen=44,
        recording_share=0.07,
        capacity_percent=93.0,
        error_share=0.08,
        learned_at=now,
    )


def _history(cameras: int, history: int, now: datetime) -> None:
    with connection.cursor() as cursor:
        # Checks of rows that cannot be wrong would take longer than the rows.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(_HISTORY, {"cameras": cameras, "history": history, "now": now})
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("VACUUM ANALYZE")


def _tokens(docks: list[Dock], made: list[Camera], now: datetime) -> list[tuple[str, list[str]]]:
    minted = [mint(TokenKind.DOCK) for _ in docks]
    DeviceToken.objects.bulk_create(
        DeviceToken(key_id=one.key_id, digest=one.digest, made_at=now, dock=dock)
        for one, dock in zip(minted, docks, strict=True)
    )
    serials = [
        [camera.serial for camera in made[n * BAYS : (n + 1) * BAYS]] for n in range(len(docks))
    ]
    return [(one.plaintext, named) for one, named in zip(minted, serials, strict=True)]
