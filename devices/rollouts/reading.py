"""What a page of rollouts shows, in a number of statements that does not grow with the fleet."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.utils.timezone import localtime

from devices.access.people import Visible
from devices.inventory import codes
from devices.policy import Policy
from devices.readiness import shifts
from devices.readiness.facts import select
from devices.readiness.margin import ShiftReadiness
from devices.rollouts import standing
from devices.rollouts.drafts import Draft, Step
from devices.rollouts.floor import Candidate, Kept, permits
from devices.rollouts.gate import RESERVED_AHEAD, Standing, Wants, back_by, order, why_waits
from devices.rollouts.matching import target_for
from devices.rollouts.models import Rollout, Wave
from devices.rollouts.room import Room
from devices.rollouts.rules import (
    ACTIVE,
    MOST_ATTEMPTS,
    NEEDS_NOTHING,
    PUT_ASIDE,
    Course,
    Tally,
    Turn,
    in_window,
)
from devices.rollouts.steps import STILL_AFTER, WaveStands

MOST_SHOWN = 500  # cameras of one page
NEXT = "It is next."

_AGAIN = """(d.state IN ('failed', 'timed_out') AND d.attempts < %(most)s
           AND NOT EXISTS (SELECT FROM devices_putaside aside
                           WHERE aside.camera_id = d.camera_id AND aside.ended_at IS NULL))"""
_WRITES = """EXISTS (SELECT FROM devices_camera c
                    WHERE c.id = d.camera_id AND c.update_stage = 'installing')"""
_TALLY = f"""
SELECT d.wave_id, d.state, count(*), max(d.ended_at), max(d.since),
       count(*) FILTER (WHERE {_AGAIN} AND NOT {_WRITES}),
       count(*) FILTER (WHERE {_AGAIN} AND {_WRITES}),
       count(*) FILTER (WHERE d.state NOT IN ('failed', 'timed_out') AND d.failed_at IS NOT NULL),
       count(*) FILTER (WHERE d.state = 'skipped' AND (d.failed_at IS NOT NULL
           OR starts_with(d.reason, %(put_aside)s)
           OR d.attempts > 0 AND NOT starts_with(d.reason, %(needs_nothing)s))),
       count(*) FILTER (WHERE r.forgiven_at >= CASE WHEN d.state IN ('failed', 'timed_out')
           THEN d.ended_at ELSE d.failed_at END)
