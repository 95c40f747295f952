"""Reading cards: one query for any number of them, and counts that cost no cards."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from devices.access.people import Visible
from devices.board.rules import Bucket, Facts, bucket
from devices.board.sql import BUCKET, CALLED, IN_SERVICE, SHOWN, STANDS_IN
from devices.inventory import codes
from devices.policy import Policy
from devices.readiness.sql import COUNTED

POLICY = Policy()
KINDS = ("multi", "single", "vehicle", None)  # of home docks, in the order they hang


@dataclass(frozen=True, slots=True)
class Card:
    """What the board knows of one camera.

    ``home_…`` is the bay it belongs in and ``elsewhere`` the other bay it sits in, if it
    does. ``faults`` are codes between spaces.
    """

    bucket: Bucket
    facts: Facts
    id: int
    number: int
    serial: str
    officer_id: int | None
    station_id: int
    station_code: str
    station: str
    home_dock_id: int | None
    home_dock: str | None
    home_kind: str | None
    home_place: str | None
    home_position: int | None
    home_dock_silent_since: datetime | None
    badge: str | None
    battery_health_percent: int | None
    battery_hours: float | None
    clips_waiting: int
    offload: str
    faults: str
    clock_wrong: bool
    elsewhere: str | None
    heard_at: datetime | None
    since: datetime | None

    @property
    def name(self) -> str:
        return codes.name(self.number)

    @property
    def home(self) -> str:
        """The bay it belongs in, D03-5; empty without one."""
        return f"{self.home_dock}-{self.home_position}" if self.home_dock else ""

    @property
    def place(self) -> tuple[str, int, str, int, int]:
        """Where it stands on the board: by station, docks before vehicles, bays as mounted."""
        return (
            self.station_code,
            KINDS.index(self.home_kind),
            self.home_dock or "\uffff",
            self.home_position or 0,
            self.number,
        )


@dataclass(frozen=True)
class Wanted:
    """What somebody wants to see; empty fields mean everything.

    ``badges``: whether the text may find a camera by its officer's badge number.
    """

    bucket: Bucket | None = None
    text: str = ""
    station: str = ""
    dock: str = ""
    badges: bool = False


NOT_RETIRED = "c.service_state <> 'retired'"


def cards(reach: Visible, ids: Collection[int], policy: Policy = POLICY) -> list[Card]:
    """The cards of these cameras, as far as ``reach`` goes, in no order."""
    conditions = ["c.id = ANY(%(ids)s)", *_within(reach)]
    return _read(conditions, policy=policy, reach=reach, ids=list(ids))


def all_cards(reach: Visible, most: int, policy: Policy = POLICY) -> list[Card] | None:
    """Every card within reach, as they stand on the board; None if there are more than ``most``."""
    found = _read(_within(reach), "LIMIT %(most)s", policy=policy, reach=reach, most=most + 1)
    return None if len(found) > most else sorted(found, key=lambda card: card.place)


def page(
    reach: Visible, wanted: Wanted, after: str, size: int, policy: Policy = POLICY
) -> tuple[list[Card], str]:
    """At most ``size`` cards that are wanted, by dock and bay, and where the next page starts.

    For fleets that do not fit on one page: a text has to be a whole number, serial number,
    badge or dock, so that an index finds it. Cameras without a home bay come last.
    """
    homeless = after.startswith("~")
    found = [] if homeless else _homed(reach, wanted, after, size + 1, policy)
    if len(found) <= size:
        number = int(after[1:]) if homeless and after[1:].isdigit() else -1
        found += _homeless(reach, wanted, number, size + 1 - len(found), policy)
    if len(found) <= size:
        return found, ""
    last = found[size - 1]
    return found[:size], last.home or f"~{last.number}"


def count(reach: Visible, policy: Policy = POLICY) -> dict[Bucket, int]:
    """How many cameras are in each bucket, within reach; they add up to all of them."""
    where = " AND ".join(_within(reach))
    sql = f"SELECT {BUCKET} AS bucket, count(*) {COUNTED} WHERE {where} GROUP BY 1"
    with connection.cursor() as cursor:
        cursor.execute(sql, _given(reach, policy))
        found = {Bucket(bucket): number for bucket, number in cursor.fetchall()}
    return {bucket: found.get(bucket, 0) for bucket in Bucket}


def tally(shown: Iterable[Card]) -> dict[Bucket, int]:
    """The same count, from cards that were already read."""
    counts = dict.fromkeys(Bucket, 0)
    for card in shown:
        counts[card.bucket] += 1
    return counts


def _homed(reach: Visible, wanted: Wanted, after: str, size: int, policy: Policy) -> list[Card]:
    dock, _, position = after.rpartition("-")
    conditions = [*_within(reach), *_as_wanted(wanted), "c.home_bay_id IS NOT NULL"]
    conditions += ["hd.code IS NOT NULL"]
    if dock and position.isdigit():
        conditions += ["(hd.code, hb.position) > (%(dock)s, %(position)s)", "hd.code >= %(dock)s"]
    return _read(
        conditions,
        "ORDER BY hd.code, hb.position LIMIT %(size)s",
        policy=policy,
        reach=reach,
        dock=dock,
        position=int(position or 0) if position.isdigit() else 0,
        size=size,
        **_values(wanted),
    )


def _homeless(reach: Visible, wanted: Wanted, number: int, size: int, policy: Policy) -> list[Card]:
    conditions = [*_within(reach), *_as_wanted(wanted)]
    conditions += ["c.home_bay_id IS NULL", "c.number > %(number)s"]
    return _read(
        conditions,
        "ORDER BY c.number LIMIT %(size)s",
        policy=policy,
        reach=reach,
        number=number,
        size=size,
        **_values(wanted),
    )


def _within(reach: Visible) -> list[str]:
    if reach.officer_id is not None:
        return [NOT_RETIRED, "c.officer_id = %(officer)s"]
    if reach.stations is not None:
        return [NOT_RETIRED, "c.station_id = ANY(%(stations)s)"]
    return [NOT_RETIRED]


def _as_wanted(wanted: Wanted) -> list[str]:
    conditions = []
    if wanted.bucket:
        conditions += [f"{BUCKET} = %(bucket)s", STANDS_IN.get(wanted.bucket, IN_SERVICE)]
    if wanted.station:
        conditions.append("s.code = %(station)s")
    if wanted.dock:
        conditions.append("hd.code = %(home)s")
    if wanted.text:
        conditions.append(f"c.id IN ({CALLED})")
    return conditions


def _values(wanted: Wanted) -> dict[str, Any]:
    digits = wanted.text.upper().removeprefix("C")
    called = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None
    return {
        "bucket": wanted.bucket,
        "station": wanted.station,
        "home": wanted.dock,
        "text": wanted.text.upper(),
        "called": called,
        "badges": wanted.badges,
    }


def _given(reach: Visible, policy: Policy) -> dict[str, Any]:
    return {
        "charged": policy.charged_percent,
        "officer": reach.officer_id,
        "stations": sorted(reach.stations or ()),
    }


def _read(
    conditions: list[str], tail: str = "", *, policy: Policy, reach: Visible, **values: Any
) -> list[Card]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"{SHOWN} WHERE {' AND '.join(conditions)} {tail}",
            {**_given(reach, policy), **values},
        )
        return [_card(row, policy) for row in cursor.fetchall()]


def _card(row: tuple[Any, ...], policy: Policy) -> Card:
    facts = Facts(*row[:8])
    return Card(bucket(facts, policy) or Bucket.UNKNOWN, facts, *row[8:])
