"""Reads what a dry run is played on: the roster of two weeks, cameras and spares as they are."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.timezone import get_default_timezone

from devices.policy import Policy
from devices.readiness.facts import read, select
from devices.releases.models import Release
from devices.rollouts import standing
from devices.rollouts.drafts import Caps, Draft, Step
from devices.rollouts.dry_run import AHEAD, DryCamera, DryRun, DryShift, Plan, Span, play
from devices.rollouts.matching import matching, target_of
from devices.rollouts.models import Rollout
from devices.rollouts.planning import waves, why_skipped
from devices.rollouts.rules import ACTIVE, Course, Terms, Turn

_SHIFTS = """
SELECT shift.id, kind.name, shift.station_id, station.name, shift.begins_at, shift.reserve
FROM devices_shift shift JOIN devices_shiftkind kind ON kind.id = shift.kind_id
JOIN devices_station station ON station.id = shift.station_id
WHERE shift.begins_at > %(now)s AND shift.begins_at < %(until)s AND shift.station_id = ANY(%(here)s)
ORDER BY shift.begins_at, station.code"""
_DUTIES = """
SELECT duty.shift_id, duty.officer_id, duty.begins_at, duty.ends_at FROM devices_duty duty
JOIN devices_shift shift ON shift.id = duty.shift_id
WHERE duty.ends_at > %(now)s AND duty.begins_at < %(until)s AND duty.begins_at > %(since)s
  AND shift.station_id = ANY(%(here)s)
ORDER BY duty.begins_at"""
_CAMERAS = """
SELECT c.id, c.model_id, c.station_id, coalesce(now_in.dock_id, home.dock_id), c.officer_id,
       CASE WHEN h.docked THEN h.placed_at END, c.service_state = 'in_service'
FROM devices_camera c
LEFT JOIN devices_camerahealth h ON h.camera_id = c.id
LEFT JOIN devices_bay now_in ON now_in.id = h.bay_id AND h.docked
LEFT JOIN devices_bay home ON home.id = c.home_bay_id
WHERE c.service_state <> 'retired' AND c.station_id = ANY(%(here)s)"""
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
    in_service: bool


def dry_run(rollout: Rollout, *, now: datetime, policy: Policy) -> DryRun:
    """When each wave would run, when the last camera would be done, and what every shift of two
    weeks would have to spare: ten statements. Of one that runs: what is left of it."""
    numbered, here = _waves(rollout, now)
    asked = _Asked(rollout.release.kind, rollout.terms, rollout.caps, rollout.windows)
    return _played(numbered, here, asked, now, policy)


def dry_run_of(release: Release, draft: Draft, *, now: datetime, policy: Policy) -> DryRun:
    """The same of a draft that nobody has kept yet. The draft is not refused."""
    numbered, here = _would(release, draft.whole, draft.steps, now)
    asked = _Asked(release.kind, draft.terms, draft.caps, draft.windows)
    return _played(numbered, here, asked, now, policy)


@dataclass(frozen=True, slots=True)
class _Asked:
    """On what terms a release of this kind is brought."""

    kind: str
    terms: Terms
    caps: Caps
    windows: Sequence[Sequence[str]]


def _played(
    numbered: list[list[int]], here: list[int], asked: _Asked, now: datetime, policy: Policy
) -> DryRun:
    until = now + AHEAD
    rows = {row[0]: _Row(*row) for row in select(_CAMERAS, here=here)}
    shifts = select(_SHIFTS, now=now, until=until, here=here)
    duties = select(_DUTIES, now=now, until=until, since=now - AHEAD, here=here)
    names = dict(read(list(rows), now=now))
    fit = {pk for pk, one in names.items() if one.judged(None, policy, now).ready}
    spans = defaultdict(list)
    for _, officer, begins_at, ends_at in duties:
        spans[officer].append(Span(begins_at, ends_at))
    took = standing.installs(now=now)
    cameras = {
        pk: DryCamera(
            pk,
            names[pk].name,
            one.station_id,
            one.dock_id,
            one.in_since,
            took.takes(one.model_id, asked.kind),
            spans.get(one.officer_id, ()) if one.officer_id else (),
        )
        for pk, one in rows.items()
        if pk in names
    }
    plan = Plan(
        [[cameras[pk] for pk in wave if pk in cameras] for wave in numbered],
        list(_dry_shifts(shifts, duties, rows, fit)),
        asked.terms,
        asked.caps,
        policy,
        asked.windows,
    )
    return play(plan, now, get_default_timezone())


def _waves(rollout: Rollout, now: datetime) -> tuple[list[list[int]], list[int]]:
    """The cameras of each wave that are still to do, and their stations."""
    if rollout.state in (Course.DRAFT, Course.APPROVED):
        steps = [Step(one.percent, one.count) for one in rollout.waves.order_by("number")]
        return _would(rollout.release, rollout.wanted, steps, now)
    left = select(_LEFT, rollout=rollout.pk, states=[Turn.PLANNED.value, *_ACTIVE])
    numbers = list(rollout.waves.order_by("number").values_list("number", flat=True))
    planned = [[camera for number, camera, _ in left if number == one] for one in numbers]
    return planned, sorted({station for _, _, station in left})


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
    shifts: Sequence[tuple[Any, ...]],
    duties: Sequence[tuple[Any, ...]],
    rows: Mapping[int, _Row],
    fit: Collection[int],
) -> list[DryShift]:
    """Own cameras count where they are in service: by then they are charged. A spare counts if it
    is ready now: nobody takes it out, and nobody mends it."""
    owned = {one.officer_id: pk for pk, one in rows.items() if one.officer_id and one.in_service}
    spares = defaultdict(set)
    for pk, one in rows.items():
        if one.officer_id is None and pk in fit:
            spares[one.station_id].add(pk)
    on = defaultdict(list)
    for shift, officer, *_ in duties:
        on[shift].append(owned.get(officer))
    return [
        DryShift(
            name,
            station_id,
            station,
            begins_at,
            frozenset(one for one in on[pk] if one is not None),
            frozenset(spares[station_id]),
            reserve,
            sum(one is None for one in on[pk]),
        )
        for pk, name, station_id, station, begins_at, reserve in shifts
    ]
