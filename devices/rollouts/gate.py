"""Whether a camera may be offered its turn now, and every reason why not. Pure.

Clients know nothing of batteries or shifts: what must not be installed now is not offered. The
statement in `standing` asks the same of rows first, so that few are judged; whatever it lets
through is judged here.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from devices.policy import Policy
from devices.rollouts.planning import Target, why_not_from, why_not_on, why_not_profile
from devices.rollouts.room import Spot

# field.md: to 900 MB at 25 Mbit/s are 5 min, an install to 15, a reboot 90 s.
USUAL_INSTALL = timedelta(minutes=21, seconds=30)
USUAL_PROFILE = timedelta(minutes=2)
# A camera does not charge while it installs. field.md: full in 4.5 h, at an old dock in 9; and
# what installing costs (6.5 % an hour) is charged again in a few minutes.
FULL_IN = timedelta(hours=9)
AT_LEAST_TO_CHARGE = timedelta(minutes=10)
# A client takes two polls, a minute each, from the offer to the download; an offer lasts longer.
TO_BEGIN = timedelta(minutes=10)
# A reservation that begins while a camera is away is one it would miss; an empty battery is full
# again after this at the latest.
RESERVED_AHEAD = timedelta(hours=10)
# From the scan at a desk to the camera leaving its bay.
JUST_ISSUED = timedelta(minutes=15)


class Standing(NamedTuple):
    """What is known of a camera whose turn is planned. None is: not known."""

    deployment_id: int
    rollout_id: int
    wave_id: int
    camera_id: int
    number: int
    name: str
    model_id: int
    station_id: int
    service_state: str
    held: bool
    update_stage: str
    hearing: str
    heard_at: datetime | None
    docked: bool | None
    displaced: bool
    dock_id: int | None
    dock: str
    dock_station_id: int | None
    mode: str
    battery_percent: int | None
    offload: str
    clips_waiting: int | None
    version: str
    digest: str
    boot: int | None
    issued_at: datetime | None
    issued_now: bool
    reserved_from: datetime | None
    put_aside: bool
    elsewhere: bool
    on_duty: bool
    attempts: int
    hardware: str = ""
    should_run: str = ""  # the profile, by its name; of who is brought one, where somebody said

    @property
    def spot(self) -> Spot:
        """Where it would be updated: at the station of the dock that it sits in."""
        return Spot(
            self.rollout_id, self.dock_station_id or self.station_id, self.dock_id, self.dock
        )


@dataclass(frozen=True, slots=True)
class Wants:
    """What a rollout asks of a camera before it offers."""

    target: Target
    minimum_battery_percent: int
    open: bool = True  # its window


def why_waits(one: Standing, wants: Wants, policy: Policy, now: datetime) -> Iterator[str]:
    """Every reason why this camera is not offered its turn now, a sentence each."""
    if not wants.open:
        yield "The rollout's window is closed."
    yield from _in_use(one, now)
    yield from _in_its_dock(one, policy, now)
    yield from _fit(one, wants)


def _in_use(one: Standing, now: datetime) -> Iterator[str]:
    if one.service_state != "in_service":
        yield f"It is {one.service_state.replace('_', ' ')}."
    if one.held:
        yield "It is held as evidence."
    if one.put_aside:
        yield "It is put aside."
    if one.elsewhere or one.update_stage:
        yield "Another update of it is under way."
    if one.issued_now:
        yield "It is given out."
    elif one.issued_at is not None and now - one.issued_at < JUST_ISSUED:
        yield "It was just taken at the desk."
    yield from _wanted_by_somebody(one)


def _wanted_by_somebody(one: Standing) -> Iterator[str]:
    if one.reserved_from is not None:
        yield "It is reserved."
    if one.on_duty:  # and may still come for it
        yield "Its officer is on duty."


def _in_its_dock(one: Standing, policy: Policy, now: datetime) -> Iterator[str]:
    if one.heard_at is None or one.docked is None:
        yield "It was never heard."
    elif not one.docked or one.dock_id is None:
        yield "It is out of its dock."
    elif one.displaced:
        yield "Another camera is in its bay."
    elif one.hearing == "silent" or now - one.heard_at > policy.silent_after:
        yield "It is silent in its dock."
    elif one.mode == "recording":
        yield "It is recording."


def _fit(one: Standing, wants: Wants) -> Iterator[str]:
    least = wants.minimum_battery_percent
    if one.battery_percent is None:
        yield "Its battery is not known."
    elif one.battery_percent < least:
        yield f"Its battery is at {one.battery_percent} %; the update needs {least} %."
    if not (one.offload == "complete" and one.clips_waiting == 0):
        yield "It is not emptied."
    if why := why_not_profile(one.should_run, wants.target.profile):
        yield why  # said since its turn was planned; said before, it would have none
    if not one.version:
        yield "It has not said what it runs."
    elif wants.target.runs_on(one.version, one.digest):
        yield f"It runs {one.version} already."
    elif why := why_not_on(one.hardware, wants.target) or why_not_from(one.version, wants.target):
        yield why


def back_by(
    one: Standing, install: timedelta, now: datetime, to_begin: timedelta = TO_BEGIN
) -> datetime:
    """When this camera is reckoned to be ready again, if it is offered its turn now.

    Twice the time that its model was seen to take, what a client may take to begin, and what its
    battery lacks: it stops charging meanwhile.
    """
    lacks = 1 - (one.battery_percent or 0) / 100
    return now + to_begin + 2 * install + max(AT_LEAST_TO_CHARGE, lacks * FULL_IN)


def begin_by(back: datetime, install: timedelta) -> datetime:
    """Until when a camera must begin to install to be ready again then."""
    return back - install - AT_LEAST_TO_CHARGE


def order(several: Collection[Standing], now: datetime) -> list[Standing]:
    """Whom to ask first: the fullest batteries, because they are back soonest; those of one
    charge by turns, so that nobody waits for ever behind cameras that a shift keeps."""
    turn = int(now.timestamp()) // 5
    return sorted(several, key=lambda one: (-(one.battery_percent or 0), (one.number + turn) % 97))
