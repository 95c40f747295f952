"""One camera's body: battery, storage, temperature, clock and faults over simulated time.

No input or output, no clock of its own, and every chance from its own seeded source: the
same seed lives the same life. Spans are hours of simulated time; ``now`` is real time,
because a camera's clock is not accelerated.
"""

from collections import deque
from datetime import datetime
from hashlib import sha256
from math import exp
from random import Random

from devices.simulator import clock
from devices.simulator.battery import Battery
from devices.simulator.install import Ending, Install, Part, Stage
from devices.simulator.inventory import BayAddress, CameraRow
from devices.simulator.numbers import Numbers
from devices.simulator.recordings import Recordings
from devices.wire import BatteryState, Mode, Offload, Position, Report

NO_BOOT, HUNG, LOST, BAY_CONTACT, STUCK = "no_boot", "hung", "lost", "bay_contact", "offload"


class Fetching:
    """A download through the bay: how many bytes the bay's line has let through and nobody took."""

    __slots__ = ("_granted", "_slower")

    def __init__(self, slower: float) -> None:
        self._slower, self._granted = slower, 0.0

    def carry(self, number: float, *, most: float) -> None:
        """The line lets so many bytes more through, and does not save up more than ``most``."""
        self._granted = min(self._granted + number / self._slower, most)

    def take(self, most: int) -> int:
        """As many of them as are there, up to ``most``."""
        taken = min(most, int(self._granted))
        self._granted -= taken
        return taken

    def give_back(self, number: int) -> None:
        self._granted += number


