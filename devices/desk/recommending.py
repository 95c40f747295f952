"""Which camera to take: ready, free, least worn by use, held softly by no other desk.

A hint, never in the way: any other ready camera that is scanned is issued without fuss, and
only the database decides. Without Redis there are no soft holds, and that is all.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.core.cache import cache
from redis.exceptions import RedisError

from devices import planned
from devices.custody.models import Desk
from devices.desk.seeing import Sight, why
from devices.inventory import codes
from devices.policy import Policy
from devices.readiness.facts import PROMISED, select
from devices.readiness.sql import COUNTED, FIT_BY_HOURS, LASTING, given

SOFT_HOLD = timedelta(seconds=20)  # desk.md
ALTERNATES = 2
LOOKED_AT = 12  # so many of the best are asked for, as other desks may offer some of them

# The station's cameras that are in, ready and nobody's, by the rules of `readiness`; what is kept
# for the officer first. Then the least recently used, so that wear is spread; then the fuller
# battery, the nearer place, the lower number, so that the same question has the same answer.
# What is kept comes back, drained, when that ends: one that ends now stands against it too. Whoever
# takes a camera that was just offered an update ends that: it is named behind every other.
_RANKED = f"""
WITH kept AS MATERIALIZED (
    SELECT camera_id, event = '' AND badge = %(badge)s AS mine FROM ({PROMISED}) AS promised
    WHERE begins_at < %(until)s AND ends_at >= %(now)s)
SELECT c.id, c.number, coalesce(dock.code || '-' || bay.position, ''), h.battery_percent,
       lasting.hours[1]
{COUNTED}
LEFT JOIN devices_bay bay ON bay.id = h.bay_id AND h.docked
LEFT JOIN devices_dock dock ON dock.id = bay.dock_id
LEFT JOIN LATERAL (SELECT max(before.opened_at) AS at FROM devices_custody before
                   WHERE before.camera_id = c.id) AS used ON TRUE
CROSS JOIN LATERAL {LASTING}
WHERE c.station_id = %(station)s AND c.service_state = 'in_service'
  AND (%(pool)s OR c.officer_id IS NULL)
  AND c.id NOT IN (SELECT held.camera_id FROM devices_custody held WHERE held.closed_at IS NULL)
  AND c.id NOT IN (SELECT visit.camera_id FROM devices_kioskvisit visit
                   WHERE visit.offer_ends_at > %(now)s AND visit.settled_at IS NULL
                     AND visit.camera_id IS NOT NULL)
  AND c.id NOT IN (SELECT camera_id FROM kept WHERE NOT mine)
  AND {FIT_BY_HOURS} = 'yes'
ORDER BY c.update_stage <> '', c.id IN (SELECT camera_id FROM kept) DESC, used.at NULLS FIRST,
         trunc(lasting.hours[1]) DESC, dock.code COLLATE "C" NULLS FIRST, bay.position, c.number
LIMIT %(most)s"""  # noqa: S608 (constants)


class Free(NamedTuple):
    """A camera that may be taken, as the database ranks it."""

    id: int
    number: int
    place: str
    battery_percent: int
    hours: float

    @property
    def name(self) -> str:
        return codes.name(self.number)


@dataclass(frozen=True)
class Offer:
    """One camera that may be taken: where it is, and what speaks for it."""

    camera: str
    place: str
    why: str


@dataclass(frozen=True)
class Advice:
    """The camera to take and two others; none when no camera is ready."""

    best: Offer | None
    alternates: Sequence[Offer] = ()


@dataclass(frozen=True)
class Wanted:
    """What a camera is wanted for: a duty that lasts so long from now, of this badge number."""

    lasts: timedelta
    badge: str = ""


def ranked(
    desk: Desk, wanted: Wanted, policy: Policy, now: datetime, *, most: int | None = None
) -> list[Free]:
    """The cameras that may be given out at this desk's station, the best first; one statement.

    What a battery gains since its camera last spoke is left out, so that one that charges may be
    ready a minute before it is offered.
    """
    asked: dict[str, Any] = {
        "station": desk.station_id,
        "pool": desk.station.pool,
        "badge": wanted.badge,
        "until": now + wanted.lasts,
        "now": now,
        "most": most,
        **given(policy, now, wanted.lasts),
    }
    with planned.each_time():
        return [Free(*row) for row in select(_RANKED, **asked)]


def best(desk: Desk, wanted: Wanted, policy: Policy, now: datetime) -> list[Free]:
    """The few of them that an officer is shown, and some more for what other desks offer."""
    return ranked(desk, wanted, policy, now, most=LOOKED_AT)


def advise(desk: Desk, own: Sight | None, best_first: Iterable[Free]) -> Advice:
    """The officer's own camera if they can take it; else the best that no other desk offers now."""
    if own is not None:
        return Advice(Offer(own.row.name, own.place, own.why))
    free = _held_softly(list(best_first), desk)[: 1 + ALTERNATES]
    told = [Offer(one.name, one.place, why(one.battery_percent, one.hours)) for one in free]
    return Advice(told[0], tuple(told[1:])) if told else Advice(None)


def _held_softly(best_first: Sequence[Free], desk: Desk) -> Sequence[Free]:
    """Those that no other desk offers at the moment; the first of them is held for this one."""
    try:
        holders = cache.get_many([_key(one.id) for one in best_first])
        free = [one for one in best_first if holders.get(_key(one.id), desk.pk) == desk.pk]
        if free:
            cache.set(_key(free[0].id), desk.pk, SOFT_HOLD.total_seconds())
    except (RedisError, OSError):
        return best_first
    return free


def _key(camera_id: int) -> str:
    return f"desk-offers:{camera_id}"


def let_go(camera_id: int) -> None:
    """It was given out: no desk offers it any more."""
    with suppress(RedisError, OSError):
        cache.delete_many([_key(camera_id)])
