"""How many cameras are updated where, how fast they may download, and whether one more may. Pure.

Docks, stations and lines are counted over all rollouts: they are the same ones.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from devices.policy import Policy
from devices.rollouts.drafts import Caps

BYTES_OF_MBIT = 125_000


class Spot(NamedTuple):
    """Where a camera is updated, and by which rollout."""

    rollout_id: int
    station_id: int
    dock_id: int | None = None
    dock: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """The place of a camera that is being updated, and until when it has it at the latest."""

    spot: Spot
    most_mbit_each: int
    until: datetime


def speed(most_mbit_each: int, policy: Policy) -> int:
    """At how many Mbit/s a camera may download: as fast as its rollout says, and never faster than
    all updates of a dock, of a station and of the department. So one camera always has room."""
    return min(
        most_mbit_each,
        policy.update_mbit_per_dock,
        policy.update_mbit_per_station,
        policy.update_mbit_in_all,
    )


@dataclass
class Room:
    """What is being updated, in cameras and in Mbit/s that they were given.

    A camera has its speed until its turn ends: as long as that lasts it may ask for the bytes.
    """

    policy: Policy
    by_rollout: "Counter[int]" = field(default_factory=Counter)
    by_dock: "Counter[int]" = field(default_factory=Counter)
    by_station: "Counter[int]" = field(default_factory=Counter)
    mbit_by_dock: "Counter[int]" = field(default_factory=Counter)
    mbit_by_station: "Counter[int]" = field(default_factory=Counter)
    mbit: int = 0
    cameras: int = 0

    def take(self, spot: Spot, most_mbit_each: int, cameras: int = 1) -> None:
        """So many cameras there are being updated by a rollout of this speed."""
        mbit = cameras * speed(most_mbit_each, self.policy)
        self.mbit += mbit
        self.cameras += cameras
        self.by_rollout[spot.rollout_id] += cameras
        self.by_station[spot.station_id] += cameras
        self.mbit_by_station[spot.station_id] += mbit
        if spot.dock_id is not None:
            self.by_dock[spot.dock_id] += cameras
            self.mbit_by_dock[spot.dock_id] += mbit

    def is_full(self, rollout_id: int, caps: Caps) -> bool:
        """Whether this rollout may update no more cameras, wherever they are."""
        asks = speed(caps.most_mbit_each, self.policy)
        all_given = self.mbit + asks > self.policy.update_mbit_in_all
        all_given = all_given or self.cameras >= self.policy.updates_at_once
        return all_given or self.by_rollout[rollout_id] >= caps.most_at_once

    def why_full(self, spot: Spot, caps: Caps) -> str:
        """The sentence why a camera there must wait; empty while there is room for it."""
        return next(self._full(spot, caps), "")

    def _full(self, spot: Spot, caps: Caps) -> Iterator[str]:
        if self.by_rollout[spot.rollout_id] >= caps.most_at_once:
            yield f"{_being(caps.most_at_once)} updated; no more may be at once."
        if self.cameras >= self.policy.updates_at_once:
            yield f"All rollouts may update {_cameras(self.policy.updates_at_once)} at once."
        if spot.dock_id is not None and self.by_dock[spot.dock_id] >= caps.most_per_dock:
            yield f"{_being(caps.most_per_dock)} updated in {spot.dock}."
        if self.by_station[spot.station_id] >= caps.most_per_station:
            yield f"{_being(caps.most_per_station)} updated at its station."
        yield from self._given(spot, speed(caps.most_mbit_each, self.policy))

    def _given(self, spot: Spot, asks: int) -> Iterator[str]:
        """Each line that could not carry so many Mbit/s more."""
        dock, station, policy = spot.dock_id, spot.station_id, self.policy
        if dock is not None:
            most = policy.update_mbit_per_dock
            yield from _no_more(f"Updates in {spot.dock}", self.mbit_by_dock[dock], asks, most)
        most = policy.update_mbit_per_station
        yield from _no_more("Updates at its station", self.mbit_by_station[station], asks, most)
        most = policy.update_mbit_in_all
        yield from _no_more("All updates together", self.mbit, asks, most)


def _being(count: int) -> str:
    return f"{_cameras(count)} {'is' if count == 1 else 'are'} being"


def _cameras(count: int) -> str:
    return "1 camera" if count == 1 else f"{count} cameras"


def _no_more(what: str, given: int, asks: int, most: int) -> Iterator[str]:
    if given + asks > most:
        yield f"{what} may take {most} Mbit/s; {given} are given already."
