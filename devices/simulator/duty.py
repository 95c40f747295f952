"""Officers at work: taking cameras, recording, coming back, sometimes late."""

from functools import partial
from random import Random

from devices.simulator import recordings
from devices.simulator.camera import LOST, Camera
from devices.simulator.shifts import DAY, Duty
from devices.simulator.town import Town
from devices.wire import Mode

MINUTE = 1 / 60  # of an hour


class Patrol:
    """Writes each day's duties into the town's agenda and lives through them."""

    def __init__(self, town: Town, *, seed: int) -> None:
        self.town, self.numbers = town, town.numbers.shifts
        self.random = Random(f"{seed} patrol")
        self.own = {c.row.badge: c for c in town.cameras.values() if c.row.badge is not None}
        self.spares = [camera for camera in town.cameras.values() if camera.row.badge is None]
        self.worn: dict[str, Camera] = {}

    def plan_day(self, day: int) -> None:
        """Everything that begins on this day; the next day is planned at its noon."""
        for duty in self.town.roster.of_day(day):
            begins = duty.begins - self._overlap()
            if begins >= self.town.hour and duty.badge in self.own:
                self.town.agenda.add(begins, partial(self._begin, duty))
        self.town.agenda.add((day + 0.5) * DAY, partial(self.plan_day, day + 1))

    def _overlap(self) -> float:
        return self.random.uniform(0, self.numbers.overlap_min) * MINUTE

    def _begin(self, duty: Duty) -> None:
        camera = self._camera_for(duty.badge)
        if camera is None or duty.badge in self.worn:
            return
        self.worn[duty.badge] = camera
        if not self._drives(camera):
            self.town.take(camera)
        camera.switch(Mode.BUFFERING)
        self._plan_recordings(camera, duty)
        if self.random.random() < self.numbers.break_share:
            self._plan_break(camera, duty)
        if self._drives(camera):
            self._drive(camera, duty)
        self.town.agenda.add(duty.ends + self._overlap(), partial(self._end, duty, camera))

    def _camera_for(self, badge: str) -> Camera | None:
        """The officer's own, or the fullest spare when that one would not do."""
        own = self.own[badge]
        if own.fit and LOST not in own.trouble:
            return own
        spares = [c for c in self.spares if c.fit and c.docked and c.row.station == own.row.station]
        return max(spares, key=lambda c: c.battery.level, default=None)

    # Recording

    def _plan_recordings(self, camera: Camera, duty: Duty) -> None:
        camera.planned.clear()
        for hours in recordings.of_a_shift(self.random, self.town.numbers.recording):
            camera.planned.append(min(hours, duty.ends - duty.begins))
            at = self.random.uniform(duty.begins, max(duty.begins, duty.ends - hours))
            self.town.agenda.add(at, partial(self._press, duty, camera))

    def _press(self, duty: Duty, camera: Camera) -> None:
        """The officer presses the button, for the next recording the day has in store."""
        if self.worn.get(duty.badge) is not camera or not camera.planned:
            return
        if camera.mode is Mode.RECORDING:
            self.town.agenda.add(self.town.hour + MINUTE, partial(self._press, duty, camera))
        else:
            record(self.town, camera, camera.planned.popleft())

    # Breaks and cruisers

    def _plan_break(self, camera: Camera, duty: Duty) -> None:
        begins = self.random.uniform(duty.begins + 2, duty.ends - 2)
        ends = begins + self.numbers.break_min * MINUTE
        self.town.agenda.add(begins, partial(self._change, duty, Mode.BUFFERING, Mode.SLEEP))
        self.town.agenda.add(ends, partial(self._change, duty, Mode.SLEEP, Mode.BUFFERING))

    def _change(self, duty: Duty, before: Mode, after: Mode) -> None:
        camera = self.worn.get(duty.badge)
        if camera is not None and camera.mode is before:
            camera.switch(after)

    def _drives(self, camera: Camera) -> bool:
        home = camera.home
        return home is not None and self.town.docks[home.dock].is_vehicle

    def _drive(self, camera: Camera, duty: Duty) -> None:
        """In the cruiser's bay and on foot by turns, while the duty lasts."""
        if self.worn.get(duty.badge) is not camera:
            return
        vehicles, on_foot = self.town.numbers.vehicles, camera.place is not None
        if on_foot:
            self.town.take(camera)
        elif camera.home and self.town.is_free(camera.home):
            self.town.put(camera, camera.home)
        mean = vehicles.worn_mean_min if on_foot else vehicles.driving_mean_min
        lasts = self.random.expovariate(1 / mean) * MINUTE
        self.town.agenda.add(self.town.hour + lasts, partial(self._drive, camera, duty))

    # Coming back

    def _end(self, duty: Duty, camera: Camera) -> None:
        del self.worn[duty.badge]
        camera.switch(Mode.OFF)
        own = camera is self.own[duty.badge]
        share = self.numbers.late_docking_share if own else self.numbers.late_spare_share
        late = self.random.random() < share
        if late and not self._drives(camera):
            more = self.random.expovariate(1 / self.numbers.late_docking_mean_more_h)
            at = self.town.hour + self.numbers.late_docking_least_h + more
            self.town.agenda.add(at, partial(self._dock_late, camera))
        else:
            self.town.bring_back(camera)

    def _dock_late(self, camera: Camera) -> None:
        if camera not in self.worn.values():
            self.town.bring_back(camera)


def record(town: Town, camera: Camera, hours: float) -> None:
    """Record for ``hours``, then buffer again, unless something else came in between."""
    camera.switch(Mode.RECORDING)
    boot = camera.boot

    def stop() -> None:
        if camera.mode is Mode.RECORDING and camera.boot == boot:
            camera.switch(Mode.BUFFERING)

    town.agenda.add(town.hour + hours, stop)
