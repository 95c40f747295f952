"""The whole simulated fleet: a town, voices for its devices, lines to the doors, and a pace."""

import asyncio
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta, tzinfo
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from devices.simulator import numbers as all_numbers
from devices.simulator import scenarios
from devices.simulator.duty import Patrol
from devices.simulator.inventory import Inventory
from devices.simulator.ledger import Ledger
from devices.simulator.line import Line
from devices.simulator.mishaps import Faults, LightBars
from devices.simulator.numbers import Numbers
from devices.simulator.scenarios import Outage, Scenario
from devices.simulator.shifts import DAY, Calendar
from devices.simulator.town import HOUR, Dock, Noticed, Town
from devices.simulator.updates import installed
from devices.simulator.updates.clients import Clients
from devices.simulator.voices import DockVoice, Minds, RadioVoice, Voice

COUNTED_FROM = datetime(2020, 1, 1, tzinfo=UTC)
STARTS_ON_DAY = 3  # of the simulated calendar, so that the lead-in lies after its beginning
AS_IN_LIFE = 1.0  # the speed at which the simulated clock is the department's


@dataclass(frozen=True)
class Wishes:
    """What whoever starts the simulator may choose."""

    speed: float = 60.0  # simulated seconds in a real second
    seed: int = 1
    scenario: Scenario = field(default_factory=lambda: scenarios.read()[scenarios.QUIET])
    start_hour: float | None = None  # None: the scenario's, or now if life has its own speed
    zone: tzinfo = field(default_factory=lambda: ZoneInfo("America/New_York"))
    report_s: float | None = None  # None: as the fleet orders
    boot: int | None = None  # None: seconds since 2020, so that every start has greater ones
    heard_until: datetime | None = None  # what the fleet knows already; None: nothing
    installed: Path | None = None  # the file of what cameras run; None: what they were made with

    def calendar(self, now: datetime) -> Calendar:
        """Today is the day on which life begins, whatever its speed afterwards."""
        today = now.astimezone(self.zone).date()
        return Calendar(today - timedelta(days=STARTS_ON_DAY), self.zone)

    def tells_from(self, now: datetime, lead_in: timedelta) -> datetime:
        """From when on devices tell of their lives before the start, which the fleet then hears
        late: only at the speed of life did it happen at the time they say."""
        if self.start_hour is not None or self.speed != AS_IN_LIFE:
            return now
        begin = now - lead_in
        return begin if self.heard_until is None else min(now, max(begin, self.heard_until))

    def starts_at(self, now: datetime) -> float:
        """The hour of the calendar: at the speed of life what clocks show now, else as wished."""
        calendar = self.calendar(now)
        if self.start_hour is None and self.speed == AS_IN_LIFE:
            return calendar.hour_of(now)
        hour = self.scenario.start_hour if self.start_hour is None else self.start_hour
        return calendar.hour(calendar.day(STARTS_ON_DAY), time()) + hour


