"""Reads what a dry run is played on: the roster of two weeks, cameras and spares as they are."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.timezone import get_default_timezone

from devices.access.people import Visible
from devices.policy import Policy
from devices.readiness import shifts as readiness
from devices.readiness.facts import Known, read, select
from devices.readiness.margin import ShiftReadiness
from devices.readiness.rules import Blocker, Need
from devices.releases.models import Release
from devices.rollouts import standing
from devices.rollouts.drafts import Caps, Draft, Step
from devices.rollouts.dry_run import (
    AHEAD,
    Begun,
    DryCamera,
    DryRun,
    DryShift,
    Plan,
    Span,
    play,
)
from devices.rollouts.matching import matching, target_of
from devices.rollouts.models import Rollout
from devices.rollouts.planning import waves, why_skipped
from devices.rollouts.reading import waves_of
from devices.rollouts.rules import ACTIVE, Course, Terms, Turn
from devices.wire import Mode

# An empty battery is full by then, whatever its dock; further ahead nothing more is known.
_LATER = timedelta(days=1)

_SHIFTS = """
SELECT shift.id, kind.name, shift.station_id, station.name, shift.begins_at, shift.ends_at,
       shift.reserve
FROM devices_shift shift JOIN devices_shiftkind kind ON kind.id = shift.kind_id
JOIN devices_station station ON station.id = shift.station_id
WHERE shift.begins_at > %(now)s AND shift.begins_at < %(until)s AND shift.station_id = ANY(%(here)s)
ORDER BY shift.begins_at, station.code"""
_DUTIES = """
SELECT duty.shift_id, duty.officer_id, duty.begins_at, duty.ends_at FROM devices_duty duty
JOIN devices_shift shift ON shift.id = duty.shift_id
JOIN devices_officer officer ON officer.id = duty.officer_id
 AND officer.active AND officer.suspended_because = ''
WHERE duty.ends_at > %(now)s AND duty.begins_at < %(until)s AND duty.begins_at > %(since)s
  AND shift.station_id = ANY(%(here)s)
ORDER BY duty.begins_at"""
_CAMERAS = """
SELECT c.id, c.model_id, c.station_id, coalesce(now_in.dock_id, home.dock_id), c.officer_id,
       CASE WHEN h.docked THEN h.moved_at END
