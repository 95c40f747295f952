"""Two stations with one of everything: what is somebody's own, and what is another's."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import User
from django.utils import timezone

from devices.access.models import Quarantined, QuarantineKind, Screen, ScreenToken
from devices.alerts.models import Alert, Channel, Quiet
from devices.custody.models import Custody, CustodyEvent, Desk, DeskKind
from devices.desk.counts.models import Count
from devices.desk.kiosk.models import KioskToken
from devices.desk.models import DeskClosing, DeskConflict, DeskRequest
from devices.faults.models import Fault, PreShiftTest, Repair
from devices.health.models import CameraHealth, Placement, Reading, Silence
from devices.inventory.models import Camera, Dock, Officer, Station
from devices.recalls.models import Recall
from devices.releases.models import (
    Assignment,
    Certificate,
    Profile,
    ProfileVersion,
    Release,
    RollbackOrder,
)
from devices.releases.profiles.schema import USUAL, digest
from devices.rollouts.models import Deployment, Rollout, Wave
from devices.roster.models import Duty, Reservation, Shift, ShiftKind, StandIn
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
    count: Count
    kiosk: Desk
    desk: Desk
    lent: Camera
    lending: Custody
    conflict: DeskConflict
    closing: DeskClosing
    reservation: Reservation
    custody: Custody
    release: Release
    profile: Profile
    assignment: Assignment
    certificate: Certificate
    order: RollbackOrder
    rollout: Rollout
    recall: Recall

    @property
    def stoppable(self) -> Rollout:
        """The rollout as what only its own stations may stop."""
        return self.rollout


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
    brought = _releases(code, camera, now)
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
        Count.objects.create(
            station=station, started_at=now, started_by=User.objects.create_user(f"counts {code}")
        ),
        _kiosk(station, now),
        *_at_a_desk(station, officer, number, now),
        _custody(camera, officer, now),
        *brought,
        _rollout(brought[0], camera, now),
        Recall.objects.create(name=f"Lot {code}", reason="as told", lot=code, made_at=now),
    )


def _rollout(release: Release, camera: Camera, now: datetime) -> Rollout:
    """One under way, with this place's camera still to come."""
    rollout = Rollout.objects.create(
        name=f"Rollout {release.version}",
        release=release,
        state="running",
        soak=timedelta(hours=1),
        made_at=now,
        started_at=now,
    )
    wave = Wave.objects.create(rollout=rollout, number=1, percent=100, opened_at=now)
    Deployment.objects.create(rollout=rollout, wave=wave, camera=camera, since=now)
    return rollout


def _releases(
    code: str, camera: Camera, now: datetime
) -> tuple[Release, Profile, Assignment, Certificate, RollbackOrder]:
    """An image that a certificate stands behind, a profile, and a camera that drifted from it."""
    certificate = Certificate.objects.create(
        name=f"Maker {code}", pem=code, fingerprint=code, ends_at=now, added_at=now
    )
    release = _release("firmware", f"4.3.0-{code}", now, signed_by=certificate)
    profile = Profile.objects.create(name=f"patrol-{code.lower()}")
    version = ProfileVersion.objects.create(
        profile=profile, number=1, chosen=dict(USUAL), digest=digest(USUAL), made_at=now
    )
    _release("profile", str(version), now, profile_version=version)
    assignment = Assignment.objects.create(profile=profile, camera=camera, at=now)
    CameraHealth.objects.filter(camera=camera).update(profile_version="another")
    order = RollbackOrder.objects.create(
        release=release, reason="as told", signature=b"0", signed_by=certificate, ordered_at=now
    )
    return release, profile, assignment, certificate, order


def _release(kind: str, version: str, now: datetime, **fields: Any) -> Release:
    made: Release = Release.objects.create(
        kind=kind,
        version=version,
        key=version,
        file_name=version,
        size=1,
        sha256=version,  # no two are one file
        state="approved",
        uploaded_at=now,
        approved_at=now,
        **fields,
    )
    return made


def _at_a_desk(station: Station, officer: Officer, number: int, now: datetime) -> Iterator[Any]:
    """A desk, and a spare that is overdue, reserved, and told of wrongly."""
    desk = Desk.objects.create(station=station, name="Desk 1")
    by = User.objects.create_user(f"clerk {number}")
    lent = a_camera(530 + number, station, now)
    told = {"camera": lent, "officer": officer}
    scan = DeskRequest.objects.create(
        event_id=uuid4(), desk=desk, by=by, seq=1, raw="C", scanned_at=now, received_at=now
    )
    due_at = timezone.now() - timedelta(days=2)
    yield desk
    yield lent
    yield Custody.objects.create(kind="shift", opened_at=now, due_at=due_at, **told)
    yield DeskConflict.objects.create(
        request=scan, told="issued", sentence=f"{lent} is out.", at=now, **told
    )
    yield DeskClosing.objects.create(
        desk=desk, since=now, at=now, by=by, issued=1, returned=0, out=1, overdue=0, settled=0
    )
    ends_at = max(now, timezone.now()) + timedelta(days=1)
    yield Reservation.objects.create(
        camera=lent, title="Parade", begins_at=now, ends_at=ends_at, reason="x", made_at=now
    )


def _custody(camera: Camera, officer: Officer, now: datetime) -> Custody:
    """The camera is the officer's own."""
    held = Custody.objects.create(camera=camera, officer=officer, kind="personal", opened_at=now)
    CustodyEvent.objects.create(
        verb="assigned", via="import", at=now, camera=camera, officer=officer, opened=held
    )
    return held


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


def _kiosk(station: Station, now: datetime) -> Desk:
    kiosk = Desk.objects.create(station=station, name="Kiosk 1", kind=DeskKind.KIOSK)
    key = f"kio{station.code:a>5}"
    KioskToken.objects.create(desk=kiosk, key_id=key, made_at=now, opened_at=now)
    return kiosk


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
