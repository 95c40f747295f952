"""Reading cards: one query for any number of them, and counts that cost no cards."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from devices import planned
from devices.access.people import Visible
from devices.board.rules import Bucket, Facts, bucket, standing
from devices.board.sql import BUCKET, CALLED, IN_SERVICE, MINE, SHOWN, STANDING, STANDS_IN
from devices.inventory import codes
from devices.policy import Policy
from devices.readiness import facts
from devices.readiness.facts import Known
from devices.readiness.rules import Fit, Readiness
from devices.readiness.silence import Holder, WhySilent, why_silent
from devices.readiness.sql import COUNTED, given

KINDS = ("multi", "single", "vehicle", None)  # of home docks, in the order they hang


class Homed:
    """A camera with its place on the board, today or at another moment."""

    __slots__ = ()
    number: int
    station_code: str
    home_dock: str | None
    home_kind: str | None
    home_position: int | None

    @property
    def name(self) -> str:
        return codes.name(self.number)

    @property
    def home(self) -> str:
        """The bay it belongs in, D03-5; empty without one."""
        return f"{self.home_dock}-{self.home_position}" if self.home_dock else ""

    @property
    def order(self) -> tuple[str, int, str, int, int]:
        """Where it stands on the board: by station, docks before vehicles, bays as mounted."""
        return (
            self.station_code,
            KINDS.index(self.home_kind),
            self.home_dock or "\uffff",
            self.home_position or 0,
            self.number,
        )

    @property
    def page_order(self) -> tuple[bool, str, int, int]:
        """Where it stands among pages: docks by code, bays as mounted, then the homeless."""
        return (not self.home, self.home_dock or "", self.home_position or 0, self.number)


class Custody(NamedTuple):
    """Who answers for a camera now: how, until when, and instead of which own camera's number."""

    officer_id: int
    badge: str
    kind: str
    due_at: datetime | None = None
    loan_of: int | None = None

    @classmethod
    def of(cls, row: Sequence[str | None] | None) -> "Custody | None":
        """From `sql.HELD_NOW`."""
        if row is None:
            return None
        officer, badge, kind, due, loan_of = row
        due_at = datetime.fromtimestamp(float(due), UTC) if due else None
        own = int(loan_of) if loan_of else None
        return cls(int(officer or 0), badge or "", kind or "", due_at, own)


@dataclass(frozen=True, slots=True)
class Card(Homed):
    """What the board knows of one camera.

    ``home_…`` is the bay it belongs in and ``place`` the bay it sits in (D03-5), if it does.
    ``silent`` says why nothing is heard of it. ``readiness`` is for a usual shift that begins now.
    ``officer_id`` and ``badge`` are whose own it is, ``custody`` who holds it now. ``on_spare`` is
    the number of the spare its officer is on instead.
    """

    bucket: Bucket
    facts: Facts
    known: Known
    readiness: Readiness
    silent: WhySilent | None
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
    place: str | None
    since: datetime | None
    custody: Custody | None
    on_spare: int | None

    @property
    def holder_id(self) -> int | None:
        """Who answers for it now."""
        return self.custody.officer_id if self.custody else None

    @property
    def worn_by(self) -> str | None:
        """The badge number of who holds it now, else of whose own it is."""
        return self.custody.badge if self.custody else self.badge

    @property
    def taken(self) -> bool:
        """Whether it is away and nobody answers for it: taken without a check-out."""
        away = self.bucket in (Bucket.OUT, Bucket.RECORDING) and self.facts.docked is False
        return away and self.custody is None and self.officer_id is None

    @property
    def standing(self) -> Fit | None:
        """Whether it is ready; None where nobody asks."""
        return standing(self.bucket, self.readiness.fit)

    @property
    def elsewhere(self) -> str | None:
        """The bay it sits in, if that is not its own."""
        return self.place if self.place != self.home else None

    @property
    def heard_at(self) -> datetime | None:
        return self.known.heard_at

    @property
    def faults(self) -> Sequence[str]:
        """The codes it says of itself."""
        return self.known.said_faults or ()


@dataclass(frozen=True)
class Wanted:
    """What somebody wants to see; empty fields mean everything.

    ``badges``: whether the text may find a camera by the badge number of its officer or holder.
    """

    bucket: Bucket | None = None
    ready: Fit | None = None
    text: str = ""
    station: str = ""
    dock: str = ""
    badges: bool = False


NOT_RETIRED = "c.service_state <> 'retired'"


@dataclass(frozen=True)
class Asked:
    """When and by which numbers cameras are judged."""

    now: datetime
    policy: Policy


def cards(reach: Visible, ids: Collection[int], asked: Asked) -> list[Card]:
    """The cards of these cameras, as far as ``reach`` goes, in no order."""
    conditions = ["c.id = ANY(%(ids)s)", *_within(reach)]
    return _read(conditions, asked=asked, reach=reach, ask=planned.select, ids=list(ids))


def all_cards(reach: Visible, most: int, asked: Asked) -> list[Card] | None:
    """Every card within reach, as they stand on the board; None if there are more than ``most``."""
    limit = f"LIMIT {most + 1}"  # in the statement, so that its plan is for that many
    found = _read(_within(reach), limit, asked=asked, reach=reach, ask=planned.select)
    return None if len(found) > most else sorted(found, key=lambda card: card.order)