FROM devices_deployment d JOIN devices_rollout r ON r.id = d.rollout_id
WHERE d.rollout_id = ANY(%(rollouts)s) GROUP BY 1, 2"""  # noqa: S608 (made of the constants above)


# An offer that nobody fetches comes and goes, and brings nobody on.
NO_MOVE = (Turn.PLANNED, Turn.OFFERED, Turn.SKIPPED)


def waves_of(rollout_ids: list[int]) -> dict[int, list[WaveStands]]:
    """The waves of these rollouts as they stand, counted from rows: two statements."""
    if not rollout_ids:
        return {}
    by_state: dict[int, dict[Turn, int]] = defaultdict(dict)
    last: dict[int, datetime] = {}
    moved: dict[int, datetime] = {}
    retried: dict[int, int] = defaultdict(int)
    writes: dict[int, int] = defaultdict(int)
    tried_again: dict[int, int] = defaultdict(int)
    had_turns: dict[int, int] = defaultdict(int)
    forgiven: dict[int, int] = defaultdict(int)
    rows = select(
        _TALLY,
        rollouts=rollout_ids,
        most=MOST_ATTEMPTS,
        put_aside=PUT_ASIDE,
        needs_nothing=NEEDS_NOTHING,
    )
    for wave, state, count, ended_at, since, may_retry, may_write, again, had, forgave in rows:
        by_state[wave][Turn(state)] = count
        retried[wave] += may_retry
        writes[wave] += may_write
        tried_again[wave] += again
        had_turns[wave] += had
        forgiven[wave] += forgave
        if ended_at is not None and state != Turn.SKIPPED:
            last[wave] = max(ended_at, last.get(wave, ended_at))
        if state not in NO_MOVE:
            moved[wave] = max(since, moved.get(wave, since))
    found: dict[int, list[WaveStands]] = {one: [] for one in rollout_ids}
    for wave in Wave.objects.filter(rollout__in=rollout_ids).order_by("number"):
        tally = Tally(
            by_state.get(wave.pk, {}),
            last.get(wave.pk),
            moved.get(wave.pk),
            tried_again=tried_again[wave.pk],
            had_turns=had_turns[wave.pk],
            forgiven=forgiven[wave.pk],
        )
        found[wave.rollout_id].append(
            WaveStands(
                wave.pk,
                wave.number,
                wave.opened_at,
                wave.done_at,
                tally,
                may_retry=retried[wave.pk],
                may_write=writes[wave.pk],
            )
        )
    return found


def is_open(rollout: Rollout, now: datetime) -> bool:
    return in_window(rollout.windows, localtime(now).time())


def wants_of(rollout: Rollout, now: datetime) -> Wants:
    """What it asks of a camera before it offers."""
    release = rollout.release
    return Wants(target_for(rollout), release.minimum_battery_percent, is_open(rollout, now))


def draft_of(rollout: Rollout) -> Draft:
    """What a person said of it, to be said again with a change."""
    steps = [Step(one.percent, one.count) for one in rollout.waves.order_by("number")]
    return Draft(rollout.name, rollout.wanted, steps, rollout.windows, rollout.terms, rollout.caps)


@dataclass(frozen=True)
class Progress:
    """A rollout in numbers: its waves, and its cameras by state."""

    rollout: Rollout
    waves: Sequence[WaveStands]

    @property
    def by_state(self) -> Mapping[Turn, int]:
        found: Counter[Turn] = Counter()
        for wave in self.waves:
            found.update(wave.tally.by_state)
        return found

    @property
    def cameras(self) -> int:
        """All that it planned for or brings; those that needed nothing are left out."""
        return sum(self.by_state.values()) - self.by_state.get(Turn.SKIPPED, 0)

    @property
    def succeeded(self) -> int:
        return self.by_state.get(Turn.SUCCEEDED, 0)

    @property
    def failed(self) -> int:
        return sum(wave.tally.failed for wave in self.waves)

    @property
    def to_try_again(self) -> int:
        """Of those that failed, how many have no other turn yet."""
        return self.by_state.get(Turn.FAILED, 0) + self.by_state.get(Turn.TIMED_OUT, 0)

    @property
    def forgiven(self) -> int:
        """Of those that failed, how many a person goes on in spite of."""
        return sum(wave.tally.forgiven for wave in self.waves)

    @property
    def under_way(self) -> int:
        return sum(self.by_state.get(one, 0) for one in ACTIVE)

    @property
    def percent(self) -> int:
        """Of its cameras, how many run it; rounded down, so that 100 is all of them."""
        return self.succeeded * 100 // self.cameras if self.cameras else 0

    @property
    def wave(self) -> WaveStands | None:
        """The one that is open, or opens next."""
        return next((one for one in self.waves if one.done_at is None), None)

    def still_since(self, now: datetime, after: timedelta = STILL_AFTER) -> datetime | None:
        """Since when it has not moved although cameras wait; None before so long a time.

        What soaks, is paused or is being installed is as it should be.
        """
        fetched = self.under_way - self.by_state.get(Turn.OFFERED, 0)
        waits = any(one.waits for one in self.waves)
        if self.rollout.state != Course.RUNNING or fetched or not waits:
            return None
        moments = [self.rollout.started_at, *(one.moved_at for one in self.waves)]
        since = max(filter(None, moments), default=None)
        return since if since is not None and now - since >= after else None


def progress(rollouts: Iterable[Rollout]) -> list[Progress]:
    """Each of these in numbers, in their order: two statements."""
    several = list(rollouts)
    waves = waves_of([one.pk for one in several])
    return [Progress(one, waves[one.pk]) for one in several]


def concerns(reach: Visible, rollout: Rollout) -> bool:
    """Whether a camera of these stations has a turn in it: then it may be stopped from there."""
    if reach.stations is None:
        return True
    return rollout.deployments.filter(camera__station__in=reach.stations).exists()


@dataclass(frozen=True)
class CameraTurn:
    """One camera's turn as a page shows it. ``waits`` are the reasons why it is not offered now."""

    deployment_id: int
    camera_id: int
    number: int
    station_id: int
    station: str
    wave: int
    state: Turn
    since: datetime
    by: datetime | None
    back_by: datetime | None
    attempts: int
    from_version: str
    progress_percent: int | None
    reason: str
    last_words: Sequence[str] = ()
    waits: Sequence[str] = ()

    @property
    def name(self) -> str:
        return codes.name(self.number)


