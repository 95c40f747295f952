"""The simulated town at a department's doors: it lives, is held still, and is asked what is so."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from devices.simulator.camera import HUNG, Camera
from devices.simulator.fleet import STARTS_ON_DAY, Fleet, Wishes
from devices.simulator.ledger import Ledger
from devices.simulator.line import Line
from devices.simulator.mishaps import Faults
from devices.simulator.outbox import Record
from devices.simulator.shifts import DAY
from devices.simulator.voices import Voice
from devices.wire import BatteryState, Mode, Result
from tests.stories.department import Department
from tests.stories.kept import Key
from tests.stories.person import Buckets
from tests.stories.waiting import going_on, until

CHARGED_PERCENT = 95  # from here on a camera in its bay is docked, and no longer charging


class Town:
    """Cameras, docks and officers. The department knows of them only what they say."""

    def __init__(self, department: Department, wishes: Wishes) -> None:
        self.fleet = Fleet(
            department.inventory, department.tokens, wishes=wishes, now=datetime.now(UTC)
        )
        self.fleet.speed = 0.0
        self.ledger = Ledger(keep=True)
        self._url = department.address.replace("http", "ws", 1)
        self._cut: set[str] = set()
        self._aside = department.aside
        self._faults = Faults(self.fleet.town, seed=wishes.seed)

    @asynccontextmanager
    async def living(self) -> AsyncIterator[None]:
        """Everybody has introduced themselves, and life stands still until it is let go."""
        async with going_on(self.fleet.run(self._url, self.ledger)):
            await self.hold_still()
            yield

    # Time

    @property
    def hour(self) -> float:
        """Of the day on which the story begins."""
        return self.fleet.town.hour - STARTS_ON_DAY * DAY

    def live_on(self) -> None:
        """Let life go by at the wished speed."""
        self.fleet.speed = self.fleet.wishes.speed

    async def live_until(self, claim: Callable[[], object]) -> None:
        """Let life go by until something is so, then hold it still."""
        self.live_on()
        await until(claim, lambda: f"it is {self.hour:.2f} h")
        await self.hold_still()

    async def hold_still(self) -> None:
        """Nothing happens from now on, and all who can be heard have said so and were answered.

        They go on to say so: on a slow machine there is no moment at which nothing is under way.
        """
        self.fleet.speed, since = 0.0, datetime.now(UTC)
        await until(lambda: not self._quiet(since), lambda: self._quiet(since))
        said = self._under_way_or_waiting()
        await until(
            lambda: said.isdisjoint(self._under_way_or_waiting()),
            lambda: Counter(key.device for key in said & self._under_way_or_waiting()),
        )

    def _quiet(self, since: datetime) -> list[str]:
        """The cameras that could be heard and have said nothing since."""
        heard = [camera.serial for camera in self.cameras if self.heard(camera)]
        spoke = {serial: self.fleet.minds[serial].spoke_at for serial in heard}
        return [serial for serial, at in spoke.items() if at is None or at < since]

    def _under_way_or_waiting(self) -> set[Key]:
        """What nobody who has a network was answered so far."""
        return _unanswered(line.voice for line in self._whole_lines())

    async def is_answered(self) -> None:
        """The department answers, and more words are on their way to it at this moment."""
        since = self.ledger.counts.total()
        await until(
            lambda: self.ledger.counts.total() > since + len(self.cameras) and self._under_way(),
            lambda: f"{self.ledger.counts.total() - since} answers",
        )

    # What was said

    def acknowledged(self, result: Result) -> list[Key]:
        """The records that were answered so."""
        return [_key(fate.record) for fate in self.ledger.fates if fate.result is result]

    def unanswered(self) -> set[Key]:
        """The records that may have been sent, and were not answered so far."""
        return _unanswered(self.fleet.voices)

    def _under_way(self) -> bool:
        return any(any(voice.outbox.sent.values()) for voice in self.fleet.voices)

    # What goes wrong

    def hang_one(self) -> Camera:
        """A camera that sits in a dock and speaks says nothing more."""
        hung = next(camera for camera in self.cameras if camera.docked and self.heard(camera))
        self._faults.afflict(hung, HUNG)
        return hung

    def restart(self, hung: Camera) -> None:
        self._faults.mend(hung, HUNG)

    def lose_the_network(self) -> None:
        """Everybody is cut off in mid-sentence, and all come back in the same second."""
        for line in self.fleet.lines:
            line.cut()
        for line in self.fleet.lines:
            line.mend(at_once=True)

    def cut(self, dock: str) -> None:
        """The network of this dock is gone; it keeps what it has to say."""
        self._cut.add(dock)
        self._line(dock).cut()

    def mend(self, dock: str) -> None:
        self._cut.discard(dock)
        self._line(dock).mend(at_once=True)

    def _line(self, name: str) -> Line:
        return next(line for line in self.fleet.lines if line.voice.name == name)

    def _whole_lines(self) -> Iterator[Line]:
        return (line for line in self.fleet.lines if line.voice.name not in self._cut)

    # What is so

    @property
    def cameras(self) -> list[Camera]:
        return list(self.fleet.town.cameras.values())

    def heard(self, camera: Camera) -> bool:
        """Whether it says how it is to somebody who can pass that on."""
        if camera.docked and camera.place:
            return camera.measuring and camera.place.dock not in self._cut
        return camera.measuring and camera.radio

    def silent(self) -> set[str]:
        """The cameras that ought to be heard and are not; that takes its time to be noticed."""
        expected = (camera for camera in self.cameras if camera.docked or camera.radio)
        return {camera.serial for camera in expected if not self.heard(camera)}

    def truth(self) -> Buckets:
        """Where each camera is, as far as anybody at a desk can know."""
        return {camera.serial: self._bucket(camera) for camera in self.cameras}

    def _bucket(self, camera: Camera) -> str:
        if camera.serial in self._aside:
            return "repair"
        if camera.docked and not self.heard(camera):
            return "unknown"
        if camera.mode is Mode.RECORDING and self.heard(camera):
            return "recording"
        if not camera.docked:
            return "out"
        full = camera.battery_state is BatteryState.FULL
        return "docked" if full or camera.battery.percent >= CHARGED_PERCENT else "charging"


def _unanswered(voices: Iterable[Voice]) -> set[Key]:
    boxes = [voice.outbox for voice in voices]
    sent = (record for box in boxes for batch in box.sent.values() for record in batch)
    return {_key(record) for record in (*sent, *(one for box in boxes for one in box.waiting))}


def _key(record: Record) -> Key:
    return Key(record.kind.value, record.device, record.boot, record.sequence)
