"""The loop: the town lives a step, its words go through the gateway, the sweeps ring, officers
scan at their desks, a probe compares.

At the end of each step are, in this order: the sweeps, when all that is known has its greatest age;
the town, which lives up to the same moment; whatever words it has for that moment, read and taken
in as a door does; the desks; and the probe. Within a step the town may live on, speak and scan by
shorter turns, with a glance of the probe at the board after each. Docks have words once a minute
and when a camera comes or goes; so with turns shorter than that most glances fall between two
words. How often it looks, `Pace` says. A turn that is a minute long sees what its end shows, and no
more.
"""

from collections import Counter, deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from django.utils.timezone import get_default_timezone

from devices.faults import actions as faults
from devices.faults.models import Fault, FaultState
from devices.gateway import protocol
from devices.gateway.protocol import Knock
from devices.gateway.reading import read
from devices.policy import Policy
from devices.roles import Role
from devices.roster.models import Shift
from devices.simulator.camera import Camera
from devices.simulator.outbox import Fate, Kind, frame
from devices.simulator.voices import Voice
from tests import rows
from tests.week.department import Department
from tests.week.desks import Desks
from tests.week.inspection import Inspection
from tests.week.probe import Probe
from tests.week.sweeps import Clocks
from tests.week.truth import Truth

STEP = timedelta(minutes=1)
QUARTERMASTER_AT = 9  # o'clock


@dataclass(frozen=True)
class Pace:
    """How long a step is: ``closely`` from ``near`` before a shift change until as long after.

    ``glance``: how long a turn is within a step; None: as long as the step.
    """

    usual: timedelta = STEP
    closely: timedelta = STEP
    near: timedelta = timedelta(minutes=5)
    glance: timedelta | None = None

    def step(self, now: datetime, changes: Collection[datetime]) -> timedelta:
        close = any(-self.near < change - now <= self.near for change in changes)
        return self.closely if close else self.usual

    def turns(self, step: timedelta) -> Iterator[timedelta]:
        """The turns of a step, the last as long as what is left of it."""
        turn = self.glance or step
        while step > turn:
            yield turn
            step -= turn
        yield step


class Living:
    """A department that lives from ``now`` on. ``cut``: docks off the network."""

    def __init__(self, department: Department, now: datetime, *, pace: Pace = Pace()) -> None:
        self.fleet, self.senders = department.fleet, department.senders
        self.now, self.pace, self.policy = now, pace, Policy()
        self.step, self.changes = pace.usual, list[datetime]()
        self.inspection = Inspection(self.fleet)
        self.truth = Truth(self.fleet, self.policy, self.inspection.held)
        self.probe = Probe(self.truth, self.policy)
        self.clocks, self.chance = Clocks(now), Random("jitter")
        self.counts: Counter[str] = Counter()
        self.cut: set[str] = set()
        self.quartermaster = rows.person(Role.QUARTERMASTER)
        self.desks = Desks(self.fleet, self.policy, by=self.quartermaster, now=now)

    def plan_rounds(self, until: datetime) -> list[datetime]:
        """An inspection ahead of every shift change to come; when those are."""
        begins = Shift.objects.filter(begins_at__gt=self.now, begins_at__lt=until)
        self.changes = sorted(set(begins.values_list("begins_at", flat=True)))
        for change in self.changes:
            self.inspection.plan(change)
        return self.changes

    def put_in_a_drawer(self, camera: Camera) -> None:
        """No dock has ever held it, and none ever said so; before anybody has lived."""
        assert camera.place is not None
        dock = camera.place.dock
        self.fleet.town.take(camera)
        self.fleet.town.docks[dock].noticed.clear()
        (voice,) = (one for one in self.fleet.docks if one.name == dock)
        words = [one for one in voice.outbox.waiting if camera.serial not in one.words]
        voice.outbox.waiting = deque(words)
        self.truth.in_a_drawer.add(camera.serial)

    def live(self, until: datetime) -> None:
        while self.now < until:
            self.live_a_step()

    def live_a_step(self) -> None:
        self.step = self.pace.step(self.now, self.changes)
        ends_at = self.now + self.step
        for turn in self.pace.turns(self.step):
            self.now += turn
            if self.now == ends_at:
                self._open_the_store()
                self.clocks.ring(self.now, self.policy)
            self._live_a_turn(turn)
        self.probe.look(self.now, self.step)

    def _live_a_turn(self, turn: timedelta) -> None:
        spoken = self.fleet.tick(self.now, turn.total_seconds())
        self._carry([(voice, greets) for voice, greets in spoken if voice.name not in self.cut])
        self.desks.serve(self.now)
        self.probe.glance(self.now, turn)

    def _open_the_store(self) -> None:
        """Every morning the quartermaster takes in hand what cameras have told since yesterday."""
        local = self.now.astimezone(get_default_timezone())
        opens_at = local.replace(hour=QUARTERMASTER_AT, minute=0, second=0, microsecond=0)
        if local - self.step < opens_at <= local:
            for fault in Fault.objects.filter(state=FaultState.OPEN):
                faults.acknowledge(fault, by=self.quartermaster, now=self.now)

    def _carry(self, spoken: list[tuple[Voice, bool]]) -> None:
        """All that has to be said now goes to the fleet, and the answers come back."""
        while speaking := [(voice, g) for voice, g in spoken if g or voice.outbox.waiting]:
            self._exchange([voice for voice, _ in speaking])
            spoken = [(voice, False) for voice, _ in speaking]

    def _exchange(self, voices: list[Voice]) -> None:
        knocks = []
        for voice in voices:
            id, batch = voice.outbox.take()
            raw = frame(id, voice.says_now(self.now), batch).encode()
            knocks.append(Knock(self.senders[voice.name], read(raw)))
        answers = protocol.receive(knocks, now=self.now, policy=self.policy, chance=self.chance)
        for voice, answer in zip(voices, answers, strict=True):
            for fate in voice.outbox.answered(answer):
                self._note(fate)
            voice.obey(answer.orders, self.now)

    def _note(self, fate: Fate) -> None:
        self.counts[fate.result] += 1
        record = fate.record
        if record.kind is Kind.REPORT:
            self.counts["reports"] += 1
            self.truth.heard_at[record.device] = self.now
        else:
            self.counts["docked" if '"docked"' in record.words else "undocked"] += 1