@dataclass(frozen=True)
class Lowest:
    """The coming shift with the least to spare."""

    shift: str
    station: str
    begins_at: datetime
    margin: int


@dataclass(frozen=True)
class RolloutPage:
    """``waits`` are the reasons of every planned turn, by its id, whatever is shown."""

    progress: Progress
    turns: Sequence[CameraTurn]
    lowest: Lowest | None = None
    more: int = 0
    windows_open: bool = True
    waits: Mapping[int, tuple[str, ...]] = field(default_factory=dict)


_TURNS = """
SELECT d.id, c.id, c.number, c.station_id, station.name, w.number, d.state, d.since, d.by,
       d.back_by, d.attempts, d.from_version, d.progress_percent, d.reason,
       (SELECT word.details FROM devices_deploymentword word WHERE word.deployment_id = d.id
        ORDER BY word.id DESC LIMIT 1)
FROM devices_deployment d
JOIN devices_wave w ON w.id = d.wave_id
JOIN devices_camera c ON c.id = d.camera_id
JOIN devices_station station ON station.id = c.station_id
WHERE d.rollout_id = %(rollout)s AND (%(every)s OR d.state = ANY(%(states)s))
  AND (%(everywhere)s OR c.station_id = ANY(%(stations)s))
ORDER BY array_position(ARRAY['installing', 'downloading', 'awaiting_proof', 'offered',
    'cancelling', 'failed', 'timed_out', 'planned'], d.state::text), w.number, c.number
LIMIT %(most)s"""


def page(
    rollout: Rollout,
    *,
    now: datetime,
    policy: Policy,
    reach: Visible | None = None,
    states: Collection[Turn] = (),
) -> RolloutPage:
    """Everything a rollout's page shows, of cameras within ``reach`` and in these states.

    At most `MOST_SHOWN` cameras: those under way first, then what failed and what waits, and last
    what is done; ``more`` says how many are left out.
    """
    reach = reach or Visible()
    (numbers,) = progress([rollout])
    rows = select(
        _TURNS,
        rollout=rollout.pk,
        every=not states,
        states=[one.value for one in states],
        everywhere=reach.stations is None,
        stations=sorted(reach.stations or ()),
        most=MOST_SHOWN + 1,
    )
    turns = [_turn(row) for row in rows[:MOST_SHOWN]]
    waits: dict[int, tuple[str, ...]] = {}
    if rollout.state in (Course.RUNNING, Course.PAUSED):
        waits = why_they_wait(rollout, numbers.waves, now=now, policy=policy, reach=reach)
        turns = [replace(one, waits=waits.get(one.deployment_id, ())) for one in turns]
    named = states or tuple(numbers.by_state)
    every = sum(count for state, count in numbers.by_state.items() if state in named)
    return RolloutPage(
        numbers,
        turns,
        lowest_margin(reach, now=now, policy=policy),
        more=max(0, every - len(turns)) if reach.stations is None else len(rows) - len(turns),
        windows_open=is_open(rollout, now),
        waits=waits,
    )


def _turn(row: tuple[Any, ...]) -> CameraTurn:
    one = CameraTurn(*row)
    return replace(one, state=Turn(one.state), last_words=one.last_words or ())


_STANDS = """
SELECT r.id, r.state, r.paused_because, r.approved_by_id, d.state, count(d.id), max(d.since),
       sum(d.said), sum(d.progress_percent),
       (SELECT count(opened_at) + count(done_at) FROM devices_wave w WHERE w.rollout_id = r.id)
FROM devices_rollout r LEFT JOIN devices_deployment d ON d.rollout_id = r.id
WHERE r.id = ANY(%(rollouts)s) GROUP BY r.id, d.state ORDER BY r.id, d.state"""