def page(
    reach: Visible, wanted: Wanted, after: str, size: int, asked: Asked
) -> tuple[list[Card], str]:
    """At most ``size`` cards that are wanted, by dock and bay, and where the next page starts.

    For fleets that do not fit on one page: a text has to be a whole number, serial number,
    badge or dock, so that an index finds it. Cameras without a home bay come last.
    """
    homeless = after.startswith("~")
    found = [] if homeless else _homed(reach, wanted, after, size + 1, asked)
    if len(found) <= size:
        number = int(after[1:]) if homeless and after[1:].isdigit() else -1
        found += _homeless(reach, wanted, number, size + 1 - len(found), asked)
    if len(found) <= size:
        return found, ""
    last = found[size - 1]
    return found[:size], last.home or f"~{last.number}"


def count(reach: Visible, asked: Asked) -> dict[Bucket, int]:
    """How many cameras are in each bucket, within reach; they add up to all of them."""
    where = " AND ".join(_within(reach))
    sql = f"SELECT {BUCKET} AS bucket, count(*) {COUNTED} WHERE {where} GROUP BY 1"
    found = {Bucket(name): number for name, number in facts.select(sql, **_given(reach, asked))}
    return {bucket: found.get(bucket, 0) for bucket in Bucket}


def count_standing(reach: Visible, asked: Asked) -> dict[Fit, int]:
    """How many cameras are ready, not ready and not known, of those about which one asks."""
    where = " AND ".join([*_within(reach), IN_SERVICE])
    sql = f"SELECT {STANDING} AS standing, count(*) {COUNTED} WHERE {where} GROUP BY 1"
    found = dict(facts.select(sql, **_given(reach, asked)))
    return {fit: found.get(fit.value, 0) for fit in Fit}


def tally(shown: Iterable[Card]) -> dict[Bucket, int]:
    """The same count of buckets, from cards that were already read."""
    counts = dict.fromkeys(Bucket, 0)
    for card in shown:
        counts[card.bucket] += 1
    return counts


def tally_standing(shown: Iterable[Card]) -> dict[Fit, int]:
    """The same count of readiness, from cards that were already read."""
    counts = dict.fromkeys(Fit, 0)
    for card in shown:
        if card.standing is not None:
            counts[card.standing] += 1
    return counts


def _homed(reach: Visible, wanted: Wanted, after: str, size: int, asked: Asked) -> list[Card]:
    dock, _, position = after.rpartition("-")
    conditions = [*_within(reach), *_as_wanted(wanted), "c.home_bay_id IS NOT NULL"]
    conditions += ["hd.code IS NOT NULL"]
    if dock and position.isdigit():
        conditions += ["(hd.code, hb.position) > (%(dock)s, %(position)s)", "hd.code >= %(dock)s"]
    return _read(
        conditions,
        "ORDER BY hd.code, hb.position LIMIT %(size)s",
        asked=asked,
        reach=reach,
        dock=dock,
        position=int(position or 0) if position.isdigit() else 0,
        size=size,
        **_values(wanted),
    )


def _homeless(reach: Visible, wanted: Wanted, number: int, size: int, asked: Asked) -> list[Card]:
    conditions = [*_within(reach), *_as_wanted(wanted)]
    conditions += ["c.home_bay_id IS NULL", "c.number > %(number)s"]
    return _read(
        conditions,
        "ORDER BY c.number LIMIT %(size)s",
        asked=asked,
        reach=reach,
        number=number,
        size=size,
        **_values(wanted),
    )


def _within(reach: Visible) -> list[str]:
    if reach.officer_id is not None:
        return [NOT_RETIRED, MINE]
    if reach.stations is not None:
        return [NOT_RETIRED, "c.station_id = ANY(%(stations)s)"]
    return [NOT_RETIRED]


def _as_wanted(wanted: Wanted) -> list[str]:
    conditions = []
    if wanted.bucket:
        conditions += [f"{BUCKET} = %(bucket)s", STANDS_IN.get(wanted.bucket, IN_SERVICE)]
    if wanted.ready:
        conditions += [f"{STANDING} = %(ready)s", IN_SERVICE]
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
        "ready": wanted.ready,
        "station": wanted.station,
        "home": wanted.dock,
        "text": wanted.text.upper(),
        "called": called,
        "badges": wanted.badges,
    }


def _given(reach: Visible, asked: Asked) -> dict[str, Any]:
    return {
        "charged": asked.policy.charged_percent,
        "officer": reach.officer_id,
        "stations": sorted(reach.stations or ()),
        **given(asked.policy, asked.now),
    }


def _read(
    conditions: list[str],
    tail: str = "",
    *,
    asked: Asked,
    reach: Visible,
    ask: Callable[..., list[tuple[Any, ...]]] = facts.select,
    **values: Any,
) -> list[Card]:
    sql = f"{SHOWN} WHERE {' AND '.join(conditions)} {tail}"
    return [_card(row, asked) for row in ask(sql, **_given(reach, asked), **values)]


def _card(row: tuple[Any, ...], asked: Asked) -> Card:
    known = facts.known(row[: facts.COLUMNS])
    placed = Facts(
        known.service_state,
        known.hearing,
        known.docked,
        known.displaced,
        known.radio,
        known.mode,
        known.battery_state,
        known.battery_percent,
    )
    where = bucket(placed, asked.policy) or Bucket.UNKNOWN
    readiness = known.judged(None, asked.policy, asked.now)
    *beside, custody_row, on_spare, duty_ends_at = row[facts.COLUMNS :]
    custody = Custody.of(custody_row)
    holder = Holder(custody.due_at if custody else None, duty_ends_at)
    silent = why_silent(
        known,
        place=beside[_PLACE] or "",
        held=holder if custody or beside[_OFFICER] else None,
        policy=asked.policy,
        now=asked.now,
    )
    shown = (*beside, custody, on_spare)
    return Card(where, placed, known, readiness, silent, *shown)


# Where they stand in a row of `sql.SHOWN`, behind what is known.
_OFFICER, _PLACE = 3, -2
