"""The simulated town: cameras in bays and on officers, and time that goes by.

It knows no network and no wall clock beyond the one it is told. What docks notice at their
contacts is left in `noticed` for whoever speaks for them.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Literal

from devices.simulator.agenda import Agenda
from devices.simulator.camera import LOST, Camera
from devices.simulator.inventory import BayAddress, DockRow, Inventory
from devices.simulator.numbers import Numbers
from devices.simulator.shifts import Calendar, Roster

HOUR = 3600.0


@dataclass(frozen=True)
class Noticed:
    """A dock felt a camera's contacts close or open."""

    kind: Literal["docked", "undocked"]
    bay: int
    serial: str


class Dock:
    """The hardware: its bays, how fast it charges and how fast it takes recordings off."""

    def __init__(self, row: DockRow, numbers: Numbers, random: Random) -> None:
        self.row = row
        old = row.kind == "multi" and random.random() < numbers.battery.old_dock_share
        battery, offload = numbers.battery, numbers.offload
        self.charge_h = battery.old_dock_full_charge_h if old else battery.full_charge_least_h
        self.camera_mbit_s = offload.camera_mbit_s
        self.mbit_s = offload.vehicle_mbit_s if self.is_vehicle else offload.dock_mbit_s
        self.bays: dict[int, Camera | None] = dict.fromkeys(range(1, row.bays + 1))
        self.noticed: deque[Noticed] = deque()

    @property
    def is_vehicle(self) -> bool:
        return self.row.kind == "vehicle"

    def held(self) -> Iterator[tuple[int, Camera]]:
        """Bays whose contacts are closed, in order, and their cameras."""
        for position, camera in self.bays.items():
            if camera is not None and camera.docked:
                yield position, camera

    def share_mbit_s(self) -> float:
        """What each camera that hands over or fetches gets."""
        busy = sum(camera.handing_over or bool(camera.fetching) for _, camera in self.held())
        return min(self.camera_mbit_s, self.mbit_s / busy) if busy else 0.0


class Town:
    """Every camera and dock, and the hour of simulated life: 0 is its first midnight."""

    def __init__(
        self,
        inventory: Inventory,
        numbers: Numbers,
        *,
        seed: int,
        boot: int,
        now: datetime,
        calendar: Calendar | None = None,
    ) -> None:
        """Without a ``calendar`` the first midnight is of the day on which it begins, in UTC."""
        self.numbers, self.now, self.hour = numbers, now, 0.0
        self.calendar = calendar or Calendar(now.date(), UTC)
        self.roster = Roster(inventory.shifts, inventory.rotations, self.calendar)
        self.random = Random(f"{seed} town")
        self.agenda = Agenda()
        self.docks = {row.code: Dock(row, numbers, self.random) for row in inventory.docks}
        self.cameras = {
            row.serial: Camera(row, numbers, seed=seed, boot=boot, now=now)
            for row in inventory.cameras
        }
        for camera in self.cameras.values():
            self._bring_home(camera)

    def live(self, seconds: float, now: datetime) -> None:
        """Let simulated ``seconds`` go by, in steps short enough that their order matters little.

        ``now`` is the real time at which they end; device clocks follow it.
        """
        self.now = now
        ends = self.hour + seconds / HOUR
        while ends - self.hour > 1e-9:
            self._step(min(ends - self.hour, self.numbers.pace.step_s / HOUR))

    def _step(self, hours: float) -> None:
        shares = {code: dock.share_mbit_s() for code, dock in self.docks.items()}
        for camera in self.cameras.values():
            place = camera.place
            charge_h = self.docks[place.dock].charge_h if place else 0.0
            mbit_s = shares[place.dock] if place else 0.0
            camera.live(hours, charge_h=charge_h, mbit_s=mbit_s)
        self.hour += hours
        self.agenda.happen(self.hour)

    # Cameras and bays

    def put(self, camera: Camera, place: BayAddress) -> None:
        """Put a camera into a bay that is free."""
        dock = self.docks[place.dock]
        dock.bays[place.position] = camera
        camera.come_to(place)
        dock.noticed.append(Noticed("docked", place.position, camera.serial))

    def take(self, camera: Camera) -> None:
        """Take a camera out of its bay."""
        if camera.place is None:
            return
        dock, position = self.docks[camera.place.dock], camera.place.position
        if camera.contact:
            dock.noticed.append(Noticed("undocked", position, camera.serial))
        dock.bays[position] = None
        camera.leave()

    def touch(self, camera: Camera, *, closed: bool) -> None:
        """The contacts of a camera in its bay close or open; it stays where it is."""
        if camera.place is None or camera.contact is closed:
            return
        camera.contact = closed
        kind: Literal["docked", "undocked"] = "docked" if closed else "undocked"
        noticed = Noticed(kind, camera.place.position, camera.serial)
        self.docks[camera.place.dock].noticed.append(noticed)

    def bring_back(self, camera: Camera) -> None:
        """Put a camera where its officer finds room: at home nearly always."""
        if camera.place is not None or LOST in camera.trouble:
            return
        home = camera.home if camera.home and self.is_free(camera.home) else None
        free = self.free_bays(camera.row.station)
        elsewhere = self.random.random() < self.numbers.shifts.other_bay_share
        if free and (elsewhere or home is None):
            self.put(camera, self.random.choice(free))
        elif home:
            self.put(camera, home)

    def is_free(self, place: BayAddress) -> bool:
        dock = self.docks.get(place.dock)
        return dock is not None and dock.bays.get(place.position, self) is None

    def free_bays(self, station: str) -> list[BayAddress]:
        """Bays on the wall at this station with nothing in them."""
        return [
            BayAddress(dock.row.code, position)
            for dock in self.docks.values()
            if dock.row.station == station and not dock.is_vehicle
            for position, camera in dock.bays.items()
            if camera is None
        ]

    def _bring_home(self, camera: Camera) -> None:
        home, camera.place = camera.home, None
        if home and self.is_free(home):
            self.put(camera, home)
        elif free := self.free_bays(camera.row.station):
            self.put(camera, free[0])

    # What a test or a person may look at

    def truth(self) -> dict[str, Mapping[str, object]]:
        """What is so of each camera, whatever anybody was told."""
        return {serial: truth_of(camera) for serial, camera in self.cameras.items()}


def truth_of(camera: Camera) -> Mapping[str, object]:
    return {
        "home": str(camera.home) if camera.home else None,
        "dock": camera.place.dock if camera.docked and camera.place else None,
        "bay": camera.place.position if camera.docked and camera.place else None,
        "docked": camera.docked,
        "speaks": camera.measuring,
        "mode": camera.mode.value,
        "battery_percent": camera.battery.percent,
        "battery_state": camera.battery_state.value,
        "offload": camera.offload.value,
        "bytes_waiting": camera.recordings.waiting_bytes,
        "boot": camera.boot,
        "sequence": camera.sequence,
        "firmware": camera.firmware,
        "profile": camera.profile,
        "installs": camera.install.stage.value if camera.install else None,
        "trouble": sorted(camera.trouble),
    }
