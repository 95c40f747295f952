"""A fleet as rows, for tests of what is read; what is written is tested through actions."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import Group, User
from django.db.models import F
from django.utils.timezone import now

from devices.access.models import Posting
from devices.alerts.catalogue import Pace
from devices.alerts.models import Alert, Looked
from devices.health.models import CameraHealth, DockHealth, Hearing, Reading
from devices.inventory.models import (
    Bay,
    Camera,
    CameraModel,
    Dock,
    DockKind,
    Officer,
    ServiceState,
    Station,
)
from devices.roles import Role
from devices.roster.models import Duty, Shift, ShiftKind

PASSWORD = "correct horse battery"
NO_ROW = 2_000_000_000  # an id that no table of the suite comes to, however long its worker ran


def person(role: Role | None, *stations: Station, name: str = "", officer: Any = None) -> User:
    """Somebody who can sign in, posted to these stations."""
    user = User.objects.create_user(name or (role.value.lower() if role else "nobody"))
    if role:
        user.groups.add(Group.objects.get_or_create(name=role.value)[0])
    Posting.objects.bulk_create(Posting(user=user, station=station) for station in stations)
    if officer:
        officer.user = user
        officer.save()
    return user


def a_station(code: str = "HQ", name: str = "Headquarters") -> Station:
    return Station.objects.create(code=code, name=name)


def a_dock(code: str, station: Station, *, bays: int = 8, kind: str = DockKind.MULTI) -> Dock:
    dock = Dock.objects.create(code=code, station=station, kind=kind)
    Bay.objects.bulk_create(Bay(dock=dock, position=n + 1) for n in range(bays))
    return dock


def a_model(*, radio: bool = True) -> CameraModel:
    name = "R2" if radio else "S1"
    return CameraModel.objects.get_or_create(
        maker="Example", name=name, defaults={"radio": radio, "battery_hours": 12.0}
    )[0]


def a_camera(number: int, station: Station, now: datetime, **fields: Any) -> Camera:
    """A camera in service; ``health`` makes its current row."""
    health = fields.pop("health", None)
    fields.setdefault("model", a_model())
    camera: Camera = Camera.objects.create(
        number=number,
        serial=fields.pop("serial", f"BWC-{number:06d}"),
        station=station,
        enrolled_at=now,
        **fields,
    )
    if health is not None:
        CameraHealth.objects.create(camera=camera, **heard(now, **health))
    return camera


def a_duty(shift: Shift, officer: Officer, **fields: Any) -> Duty:
    """The officer is on this shift from its beginning to its end."""
    told = {"begins_at": shift.begins_at, "ends_at": shift.ends_at, **fields}
    duty: Duty = Duty.objects.create(shift=shift, officer=officer, source="by_hand", **told)
    return duty


def a_duty_at(station: Station, officer: Officer, begins_at: datetime, ends_at: datetime) -> Duty:
    """The officer is on duty from then to then, on a shift of its own."""
    code = f"{ShiftKind.objects.count()}"
    kind = ShiftKind.objects.create(code=code, name=code, begins="00:00", ends="08:00")
    shift = Shift.objects.create(
        station=station, kind=kind, on=begins_at.date(), begins_at=begins_at, ends_at=ends_at
    )
    return a_duty(shift, officer)


def heard(now: datetime, **fields: Any) -> dict[str, Any]:
    """The row of a camera that sits charged in a dock and just spoke; with a ``clock_wrong``, an
    hour ahead."""
    measured_at = fields.get("measured_at", now)
    wrong_by = timedelta(hours=1 if fields.get("clock_wrong") else 0)
    return {
        "boot": 1,
        "sequence": 1,
        "heard_at": now,
        "received_at": now,
        "measured_at": now,
        "device_time": measured_at and measured_at + wrong_by,
        "hearing": Hearing.HEARD,
        "docked": True,
        "placed_at": now,
        "moved_at": fields.get("placed_at", now),
        "since": now,
        "mode": "off",
        "battery_percent": 100,
        "battery_state": "full",
        "battery_health_percent": 96,
        "clips_waiting": 0,
        "bytes_waiting": 0,
        "offload": "complete",
        "firmware_version": "4.2.1",
        "faults": [],
        **fields,
    }


def a_reading(camera: Camera, at: datetime, **fields: Any) -> Reading:
    """What a camera that sits well in its dock said at that moment."""
    made = reading(camera, at, **fields)
    made.save()
    return made


def reading(camera: Camera, at: datetime, **fields: Any) -> Reading:
    """The same, not written down yet."""
    return Reading(
        camera=camera,
        at=at,
        **{
            "received_at": at,
            "device_time": at,
            "clock_wrong": False,
            "boot": 1,
            "sequence": 1,
            "mode": "off",
            "docked": True,
            "battery_percent": 100,
            "battery_state": "full",
            "battery_health_percent": 96,
            "storage_free_mb": 60_000,
            "bytes_waiting": 0,
            "offload": "complete",
            "firmware_version": "4.2.1",
            **fields,
        },
    )


def set_clocks_wrong(cameras: Any = None) -> None:
    """The clocks of these cameras (a query of their health, or all) are an hour ahead."""
    whose = CameraHealth.objects.all() if cameras is None else cameras
    whose.update(clock_wrong=True, device_time=F("measured_at") + timedelta(hours=1))


@dataclass(frozen=True)
class Fleet:
    stations: list[Station]
    docks: list[Dock]
    camera_ids: list[int]


def a_fleet(now: datetime, *, cameras: int = 140, seed: int = 7) -> Fleet:
    """A fleet on an ordinary afternoon: most docked, a shift out, a few things wrong.

    Docks of 8 bays and a vehicle for every twelve cameras, two stations.
    """
    chance = random.Random(seed)
    models = {radio: a_model(radio=radio) for radio in (True, False)}
    stations = [a_station(), a_station("N", "North")]
    vehicles = cameras * 12 // 140
    multi = -(-(cameras - vehicles) // 8) + cameras * 2 // 140
    docks = Dock.objects.bulk_create(
        [
            *(
                Dock(code=f"D{n + 1:02d}", station=stations[n >= multi * 3 // 4], place="Roll call")
                for n in range(multi)
            ),
            *(
                Dock(code=f"V{n + 1:02d}", station=stations[n % 3 == 2], kind=DockKind.VEHICLE)
                for n in range(vehicles)
            ),
        ]
    )
    bays = Bay.objects.bulk_create(
        Bay(dock=dock, position=position)
        for dock in docks
        for position in range(1, 9 if dock.kind == DockKind.MULTI else 2)
    )
    homes = [*bays[: cameras - vehicles], *bays[multi * 8 :]][:cameras]
    officers = Officer.objects.bulk_create(
        Officer(badge_number=str(200 + n), station=homes[n].dock.station)
        for n in range(len(homes) * 131 // 140)
    )
    made = Camera.objects.bulk_create(
        Camera(
            number=n + 1,
            serial=f"BWC-{n + 1:06d}",
            model=models[n % 3 != 0],
            station=home.dock.station,
            home_bay=home,
            officer=officers[n] if n < len(officers) else None,
            enrolled_at=now - timedelta(days=400),
            service_state=_service(chance),
        )
        for n, home in enumerate(homes)
    )
    CameraHealth.objects.bulk_create(
        CameraHealth(camera=camera, **_afternoon(chance, camera, now)) for camera in made
    )
    DockHealth.objects.bulk_create(
        DockHealth(
            dock=dock,
            heard_at=now - timedelta(minutes=31 if dock.code == "D07" else 0, seconds=20),
            hearing=Hearing.SILENT if dock.code == "D07" else Hearing.HEARD,
        )
        for dock in docks
    )
    return Fleet(stations, docks, [camera.pk for camera in made])


def _service(chance: random.Random) -> str:
    return chance.choices(
        [ServiceState.IN_SERVICE, ServiceState.IN_REPAIR, ServiceState.LOST], [960, 30, 5]
    )[0]


def _afternoon(chance: random.Random, camera: Camera, now: datetime) -> dict[str, Any]:
    minutes = chance.randint(1, 400)
    common = {
        "since": now - timedelta(minutes=minutes),
        "placed_at": now - timedelta(minutes=minutes),
        "battery_health_percent": chance.randint(80, 100),
        "clips_waiting": chance.choice([0, 0, 0, 0, 3, 7]),
        "faults": chance.choices([[], ["lens_blocked"], ["storage_failing"]], [94, 3, 3])[0],
        "clock_wrong": chance.random() < 0.02,
    }
    home = camera.home_bay
    if home is not None and home.dock.code == "D07":
        return heard(now - timedelta(minutes=31), **common, bay=home, hearing=Hearing.SILENT)
    kinds = ["full", "charging", "out", "recording", "silent", "never"]
    kind = chance.choices(kinds, [44, 20, 30, 3, 1, 1])[0]
    if kind == "never":
        return {}
    return heard(now, **common, **_told(kind, chance, home, now))


def _told(kind: str, chance: random.Random, home: Bay | None, now: datetime) -> dict[str, Any]:
    match kind:
        case "charging":
            percent = chance.randint(8, 94)
            return {"bay": home, "battery_state": "charging", "battery_percent": percent}
        case "out":
            return _away(chance, "buffering")
        case "recording":
            return _away(chance, "recording")
        case "silent":
            then = now - timedelta(minutes=44)
            return {"bay": home, "hearing": Hearing.SILENT, "heard_at": then}
        case _:
            return {"bay": home}


def _away(chance: random.Random, mode: str) -> dict[str, Any]:
    return {
        "docked": False,
        "mode": mode,
        "battery_state": "discharging",
        "battery_percent": chance.randint(12, 96),
    }


def looked(at: datetime | None = None) -> None:
    """Somebody looked then whether anything is wrong, as the worker does all the time."""
    for pace in Pace:
        Looked.objects.update_or_create(pace=pace, defaults={"at": at or now()})


def an_alert(
    rule: str, name: str, severity: str = "major", *, minutes: float = 30, **fields: Any
) -> Alert:
    """One that has called for so many minutes."""
    at = now() - timedelta(minutes=minutes)
    told = {"words": "words of an officer", "began_at": at, "fired_at": at, "seen_at": at, **fields}
    made: Alert = Alert.objects.create(
        rule=rule, subject=f"{rule}:{name}", name=name, severity=severity, **told
    )
    return made
