"""A past that was lived: what a rule did in it, and what its replay says of it."""

from datetime import timedelta
from uuid import uuid4

import pytest

from devices import ledger
from devices.access.models import Quarantined
from devices.alerts import actions, replays
from devices.alerts.catalogue import CATALOGUE
from devices.alerts.models import Alert
from devices.custody import actions as custody
from devices.custody import imports
from devices.custody.actions import Terms, Told
from devices.custody.models import Desk, DeskKind
from devices.desk.kiosk.models import KioskPin
from devices.desk.kiosk.rules import LOCKED_FOR
from devices.desk.models import DeskConflict, DeskRequest
from devices.faults import actions as faults
from devices.faults.models import Fault, Repair, Resolution
from devices.health import actions as health
from devices.health.models import CameraHealth, DockHealth, Placement, Silence
from devices.inventory import actions as inventory
from devices.inventory.imports import Kind
from devices.inventory.models import Officer, ServiceState
from devices.policy import Policy
from devices.roles import Role
from devices.rollouts.courses import actions as courses
from devices.rollouts.models import Rollout
from tests.faults.conftest import leaving
from tests.rollouts.setting import started
from tests.rows import a_camera, a_dock, a_duty_at, a_reading, a_station, person

pytestmark = pytest.mark.django_db

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NEXT = 3 * MINUTE  # a device's next word is due


