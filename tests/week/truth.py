"""What is so of each simulated camera, by the simulator's own objects and numbers.

Nothing here has seen the database: hours are those of the camera's own battery, filled as its
own dock fills it, at the drain of a usual duty.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import exp, log

from devices.policy import Policy
from devices.simulator.battery import Battery, drain_percent_h
from devices.simulator.camera import Camera
from devices.simulator.fleet import Fleet
from devices.simulator.recordings import Z95
from devices.wire import Mode

USUAL_SHIFT_H = 8.0


@dataclass(frozen=True)
class Wanted:
    """What a camera is wanted for: from when, for how long, by whom (empty: by nobody yet).

    ``as_it_left``: it is out and nobody can hear it, and no more is claimed than that it was
    ready for this when it left its bay.
    """

    begins_at: datetime
    lasts_h: float = USUAL_SHIFT_H
    badge: str = ""
    as_it_left: bool = False


class Truth:
    """What is so now. ``heard_at`` is when each camera's last word was acknowledged, ``left`` what
    each battery held, and when, as the camera was seen in its bay for the last time;
    ``in_a_drawer`` are those that no dock has ever held."""

    def __init__(self, fleet: Fleet, policy: Policy, lifted: Mapping[str, float]) -> None:
        """``lifted``: who is in an inspector's hand, and at which hour it is back in its bay."""
        self.fleet, self.town, self.policy, self.lifted = fleet, fleet.town, policy, lifted
        self.heard_at: dict[str, datetime] = {}
        self.left: dict[str, tuple[datetime, Battery]] = {}
        self.in_a_drawer: set[str] = set()
        self.drain_h = _duty_percent_h(fleet)

    def watch(self) -> None:
        """Remember what leaves a bay with how much; asked at every look."""
        for camera in self.town.cameras.values():
            if camera.place:
                self.left[camera.serial] = (self.town.now, replace(camera.battery))

    def against(self, camera: Camera, wanted: Wanted) -> list[str]:
        """Why this camera would not do for what it is wanted for; nothing: it is ready.

        Who holds it for that duty may have it out of its bay, and be recording; one that is lifted
        out to be looked at is out unless it will be back by then.
        """
        now, firmware = self.town.now, self.town.numbers.firmware
        held = self._held_for(camera, wanted)
        heard_at = self.heard_at.get(camera.serial)
        silent = camera.docked and (heard_at is None or now - heard_at > self.policy.silent_after)
        room = camera.free_mb >= self.policy.storage_for_shift_mb
        claims = {
            "says nothing": silent or not (camera.alive or wanted.as_it_left),
            "is out": not camera.docked and not held,
            "is recording": camera.mode is Mode.RECORDING and not held,
            "is not emptied": bool(camera.recordings.waiting_clips) and not room,
            "has old firmware": camera.firmware != firmware.version,
            "installs": camera.install is not None,
            "has an old profile": camera.profile != firmware.profile_version,
            "is broken": bool(camera.trouble & {"part", "storage", "lost"}),
            "has a wrong clock": abs(camera.clock.ahead_s(now))
            > self.policy.clock_tolerance.total_seconds(),
            "does not last": self.hours(camera, wanted) < wanted.lasts_h,
        }
        return [claim for claim, so in claims.items() if so]

    def hours(self, camera: Camera, wanted: Wanted) -> float:
        """Hours of usual duty in its battery when it is wanted, if it stays where it is; one that
        somebody took for that is on until then."""
        at, battery = self.town.now, camera.battery
        if wanted.as_it_left:
            at, battery = self.left.get(camera.serial, (at, battery))
        ahead_h = max(0.0, (wanted.begins_at - at) / timedelta(hours=1))
        if not ahead_h:  # which is what each second of a week asks
            return 100 * battery.charge / self.drain_h
        battery = replace(battery)
        if wanted.as_it_left:
            battery.drain(Mode.BUFFERING, ahead_h)
        elif camera.docked and camera.place:
            battery.fill(ahead_h, full_hours=self.town.docks[camera.place.dock].charge_h)
        elif not camera.place:
            on = self._wears(camera, wanted) and camera.mode is not Mode.RECORDING
            battery.drain(Mode.BUFFERING if on else camera.mode, ahead_h)
        return 100 * battery.charge / self.drain_h

    def place(self, camera: Camera) -> str:
        """Where a board should show it: in its bay, at work, or nobody can know."""
        heard_at = self.heard_at.get(camera.serial)
        if camera.serial in self.in_a_drawer:
            return "unknown"
        if camera.docked and (
            heard_at is None or self.town.now - heard_at > self.policy.silent_after
        ):
            return "unknown"
        if camera.mode is Mode.RECORDING and (camera.docked or camera.radio):
            return "recording"
        return "docked" if camera.docked else "out"

    def _wears(self, camera: Camera, wanted: Wanted) -> bool:
        return bool(wanted.badge) and self.fleet.patrol.worn.get(wanted.badge) is camera

    def _held_for(self, camera: Camera, wanted: Wanted) -> bool:
        """Whether it may be out: worn on that very duty, or looked at and back before it begins."""
        if self._wears(camera, wanted):
            return True
        back = self.lifted.get(camera.serial)
        return back is not None and self.fleet.calendar.hour_of(wanted.begins_at) >= back


def _duty_percent_h(fleet: Fleet) -> float:
    """The drain of a usual duty: buffering, and as long as officers record on average."""
    battery, recording = fleet.numbers.battery, fleet.numbers.recording
    spread = log(recording.day_p95_min / recording.day_median_min) / Z95
    share = recording.day_median_min * exp(spread**2 / 2) / 60 / USUAL_SHIFT_H
    buffering = drain_percent_h(Mode.BUFFERING, battery)
    return buffering + share * (drain_percent_h(Mode.RECORDING, battery) - buffering)