FROM devices_camera c
LEFT JOIN devices_camerahealth h ON h.camera_id = c.id
LEFT JOIN devices_bay now_in ON now_in.id = h.bay_id AND h.docked
LEFT JOIN devices_bay home ON home.id = c.home_bay_id
WHERE c.service_state <> 'retired' AND (c.station_id = ANY(%(here)s) OR c.officer_id IN (
    SELECT duty.officer_id FROM devices_duty duty JOIN devices_shift shift
        ON shift.id = duty.shift_id
    WHERE duty.ends_at > %(now)s AND duty.begins_at < %(until)s AND duty.begins_at > %(since)s
      AND shift.station_id = ANY(%(here)s)))"""
# Where these cameras' officers come on: readiness counts an own camera by its officer.
_THEIRS = """
SELECT DISTINCT shift.station_id FROM devices_duty duty
JOIN devices_shift shift ON shift.id = duty.shift_id
JOIN devices_camera c ON c.officer_id = duty.officer_id
WHERE c.id = ANY(%(cameras)s)
  AND duty.ends_at > %(now)s AND duty.begins_at < %(until)s AND duty.begins_at > %(since)s"""
_LEFT = """
SELECT wave.number, d.camera_id, c.station_id FROM devices_deployment d
JOIN devices_wave wave ON wave.id = d.wave_id JOIN devices_camera c ON c.id = d.camera_id
WHERE d.rollout_id = %(rollout)s AND d.state = ANY(%(states)s) ORDER BY 1, 2"""


@dataclass(frozen=True, slots=True)
class _Row:
    """A camera as the roster needs it."""

    id: int
    model_id: int
    station_id: int
    dock_id: int | None
    officer_id: int | None
    in_since: datetime | None


def dry_run(rollout: Rollout, *, now: datetime, policy: Policy) -> DryRun:
    """When each wave would run, when the last camera would be done, and what every shift of two
    weeks would have to spare: sixteen statements. Of one that runs: what is left of it, from where
    it stands."""
    numbered, here, begun = _waves(rollout, now)
    kind, windows = rollout.release.kind, rollout.windows
    asked = _Asked(kind, rollout.terms, rollout.caps, windows, rollout.pk, begun)
    return _played(numbered, here, asked, now, policy)


def dry_run_of(release: Release, draft: Draft, *, now: datetime, policy: Policy) -> DryRun:
    """The same of a draft that nobody has kept yet. The draft is not refused."""
    numbered, here = _would(release, draft.whole, draft.steps, now)
    asked = _Asked(release.kind, draft.terms, draft.caps, draft.windows)
    return _played(numbered, here, asked, now, policy)


@dataclass(frozen=True, slots=True)
class _Asked:
    """On what terms a release of this kind is brought, by which rollout, if it is kept, and how far
    that has come."""

    kind: str
    terms: Terms
    caps: Caps
    windows: Sequence[Sequence[str]]
    rollout_id: int | None = None
    begun: Sequence[Begun] = ()


def _played(
    numbered: list[list[int]], here: list[int], asked: _Asked, now: datetime, policy: Policy
) -> DryRun:
    moments = {"now": now, "until": now + AHEAD, "since": now - AHEAD}
    planned = [pk for wave in numbered for pk in wave]
    theirs = {station for (station,) in select(_THEIRS, cameras=planned, **moments)}
    here = sorted(theirs.union(here))
    rows = {row[0]: _Row(*row) for row in select(_CAMERAS, here=here, **moments)}
    shifts = select(_SHIFTS, here=here, **moments)
    duties = select(_DUTIES, here=here, **moments)
    known = dict(read(list(rows), now=now))
    ahead = readiness.ahead(Visible(stations=frozenset(here)), now=now)
    near = readiness.judged(ahead, policy, now, advised=False)
    spans = defaultdict(list)
    for _, officer, begins_at, ends_at in duties:
        spans[officer].append(Span(begins_at, ends_at))
    took = standing.installs(now=now)
    cameras = {
        pk: DryCamera(
            pk,
            known[pk].name,
            one.station_id,
            one.dock_id,
            one.in_since,
            took.takes(one.model_id, asked.kind),
            spans.get(one.officer_id, ()) if one.officer_id else (),
        )
        for pk, one in rows.items()
        if pk in known
    }
    plan = Plan(
        [[cameras[pk] for pk in wave if pk in cameras] for wave in numbered],
        _dry_shifts(near, shifts, duties, _Foreseen(rows, known, policy, now)),
        asked.terms,
        asked.caps,
        policy,
        asked.windows,
        standing.taken(besides=asked.rollout_id, now=now),
        asked.begun,
    )
    return play(plan, now, get_default_timezone())


def _waves(rollout: Rollout, now: datetime) -> tuple[list[list[int]], list[int], list[Begun]]:
    """The cameras of each wave that are still to do, their stations, and how far each wave is."""
    if rollout.state in (Course.DRAFT, Course.APPROVED):
        steps = [Step(one.percent, one.count) for one in rollout.waves.order_by("number")]
        return *_would(rollout.release, rollout.wanted, steps, now), []
    left = select(_LEFT, rollout=rollout.pk, states=[Turn.PLANNED.value, *_ACTIVE])
    stand = waves_of([rollout.pk])[rollout.pk]
    planned = [[camera for number, camera, _ in left if number == one.number] for one in stand]
    begun = [Begun(one.opened_at, one.done_at, one.tally.last_end_at) for one in stand]
    return planned, sorted({station for _, _, station in left}), begun


def _would(
    release: Release, wanted: Mapping[str, Sequence[Any]], steps: Sequence[Step], now: datetime
) -> tuple[list[list[int]], list[int]]:
    target = target_of(release)
    found = matching(release, wanted, now=now)
    fit = [one for one in found if not why_skipped(one, target)]
    planned = [[one.camera_id for one in wave] for wave in waves(fit, steps)]
    return planned, sorted({one.station_id for one in fit})


_ACTIVE = sorted(one.value for one in ACTIVE)


def _dry_shifts(
    near: Iterable[ShiftReadiness],
    shifts: Sequence[tuple[Any, ...]],
    duties: Sequence[tuple[Any, ...]],
    cameras: "_Foreseen",
) -> list[DryShift]:
    """The shifts of the day ahead as every other page counts them; those after it by what of each
    camera neither its dock nor its officer mends."""
    counted = {one.shift.id: one for one in near}
    on = defaultdict(list)
    for shift, officer, lasts in _with_joined(duties, cameras.policy):
        on[shift].append(cameras.own(officer, lasts))
    return [
        _as_counted(counted[pk])
        if pk in counted
        else DryShift(
            name,
            station_id,
            station,
            begins_at,
            frozenset(one for one in on[pk] if one is not None),
            cameras.spares(station_id, ends_at - begins_at),
            reserve,
            sum(one is None for one in on[pk]),
        )
        for pk, name, station_id, station, begins_at, ends_at, reserve in shifts
    ]


def _as_counted(one: ShiftReadiness) -> DryShift:
    shift = one.shift
    ready = (post for post in one.posts if post.ready or post.due)
    own = (post.judged for post in ready if not post.takes_any)
    spares = one.reckoned_on
    return DryShift(
        shift.name,
        shift.station_id,
        shift.station,
        shift.begins_at,
        frozenset(found.camera.id for found in own if found),
        spares,
        shift.reserve,
        len(spares) - shift.reserve - one.margin,
    )


def _with_joined(
    duties: Sequence[tuple[Any, ...]], policy: Policy
) -> Iterator[tuple[int, int, timedelta]]:
    """The shift and the officer of each duty, and how long a camera must last for it: for both of
    a double shift."""
    by_officer: dict[int, list[_Block]] = defaultdict(list)
    for shift, officer, begins_at, ends_at in duties:
        blocks = by_officer[officer]
        if blocks and begins_at <= blocks[-1].span.ends_at + policy.handover:
            before = blocks[-1].span
            blocks[-1].span = Span(before.begins_at, max(before.ends_at, ends_at))
            blocks[-1].shifts.append(shift)
        else:
            blocks.append(_Block(Span(begins_at, ends_at), [shift]))
    for officer, blocks in by_officer.items():
        for block in blocks:
            lasts = block.span.ends_at - block.span.begins_at
            yield from ((shift, officer, lasts) for shift in block.shifts)


@dataclass
class _Block:
    """Duties that join, and their shifts."""

    span: Span
    shifts: list[int]


class _Foreseen:
    """Which cameras will be ready on a day to come, by what is known of them now."""

    def __init__(
        self, rows: Mapping[int, _Row], known: Mapping[int, Known], policy: Policy, now: datetime
    ) -> None:
        self.policy = policy
        self._known, self._now = known, now
        self._owned = {one.officer_id: pk for pk, one in rows.items() if one.officer_id}
        self._spares = defaultdict(list)
        for pk, one in rows.items():
            if one.officer_id is None:
                self._spares[one.station_id].append(pk)
        self._told: dict[tuple[int, timedelta], bool] = {}

    def own(self, officer_id: int, lasts: timedelta) -> int | None:
        """The camera of this officer, if it will be ready for so long a duty."""
        pk = self._owned.get(officer_id)
        return pk if pk is not None and self._will_be(pk, lasts, comes_back=True) else None

    def spares(self, station_id: int, lasts: timedelta) -> frozenset[int]:
        """Those that will be ready for so long a shift; nobody reckons on one that is out."""
        spares = self._spares[station_id]
        return frozenset(pk for pk in spares if self._will_be(pk, lasts, comes_back=False))

    def _will_be(self, pk: int, lasts: timedelta, *, comes_back: bool) -> bool:
        if (pk, lasts) not in self._told:
            known = self._known.get(pk)
            self._told[pk, lasts] = known is not None and will_be_ready(
                known, lasts, self.policy, self._now, comes_back=comes_back
            )
        return self._told[pk, lasts]


def will_be_ready(
    known: Known, lasts: timedelta, policy: Policy, now: datetime, *, comes_back: bool
) -> bool:
    """Whether a camera will be ready for a shift of this length after a day in its bay.

    That charges it as far as its battery goes, and empties it; it mends no fault, no silence and
    no wrong clock, and ends no recall. ``comes_back``: an officer has it who docks it.
    """
    if comes_back and (known.docked is False or known.mode == Mode.RECORDING):
        known = known.docked_at(now)
    if comes_back:
        known = known._replace(issued_to="")
    need = Need(now + _LATER, lasts)
    against = known._replace(promises=()).judged(need, policy, now).reasons
    return all(one.blocker is Blocker.STORAGE for one in against)