class Past:
    """Two cameras in their dock and a third on the street, from noon on."""

    def __init__(self, noon):
        self.now = noon
        self.station = a_station()
        self.dock = a_dock("D01", self.station, bays=4)
        self.by = person(Role.QUARTERMASTER, self.station)
        self.it = person(Role.IT)
        self.officer = Officer.objects.create(badge_number="1031", station=self.station)
        self.kiosk = Desk.objects.create(station=self.station, name="Kiosk 1", kind=DeskKind.KIOSK)
        DockHealth.objects.create(dock=self.dock, hearing="heard", heard_at=noon)
        self.cameras = [self._camera(n, bay) for n, bay in enumerate(self.dock.bays.all()[:3], 1)]
        Placement.objects.filter(camera=self.cameras[2]).update(docked=False, bay=None)
        CameraHealth.objects.filter(camera=self.cameras[2]).update(docked=False, bay=None)

    def _camera(self, number, bay):
        camera = a_camera(
            number,
            self.station,
            self.now - DAY,
            health={"bay": bay, "storage_free_mb": 60_000, "heard_at": self.now},
        )
        moment = {"at": self.now - DAY, "received_at": self.now - DAY}
        Placement.objects.create(camera=camera, docked=True, bay=bay, **moment)
        a_reading(camera, self.now - DAY)
        return camera

    def says(self, number=1, **fields):
        """The camera reports, and history keeps it."""
        camera = self.cameras[number - 1]
        a_reading(camera, self.now, **fields)
        off = HOUR if fields.get("clock_wrong") else NEXT * 0
        fields |= {"measured_at": self.now, "device_time": self.now + off}
        CameraHealth.objects.filter(camera=camera).update(
            hearing="heard", heard_at=self.now, expected_by=None, **fields
        )

    def falls_silent(self, *numbers, dock=False):
        """This is the last word of these cameras, and of their dock."""
        last = {"hearing": "heard", "heard_at": self.now, "expected_by": self.now + NEXT}
        CameraHealth.objects.filter(camera__number__in=numbers).update(**last)
        if dock:
            DockHealth.objects.update(**last)

    def speaks_again(self, *numbers):
        for number in numbers:
            self.says(number)
        Silence.objects.filter(camera__number__in=numbers, ended_at=None).update(ended_at=self.now)
        DockHealth.objects.update(hearing="heard", heard_at=self.now, expected_by=None)

    def told(self, **fields):
        return Told(by=self.by, now=self.now, **fields)

    def opens_fault(self, within):
        Fault.objects.create(
            camera=self.cameras[0],
            code="lens_blocked",
            severity="critical",
            source="camera",
            opened_at=self.now,
            acknowledge_by=self.now + within,
        )

    def takes_in_hand(self):
        faults.acknowledge(Fault.objects.get(state="open"), by=self.by, now=self.now)

    def sends_away(self):
        said = leaving(self.now)
        faults.send_to_repair(
            self.cameras[0], said, fault=None, key=uuid4(), by=self.by, now=self.now
        )

    def takes_back(self):
        back = faults.Returning("New lens", "Lens", "Recorded a minute")
        away = Repair.objects.get(returned_at=None)
        faults.take_back(away, back, by=self.by, now=self.now)

    def clears(self):
        fault = Fault.objects.exclude(state="resolved").get()
        faults.resolve(fault, Resolution.REPAIRED, words="New lens", by=self.it, now=self.now)

    def stranger(self, serial):
        Quarantined.objects.create(
            kind="unknown_serial", serial=serial, dock=self.dock,
            first_at=self.now, last_at=self.now,
        )  # fmt: skip

    def settles(self, serial):
        Quarantined.objects.filter(serial=serial).update(settled_at=self.now)

    def locks_pin(self):
        KioskPin.objects.update_or_create(
            officer=self.officer,
            defaults={
                "digest": "x", "set_at": self.now, "set_by": self.by,
                "locked_until": self.now + LOCKED_FOR, "locked_at": self.kiosk,
            },
        )  # fmt: skip
        ledger.record(
            "kiosk PIN locked", f"officer {self.officer}", by=None, now=self.now,
            desk=str(self.kiosk),
        )  # fmt: skip

    def sets_pin(self):
        KioskPin.objects.update(locked_until=None, locked_at=None)
        ledger.record("kiosk PIN set", f"officer {self.officer}", by=self.by, now=self.now)

    def is_on_duty(self, begins_h, ends_h):
        a_duty_at(self.station, self.officer, self.now + begins_h * HOUR, self.now + ends_h * HOUR)

    def takes_on_duty(self, begins_h, ends_h):
        """The officer's own camera leaves its bay for a duty."""
        camera = self.cameras[0]
        if custody.open_custody(camera) is None:
            custody.assign(camera, self.officer, told=self.told(reason="Standing issue"))
        self.is_on_duty(begins_h, ends_h)
        self.moves(docked=False)

    def puts_back(self):
        self.moves(docked=True)

    def moves(self, docked):
        CameraHealth.objects.filter(camera=self.cameras[0]).update(
            docked=docked, placed_at=self.now, moved_at=self.now
        )
        Placement.objects.create(
            camera=self.cameras[0], docked=docked, at=self.now, received_at=self.now
        )

    def leaves(self):
        raw = f"badge_number,station,active\n1031,{self.station.code},no\n".encode()
        imports.apply(Kind.OFFICERS, raw, by=self.by, now=self.now)

    def rolls_out(self):
        """A rollout to its cameras, and one that repairs what that brought."""
        self.rollout = started(self.it, person(Role.IT, name="colleague"), self.now)
        Rollout.objects.create(
            name="Repairs", release=self.rollout.release, state="running", made_at=self.now,
            soak=MINUTE, repairs_of=self.rollout,
        )  # fmt: skip

    def stops(self, by=None):
        courses.pause(self.rollout, "2 cameras failed.", by=by, now=self.now)

    def goes_on(self):
        courses.resume(self.rollout, by=self.by, now=self.now)  # its repairs with it

    def conflict(self):
        request = DeskRequest.objects.create(
            event_id=uuid4(), desk=self.kiosk, by=self.by, seq=1, asked="x", raw="C0001",
            scanned_at=self.now, received_at=self.now,
        )  # fmt: skip
        DeskConflict.objects.create(
            request=request, camera=self.cameras[0], officer=self.officer, told="issued",
            sentence="Told.", at=self.now,
        )  # fmt: skip

    def live(self, story, *, every, until):
        """Do what the story says at its moments, and look at each of them and every so often."""
        began, moments = self.now, set(story)
        moments |= {n * every for n in range(int(until / every) + 1)}
        for after in sorted(moments):
            self.now = began + after
            if act := story.get(after):
                act(self)
            health.announce_silence(now=self.now, policy=Policy())
            actions.sweep(now=self.now)