class Fleet:
    """Cameras and docks that live and speak. `tick` needs no network; `run` has one."""

    def __init__(
        self,
        inventory: Inventory,
        tokens: Mapping[str, str],
        *,
        wishes: Wishes,
        now: datetime,
        numbers: Numbers | None = None,
    ) -> None:
        self.numbers, self.wishes, self.tokens = numbers or all_numbers.read(), wishes, tokens
        self.speed = wishes.speed  # may be changed at any time; at 0 life stands still
        self.started_at = now
        boot = boot_number(now) if wishes.boot is None else wishes.boot
        self.calendar = wishes.calendar(now)
        told_from = wishes.tells_from(now, timedelta(hours=self.numbers.pace.lead_in_h))
        self.town = Town(
            inventory,
            self.numbers,
            seed=wishes.seed,
            boot=boot,
            now=told_from,
            calendar=self.calendar,
        )
        if wishes.installed is not None:
            installed.read(self.town.cameras, wishes.installed)
        self.patrol = Patrol(self.town, seed=wishes.seed)
        self._lead_in(now, told_from)
        self.minds = Minds(self.town.cameras.values(), self.numbers, wishes.report_s)
        self.docks = [self._dock_voice(dock, boot, told_from) for dock in self.town.docks.values()]
        self.radios = [
            RadioVoice(mind, self.numbers)
            for serial, mind in self.minds.items()
            if serial in tokens
        ]
        self._keep_to_tell(told_from, now)
        self.updates = Clients(
            self.minds,
            tokens,
            self.numbers,
            wishes.scenario,
            seed=wishes.seed,
            keep=wishes.installed,
        )
        for ailment in wishes.scenario.ailments:
            scenarios.ail(self.town, ailment, seed=wishes.seed)
        self.lines: list[Line] = []

    def _lead_in(self, now: datetime, told_from: datetime) -> None:
        """Live through the day before the start, so that somebody is out and somebody charges.

        It ends at ``told_from``: what comes after it, the devices tell.
        """
        town, seed = self.town, self.wishes.seed
        start = self.wishes.starts_at(now)
        town.hour = start - self.numbers.pace.lead_in_h
        self.patrol.plan_day(int(town.hour // DAY))
        LightBars(town, seed=seed).plan_next()
        Faults(town, seed=seed).begin()
        untold = (start - town.hour) * HOUR - (now - told_from).total_seconds()
        town.live(untold, told_from)

    def _keep_to_tell(self, told_from: datetime, now: datetime) -> None:
        """Live on as without a network: docks and cameras keep what they have to say until now."""
        if told_from == now:
            return
        self._speak_every(self.numbers.speech.alone_every_s)
        at, step = told_from, timedelta(seconds=self.numbers.pace.step_s)
        while at < now:
            lived = min(step, now - at)
            at += lived
            self.tick(at, lived.total_seconds())
        self._speak_every(self.wishes.report_s or self.numbers.speech.report_every_s)
        for voice in self.voices:
            voice.nudge()

    def _speak_every(self, seconds: float) -> None:
        for mind in self.minds.values():
            mind.every_s = seconds
        for dock in self.docks:
            dock.contact_s = seconds

    def _dock_voice(self, dock: Dock, boot: int, now: datetime) -> DockVoice:
        voice = DockVoice(dock, self.minds, self.numbers, seed=self.wishes.seed, boot=boot, now=now)
        voice.wake(self._remembered(dock), now)
        return voice

    def _remembered(self, dock: Dock) -> Iterator[Noticed]:
        """A dock keeps in its memory who was in its bays: those at home there and now away."""
        for camera in self.town.cameras.values():
            home = camera.home
            if home and home.dock == dock.row.code and not (camera.docked and camera.place == home):
                yield Noticed("undocked", home.position, camera.serial)

    @property
    def voices(self) -> list[Voice]:
        return [*self.docks, *self.radios]

    # Time

    def tick(self, now: datetime, elapsed_s: float) -> list[tuple[Voice, bool]]:
        """Let ``elapsed_s`` real seconds of life go by; who speaks now, and who has to greet."""
        self.town.live(elapsed_s * self.speed, now)
        for mind in self.minds.values():
            if not mind.camera.docked:
                mind.store(now)
        return [(voice, voice.speak(now)) for voice in self.voices]

    async def run(self, url: str, ledger: Ledger) -> None:
        """Live and speak at ``url`` until cancelled."""
        self.lines = [self._line(voice, url, ledger) for voice in self.voices]
        async with asyncio.TaskGroup() as group:
            for line in self.lines:
                group.create_task(line.run())
            for outage in self.wishes.scenario.outages:
                group.create_task(self._suffer(outage))
            group.create_task(self._live())
            group.create_task(self.updates.run(url))

    def _line(self, voice: Voice, url: str, ledger: Ledger) -> Line:
        token = self.tokens.get(voice.name, "")
        return Line(voice, url=url, token=token, ledger=ledger, numbers=self.numbers.speech)

    async def _live(self) -> None:
        before = datetime.now(UTC)
        while True:
            await asyncio.sleep(self.numbers.pace.tick_s)
            now = datetime.now(UTC)
            elapsed = max(0.0, (now - before).total_seconds())
            if self.speed != AS_IN_LIFE:  # a machine that slept need not catch up with a show
                elapsed = min(elapsed, 5.0)
            before = now
            for line, (_, greets) in zip(self.lines, self.tick(now, elapsed), strict=True):
                line.wake(greet=greets)

    async def _suffer(self, outage: Outage) -> None:
        """Take the same docks off the network and bring them back, as the scenario says."""
        chance = Random(f"{self.wishes.seed} outage")
        docks = scenarios.share(self.lines[: len(self.docks)], outage.docks_percent, chance)
        loop = asyncio.get_running_loop()
        started, down = loop.time(), False
        while True:
            await asyncio.sleep(self.numbers.pace.tick_s)
            if down is not (down := outage.is_on(loop.time() - started)):
                for line in docks:
                    line.cut() if down else line.mend(at_once=outage.together)

    # What may be looked at

    def truth(self) -> dict[str, object]:
        return {
            "hour": round(self.hour_of_the_day, 4),
            "speed": self.speed,
            "worn": {badge: camera.serial for badge, camera in self.patrol.worn.items()},
            "cameras": self.town.truth(),
        }

    @property
    def hour_of_the_day(self) -> float:
        """What the department's clocks show, in hours since midnight."""
        shown = self.calendar.clock(self.town.hour)
        return shown.hour + shown.minute / 60 + shown.second / 3600

    def write_truth(self, path: Path) -> None:
        """Replace the file at once, so that a reader never sees half of it."""
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        beside.write_text(json.dumps(self.truth()))
        beside.replace(path)


def boot_number(now: datetime) -> int:
    """Seconds since 2020: it fits 31 bits until 2088 and grows faster than anything boots."""
    return int((now - COUNTED_FROM).total_seconds())
