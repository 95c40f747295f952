"""Shifts and the readiness of their cameras, read for any number of shifts in four statements."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from devices.access.people import Visible
from devices.policy import Policy
from devices.readiness.facts import RESERVED, Promise, known, select
from devices.readiness.margin import Held, OnDuty, Post, ShiftReadiness, ShiftSpan
from devices.readiness.posting import post
from devices.readiness.remedies import Spares, shift_readiness, taken_before
from devices.readiness.sql import COUNTED, FACTS

TURNS = 3  # to come, of each station: the day ahead

_SHIFT = """
shift.id, kind.name, shift.station_id, station.name, shift.begins_at, shift.ends_at, shift.reserve,
station.pool
FROM devices_shift shift JOIN devices_shiftkind kind ON kind.id = shift.kind_id
JOIN devices_station station ON station.id = shift.station_id"""

# Those asked for, and with them the earlier ones of their stations that are on at the same time,
# and so on: what they take of the spares is gone. No shift lasts two days.
_WITH_EARLIER = """
WITH RECURSIVE asked AS ({asked}),
beside AS (
    SELECT id, station_id, begins_at FROM devices_shift WHERE id IN (SELECT id FROM asked)
    UNION
    SELECT earlier.id, earlier.station_id, earlier.begins_at
    FROM beside JOIN devices_shift earlier ON earlier.station_id = beside.station_id
    WHERE earlier.begins_at <= beside.begins_at AND earlier.ends_at > beside.begins_at
      AND earlier.begins_at > beside.begins_at - interval '2 days'
      AND earlier.begins_at > %(now)s - interval '2 days' AND earlier.ends_at > %(now)s
      AND earlier.begins_at <= (SELECT max(begins_at) FROM asked))
SELECT shift.id IN (SELECT id FROM asked), {shift} WHERE shift.id IN (SELECT id FROM beside)
ORDER BY shift.begins_at, station.code, shift.id"""


def _asking(asked: str) -> str:
    return _WITH_EARLIER.format(asked=asked, shift=_SHIFT)


_NAMED = _asking("SELECT id, begins_at FROM devices_shift WHERE id = ANY(%(ids)s)")

_UNDER_WAY = _asking(
    """
    SELECT id, begins_at FROM devices_shift WHERE (%(every)s OR station_id = ANY(%(stations)s))
      AND begins_at <= %(now)s AND ends_at > %(now)s AND begins_at > %(now)s - interval '2 days'"""
)

_COMING = _asking(
    """
    SELECT id, begins_at FROM (
        SELECT id, begins_at,
               dense_rank() OVER (PARTITION BY station_id ORDER BY begins_at) AS place
        FROM devices_shift WHERE begins_at > %(now)s
          AND begins_at < %(now)s + interval '7 days'
          AND (%(every)s OR station_id = ANY(%(stations)s))) AS ahead
    WHERE place <= %(most)s"""
)

# And those that count on one of these cameras, wherever they are: it is their officer's own, or
# was promised for them. No duty begins so long before its shift.
_BEGINNING = _asking(
    """
    SELECT id, begins_at FROM devices_shift WHERE begins_at > %(now)s AND begins_at <= %(until)s
      AND (%(every)s OR station_id = ANY(%(stations)s) OR id IN (
        SELECT duty.shift_id FROM devices_duty duty
        JOIN devices_camera own ON own.officer_id = duty.officer_id
        WHERE own.id = ANY(%(cameras)s) AND duty.begins_at > %(now)s - interval '2 days'
        UNION ALL SELECT promise.shift_id FROM devices_standin promise
        WHERE promise.camera_id = ANY(%(cameras)s) AND promise.ended_at IS NULL))"""
)

# With the duties that may join those of these shifts: no officer is on for longer than a day.
_DUTIES = """
SELECT duty.shift_id, duty.officer_id, officer.badge_number, coalesce(nullif(duty.unit, ''),
       officer.unit), duty.begins_at, duty.ends_at,
       CASE WHEN NOT officer.active THEN 'has left'
            WHEN officer.suspended_because <> '' THEN 'is suspended' ELSE '' END
FROM devices_duty duty JOIN devices_officer officer ON officer.id = duty.officer_id
WHERE duty.begins_at >= %(first)s - interval '1 day'
  AND duty.begins_at <= %(last)s + interval '1 hour'
  AND duty.officer_id IN (SELECT on_it.officer_id FROM devices_duty on_it
                          WHERE on_it.shift_id = ANY(%(shifts)s))
ORDER BY duty.begins_at, officer.badge_number"""

_PROMISED = f"""
SELECT promise.shift_id, promise.officer_id, promise.camera_id, shift.begins_at, shift.ends_at,
       officer.badge_number, '', promise.offered_at
FROM devices_standin promise JOIN devices_shift shift ON shift.id = promise.shift_id
JOIN devices_officer officer ON officer.id = promise.officer_id
WHERE promise.ended_at IS NULL AND shift.begins_at < %(last)s AND shift.ends_at > %(first)s
  AND shift.begins_at > %(first)s - interval '2 days'
