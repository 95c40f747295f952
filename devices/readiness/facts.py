"""What readiness follows from, read for any number of cameras in two statements."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection

from devices import planned
from devices.battery import rules as battery
from devices.battery.rules import Drain, Figures, Hours, Learned
from devices.faults.rules import CRITICAL_CODES
from devices.inventory import codes
from devices.policy import Policy
from devices.readiness.rules import (
    USUAL_SHIFT,
    Facts,
    Fit,
    Need,
    Readiness,
    dock_is_silent,
    hours,
    judge,
    needed,
)
from devices.readiness.sql import COUNTED, FACTS, FIT, given
from devices.wire import BatteryState, Mode

ON_A_CHARGER = frozenset({BatteryState.CHARGING, BatteryState.FULL})


@dataclass(frozen=True, slots=True)
class Promise:
    """A spare that is kept for an officer (a badge number), or for an event by its title: promised
    for one shift, or reserved for a time."""

    begins_at: datetime
    ends_at: datetime
    badge: str
    event: str = ""
    made_at: datetime | None = None


class Known(NamedTuple):
    """One camera as read, before anybody says what it is needed for. A row of `sql.FACTS`."""

    number: int
    service_state: str
    radio: bool
    hearing: str
    heard_at: datetime | None
    docked: bool | None
    displaced: bool
    dock_silent: bool
    mode: str
    battery_percent: int | None
    offload: str
    clips_waiting: int | None
    storage_free_mb: int | None
    firmware_version: str
    firmware_wanted: str
    profile_version: str
    profile_wanted: str
    clock_ahead: timedelta | None
    said_faults: Sequence[str] | None
    open_critical: Sequence[str] | None
    battery_state: str
    measured_at: datetime | None
    moved_at: datetime | None
    health_percent: int | None
    model_hours: float | None
    learned: Sequence[float | None] | None
    held_at: datetime | None = None
    issued_to: str = ""
    update_stage: str = ""
    updating_until: datetime | None = None
    firmware_accepted: Sequence[str] | None = None
    profile_accepted: Sequence[str] | None = None
    recalled: str = ""
    service_since: datetime | None = None
    recalled_at: datetime | None = None
    update_since: datetime | None = None
    issued_at: datetime | None = None
    dock_heard_at: datetime | None = None
    critical_since: datetime | None = None
    profile_refused: bool = False
    promises: tuple[Promise, ...] = ()

    @property
    def name(self) -> str:
        return codes.name(self.number)

    @property
    def _shown(self) -> Learned | None:
        """What its battery has shown."""
        return Learned(*self.learned) if self.learned else None  # type: ignore[arg-type]

    @property
    def figures(self) -> Figures:
        """How fast its battery drains and charges."""
        return battery.figures(
            self._shown, model_hours=self.model_hours, health_percent=self.health_percent
        )

    @property
    def _drain(self) -> Drain:
        """Of its figures those that its hours now follow from."""
        return battery.drain(
            self._shown, model_hours=self.model_hours, health_percent=self.health_percent
        )

    @property
    def capacity_percent(self) -> float | None:
        """What its battery holds of a new one's, as it has shown; None before it has."""
        shown = self._shown
        return shown.capacity_percent if shown else None

    @property
    def doubted(self) -> bool:
        """Whether its hours may be less than foretold."""
        return battery.doubted(self._shown, model_hours=self.model_hours)

    @property
    def charges(self) -> bool:
        return bool(self.docked) and self.battery_state in ON_A_CHARGER

    @property
    def critical(self) -> tuple[str, ...]:
        """Open critical faults, whether somebody told them or the camera itself does now."""
        said = CRITICAL_CODES.intersection(self.said_faults or ())
        return tuple(sorted(said.union(self.open_critical or ())))

    def hours(self, need: Need | None = None) -> Hours | None:
        """Hours of duty in its battery when the need begins, if it stays where it is; at its last
        word without a need.

        One that was taken for it is on until then, and gains nothing on a charger: nobody knows
        when it was switched on, or leaves it.
        """
        if self.battery_percent is None:
            return None
        if need is None or self.measured_at is None or (need.taken and self.charges):
            return battery.hours_left(self.battery_percent, self._drain)
        return battery.hours_at(
            self.battery_percent,
            max(0.0, hours(need.begins_at - self.measured_at)),
            self.figures,
            charging=self.charges,
            mode=self._mode_until(need),
        )

    def _mode_until(self, need: Need) -> Mode | None:
        """What it does until the need begins; None is duty, with the usual mix of modes."""
        if need.taken:
            return Mode.RECORDING if self.mode == Mode.RECORDING else None
        return Mode(self.mode or Mode.OFF)

    def docked_at(self, at: datetime) -> "Known":
        """As if it came back from duty into a bay at ``at`` and was heard there; what it was
        not asked for keeps what was last said."""
        percent = self.battery_percent
        if percent is not None and self.measured_at is not None:
            out_h = max(0.0, hours(at - self.measured_at))
            left = battery.percent_at(percent, out_h, self.figures, charging=False, mode=None)
            percent = int(left)
        return self._replace(
            docked=True,
            displaced=False,
            dock_silent=False,
            dock_heard_at=at,
            hearing="heard",
            heard_at=at,
            moved_at=at,
            measured_at=at,
            mode=Mode.OFF,
            battery_percent=percent,
            battery_state=BatteryState.CHARGING,
        )

    def facts(self, need: Need | None = None) -> Facts:
        """All that is known of it for this need."""
        lasts = self.hours(need)
        kept = self._kept_for(need) if self.promises else None
        return Facts(
            self.name,
            self.service_state,
            self.radio,
            self.hearing,
            self.heard_at,
            self.docked,
            self.displaced,
            self.dock_silent,
            self.mode,
            self.battery_percent,
            self.offload,
            self.clips_waiting,
            self.storage_free_mb,
            self.firmware_version,
            self.firmware_wanted,
            self.profile_version,
            self.profile_wanted,
            self.clock_ahead,
            self.critical if self.said_faults or self.open_critical else (),
            lasts.hours if lasts else None,
            (lasts.low if self.doubted else lasts.hours) if lasts else None,
            kept.badge if kept else "",
            self.measured_at,
            self.moved_at,
            self.held_at,
            self.issued_to,
            kept.event if kept else "",
            self.update_stage,
            self.updating_until,
            self.firmware_accepted,
            self.profile_accepted,
            self.recalled,
            self.service_since,
            self.recalled_at,
            self.update_since,
            self.issued_at,
            kept.made_at if kept else None,
            self.dock_heard_at,
            self.critical_since,
            self.profile_refused,
        )

    def dock_is_silent(self, policy: Policy, now: datetime) -> bool:
        """Whether the dock that it sits in is silent, announced or not."""
        return dock_is_silent(self.dock_silent, self.dock_heard_at, policy, now)

    def judged(self, need: Need | None, policy: Policy, now: datetime) -> Readiness:
        """Whether it could go out for this need; for a usual shift that begins now without one."""
        return judge(self.facts(need), need, policy, now)

    def charged_at(self, need: Need | None, policy: Policy) -> datetime | None:
        """When its battery lasts for the need, if it stays in its bay; None: not known, or never.

        The two limits are those of `rules.judge`: enough with the spare, and enough at worst.
        """
        if self.battery_percent is None or self.measured_at is None or not self.charges:
            return None
        lasts = need.lasts if need else USUAL_SHIFT
        by, percent, at = self.figures, self.battery_percent, self.measured_at
        as_foretold = by._replace(error_share=0.0)
        worst = by if self.doubted else as_foretold
        at_worst = battery.ready_at(percent, at, hours(lasts), worst)
        with_spare = battery.ready_at(percent, at, hours(needed(lasts, policy)), as_foretold)
        return at_worst and with_spare and max(at_worst, with_spare)

    def promised(self, need: Need) -> list[Promise]:
        """What it is promised for during this need."""
        ends_at = need.begins_at + need.lasts
        # One that ends as this begins comes back then, and drained.
        return [
            one
            for one in self.promises
            if one.begins_at < ends_at and one.ends_at >= need.begins_at
        ]

    def _kept_for(self, need: Need | None) -> Promise | None:
        """The first promise of it during the need; another's before the one it is needed for."""
        if need is None:
            return None
        during = self.promised(need)
        anothers = (one for one in during if one.event or one.badge != need.badge)
        return next(anothers, during[0] if during else None)


