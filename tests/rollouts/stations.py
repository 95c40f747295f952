"""A town's two stations day by day, as plain values: who comes on, with which camera, who has none.

The same days are lived twice, with a rollout and without one; what differs is the rollout's doing.
Cameras break, officers do not come, stay for a second shift or late, some of it unforeseen, or come
on at the other station; stations are large and small, have more spares or none, and keep a reserve
or none. Updates fail and are tried again. Some kill their camera: that leaves one fewer whatever
anybody permits, and is what waves and stop rules are for, so that where no rollout is it breaks as
well, at the moment at which it was reckoned to be back.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from devices.rollouts.drafts import USUAL_STEPS
from devices.rollouts.floor import Candidate, Coming, Granted, Kept, permits_before
from devices.rollouts.gate import AT_LEAST_TO_CHARGE, FULL_IN, TO_BEGIN, USUAL_INSTALL
from devices.rollouts.planning import Matched, waves
from devices.rollouts.rules import LASTS, MOST_ATTEMPTS, Tally, Terms, Turn, in_window
from devices.rollouts.steps import Do, WaveStands, next_step

BEGIN = datetime(2030, 1, 1, 7, tzinfo=UTC)
SHIFT, STEP, HANDOVER = timedelta(hours=8), timedelta(minutes=15), timedelta(minutes=15)
CHARGED_IN, EMPTIED_IN = timedelta(hours=4.5), timedelta(minutes=45)
STATIONS = 2
OFFICERS = ((18, 30), (6, 12))  # of each, from and to
SPARES, RESERVE = (1, 3), (0, 1)  # field.md: 9 spares to 131 officers
DAYS = 7
CAPS = ((2, 8), (3, 16))  # at a station, in all: from thin lines to what drafts allow unasked
# Half of the rollouts have one, which opens before a shift begins, and let each wave soak for half
# a day only. A window of a few hours finds some officers' cameras on their days off alone.
WINDOWS = (None, None, None, ("22:15", "14:00"), ("14:15", "06:00"), ("06:15", "22:00"))
SOAK = {True: timedelta(hours=12), False: Terms().soak}
# field.md's rates of faults, double shifts and retries, several times over; and no-shows, officers
# who stay up to three hours late, who come on at the other station, and updates that kill.
FAULT_A_DAY, NO_SHOW, DOUBLE, FAILS = 0.05, 0.03, 0.06, 0.02
STAYS, ELSEWHERE, BRICKS = 0.06, 0.03, 0.005
Permits = Callable[[Iterable[Candidate], list[Coming]], Iterator[Granted | Kept]]
FOR_GOOD = BEGIN + timedelta(days=365)
_STEPS_OF_A_SHIFT = SHIFT // STEP


@dataclass
class Duty:
    """``until``: when its officer docks, if no other duty follows."""

    officer: int
    station: int
    until: datetime
    comes: bool = True
    foreseen: bool = True


@dataclass
class Days:
    """What happens whatever anybody does: the duties of each shift, and when cameras break.

    Officers and their cameras have one number; the numbers of spares follow. ``starts_at`` is when
    IT starts the rollout, at any quarter of an hour of the first half day: what is looked at each
    hour since then comes just before a shift as often as after it.
    """

    home: list[int]  # the station of each camera
    spares: list[list[int]]  # of each station
    reserve: list[int]
    duties: list[list[Duty]]
    broken: dict[int, list[tuple[datetime, datetime]]]
    starts_at: datetime
    windows: list[tuple[str, str]]
    caps: tuple[int, ...]


def days(chance: Random) -> Days:
    officers = [chance.randint(*OFFICERS[n]) for n in range(STATIONS)]
    spares = [chance.randint(*SPARES) for _ in range(STATIONS)]
    home = [n for n in range(STATIONS) for _ in range(officers[n])]
    every = len(home)
    numbers: list[list[int]] = []
    for n in range(STATIONS):
        numbers.append([*range(len(home), len(home) + spares[n])])
        home += [n] * spares[n]
    reserve = [chance.randint(*RESERVE) for _ in range(STATIONS)]
    duties: list[list[Duty]] = [[] for _ in range(DAYS * 3 + 1)]
    starts_at = BEGIN + chance.randrange(48) * STEP
    window = chance.choice(WINDOWS)
    caps = tuple(chance.randint(*each) for each in CAPS)
    windows = [window] if window else []
    made = Days(home, numbers, reserve, duties, {}, starts_at, windows, caps)
    for officer in range(every):
        off = chance.randrange(7)
        for day in range(DAYS):
            if (day + off) % 7 < 5:
                _on_duty(made, officer, day * 3 + officer % 3, chance)
    for camera in range(len(home)):
        ill = [n for n in range(DAYS) if chance.random() < FAULT_A_DAY]
        begins = [BEGIN + timedelta(days=n + chance.random()) for n in ill]
        made.broken[camera] = [(at, at + timedelta(hours=chance.uniform(4, 48))) for at in begins]
    return made


def _on_duty(made: Days, officer: int, shift: int, chance: Random) -> None:
    station = made.home[officer]
    if chance.random() < ELSEWHERE:
        station = (station + 1) % STATIONS
    comes = chance.random() >= NO_SHOW
    made.duties[shift].append(Duty(officer, station, _until(shift, chance), comes=comes))
    if chance.random() < DOUBLE:
        foreseen = chance.random() < 0.5
        more = Duty(officer, station, _until(shift + 1, chance), foreseen=foreseen)
        made.duties[shift + 1].append(more)


def _until(shift: int, chance: Random) -> datetime:
    late = chance.randint(1, 12) if chance.random() < STAYS else 0
    return BEGIN + (shift + 1) * SHIFT + HANDOVER + late * STEP


@dataclass
class Camera:
    """``dead``: an update killed it, and nobody knows before its time is over."""

    id: int
    station: int
    in_since: datetime | None = BEGIN - timedelta(hours=12)
    holder: int | None = None
    holds_until: datetime = BEGIN
    installs_until: datetime = BEGIN
    back_by: datetime = BEGIN
    turn: Turn = Turn.PLANNED
    ended_at: datetime | None = None
    wave: int = 0
    attempts: int = 0
    ends_well: bool = True
    dead: bool = False

    def fit(self, at: datetime, broken: list[tuple[datetime, datetime]]) -> bool:
        if self.in_since is None or self.dead or any(since <= at < til for since, til in broken):
            return False
        return self.lacks(at) < 0.2

    def lacks(self, at: datetime) -> float:
        assert self.in_since is not None
        return max(0.0, 0.84 - (at - self.in_since) / CHARGED_IN)


@dataclass
class Town:
    """Both stations through their days; ``rolls`` says whether a rollout runs meanwhile, and
    ``permits`` who may install."""

    days: Days
    chance: Random
    rolls: bool
    permits: Permits = permits_before
    cameras: list[Camera] = field(default_factory=list)
    opened: list[datetime | None] = field(default_factory=list)
    closed: list[datetime | None] = field(default_factory=list)
    last_end: dict[int, datetime] = field(default_factory=dict)
    forgiven_at: datetime | None = None
    done_at: datetime | None = None
    finished_at: datetime | None = None

    @property
    def terms(self) -> Terms:
        return Terms(soak=SOAK[bool(self.days.windows)])

    def live(self) -> Counter[tuple[int, int]]:
        """How many officers of each shift and station came on and found no camera."""
        self.cameras = [Camera(pk, station) for pk, station in enumerate(self.days.home)]
        matched = [
            Matched(one.id, f"C{one.id:04d}", one.station, one.id % 3 + 1) for one in self.cameras
        ]
        for number, wave in enumerate(waves(matched, USUAL_STEPS)):
            self.opened.append(None)
            self.closed.append(None)
            for one in wave:
                self.cameras[one.camera_id].wave = number
        short: Counter[tuple[int, int]] = Counter()
        for tick in range(DAYS * 3 * _STEPS_OF_A_SHIFT):
            at = BEGIN + tick * STEP
            self._go_home(at)
            if tick % _STEPS_OF_A_SHIFT == 0:
                short.update(self._come_on(tick // _STEPS_OF_A_SHIFT, at))
            if self.rolls and at >= self.days.starts_at and self.finished_at is None:
                self._sweep(at)
        return short

    def _go_home(self, at: datetime) -> None:
        for one in self.cameras:
            if one.holder is not None and one.holds_until <= at:
                one.holder, one.in_since = None, at

    def _come_on(self, shift: int, at: datetime) -> Iterator[tuple[int, int]]:
        held = {one.holder: one for one in self.cameras if one.holder is not None}
        for duty in self.days.duties[shift]:
            if holds := held.get(duty.officer):
                holds.holds_until = duty.until
            elif duty.comes:
                theirs = [duty.officer, *self.days.spares[duty.station]]
                found = (self.cameras[n] for n in theirs if self._may_go(self.cameras[n], at))
                camera = next(found, None)
                if camera is None:
                    yield shift, duty.station
                else:
                    camera.holder, camera.holds_until = duty.officer, duty.until
                    camera.in_since = None

    def _may_go(self, one: Camera, at: datetime) -> bool:
        return one.holder is None and one.installs_until <= at and self._fit(one, at)

    def _fit(self, one: Camera, at: datetime) -> bool:
        return one.fit(at, self.days.broken[one.id])

    # --- The rollout -----------------------------------------------------------------------------

    def _sweep(self, at: datetime) -> None:
        changed = self._ends(at)
        if changed or at.minute == self.days.starts_at.minute:
            self._advance(at)
        if in_window(self.days.windows, at.time()):
            self._offer(at)

    def _ends(self, at: datetime) -> bool:
        ended = [o for o in self.cameras if o.turn is Turn.INSTALLING and o.installs_until <= at]
        for one in ended:
            well = Turn.SUCCEEDED if one.ends_well else Turn.FAILED
            one.turn = Turn.TIMED_OUT if one.dead else well
            one.ended_at = at
            self.last_end[one.wave] = at
        return bool(ended)

    def _advance(self, at: datetime) -> None:
        step = next_step(self._waves(), self.terms, at)
        wave = step.wave.id if step.wave else 0
        ours = [one for one in self.cameras if one.wave == wave]
        match step.do:
            case Do.PAUSE:  # a person looks at it, and goes on
                self.forgiven_at = at
            case Do.OPEN:
                self.opened[wave] = at
            case Do.CLOSE:
                self.closed[wave] = at
            case Do.FINISH:
                self.finished_at = at
            case Do.LEAVE:
                self._leave(at)
            case _:
                self._move(step.do, ours)
        ends = {Turn.SUCCEEDED, Turn.FAILED, Turn.TIMED_OUT, Turn.SKIPPED}
        if self.done_at is None and all(one.turn in ends for one in self.cameras):
            self.done_at = at

    def _leave(self, at: datetime) -> None:
        left = [one for one in self.cameras if one.turn is Turn.PLANNED]
        if not any(self._whole(one, at) for one in left):
            for one in left:
                one.turn = Turn.SKIPPED

    def _move(self, do: Do, ours: list[Camera]) -> None:
        for one in ours:
            if do is Do.RETRY and one.turn is Turn.FAILED and one.attempts < MOST_ATTEMPTS:
                one.turn = Turn.PLANNED
            elif do is Do.CARRY and one.turn is Turn.PLANNED:
                one.wave = len(self.opened) - 1

    def _whole(self, one: Camera, at: datetime) -> bool:
        return not any(since <= at < until for since, until in self.days.broken[one.id])

    def _waves(self) -> list[WaveStands]:
        by_wave: list[list[Camera]] = [[] for _ in self.opened]
        for one in self.cameras:
            by_wave[one.wave].append(one)
        found = []
        for n, ours in enumerate(by_wave):
            failed = [one for one in ours if one.turn in (Turn.FAILED, Turn.TIMED_OUT)]
            forgiven = sum(self._forgiven(one) for one in failed)
            states = Counter(one.turn for one in ours)
            tally = Tally(states, self.last_end.get(n), forgiven=forgiven)
            dead = sum(one.dead for one in failed)
            retry = sum(one.attempts < MOST_ATTEMPTS and not one.dead for one in failed)
            stands = WaveStands(n, n + 1, self.opened[n], self.closed[n], tally, retry, dead)
            found.append(stands)
        return found

    def _forgiven(self, one: Camera) -> bool:
        ended, until = one.ended_at, self.forgiven_at
        return ended is not None and until is not None and ended <= until

    def _offer(self, at: datetime) -> None:
        asked = []
        for one in self.cameras:
            if (
                one.turn is Turn.PLANNED
                and one.in_since is not None
                and self.opened[one.wave] is not None
                and at - one.in_since >= EMPTIED_IN
                and one.lacks(at) < 0.7
                and self._whole(one, at)
            ):
                asked.append((one.lacks(at), one))
        if not asked:
            return
        active = [one.station for one in self.cameras if one.turn is Turn.INSTALLING]
        here, room = Counter(active), self.days.caps[1] - len(active)
        asked.sort(key=lambda each: (each[0], each[1].id))
        candidates = [
            Candidate(o.id, f"C{o.id:04d}", o.station, _back(lacks, at)) for lacks, o in asked
        ]
        until = max(one.back_by for one in candidates)
        for answer in self.permits(candidates, list(self._coming(at, until))):
            if isinstance(answer, Granted) and room > 0:
                camera = self.cameras[answer.camera_id]
                if here[camera.station] < self.days.caps[0]:
                    here[camera.station] += 1
                    room -= 1
                    self._begin(camera, answer.back_by, at)

    def _begin(self, one: Camera, back_by: datetime, at: datetime) -> None:
        """To 9 min until it is fetched, 5 of download, 8 to 15 of installing, a reboot."""
        minutes = self.chance.uniform(1, 9) + 5 + self.chance.uniform(8, 15) + 1.5
        one.turn, one.attempts, one.back_by = Turn.INSTALLING, one.attempts + 1, back_by
        one.installs_until = at + timedelta(minutes=minutes)
        one.ends_well = self.chance.random() >= FAILS
        one.in_since = at if one.in_since is None else one.in_since + timedelta(minutes=minutes)
        one.dead = self.chance.random() < BRICKS
        if one.dead:
            one.installs_until = at + TO_BEGIN + LASTS[Turn.INSTALLING]

    def _coming(self, at: datetime, until: datetime) -> Iterator[Coming]:
        """The shift under way, and those that begin before then, as readiness counts them."""
        shift = (at - BEGIN) // SHIFT
        for n in range(shift, DAYS * 3):
            begins_at = BEGIN + n * SHIFT
            if begins_at >= until:
                return
            for station in range(STATIONS):
                yield self._counted(n, station, begins_at, at)

    def _counted(self, n: int, station: int, begins_at: datetime, at: datetime) -> Coming:
        duties = self.days.duties[n]
        on = [one.officer for one in duties if one.foreseen and one.station == station]
        then = max(begins_at, at)
        ready = [pk for pk in on if self._foretold(self.cameras[pk], then, at)]
        spares = {
            pk
            for pk in self.days.spares[station]
            if self.cameras[pk].holder is None and self._foretold(self.cameras[pk], then, at)
        }
        holding = {one.holder for one in self.cameras} & set(on)
        margin = len({*ready, *holding}) + len(spares) - len(on) - self.days.reserve[station]
        if begins_at <= at:
            spares = set()
        return Coming("Next", begins_at, station, frozenset(ready), spares, margin)

    def _foretold(self, one: Camera, then: datetime, at: datetime) -> bool:
        """Fit for a need that begins then, by what is known now: whoever is out docks in time."""
        if one.turn is Turn.TIMED_OUT or one.back_by > then > at or not self._whole(one, at):
            return False
        if one.turn is Turn.INSTALLING and one.back_by > then:
            return False
        if one.in_since is None:
            return then - at >= CHARGED_IN
        return one.lacks(then) < 0.2


def _back(lacks: float, at: datetime) -> datetime:
    return at + TO_BEGIN + 2 * USUAL_INSTALL + max(AT_LEAST_TO_CHARGE, lacks * FULL_IN)


@dataclass(frozen=True)
class Lived:
    """Days of a town: who was short because of the rollout, when no camera was left to do, and
    whether the last wait was over by then as well."""

    short_because: int
    short_anyway: int
    done_after: timedelta | None
    finished: bool
    succeeded: int
    cameras: int
    killed: int


def to_all(asked: Iterable[Candidate], _: list[Coming]) -> Iterator[Granted | Kept]:
    """As if nobody counted who is needed: what the days do then shows that they are hard."""
    return (Granted(one.camera_id, one.back_by) for one in asked)


def lived(seed: int, permits: Permits = permits_before) -> Lived:
    """The same days with a rollout and without."""
    town = Town(days(Random(seed)), Random(seed + 1), rolls=True, permits=permits)
    with_it = town.live()
    besides = days(Random(seed))
    killed = [one for one in town.cameras if one.dead]
    for one in killed:
        besides.broken[one.id].append((one.back_by, FOR_GOOD))
    without = Town(besides, Random(seed + 1), rolls=False).live()
    return Lived(
        short_because=(with_it - without).total() * 480,
        short_anyway=without.total() * 480,
        done_after=town.done_at - town.days.starts_at if town.done_at else None,
        finished=town.finished_at is not None,
        succeeded=sum(one.turn is Turn.SUCCEEDED for one in town.cameras),
        cameras=len(town.cameras),
        killed=len(killed),
    )