UNION ALL SELECT NULL, NULL, reserved.* FROM (
    {RESERVED} AND kept.begins_at < %(last)s AND kept.ends_at > %(first)s) AS reserved"""  # noqa: S608 (constants)

_BAY = """(SELECT dock.code || '-' || bay.position FROM devices_bay bay
           JOIN devices_dock dock ON dock.id = bay.dock_id WHERE bay.id = {})"""
_CAMERAS = f"""
SELECT c.id, c.officer_id, c.station_id, coalesce({_BAY.format("c.home_bay_id")}, ''),
       coalesce(CASE WHEN h.docked THEN {_BAY.format("h.bay_id")} END, ''), {FACTS}
{COUNTED} WHERE c.service_state <> 'retired' AND (
    c.officer_id = ANY(%(officers)s) OR c.id = ANY(%(promised)s)
    OR c.id IN (SELECT issued.camera_id FROM devices_custody issued
                WHERE issued.officer_id = ANY(%(officers)s) AND issued.closed_at IS NULL
                  AND issued.kind IN ('shift', 'loan'))
    OR c.officer_id IS NULL AND c.station_id = ANY(%(stations)s))"""  # noqa: S608 (constants)


def coming(reach: Visible, *, now: datetime, policy: Policy) -> list[ShiftReadiness]:
    """What begins at the next `TURNS` moments at every station within reach, the soonest first."""
    return [*judged(ahead(reach, now=now), policy, now)]


def under_way(reach: Visible, *, now: datetime, policy: Policy) -> list[ShiftReadiness]:
    """The shifts that have begun and not ended."""
    return [*judged(read(select(_UNDER_WAY, **_asked(reach, now)), now), policy, now)]


def beginning(
    reach: Visible,
    until: datetime,
    *,
    now: datetime,
    policy: Policy,
    cameras: Collection[int] = (),
) -> list[ShiftReadiness]:
    """The shifts that begin by ``until``, the soonest first, counted alone: nothing is said
    about what to do. Beside those within reach, each that counts on one of these ``cameras``."""
    rows = select(_BEGINNING, until=until, cameras=list(cameras), **_asked(reach, now))
    return [*judged(read(rows, now), policy, now, advised=False)]


def named(shift_ids: Collection[int], *, now: datetime, policy: Policy) -> list[ShiftReadiness]:
    """These shifts."""
    return [*judged(read(select(_NAMED, ids=list(shift_ids), now=now), now), policy, now)]


_NEXT = """
SELECT shift.begins_at, sum(shift.reserve + (
    SELECT count(*) FROM devices_duty duty JOIN devices_officer officer
    ON officer.id = duty.officer_id AND officer.active AND officer.suspended_because = ''
    WHERE duty.shift_id = shift.id))
FROM devices_shift shift
WHERE (%(every)s OR shift.station_id = ANY(%(stations)s)) AND shift.begins_at = (
    SELECT min(begins_at) FROM devices_shift
    WHERE begins_at > %(now)s AND (%(every)s OR station_id = ANY(%(stations)s)))
GROUP BY 1"""


@dataclass(frozen=True)
class Wanted:
    """How many ready cameras are wanted, and when."""

    cameras: int
    at: datetime


def wanted_next(reach: Visible, *, now: datetime) -> Wanted | None:
    """What the shifts that begin next within reach need, their reserve included; one query."""
    rows = select(_NEXT, **_asked(reach, now))
    return Wanted(int(rows[0][1]), rows[0][0]) if rows else None


_NEXT_DUTY = """
SELECT duty.shift_id FROM devices_duty duty JOIN devices_shift shift ON shift.id = duty.shift_id
WHERE duty.officer_id = %(officer)s AND shift.ends_at > %(now)s AND duty.ends_at > %(now)s
  AND duty.begins_at < %(now)s + interval '7 days' AND duty.begins_at > %(now)s - interval '2 days'
ORDER BY duty.begins_at LIMIT 1"""


def next_of(
    officer_id: int, *, now: datetime, policy: Policy
) -> tuple[ShiftReadiness, Post] | None:
    """The shift an officer is on, or the next one of a week, and the officer's post there."""
    rows = select(_NEXT_DUTY, officer=officer_id, now=now)
    if not rows:
        return None
    (shift,) = named([rows[0][0]], now=now, policy=policy)
    return shift, next(post for post in shift.posts if post.duty.officer_id == officer_id)


@dataclass(frozen=True)
class Reading:
    """Everything that some shifts are judged by; judging it costs no query.

    ``earlier``: those that may take spares before them.
    """

    shifts: list[ShiftSpan]
    earlier: list[ShiftSpan] = field(default_factory=list)
    duties: dict[int, list[OnDuty]] = field(default_factory=dict)  # by officer
    stand_ins: dict[tuple[int, int], int] = field(default_factory=dict)  # by shift and officer
    cameras: dict[int, Held] = field(default_factory=dict)

    def out_with(self, duty: OnDuty) -> list[Held]:
        """The cameras that were given out to this officer for a shift."""
        return self._out.get(duty.badge, [])

    @cached_property
    def _out(self) -> dict[str, list[Held]]:
        found = defaultdict(list)
        for one in self.cameras.values():
            found[one.known.issued_to].append(one)
        return dict(found)