FEW = 500  # cameras that are looked up one by one; of more a plan of their own is worth its time
COLUMNS = len(Known._fields) - 1  # of `sql.FACTS`; the promises come from elsewhere


def read(camera_ids: Collection[int] | None, *, now: datetime) -> Iterator[tuple[int, Known]]:
    """What is known of these cameras, by id; of every camera that is not retired without ids.

    One after the other: to hold 100,000 of them at once would take longer than to judge them.
    """
    which = "c.service_state <> 'retired'" if camera_ids is None else "c.id = ANY(%(ids)s)"
    promised = promises(now=now)
    few = camera_ids is not None and len(camera_ids) <= FEW
    with planned.cursor() if few else connection.cursor() as cursor:
        sql = f"SELECT c.id, {FACTS} {COUNTED} WHERE {which}"
        cursor.execute(sql, {"ids": list(camera_ids or ())})
        for row in cursor:
            yield row[0], known(row[1:], promised.get(row[0], ()))


def known(row: tuple[Any, ...], promised: tuple[Promise, ...] = ()) -> Known:
    """A camera from its columns of `sql.FACTS`."""
    return Known._make((*row, promised))


def fits(*, policy: Policy, now: datetime) -> dict[int, Fit]:
    """Whether each camera, by number, could go out now for a usual shift, judged by the database:
    for fleets so large that nobody reads every reason."""
    sql = f"SELECT c.number, {FIT} {COUNTED} WHERE c.service_state <> 'retired'"
    return {number: Fit(fit) for number, fit in select(sql, **given(policy, now))}


