"""Two stations with one of everything: what is somebody's own, and what is another's."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.utils import timezone

from devices.access.models import Quarantined, QuarantineKind, Screen, ScreenToken
from devices.alerts.models import Alert, Channel, Quiet
from devices.faults.models import Fault, PreShiftTest, Repair
from devices.health.models import Placement, Reading, Silence
from devices.inventory.models import Camera, Dock, Officer, Station
from devices.roster.models import Duty, Shift, ShiftKind, StandIn
from tests.rows import a_camera, a_dock, a_station


@dataclass(frozen=True)
class Place:
    """A station with one of everything."""

    station: Station
    dock: Dock
    camera: Camera
    officer: Officer
    quarantined: Quarantined
    test: PreShiftTest
    fault: Fault
    repair: Repair
    shift: Shift
    alert: Alert
    quiet: Quiet
    channel: Channel
    screen: Screen


def two_places(now: datetime) -> list[Place]:
    return [_place("HQ", 1, now), _place("N", 2, now)]


def _place(code: str, number: int, now: datetime) -> Place:
    station = a_station(code, code)
    dock = a_dock(f"{code}-D1", station, bays=1)
    officer = Officer.objects.create(badge_number=f"20{number}", station=station)
    bay = dock.bays.get()
    camera = a_camera(
        number, station, now, officer=officer, home_bay=bay, health={"bay": bay, "docked": True}
    )
    Reading.objects.create(
        camera=camera,
        at=now,
        received_at=now,
        device_time=now,
        clock_wrong=False,
        boot=1,
        sequence=1,
        mode="off",
        docked=True,
        battery_percent=90,
        battery_state="charging",
        storage_free_mb=64_000,
        bytes_waiting=0,
        offload="complete",
        firmware_version="4.2.1",
    )
    Placement.objects.create(camera=camera, docked=True, bay=bay, at=now, received_at=now)
    Silence.objects.create(camera=camera, began_at=now, detected_at=now)
    quarantined = Quarantined.objects.create(
        kind=QuarantineKind.UNKNOWN_SERIAL, serial="X", dock=dock, first_at=now, last_at=now
    )
    test = PreShiftTest.objects.create(
        camera=camera, officer=officer, at=now, passed=True, checks=[], facts={}
    )
    fault = Fault.objects.create(
        camera=camera,
        code="lens",
        severity="critical",
        source="officer",
        officer=officer,
        opened_at=now,
        acknowledge_by=now,
    )
    repair = Repair.objects.create(camera=camera, maintainer="Maker", reason="Lens")
    return Place(
        station,
        dock,
        camera,
        officer,
        quarantined,
        test,
        fault,
        repair,
        _shift(station, officer, camera, now),
        *_alert(station, dock, now),
        Channel.objects.create(kind="mail", address=f"{code}@example.org", made_at=now),
        _screen(station, now),
    )


def _shift(station: Station, officer: Officer, camera: Camera, now: datetime) -> Shift:
    """A shift to come, with the officer on it and a camera promised."""
    kind, _ = ShiftKind.objects.get_or_create(
        code="DAY", defaults={"name": "Day", "begins": time(7), "ends": time(15)}
    )
    begins_at = max(now, timezone.now()) + timedelta(hours=1)
    shift = Shift.objects.create(
        station=station,
        kind=kind,
        on=begins_at.date(),
        begins_at=begins_at,
        ends_at=begins_at + timedelta(hours=8),
    )
    Duty.objects.create(
        shift=shift,
        officer=officer,
        begins_at=shift.begins_at,
        ends_at=shift.ends_at,
        source="by_hand",
    )
    StandIn.objects.create(shift=shift, officer=officer, camera=camera, offered_at=now)
    return shift


def _screen(station: Station, now: datetime) -> Screen:
    screen = Screen.objects.create(name=f"Roll call {station.code}", made_at=now)
    screen.stations.add(station)
    key = f"key{station.code:a>5}"
    ScreenToken.objects.create(screen=screen, key_id=key, made_at=now, opened_at=now)
    return screen


def _alert(station: Station, dock: Dock, now: datetime) -> tuple[Alert, Quiet]:
    alert = Alert.objects.create(
        rule="dock_silent",
        subject=f"dock:{dock}",
        name=dock.code,
        words=f"Dock {dock} does not report.",
        severity="major",
        station=station,
        began_at=now,
        fired_at=now,
        seen_at=now,
    )
    quiet = Quiet.objects.create(
        kind="maintenance",
        station=station,
        reason="New switch",
        begins_at=now,
        ends_at=max(now, timezone.now()) + timedelta(days=1),
    )
    return alert, quiet