def stands(rollout_ids: Collection[int]) -> Sequence[tuple[Any, ...]]:
    """What differs as soon as one of these rollouts, or a turn of theirs, moved: one statement."""
    return select(_STANDS, rollouts=sorted(rollout_ids)) if rollout_ids else []


def lowest_margin(reach: Visible, *, now: datetime, policy: Policy) -> Lowest | None:
    """The shift of the day ahead with the least to spare; those out on a permit are counted out."""
    coming = shifts.coming(reach, now=now, policy=policy)
    least = min(coming, key=lambda one: (one.margin, one.shift.begins_at), default=None)
    if least is None:
        return None
    return Lowest(least.shift.name, least.shift.station, least.shift.begins_at, least.margin)


def why_they_wait(
    rollout: Rollout,
    waves: Sequence[WaveStands],
    *,
    now: datetime,
    policy: Policy,
    reach: Visible | None = None,
) -> dict[int, tuple[str, ...]]:
    """Of each planned turn within reach, why it is not offered now: at most `MOST_SHOWN`, in eight
    statements, ten of a profile. All of them are weighed: who comes before is somebody's whom one
    may not see."""
    rows = _planned(rollout, now, MOST_SHOWN)
    seen = {one.deployment_id for one in rows if reach is None or reach.covers(one.station_id)}
    if rollout.state == Course.PAUSED:
        return dict.fromkeys(seen, ("The rollout is paused.",))
    found = _why_not(rollout, waves, rows, policy, now)
    return {pk: why for pk, why in found.items() if pk in seen}


def why_even_alone(
    rollout: Rollout, waves: Sequence[WaveStands], *, now: datetime, policy: Policy
) -> dict[int, tuple[str, ...]]:
    """Of every planned turn, why it is not offered now, as if no camera were being updated: who
    only waits for room is next."""
    return _why_not(rollout, waves, _planned(rollout, now), policy, now, Room(policy))


def _planned(rollout: Rollout, now: datetime, most: int | None = None) -> list[Standing]:
    reserved_until = now + RESERVED_AHEAD
    return standing.planned(rollout.pk, now=now, reserved_until=reserved_until, most=most)


def _why_not(
    rollout: Rollout,
    waves: Sequence[WaveStands],
    rows: Sequence[Standing],
    policy: Policy,
    now: datetime,
    room: Room | None = None,
) -> dict[int, tuple[str, ...]]:
    """Why each of these is not offered now; without ``room`` there is what all rollouts leave."""
    opened = {one.id for one in waves if one.opened_at is not None}
    wants = wants_of(rollout, now)
    found: dict[int, tuple[str, ...]] = {}
    fit = []
    for one in rows:
        if one.wave_id not in opened:
            found[one.deployment_id] = ("Its wave is not open yet.",)
        elif reasons := tuple(why_waits(one, wants, policy, now)):
            found[one.deployment_id] = reasons
        else:
            fit.append(one)
    if fit:
        found |= dict(_why_kept(rollout, order(fit, now), policy, now, room))
    return found


def _why_kept(
    rollout: Rollout,
    fit: Sequence[Standing],
    policy: Policy,
    now: datetime,
    room: Room | None = None,
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Those that pass the gate: kept by a shift, without room, or next."""
    took, room = standing.installs(now=now), room or standing.room(policy)
    kind, by_id = rollout.release.kind, {one.camera_id: one for one in fit}
    asked = [
        Candidate(
            one.camera_id,
            one.name,
            one.station_id,
            back_by(one, took.takes(one.model_id, kind), now),
        )
        for one in fit
    ]
    reach = Visible(stations=frozenset(one.station_id for one in fit))
    until = max(one.back_by for one in asked)
    coming = shifts.beginning(reach, until, now=now, policy=policy, cameras=by_id)
    for answer in permits(asked, [_by_our_clock(one) for one in coming]):
        camera = by_id[answer.camera_id]
        if isinstance(answer, Kept):
            yield camera.deployment_id, (answer.because,)
        else:
            full = room.why_full(camera.spot, rollout.caps)
            yield camera.deployment_id, (full or NEXT,)


def _by_our_clock(one: ShiftReadiness) -> ShiftReadiness:
    shift = one.shift
    return replace(one, shift=replace(shift, begins_at=localtime(shift.begins_at)))
