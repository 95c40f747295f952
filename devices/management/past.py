"""What the demonstration fleet's batteries did before today.

The simulator lives many times faster than its batteries' figures could be learnt from, so the
spells of its last weeks are reckoned by its own numbers: the same town, officers and seed.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import zip_longest
from pathlib import Path
from random import Random
from statistics import median
from zoneinfo import ZoneInfo

from django.conf import settings

from devices.battery.learning import Spell
from devices.battery.models import BatteryMonth, BatterySpell, Forecast
from devices.inventory.models import Camera
from devices.simulator import inventory, recordings
from devices.simulator import numbers as all_numbers
from devices.simulator.battery import CYCLE
from devices.simulator.camera import Camera as Simulated
from devices.simulator.duty import Patrol
from devices.simulator.shifts import Calendar, Duty
from devices.simulator.town import Town

SEED = 1  # the simulator's own, so that a weak battery here is weak there
DAYS, MONTHS = 40, 9
MONTH = timedelta(days=30)
NOTHING = tuple(name for name in Spell._fields if name not in ("began_at", "docked"))
NEARLY_FLAT = 30  # percent: such a camera asks for its dock, and nobody takes it home
SURE = 0.1  # how sure a month of duties makes a forecast


class Past:
    """The last weeks of the fleet of ``folder``, told of the cameras that are enrolled."""

    def __init__(self, folder: Path, now: datetime) -> None:
        self.now, self.numbers = now, all_numbers.read()
        zone = ZoneInfo(settings.TIME_ZONE)
        first = now.astimezone(zone).date() - timedelta(days=DAYS)
        self.calendar = Calendar(first, zone)  # whose last day was yesterday
        self.town = Town(
            inventory.read(folder),
            self.numbers,
            seed=SEED,
            boot=1,
            now=now,
            calendar=self.calendar,
        )
        self.patrol = Patrol(self.town, seed=SEED)
        self.ids = dict(Camera.objects.values_list("serial", "pk"))
        self.chance = Random(f"{SEED} past")  # noqa: S311 (a story)
        self.spells: list[BatterySpell] = []
        self.forecasts: list[Forecast] = []
        self.months: list[BatteryMonth] = []

    def tell(self) -> "Past":
        """All of it."""
        duties: dict[str, list[Duty]] = {}
        for day in range(DAYS):
            for duty in self.town.roster.of_day(day):
                duties.setdefault(duty.badge, []).append(duty)
        for badge, own in duties.items():
            camera = self.patrol.own[badge]
            if camera.serial in self.ids:
                self._camera(camera, own)
        return self

    def _camera(self, camera: Simulated, duties: list[Duty]) -> None:
        begun = [duty for duty in duties if self._at(duty.ends) < self.now]
        out, charged = self._lived(camera, begun)
        self.spells += [*out, *(one for one in charged if one.ended_at < self.now)]
        drain = median(_drop(one) / _hours(one) for one in out)
        self.forecasts += [self._foretold(one, drain) for one in out]
        self.months += self._worn(camera, len(duties) / DAYS * _drop(out[-1]) / 100)

    def _lived(
        self, camera: Simulated, duties: list[Duty]
    ) -> tuple[list[BatterySpell], list[BatterySpell]]:
        """Out and charged again; now and then it is docked late, and not full for the next duty."""
        out, charged, percent = [], [], 100
        for duty, following in zip_longest(duties, duties[1:]):
            one = self._out(camera, duty, percent)
            out.append(one)
            docked_at = one.ended_at + self._docked_after(one)
            if following is not None and self._at(following.begins) <= docked_at:
                percent = one.last_percent
            else:
                percent = 100
                charged.append(self._charged(camera, one, docked_at))
        return out, charged

    def _docked_after(self, out: BatterySpell) -> timedelta:
        numbers = self.numbers.shifts
        late = self.chance.random() < numbers.late_docking_share
        if not late or out.last_percent < NEARLY_FLAT:
            return timedelta(minutes=10)
        more = self.chance.expovariate(1 / numbers.late_docking_mean_more_h)
        return timedelta(hours=numbers.late_docking_least_h + more)

    def _out(self, camera: Simulated, duty: Duty, percent: int) -> BatterySpell:
        numbers, holds = self.numbers.battery, camera.battery.capacity
        lasts = duty.ends - duty.begins
        asleep = 0.5 if self.chance.random() < self.numbers.shifts.break_share else 0.0
        recorded = sum(recordings.of_a_shift(self.chance, self.numbers.recording))
        recorded = min(recorded, lasts - asleep - 1)
        buffered = lasts - asleep - recorded
        dropped = {
            "buffering_drop": round(numbers.drain_buffering_percent_h * buffered / holds),
            "recording_drop": round(numbers.drain_recording_percent_h * recorded / holds),
            "sleep_drop": round(numbers.drain_sleep_percent_h * asleep / holds),
        }
        short = min(1.0, (percent - 1) / sum(dropped.values()))  # what a flat one cannot do
        return self._spell(
            camera,
            self._at(duty.begins),
            lasts * short,
            docked=False,
            first_percent=percent,
            last_percent=max(1, percent - sum(dropped.values())),
            buffering_h=buffered * short,
            recording_h=recorded * short,
            sleep_h=asleep * short,
            **{name: round(drop * short) for name, drop in dropped.items()},
        )

    def _charged(self, camera: Simulated, out: BatterySpell, docked_at: datetime) -> BatterySpell:
        home = camera.home
        full_h = max(camera.battery.full_hours, self.town.docks[home.dock].charge_h if home else 0)
        at = [self._charge_h(level) * full_h for level in (out.last_percent, 70, 90, 100)]
        low = min(70, out.last_percent)
        return self._spell(
            camera,
            docked_at,
            at[3] - at[0],
            docked=True,
            first_percent=out.last_percent,
            last_percent=100,
            charge_h=max(0.0, at[1] - at[0]),
            charge_rise=70 - low,
            middle_h=at[2] - max(at[0], at[1]),
            middle_rise=90 - max(70, out.last_percent),
            top_up_h=at[3] - at[2],
            top_up_rise=10,
        )

    def _charge_h(self, percent: float) -> float:
        """The share of a whole charge's time that has gone by at this percentage."""
        numbers = self.numbers.battery
        knee, at = numbers.fast_until_percent, numbers.fast_share_of_time
        if percent < knee:
            return percent / knee * at
        return at + (percent - knee) / (100 - knee) * (1 - at)

    def _spell(
        self, camera: Simulated, began_at: datetime, lasted_h: float, **fields: float
    ) -> BatterySpell:
        return BatterySpell(
            camera_id=self.ids[camera.serial],
            began_at=began_at,
            ended_at=began_at + timedelta(hours=lasted_h),
            **{**dict.fromkeys(NOTHING, 0), **fields},
        )

    def _foretold(self, out: BatterySpell, drain: float) -> Forecast:
        hours = out.first_percent / drain
        return Forecast(
            camera_id=out.camera_id,
            made_at=out.began_at - timedelta(hours=8),
            for_at=out.began_at,
            hours=hours,
            low_hours=hours * (1 - SURE),
            high_hours=hours * (1 + SURE),
            actual_hours=out.first_percent * _hours(out) / _drop(out),
            settled_at=min(self.now, out.ended_at + timedelta(hours=10)),
        )

    def _worn(self, camera: Simulated, cycles_a_day: float) -> Iterator[BatteryMonth]:
        """A month ago it had gone through fewer cycles, and so on back."""
        loses = 100 * self.numbers.battery.wear_per_cycle * cycles_a_day * 30 / CYCLE
        for ago in range(MONTHS):
            month = (self.now - ago * MONTH).date().replace(day=1)
            yield BatteryMonth(
                camera_id=self.ids[camera.serial],
                month=month,
                capacity_percent=100 * camera.battery.capacity
                + ago * loses
                + self.chance.gauss(0, 0.4),
                hours_seen=self.chance.gauss(130, 15),
            )

    def _at(self, hour: float) -> datetime:
        """This hour of the calendar; hours are added to it as they go by, not as clocks show."""
        return self.calendar.clock(hour).astimezone(UTC)


def _hours(one: BatterySpell) -> float:
    return one.buffering_h + one.recording_h + one.sleep_h


def _drop(one: BatterySpell) -> float:
    return one.buffering_drop + one.recording_drop + one.sleep_drop
