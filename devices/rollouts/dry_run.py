"""What would this do? A rollout played forward on the real roster, before anybody starts it. Pure.

Cameras are in their docks when their officers are off, come back drained and full of recordings,
and are offered their turns by the same floor as in truth. Everybody comes and goes as rostered and
every update succeeds: it says what the plan is, not what will go wrong. What other rollouts bring
now has its room until it is back; what they still plan is not played.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

from devices.policy import Policy
from devices.rollouts.drafts import Caps
from devices.rollouts.floor import Candidate, Coming, Granted, permits_before
from devices.rollouts.gate import AT_LEAST_TO_CHARGE, FULL_IN, TO_BEGIN
from devices.rollouts.room import Room, Spot, Taken
from devices.rollouts.rules import Terms, in_window, longest_of

AHEAD = timedelta(days=14)
EVERY = timedelta(minutes=5)
# field.md: 6 GB take 32 min off; eleven hours of buffering and one of recording use 84 %; full in
# 4.5 h; the handover is 15 min.
EMPTIED_AFTER = timedelta(minutes=45)
USED_ON_DUTY = 0.84
CHARGED_IN = timedelta(hours=4.5)
HANDOVER = timedelta(minutes=15)
_PLAYED = 0  # the rollout that is played, whose number no other one has


@dataclass(frozen=True, slots=True)
class Span:
    begins_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class DryCamera:
    """A camera and where it belongs. ``duties`` are its officer's, in order; a spare has none.

    ``in_since`` is when it came into its dock, None while it is out: then it comes back with the
    end of the first duty that is still to end.
    """

    id: int
    name: str
    station_id: int
    dock_id: int | None
    in_since: datetime | None
    install: timedelta
    duties: Sequence[Span] = ()

    @property
    def spot(self) -> Spot:
        return Spot(_PLAYED, self.station_id, self.dock_id)


@dataclass(frozen=True, slots=True)
class DryShift:
    """A coming shift. ``own`` are the cameras of those rostered that will be ready, ``spares`` the
    station's spares that will, ``without`` how many of those rostered have no camera that will."""

    name: str
    station_id: int
    station: str
    begins_at: datetime
    own: frozenset[int]
    spares: frozenset[int]
    reserve: int = 0
    without: int = 0

    @property
    def margin(self) -> int:
        return len(self.spares) - self.reserve - self.without


