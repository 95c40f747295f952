"""A station day by day, as plain values: who comes on, with which camera, and who has none.

The same days are lived twice, with a rollout and without one; what differs is the rollout's doing.
Cameras break, officers do not come, some stay for a second shift, some of them unforeseen, and
updates fail and are tried again. No update kills its camera here: that leaves one fewer whatever
anybody permits, and is what waves and stop rules are for.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from devices.rollouts.drafts import USUAL_STEPS
from devices.rollouts.floor import Candidate, Coming, Granted, permits_before
from devices.rollouts.gate import AT_LEAST_TO_CHARGE, FULL_IN, TO_BEGIN, USUAL_INSTALL
from devices.rollouts.planning import Matched, waves
from devices.rollouts.rules import MOST_ATTEMPTS, Tally, Terms, Turn
from devices.rollouts.steps import Do, WaveStands, next_step

BEGIN = datetime(2030, 1, 1, 7, tzinfo=UTC)
SHIFT, STEP, HANDOVER = timedelta(hours=8), timedelta(minutes=15), timedelta(minutes=15)
CHARGED_IN, EMPTIED_IN = timedelta(hours=4.5), timedelta(minutes=45)
OFFICERS, SPARES, RESERVE = 36, 2, 0  # field.md: 9 spares to 131 officers
DAYS = 7
CAPS = (8, 16)  # at the station, in all
# field.md's rates of faults, double shifts and retries, several times over; and no-shows.
FAULT_A_DAY, NO_SHOW, DOUBLE, FAILS = 0.05, 0.03, 0.06, 0.02


@dataclass
class Duty:
    officer: int
    shift: int
    comes: bool = True
    foreseen: bool = True


@dataclass
class Days:
    """What happens whatever anybody does: the duties of each shift, and when cameras break."""

    duties: list[list[Duty]]
    broken: dict[int, list[tuple[datetime, datetime]]]


def days(chance: Random) -> Days:
    duties: list[list[Duty]] = [[] for _ in range(DAYS * 3 + 1)]
    for officer in range(OFFICERS):
        off = chance.randrange(7)
        for day in range(DAYS):
            if (day + off) % 7 < 5:
                shift = day * 3 + officer % 3
                duties[shift].append(Duty(officer, shift, comes=chance.random() >= NO_SHOW))
                if chance.random() < DOUBLE:
                    foreseen = chance.random() < 0.5
                    duties[shift + 1].append(Duty(officer, shift + 1, foreseen=foreseen))
    broken = {}
    for camera in range(OFFICERS + SPARES):
        ill = [n for n in range(DAYS) if chance.random() < FAULT_A_DAY]
        begins = [BEGIN + timedelta(days=n + chance.random()) for n in ill]
        broken[camera] = [(at, at + timedelta(hours=chance.uniform(4, 48))) for at in begins]
    return Days(duties, broken)


@dataclass
class Camera:
    id: int
    in_since: datetime | None = BEGIN - timedelta(hours=12)
    holder: int | None = None
    installs_until: datetime = BEGIN
    back_by: datetime = BEGIN
    turn: Turn = Turn.PLANNED
    ended_at: datetime | None = None
    wave: int = 0
    attempts: int = 0
    ends_well: bool = True

    def fit(self, at: datetime, broken: list[tuple[datetime, datetime]]) -> bool:
        if self.in_since is None or any(since <= at < til for since, til in broken):
            return False
        return self.lacks(at) < 0.2

    def lacks(self, at: datetime) -> float:
        assert self.in_since is not None
        return max(0.0, 0.84 - (at - self.in_since) / CHARGED_IN)


@dataclass
class Station:
    """One station through its days; ``rolls`` says whether a rollout runs meanwhile."""

    days: Days
    chance: Random
    rolls: bool
    cameras: list[Camera] = field(default_factory=list)
    opened: list[datetime | None] = field(default_factory=list)
    closed: list[datetime | None] = field(default_factory=list)
    last_end: dict[int, datetime] = field(default_factory=dict)
    forgiven_at: datetime | None = None
    done_at: datetime | None = None

    def live(self) -> Counter[int]:
        """How many officers of each shift came on and found no camera."""
        self.cameras = [Camera(pk) for pk in range(OFFICERS + SPARES)]
        matched = [Matched(one.id, f"C{one.id:04d}", 1, one.id % 3 + 1) for one in self.cameras]
        for number, wave in enumerate(waves(matched, USUAL_STEPS)):
            self.opened.append(None)
            self.closed.append(None)
            for one in wave:
                self.cameras[one.camera_id].wave = number
        short: Counter[int] = Counter()
        for tick in range(DAYS * 96):
            at = BEGIN + tick * STEP
            if tick % 32 == 1:
                self._go_home(tick // 32, at)
            if tick % 32 == 0:
                short.update(self._come_on(tick // 32, at))
            if self.rolls:
                self._sweep(at)
        return short

    def _go_home(self, shift: int, at: datetime) -> None:
        """After the handover whoever is not on any more docks what they have."""
        on = {one.officer for one in self.days.duties[shift]}
        for one in self.cameras:
            if one.holder is not None and one.holder not in on:
                one.holder, one.in_since = None, at

    def _come_on(self, shift: int, at: datetime) -> Iterator[int]:
        for duty in self.days.duties[shift]:
            holds = any(one.holder == duty.officer for one in self.cameras)
            if not duty.comes or holds:
                continue
            spares = self.cameras[OFFICERS:]
            found = (one for one in (self.cameras[duty.officer], *spares) if self._may_go(one, at))
            camera = next(found, None)
            if camera is None:
                yield shift
            else:
                camera.holder, camera.in_since = duty.officer, None

    def _may_go(self, one: Camera, at: datetime) -> bool:
        return one.holder is None and one.installs_until <= at and self._fit(one, at)

    def _fit(self, one: Camera, at: datetime) -> bool:
        return one.fit(at, self.days.broken[one.id])

    # --- The rollout -----------------------------------------------------------------------------

    def _sweep(self, at: datetime) -> None:
        changed = self._ends(at)
        if changed or at.minute == 0:
            self._advance(at)
        self._offer(at)

    def _ends(self, at: datetime) -> bool:
        ended = [o for o in self.cameras if o.turn is Turn.INSTALLING and o.installs_until <= at]
        for one in ended:
            one.turn = Turn.SUCCEEDED if one.ends_well else Turn.FAILED
            one.ended_at = at
            self.last_end[one.wave] = at
        return bool(ended)

    def _advance(self, at: datetime) -> None:
        step = next_step(self._waves(), Terms(), at)
        wave = step.wave.id if step.wave else 0
        ours = [one for one in self.cameras if one.wave == wave]
        match step.do:
            case Do.PAUSE:  # a person looks at it, and goes on
                self.forgiven_at = at
            case Do.OPEN:
                self.opened[wave] = at
            case Do.CLOSE:
                self.closed[wave] = at
            case _:
                self._move(step.do, ours, at)
        ends = {Turn.SUCCEEDED, Turn.FAILED, Turn.SKIPPED}
        if self.done_at is None and all(one.turn in ends for one in self.cameras):
            self.done_at = at

    def _move(self, do: Do, ours: list[Camera], at: datetime) -> None:
        for one in ours:
            if do is Do.RETRY and one.turn is Turn.FAILED and one.attempts < MOST_ATTEMPTS:
                one.turn = Turn.PLANNED
            elif do is Do.CARRY and one.turn is Turn.PLANNED:
                one.wave = len(self.opened) - 1
            elif do is Do.LEAVE and one.turn is Turn.PLANNED and not self._whole(one, at):
                one.turn = Turn.SKIPPED

    def _whole(self, one: Camera, at: datetime) -> bool:
        return not any(since <= at < until for since, until in self.days.broken[one.id])

    def _waves(self) -> list[WaveStands]:
        found = []
        for n, opened in enumerate(self.opened):
            ours = [one for one in self.cameras if one.wave == n]
            failed = [one for one in ours if one.turn is Turn.FAILED]
            forgiven = sum(self._forgiven(one) for one in failed)
            states = Counter(one.turn for one in ours)
            tally = Tally(states, self.last_end.get(n), forgiven=forgiven)
            retry = sum(one.attempts < MOST_ATTEMPTS for one in failed)
            found.append(WaveStands(n, n + 1, opened, self.closed[n], tally, retry))
        return found

    def _forgiven(self, one: Camera) -> bool:
        ended, until = one.ended_at, self.forgiven_at
        return ended is not None and until is not None and ended <= until

    def _offer(self, at: datetime) -> None:
        active = sum(one.turn is Turn.INSTALLING for one in self.cameras)
        room = min(CAPS) - active
        asked = []
        for one in self.cameras:
            planned = one.turn is Turn.PLANNED and self.opened[one.wave] is not None
            if planned and one.holder is None and one.in_since is not None:
                emptied = at - one.in_since >= EMPTIED_IN
                if emptied and one.lacks(at) < 0.7 and self._whole(one, at):
                    asked.append((one.lacks(at), one))
        if not asked or room <= 0:
            return
        asked.sort(key=lambda each: (each[0], each[1].id))
        candidates = [Candidate(o.id, f"C{o.id:04d}", 1, _back(o, lacks, at)) for lacks, o in asked]
        until = max(one.back_by for one in candidates)
        for answer in permits_before(candidates, list(self._coming(at, until))):
            if isinstance(answer, Granted) and room:
                room -= 1
                self._begin(self.cameras[answer.camera_id], answer.back_by, at)

    def _begin(self, one: Camera, back_by: datetime, at: datetime) -> None:
        """To 9 min until it is fetched, 5 of download, 8 to 15 of installing, a reboot."""
        minutes = self.chance.uniform(1, 9) + 5 + self.chance.uniform(8, 15) + 1.5
        one.turn, one.attempts, one.back_by = Turn.INSTALLING, one.attempts + 1, back_by
        one.installs_until = at + timedelta(minutes=minutes)
        one.ends_well = self.chance.random() >= FAILS
        one.in_since = at if one.in_since is None else one.in_since + timedelta(minutes=minutes)

    def _coming(self, at: datetime, until: datetime) -> Iterator[Coming]:
        """The shift under way, and those that begin before then, as readiness counts them."""
        shift = (at - BEGIN) // SHIFT
        for n in range(shift, DAYS * 3):
            begins_at = BEGIN + n * SHIFT
            if begins_at >= until:
                return
            yield self._counted(n, begins_at, at)

    def _counted(self, n: int, begins_at: datetime, at: datetime) -> Coming:
        on = [one.officer for one in self.days.duties[n] if one.foreseen]
        then = max(begins_at, at)
        ready = [pk for pk in on if self._foretold(self.cameras[pk], then, at)]
        spares = {
            one.id
            for one in self.cameras[OFFICERS:]
            if one.holder is None and self._foretold(one, then, at)
        }
        holding = {one.holder for one in self.cameras} & set(on)
        margin = len({*ready, *holding}) + len(spares) - len(on) - RESERVE
        if begins_at <= at:
            spares = set()
        return Coming("Next", begins_at, 1, frozenset(ready), spares, margin)

    def _foretold(self, one: Camera, then: datetime, at: datetime) -> bool:
        """Fit for a need that begins then, by what is known now: whoever is out docks in time."""
        if not self._whole(one, at) or one.back_by > then > at:
            return False
        if one.turn is Turn.INSTALLING and one.back_by > then:
            return False
        if one.in_since is None:
            return then - at >= CHARGED_IN
        return one.lacks(then) < 0.2


def _back(one: Camera, lacks: float, at: datetime) -> datetime:
    return at + TO_BEGIN + 2 * USUAL_INSTALL + max(AT_LEAST_TO_CHARGE, lacks * FULL_IN)


@dataclass(frozen=True)
class Lived:
    """Days at one station: who was short because of the rollout, and when that was done."""

    short_because: int
    short_anyway: int
    done_after: timedelta | None
    succeeded: int


def lived(seed: int) -> Lived:
    """The same days with a rollout and without."""
    without = Station(days(Random(seed)), Random(seed + 1), rolls=False).live()
    station = Station(days(Random(seed)), Random(seed + 1), rolls=True)
    with_it = station.live()
    return Lived(
        short_because=(with_it - without).total() * 480,
        short_anyway=without.total() * 480,
        done_after=station.done_at - BEGIN if station.done_at else None,
        succeeded=sum(one.turn is Turn.SUCCEEDED for one in station.cameras),
    )