def ahead(reach: Visible, *, now: datetime, turns: int = TURNS) -> Reading:
    """What the coming shifts are judged by, to be judged under more than one policy."""
    return read(select(_COMING, most=turns, **_asked(reach, now)), now)


def read(rows: Iterable[tuple[Any, ...]], now: datetime) -> Reading:
    """Everything about these rows of ``_WITH_EARLIER``, in three statements."""
    asked, earlier = list[ShiftSpan](), list[ShiftSpan]()
    for is_asked, *row in rows:
        (asked if is_asked else earlier).append(ShiftSpan(*row))
    if not asked:
        return Reading([])
    found = [*asked, *earlier]
    first, last = min(one.begins_at for one in found), max(one.ends_at for one in found)
    duties = [
        OnDuty(*row)
        for row in select(
            _DUTIES, first=min(first, now), last=last, shifts=[one.id for one in found]
        )
    ]
    promised = select(_PROMISED, first=min(first, now), last=last)
    cameras = _cameras(found, duties, promised)
    by_officer = defaultdict(list)
    for duty in duties:
        by_officer[duty.officer_id].append(duty)
    stand_ins = {(row[0], row[1]): row[2] for row in promised if row[0] is not None}
    return Reading(asked, earlier, dict(by_officer), stand_ins, cameras)


def judged(
    reading: Reading, policy: Policy, now: datetime, *, advised: bool = True
) -> Iterable[ShiftReadiness]:
    """Each shift as it stands under this policy; ``advised``: with what to do about exceptions.

    Of shifts that are on at the same time at a station, those that begin first take its spares.
    """
    own = defaultdict(list)
    for camera in reading.cameras.values():
        own[camera.officer_id].append(camera)
    duties = defaultdict(list)
    for one in (duty for each in reading.duties.values() for duty in each):
        duties[one.shift_id].append(one)
    found: dict[int, dict[int, ShiftReadiness]] = defaultdict(dict)  # by station and shift
    in_turn = sorted([*reading.earlier, *reading.shifts], key=lambda one: (one.begins_at, one.id))
    for shift in in_turn:
        here = found[shift.station_id]
        taken = taken_before(shift, here.values(), policy)
        posts = [
            _post(duty, own[duty.officer_id], reading, policy, now) for duty in duties[shift.id]
        ]
        spares = _spares(shift, own[None], reading, taken)
        here[shift.id] = shift_readiness(shift, posts, spares, policy, now, advised=advised)
    return [found[one.station_id][one.id] for one in reading.shifts]


def _spares(
    shift: ShiftSpan, spares: list[Held], reading: Reading, taken: frozenset[int]
) -> Spares:
    """The station's spares that are not promised for this shift."""
    promised = {cam for (on, _), cam in reading.stand_ins.items() if on == shift.id}
    here = [one for one in spares if one.station_id == shift.station_id and one.id not in promised]
    return Spares(
        [one for one in here if one.id not in taken], [one for one in here if one.id in taken]
    )


def _post(duty: OnDuty, own: list[Held], reading: Reading, policy: Policy, now: datetime) -> Post:
    """By what they went out with for it; else by the spare they were promised, or their own."""
    stand_in = reading.cameras.get(reading.stand_ins.get((duty.shift_id, duty.officer_id), 0))
    taken = _taken_for(duty, policy, now) and not duty.barred
    out = reading.out_with(duty) if taken else []
    cameras = out or ([stand_in] if stand_in else own)
    others = [one for one in own if one not in out]
    of_officer, stands_in = reading.duties[duty.officer_id], stand_in is not None and not out
    found = post(duty, of_officer, cameras, policy, now, stands_in=stands_in)
    return replace(found, holds=bool(out), instead_of=others[0] if out and others else None)


def _taken_for(duty: OnDuty, policy: Policy, now: datetime) -> bool:
    """Whether what an officer has in hand now was taken for this duty."""
    return duty.begins_at - policy.test_counts_for <= now < duty.ends_at + policy.handover


def _cameras(
    found: list[ShiftSpan], duties: list[OnDuty], promised: list[tuple[Any, ...]]
) -> dict[int, Held]:
    promises: dict[int, tuple[Promise, ...]] = defaultdict(tuple)
    for _, _, camera_id, *promise in promised:
        promises[camera_id] = (*promises[camera_id], Promise(*promise))
    rows = select(
        _CAMERAS,
        officers=sorted({one.officer_id for one in duties}),
        promised=sorted(promises),
        stations=sorted({one.station_id for one in found}),
    )
    return {
        row[0]: Held(row[0], row[1], row[2], row[3], row[4], known(row[5:], promises[row[0]]))
        for row in rows
    }


def _asked(reach: Visible, now: datetime) -> dict[str, Any]:
    return {"every": reach.stations is None, "stations": sorted(reach.stations or ()), "now": now}