@dataclass(frozen=True, slots=True)
class Begun:
    """How far a wave has come: when it opened, when it was done and soaked, and when a camera of it
    last came to an end, from which it soaks. None: not yet."""

    opened_at: datetime | None = None
    done_at: datetime | None = None
    last_end_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be played: the cameras of each wave, and on what terms. ``begun`` says of each
    wave of a rollout under way how far it has come; of one that was not started there is none."""

    waves: Sequence[Sequence[DryCamera]]
    shifts: Sequence[DryShift]
    terms: Terms
    caps: Caps
    policy: Policy
    windows: Sequence[Sequence[str]] = ()
    taken: Sequence[Taken] = ()
    begun: Sequence[Begun] = ()


@dataclass(frozen=True, slots=True)
class WaveRun:
    """When a wave would open, or did, and when its last camera would be done; None: not in two
    weeks. ``cameras`` are those that are still to have their turn."""

    number: int
    cameras: int
    opens_at: datetime | None
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class ShiftRun:
    """A coming shift: what it has beyond its need without the rollout, and with it."""

    name: str
    station: str
    begins_at: datetime
    margin_without: int
    margin: int


@dataclass(frozen=True, slots=True)
class DryRun:
    """``never`` are the cameras that would not have their turn in two weeks, by name.
    ``window_lacks`` is for how long an update keeps one of them from shifts, if no window is open
    for so long: where a shift that needs it begins as the window closes, it cannot begin.
    ``under_way``: it had started, and this is what is left of it.
    """

    waves: Sequence[WaveRun]
    shifts: Sequence[ShiftRun]
    done_at: datetime | None
    never: Sequence[str]
    window_lacks: timedelta | None = None
    under_way: bool = False

    @property
    def lowest(self) -> ShiftRun | None:
        """The coming shift with the least to spare."""
        return min(self.shifts, key=lambda one: (one.margin, one.begins_at), default=None)


@dataclass
class _State:
    """The play as it stands: who is away until when, and which waves are open."""

    planned: dict[int, list[DryCamera]]
    opened: list[datetime | None]
    done: list[datetime | None]
    away: dict[int, tuple[DryCamera, int, datetime, datetime]] = field(default_factory=dict)
    absences: list[tuple[int, datetime, datetime]] = field(default_factory=list)
    last_end: dict[int, datetime] = field(default_factory=dict)

    @property
    def over(self) -> bool:
        """What is tried again in a wave that was done keeps no other wave waiting, but the end."""
        left = self.away or any(self.planned.values())
        return self.done[-1] is not None and not left


def play(plan: Plan, now: datetime, zone: tzinfo, *, ahead: timedelta = AHEAD) -> DryRun:
    """The rollout from now on, in steps of five minutes, until it is done or two weeks are over."""
    state = _begun(plan)
    at = now
    while at < now + ahead and not state.over:
        _come_back(state, at)
        _turn_waves(state, plan.terms, at)
        if in_window(plan.windows, at.astimezone(zone).time()):
            _grant(state, plan, at)
        at += EVERY
    return _told(plan, state)


def _begun(plan: Plan) -> _State:
    """Where the play begins: what has opened, was done or soaks is so."""
    begun = plan.begun or [Begun()] * len(plan.waves)
    return _State(
        {n: list(one) for n, one in enumerate(plan.waves)},
        [one.opened_at for one in begun],
        [one.done_at for one in begun],
        last_end={n: one.last_end_at for n, one in enumerate(begun) if one.last_end_at},
    )


def _come_back(state: _State, at: datetime) -> None:
    for pk, (_, wave, proven_at, _) in [*state.away.items()]:
        if proven_at <= at:
            del state.away[pk]
            state.last_end[wave] = proven_at


def _turn_waves(state: _State, terms: Terms, at: datetime) -> None:
    """A wave opens when the one before it is done: all of it, and soaked."""
    for wave, cameras in state.planned.items():
        if state.done[wave] is not None:
            continue
        if state.opened[wave] is None:
            state.opened[wave] = at
        under_way = any(of == wave for _, of, _, _ in state.away.values())
        ended = state.last_end.get(wave)
        if not cameras and not under_way and (ended is None or at - ended >= terms.soak):
            state.done[wave] = at
            continue
        return


def _grant(state: _State, plan: Plan, at: datetime) -> None:
    """Offers to whom the floor permits it, as far as there is room."""
    room = _room(state, plan, at)
    if room.is_full(_PLAYED, plan.caps):
        return
    by_id = {
        one.id: (one, wave)
        for wave, opened in enumerate(state.opened)
        if opened is not None
        for one in state.planned[wave]
    }
    lacking = ((one, wave, _in(one, at)) for one, wave in by_id.values())
    fit = [(one, wave, lacks) for one, wave, lacks in lacking if lacks is not None]
    if not fit:
        return
    fit.sort(key=lambda one: one[2])
    backs = {one.id: _back_by(one, lacks, at) for one, _, lacks in fit}
    coming = _coming(state, plan.shifts, at, max(backs.values()))
    asked = (
        Candidate(one.id, one.name, one.station_id, backs[one.id])
        for one, _, _ in fit
        if not room.why_full(one.spot, plan.caps)
    )
    for answer in permits_before(asked, coming):
        if isinstance(answer, Granted):
            one, wave = by_id[answer.camera_id]
            room.take(one.spot, plan.caps.most_mbit_each)
            state.planned[wave].remove(one)
            proven_at = at + EVERY + one.install
            state.away[one.id] = (one, wave, proven_at, answer.back_by)
            state.absences.append((one.id, at, proven_at))


def _room(state: _State, plan: Plan, at: datetime) -> Room:
    room = Room(plan.policy)
    for other in plan.taken:
        if at < other.until:
            room.take(other.spot, other.most_mbit_each)
    for one, *_ in state.away.values():
        room.take(one.spot, plan.caps.most_mbit_each)
    return room


def _in(one: DryCamera, at: datetime) -> float | None:
    """What its battery lacks, as a share, while it is in its dock and emptied; None else."""
    since = one.in_since
    for duty in one.duties:
        if duty.begins_at > at:
            break
        since = duty.ends_at + HANDOVER
    if since is None or since + EMPTIED_AFTER > at:
        return None
    return max(0.0, USED_ON_DUTY - (at - since) / CHARGED_IN)


def _back_by(one: DryCamera, lacks: float, at: datetime) -> datetime:
    return at + TO_BEGIN + 2 * one.install + max(AT_LEAST_TO_CHARGE, lacks * FULL_IN)


def _coming(
    state: _State, shifts: Iterable[DryShift], at: datetime, until: datetime
) -> list[Coming]:
    """The shifts that begin until then, with those that are out on a permit counted out."""
    found = []
    for one in shifts:
        if not at < one.begins_at < until:
            continue
        away = {pk for pk, (_, _, _, back) in state.away.items() if one.begins_at < back}
        spares = set(one.spares - away)
        margin = len(spares) - one.reserve - one.without
        found.append(Coming(one.name, one.begins_at, one.station_id, one.own, spares, margin))
    return found


def _told(plan: Plan, state: _State) -> DryRun:
    waves = [
        WaveRun(n + 1, len(cameras), state.opened[n], state.done[n])
        for n, cameras in enumerate(plan.waves)
    ]
    left = [one for cameras in state.planned.values() for one in cameras]
    ends = [] if left or state.away else list(state.last_end.values())
    never = [one.name for one in left]
    return DryRun(
        waves,
        list(_margins(plan, state)),
        max(ends, default=None),
        never,
        _window_lacks(plan, left),
        under_way=bool(plan.begun),
    )


def _window_lacks(plan: Plan, left: Sequence[DryCamera]) -> timedelta | None:
    """For how long an update keeps the soonest of these from shifts, if every window is shorter."""
    longest = longest_of(plan.windows)
    if longest is None or not left:
        return None
    keeps = TO_BEGIN + 2 * min(one.install for one in left) + AT_LEAST_TO_CHARGE
    return keeps if longest < keeps else None


def _margins(plan: Plan, state: _State) -> Iterator[ShiftRun]:
    absences: Mapping[int, list[tuple[datetime, datetime]]] = defaultdict(list)
    for pk, left_at, proven_at in state.absences:
        absences[pk].append((left_at, proven_at))
    for one in plan.shifts:
        needed = one.own | one.spares
        away = sum(
            left_at < one.begins_at < proven_at
            for pk in needed & absences.keys()
            for left_at, proven_at in absences[pk]
        )
        yield ShiftRun(one.name, one.station, one.begins_at, one.margin, one.margin - away)