class Camera:
    """What is true of one camera. `measure` is what it says of itself."""

    __slots__ = (
        "battery", "boot", "clock", "contact", "fetching", "firmware", "firmware_digest", "home",
        "install", "mode", "numbers", "part", "place", "planned", "profile", "profile_digest",
        "radio", "random", "recordings", "row", "sequence", "storage_mb", "temperature_c",
        "trouble",
    )  # fmt: skip

    def __init__(
        self, row: CameraRow, numbers: Numbers, *, seed: int, boot: int, now: datetime
    ) -> None:
        self.row, self.numbers = row, numbers
        self.random = Random(f"{seed} {row.serial}")
        self.battery = _battery(self.random, numbers)
        self.clock = clock.of_a_camera(now, self.random, numbers.clock)
        self.recordings = Recordings(numbers.recording)
        storage, firmware = numbers.storage, numbers.firmware
        large = self.random.random() < storage.large_share
        self.storage_mb = 1000 * (storage.large_gb if large else storage.small_gb)
        old = self.random.random() < firmware.older_share
        self.firmware = firmware.older_version if old else firmware.version
        self.firmware_digest = digest(self.firmware)
        self.profile = firmware.profile_version
        self.profile_digest = digest(self.profile)
        self.fetching: Fetching | None = None
        self.install: Install | None = None
        self.temperature_c = numbers.temperature.indoors_c
        self.mode = Mode.OFF
        self.boot, self.sequence = boot, 0
        self.home = row.home
        self.place: BayAddress | None = row.home
        self.contact = True
        self.radio = False
        self.part = self.random.choice(("button_fault", "lens_fault", "microphone_fault"))
        self.trouble: set[str] = set()
        self.planned: deque[float] = deque()

    # What is so

    @property
    def serial(self) -> str:
        return self.row.serial

    @property
    def docked(self) -> bool:
        """Its charging contacts are closed."""
        return self.place is not None and self.contact

    @property
    def alive(self) -> bool:
        """It could say something."""
        stopped = self.trouble & {NO_BOOT, HUNG} or (self.install and self.install.restarting)
        return not stopped and (self.docked or not self.battery.flat)

    @property
    def fit(self) -> bool:
        """An officer who presses its button would take it along."""
        low = self.battery.percent < self.numbers.shifts.spare_below_percent
        return self.alive and not low and self.install is None

    @property
    def measuring(self) -> bool:
        """It writes reports now: awake on the street, or held by a dock."""
        return self.alive and (self.docked or self.mode is not Mode.OFF)

    @property
    def battery_state(self) -> BatteryState:
        if not self.docked:
            return BatteryState.DISCHARGING
        return BatteryState.FULL if self.battery.level > 0.995 else BatteryState.CHARGING

    @property
    def offload(self) -> Offload:
        if not self.recordings.waiting_clips:
            return Offload.COMPLETE
        if STUCK in self.trouble and self.docked:
            return Offload.FAILED
        return Offload.TRANSFERRING if self.handing_over else Offload.QUEUED

    @property
    def handing_over(self) -> bool:
        return bool(
            self.docked and self.alive and self.recordings.clips and STUCK not in self.trouble
        )

    @property
    def may_install(self) -> bool:
        """A camera installs only docked, emptied, charged and switched off."""
        charged = self.battery.percent >= self.numbers.firmware.least_battery_percent
        emptied = not self.recordings.waiting_clips
        return self.docked and self.alive and charged and emptied and self.mode is Mode.OFF

    @property
    def free_mb(self) -> int:
        used = self.numbers.storage.system_mb + self.recordings.waiting_bytes // 10**6
        return max(0, self.storage_mb - used)

    @property
    def faults(self) -> tuple[str, ...]:
        """The codes it says of itself, in a fixed order."""
        says = {
            "battery_low": self.battery.percent < self.numbers.battery.low_below_percent,
            "battery_worn": self.battery.capacity < self.numbers.battery.worn_below,
            "clock_lost": self.clock.wrong_s < 0,
            "offload_stuck": self.offload is Offload.FAILED,
            self.part: "part" in self.trouble,
            "storage_fault": "storage" in self.trouble,
            "storage_low": self.free_mb < 1000 * self.numbers.storage.low_below_gb,
        }
        return tuple(code for code, so in says.items() if so)

    # What happens to it

    def switch(self, mode: Mode) -> None:
        """Be in ``mode`` from now on. Coming from off it starts anew: a boot."""
        if mode is self.mode or not (self.alive or mode is Mode.OFF):
            return
        if self.mode is Mode.OFF:
            self.restart()
        if mode is Mode.RECORDING and (self.free_mb == 0 or "storage" in self.trouble):
            mode = Mode.BUFFERING
        self.mode = mode
        if mode is Mode.RECORDING:
            self.recordings.start()
        else:
            self.recordings.stop()

    def restart(self) -> None:
        self.boot += 1
        self.sequence = 0

    def come_to(self, place: BayAddress) -> None:
        self.place, self.contact = place, True

    def leave(self) -> None:
        self.place = None
        self.trouble.discard(STUCK)  # taken out and put back is what people do about it
        if self.install is not None:
            self.install.tear_out()

    def fetch(self, *, slower: float = 1.0) -> Fetching:
        """Begin to fetch something through its bay, so many times slower than the bay could."""
        self.fetching = Fetching(slower)
        return self.fetching

    def begin(self, install: Install) -> None:
        """Install this from now on, whatever else is so; `may_install` is the camera's own rule."""
        self.install = install

    # What time does to it

    def live(self, hours: float, *, charge_h: float, mbit_s: float) -> None:
        """Let ``hours`` go by, on a charger that needs ``charge_h`` if it is docked."""
        if self.docked:
            self._fill(hours, charge_h)
            moved = mbit_s * 1e6 / 8 * hours * 3600
            if self.fetching is not None:
                self.fetching.carry(moved, most=mbit_s * 1e6 / 8 * self.numbers.pace.step_s)
            if self.handing_over:
                self.recordings.hand_over(round(moved))
        else:
            self.battery.drain(self.mode, hours)
        if self.install is not None:
            self._install(self.install, hours)
        if self.mode is Mode.RECORDING:
            self.recordings.record(hours)
        self._warm(hours)
        if self.battery.flat and not self.docked:
            self.switch(Mode.OFF)
        elif self.mode is Mode.RECORDING and self.free_mb == 0:
            self.switch(Mode.BUFFERING)

    def _fill(self, hours: float, charge_h: float) -> None:
        """Charge; while it installs, what it draws itself is missing."""
        share = self.numbers.updates.charge_share if self.install else 1.0
        self.battery.fill(hours * share, full_hours=charge_h)

    def _install(self, install: Install, hours: float) -> None:
        install.go_on(hours)
        if not install.over:
            return
        self.install = None
        if install.stage is Stage.BROKEN_OFF:
            return
        self.restart()
        if install.stage is Stage.DEAD:
            self.trouble.add(NO_BOOT)
        elif install.ending is not Ending.OLD_IMAGE:
            self.take_on(install.part, install.version, install.digest)

    def take_on(self, part: Part, version: str, digest: str) -> None:
        """This is what it runs from now on."""
        if part is Part.FIRMWARE:
            self.firmware, self.firmware_digest = version, digest
        else:
            self.profile, self.profile_digest = version, digest

    def runs(self, part: Part) -> str:
        return self.firmware if part is Part.FIRMWARE else self.profile

    def _warm(self, hours: float) -> None:
        numbers = self.numbers.temperature
        towards = numbers.indoors_c if self.place else numbers.outdoors_c
        if self.mode is Mode.RECORDING:
            towards += numbers.recording_adds_c
        elif self.mode is Mode.BUFFERING:
            towards += numbers.buffering_adds_c
        if self.battery_state is BatteryState.CHARGING:
            towards += numbers.charging_adds_c
        self.temperature_c += (towards - self.temperature_c) * (
            1 - exp(-hours / numbers.settles_in_h)
        )

    # What it says

    def measure(self, now: datetime) -> Report:
        """The next report: what it believes of itself, by its own clock."""
        self.sequence += 1
        position = self._position() if self.radio and not self.docked else None
        return Report(
            serial=self.serial,
            boot=self.boot,
            sequence=self.sequence,
            device_time=self.clock.says(now),
            docked=self.docked,
            mode=self.mode,
            battery_percent=self.battery.percent,
            battery_state=self.battery_state,
            battery_health_percent=self.battery.health_percent,
            storage_used_mb=self.storage_mb - self.free_mb,
            storage_free_mb=self.free_mb,
            clips_waiting=self.recordings.waiting_clips,
            bytes_waiting=self.recordings.waiting_bytes,
            offload=self.offload,
            firmware_version=self.firmware,
            firmware_digest=self.firmware_digest,
            profile_version=self.profile,
            profile_digest=self.profile_digest,
            temperature_c=round(self.temperature_c, 1),
            faults=self.faults,
            position=position,
        )

    def _position(self) -> Position:
        numbers = self.numbers.radio
        return Position(
            latitude=round(self.random.gauss(numbers.latitude, numbers.spread_deg / 2), 5),
            longitude=round(self.random.gauss(numbers.longitude, numbers.spread_deg / 2), 5),
            accuracy_m=numbers.accuracy_m,
        )


def digest(version: str) -> str:
    """What stands for the digest of what the maker put on it."""
    return sha256(version.encode()).hexdigest()


def _battery(random: Random, numbers: Numbers) -> Battery:
    wear = numbers.battery
    weak = random.random() < wear.weak_share
    new = random.uniform(wear.weak_least, wear.weak_most) if weak else random.gauss(1, wear.spread)
    battery = Battery(
        numbers=wear,
        capacity_when_new=new,
        full_hours=random.uniform(wear.full_charge_least_h, wear.full_charge_most_h),
        cycles=random.uniform(0, wear.cycles_at_start_most),
    )
    battery.charge = battery.capacity
    return battery