def _dock_and_camera_fail():
    """The dock is down for 40 minutes; later one camera alone is silent for long, and one too
    short; the camera on the street is silent throughout."""
    return {
        0 * MINUTE: lambda past: past.falls_silent(1, 2, 3, dock=True),
        40 * MINUTE: lambda past: past.speaks_again(1, 2),
        60 * MINUTE: lambda past: past.falls_silent(1),
        100 * MINUTE: lambda past: past.speaks_again(1),
        110 * MINUTE: lambda past: past.falls_silent(2),
        130 * MINUTE: lambda past: past.speaks_again(2),
    }


def _the_camera_stays_silent_when_its_dock_is_back():
    return {
        0 * MINUTE: lambda past: past.falls_silent(1, 2, dock=True),
        40 * MINUTE: lambda past: past.speaks_again(2),
        90 * MINUTE: lambda past: past.speaks_again(1),
    }


def _says(*told, number=1):
    return {at: lambda past, fields=fields: past.says(number, **fields) for at, fields in told}


STORIES = {
    "dock_silent": (_dock_and_camera_fail(), MINUTE, 3 * HOUR, 1),
    "camera_silent": (_dock_and_camera_fail(), MINUTE, 3 * HOUR, 1),
    "camera_silent, its dock back": (
        _the_camera_stays_silent_when_its_dock_is_back(), MINUTE, 2 * HOUR, 1,
    ),
    "camera_never_heard": (
        {
            0 * HOUR: lambda past: past.cameras.extend(
                [a_camera(n, past.station, past.now) for n in (4, 5)]
            ),
            0.5 * HOUR: lambda past: a_reading(past.cameras[3], past.now)
            and CameraHealth.objects.create(
                camera=past.cameras[3], heard_at=past.now, hearing="heard"
            ),
            2 * HOUR: lambda past: a_reading(past.cameras[4], past.now)
            and CameraHealth.objects.create(
                camera=past.cameras[4], heard_at=past.now, hearing="heard"
            ),
        },
        10 * MINUTE, 3 * HOUR, 1,
    ),
    "camera_away": (
        {
            0 * DAY: lambda past: past.says(3, docked=False),
            8 * DAY: lambda past: past.says(3, docked=True),
            9 * DAY: lambda past: past.says(3, docked=False),
            12 * DAY: lambda past: past.says(3, docked=False),
            18 * DAY: lambda past: past.says(3, docked=True),
        },
        6 * HOUR, 20 * DAY, 1,
    ),
    "offload_failed": (
        _says(
            (0 * HOUR, {"offload": "failed"}), (2 * HOUR, {"offload": "complete"}),
            (3 * HOUR, {"offload": "failed"}), (3.5 * HOUR, {"offload": "transferring"}),
        ),
        10 * MINUTE, 5 * HOUR, 1,
    ),
    "storage_low": (
        _says(
            (0 * HOUR, {"storage_free_mb": 3000}), (2 * HOUR, {"storage_free_mb": 4500}),
            (3 * HOUR, {"storage_free_mb": 3000}), (4 * HOUR, {"storage_free_mb": 9000}),
            (5 * HOUR, {"storage_free_mb": 3000}),
        ),
        10 * MINUTE, 6 * HOUR, 2,
    ),
    "clock_wrong": (
        _says((0 * HOUR, {"clock_wrong": True}), (3 * HOUR, {"clock_wrong": False})),
        10 * MINUTE, 4 * HOUR, 1,
    ),
    "battery_drop": (
        {
            1 * DAY: lambda past: [past.says(n, battery_health_percent=60) for n in (1, 2)],
            2 * DAY: lambda past: past.says(3, battery_health_percent=60),
            4 * DAY: lambda past: past.says(1, battery_health_percent=99),
        },
        HOUR, 6 * DAY, 1,
    ),
    "fault_critical": (
        {
            1 * HOUR: lambda past: past.opens_fault(HOUR),
            2 * HOUR: lambda past: Fault.objects.update(
                state="resolved", resolved_at=past.now, resolution="repaired"
            ),
            3 * HOUR: lambda past: past.opens_fault(HOUR),
        },
        10 * MINUTE, 4 * HOUR, 2,
    ),
    "fault_overdue": (
        {
            1 * HOUR: lambda past: past.opens_fault(15 * MINUTE),
            2 * HOUR: lambda past: Fault.objects.update(
                state="acknowledged", acknowledged_at=past.now
            ),
        },
        5 * MINUTE, 3 * HOUR, 1,
    ),
    # Late; away, which is another clock; back, and late again a day after. The second is away when
    # it would be, and is cleared before its day is over.
    "fault_unmended": (
        {
            1 * HOUR: lambda past: past.opens_fault(HOUR),
            2 * HOUR: Past.takes_in_hand,
            30 * HOUR: Past.sends_away,
            40 * HOUR: Past.takes_back,
            66 * HOUR: Past.clears,
            67 * HOUR: lambda past: past.opens_fault(HOUR),
            68 * HOUR: Past.sends_away,
            93 * HOUR: Past.takes_back,
            116 * HOUR: Past.clears,
        },
        1 * HOUR, 120 * HOUR, 2,
    ),
    # Nobody saw it before it should have been mended.
    "fault_unmended, seen too late": (
        {
            1 * HOUR: lambda past: past.opens_fault(HOUR),
            30 * HOUR: Past.takes_in_hand,
        },
        1 * HOUR, 32 * HOUR, 1,
    ),
    "repair_long": (
        {
            0 * DAY: lambda past: [
                Repair.objects.create(
                    camera=camera, maintainer="Maker", reason="Lens", cannot_sanitise="No boot",
                    approved_by=past.by, sent_at=past.now,
                )
                for camera in past.cameras[:2]
            ],
            20 * DAY: lambda past: Repair.objects.filter(camera=past.cameras[0]).update(
                returned_at=past.now
            ),
        },
        6 * HOUR, 32 * DAY, 1,
    ),
    "stranger": (
        {
            1 * HOUR: lambda past: past.stranger("X1"),
            2 * HOUR: lambda past: past.stranger("X2"),
            3 * HOUR: lambda past: past.settles("X1"),
            4 * HOUR: lambda past: past.stranger("X3"),
            5 * HOUR: lambda past: [past.settles(one) for one in ("X2", "X3")],
            6 * HOUR: lambda past: past.stranger("X4"),
        },
        30 * MINUTE, 7 * HOUR, 2,
    ),
    "pin_locked": (
        {
            10 * MINUTE: Past.locks_pin,
            15 * MINUTE: Past.sets_pin,
            30 * MINUTE: Past.locks_pin,
            60 * MINUTE: Past.locks_pin,
        },
        MINUTE, 80 * MINUTE, 3,
    ),
    "custody_overdue": (
        {
            0 * HOUR: lambda past: custody.check_out(
                past.cameras[0], past.officer, Terms(due_at=past.now + 2 * HOUR), told=past.told()
            ),
            4 * HOUR: lambda past: custody.check_in(past.cameras[0], told=past.told()),
        },
        10 * MINUTE, 5 * HOUR, 1,
    ),
    # Its first duty ends at hour 8; it is back in hour 90, after it called. The second time its
    # officer is on duty again before it would have.
    "own_missing": (
        {
            0 * HOUR: lambda past: past.takes_on_duty(0, 8),
            90 * HOUR: lambda past: past.puts_back(),
            120 * HOUR: lambda past: past.takes_on_duty(0, 8),
            184 * HOUR: lambda past: past.is_on_duty(0, 8),
            193 * HOUR: lambda past: past.puts_back(),
        },
        2 * HOUR, 210 * HOUR, 1,
    ),
    "own_missing, worn every day": (
        {
            **{
                day * DAY: lambda past, day=day: past.is_on_duty(0, 8)
                for day in range(1, 9)
            },
            0 * DAY: lambda past: past.takes_on_duty(0, 8),
            7 * DAY: lambda past: past.puts_back(),
        },
        2 * HOUR, 9 * DAY, 1,
    ),
    "own_missing, given while it was out": (
        {
            0 * HOUR: lambda past: [past.moves(docked=False), past.is_on_duty(0, 8)],
            90 * HOUR: lambda past: custody.assign(
                past.cameras[0], past.officer, told=past.told(reason="Standing issue")
            ),
            100 * HOUR: lambda past: past.puts_back(),
        },
        2 * HOUR, 102 * HOUR, 0,
    ),
    "own_missing, in repair before it left its bay": (
        {
            0 * HOUR: lambda past: custody.assign(
                past.cameras[0], past.officer, told=past.told(reason="Standing issue")
            ),
            1 * HOUR: lambda past: inventory.change_service(
                past.cameras[0], ServiceState.IN_REPAIR, reason="Lens", by=past.by, now=past.now
            ),
            2 * HOUR: lambda past: past.takes_on_duty(0, 8),
        },
        2 * HOUR, 100 * HOUR, 0,
    ),
    "camera_lost": (
        {
            1 * HOUR: lambda past: custody.report_lost(
                past.cameras[0], told=past.told(reason="Fell into the river")
            ),
            2 * HOUR: lambda past: custody.found(past.cameras[0], told=past.told()),
            3 * HOUR: lambda past: inventory.change_service(
                past.cameras[0], ServiceState.IN_SERVICE, reason="Dry", by=past.by, now=past.now
            ),
            4 * HOUR: lambda past: custody.report_lost(
                past.cameras[0], told=past.told(reason="Again")
            ),
        },
        10 * MINUTE, 5 * HOUR, 2,
    ),
    "custody_overdue, lost meanwhile": (
        {
            0 * HOUR: lambda past: custody.check_out(
                past.cameras[0], past.officer, Terms(due_at=past.now + 2 * HOUR), told=past.told()
            ),
            10 * HOUR: lambda past: custody.report_lost(
                past.cameras[0], told=past.told(reason="Fell into the river")
            ),
        },
        10 * MINUTE, 20 * HOUR, 1,
    ),
    "camera_found": (
        {
            1 * HOUR: lambda past: custody.report_lost(
                past.cameras[0], told=past.told(reason="Fell into the river")
            ),
            2 * HOUR: lambda past: custody.found(past.cameras[0], told=past.told()),
        },
        10 * MINUTE, 3 * HOUR, 1,
    ),
    # Suspended with the own camera in its bay, then out with it; let back, and left later.
    "leaver_holds": (
        {
            0 * HOUR: lambda past: custody.assign(
                past.cameras[0], past.officer, told=past.told(reason="Standing issue")
            ),
            1 * HOUR: lambda past: inventory.suspend(
                past.officer, "Inquiry", by=past.by, now=past.now
            ),
            2 * HOUR: lambda past: past.moves(docked=False),
            4 * HOUR: lambda past: past.moves(docked=True),
            5 * HOUR: lambda past: inventory.let_back(
                past.officer, "Over", by=past.by, now=past.now
            ),
            6 * HOUR: Past.leaves,
            7 * HOUR: lambda past: custody.assign(
                past.cameras[0], None, told=past.told(reason="Taken back")
            ),
        },
        2 * MINUTE, 8 * HOUR, 2,
    ),
    "rollout_stopped": (
        {
            1 * HOUR: Past.rolls_out,
            2 * HOUR: Past.stops,
            3 * HOUR: Past.goes_on,
            4 * HOUR: lambda past: past.stops(by=past.by),
            5 * HOUR: Past.goes_on,
            6 * HOUR: Past.stops,
            7 * HOUR: lambda past: courses.abort(
                past.rollout, "It breaks cameras.", by=past.by, now=past.now
            ),
        },
        10 * MINUTE, 8 * HOUR, 2,
    ),
    "desk_conflict": (
        {
            1 * HOUR: Past.conflict,
            2 * HOUR: lambda past: DeskConflict.objects.update(settled_at=past.now),
        },
        5 * MINUTE, 3 * HOUR, 1,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", STORIES)
def test_a_replay_says_what_was_lived(noon, name):
    story, every, until, expected = STORIES[name]
    code, past = name.partition(",")[0], Past(noon)

    past.live(story, every=every, until=until)

    lived = sum(one.times for one in Alert.objects.filter(rule=code) if one.fired_at)
    replay = replays.replay(
        actions.in_force()[code], since=noon - MINUTE, until=past.now + every / 2
    )
    assert replay is not None
    assert (lived, replay.times) == (expected, expected)


def test_every_rule_that_can_be_replayed_has_been_lived():
    assert {name.partition(",")[0] for name in STORIES} == replays.PAST.keys()
    assert replays.PAST.keys() | replays.UNKEPT.keys() == CATALOGUE.keys()
    assert not replays.PAST.keys() & replays.UNKEPT.keys()