# What is reserved, in the columns of a promise.
RESERVED = """
SELECT kept.camera_id, kept.begins_at, kept.ends_at, coalesce(officer.badge_number, ''), kept.title,
       kept.made_at
FROM devices_reservation kept LEFT JOIN devices_officer officer ON officer.id = kept.officer_id
WHERE kept.ended_at IS NULL"""

# No shift lasts two days: so an index finds those that have not ended.
PROMISED = f"""
SELECT promise.camera_id, shift.begins_at, shift.ends_at, officer.badge_number AS badge,
       '' AS event, promise.offered_at
FROM devices_standin promise
JOIN devices_shift shift ON shift.id = promise.shift_id
JOIN devices_officer officer ON officer.id = promise.officer_id
WHERE promise.ended_at IS NULL AND shift.ends_at > %(now)s
  AND shift.begins_at > %(now)s - interval '2 days'
UNION ALL {RESERVED} AND kept.ends_at > %(now)s"""  # noqa: S608 (constants)


def promises(*, now: datetime) -> dict[int, tuple[Promise, ...]]:
    """The cameras kept for shifts or times that have not ended, by id."""
    found: dict[int, tuple[Promise, ...]] = {}
    with planned.each_time():
        rows = select(f"{PROMISED} ORDER BY 2", now=now)
    for camera_id, *promise in rows:
        found[camera_id] = (*found.get(camera_id, ()), Promise(*promise))
    return found


def select(sql: str, **values: Any) -> list[tuple[Any, ...]]:
    """The rows of one statement."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found
