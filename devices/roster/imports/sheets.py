"""The three files of the roster, column by column, and what makes a row of them wrong. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from itertools import pairwise

from devices.inventory.imports import cells
from devices.inventory.imports.cells import Column, Unfit
from devices.inventory.imports.sheet import Final, Known, Row, RowError, Sheet, Values
from devices.roles import Act
from devices.roster import rules
from devices.roster.rules import Held, Hours, Span, Wanted

MOST_RESERVE = 99
ENDLESS = date.max
A_DAY = timedelta(days=1)


class Kind(StrEnum):
    """In this order they load cleanly: each names only what those before it brought."""

    SHIFTS = "shifts"
    ROTATIONS = "rotations"
    ROSTER = "roster"


# The times of shifts are the whole department's.
ACT_OF = dict.fromkeys(Kind, Act.SET_ROSTER) | {Kind.SHIFTS: Act.DECIDE_POLICY}


@dataclass(frozen=True)
class Person:
    """What the checks ask of an officer."""

    station: str
    unit: str
    active: bool


@dataclass(frozen=True)
class KindOf:
    """A kind of shift, by its code."""

    name: str
    hours: Hours

    def on(self, on: date) -> str:
        """Evening of Tue 24 Nov."""
        return f"{self.name} of {rules.day(on)}"


@dataclass(frozen=True)
class Facts:
    """What the checks of rotations and duties want to know.

    ``others`` are duties of the file's officers near its days that the file could not name.
    """

    now: datetime
    zone: tzinfo
    kinds: Mapping[str, KindOf]
    people: Mapping[str, Person]
    others: Mapping[str, Sequence[Held]]


# --- Kinds of shifts -------------------------------------------------------------------------


def _hours_fit(row: Row, before: Values | None, _known: Known) -> Iterator[RowError]:
    told = {**(before or {}), **row.values}
    if said := rules.wrong_hours(told["name"], Hours(told["begins"], told["ends"])):
        yield RowError(row.line, "ends", said)


# --- Rotations -------------------------------------------------------------------------------


def pattern(cell: str) -> str:
    """Days on and off in turn."""
    if rules.pattern_days(cell) is None:
        raise Unfit(
            "is days on and off in turn, such as 5-2-4-2, of at most"
            f" {rules.LONGEST_CYCLE} days in all"
        )
    return cell


def _rotation_fits(row: Row, before: Values | None, known: Known) -> Iterator[RowError]:
    told = {**(before or {}), **row.values}
    first, last = told["first_on"], told.get("last_on")
    if last is not None and last < first:
        yield row.error("last_on", f"{last} lies before first_on {first}")
    person = known.more.people.get(told["badge_number"])
    if person is None:
        return
    if not person.active and (last is None or last >= known.more.now.date()):
        said = f"{told['badge_number']}, who has left, would go on; give the rotation a last_on"
        yield row.error("badge_number", said)
    if known.stations is not None and person.station not in known.stations:
        yield row.error("badge_number", f"{told['badge_number']} is not of a station of yours")


def _one_rotation_at_a_time(final: Final, _known: Known) -> Iterator[RowError]:
    by_badge: dict[str, list[tuple[date, date, int]]] = defaultdict(list)
    for line, values in final.values():
        spell = (values["first_on"], values["last_on"] or ENDLESS, line)
        by_badge[values["badge_number"]].append(spell)
    for badge, spells in by_badge.items():
        for (first, last, one), (following, _, other) in pairwise(sorted(spells)):
            line = max(one, other)
            if last >= following and line:
                until = "for good" if last == ENDLESS else f"until {last}"
                said = (
                    f"{badge} has a rotation from {first} {until}, and another from {following};"
                    f" let the first end before {following}."
                )
                yield RowError(line, "first_on", said)


# --- The roster ------------------------------------------------------------------------------


def _as_usual(row: Row, before: Values | None, known: Known) -> Row:
    """Hours that are the shift's own are not said; who says no unit is in the usual one."""
    told = dict(row.values)
    kind = known.more.kinds.get(told["shift"])
    if kind is not None:
        for column, usual in (("begins", kind.hours.begins), ("ends", kind.hours.ends)):
            if told.get(column) == usual:
                told[column] = None
    if not told.get("unit"):
        person = known.more.people.get(told["badge_number"])
        told["unit"] = before["unit"] if before else person.unit if person else ""
    return Row(row.line, told)


def span_told(values: Values, hours: Hours, zone: tzinfo) -> Span:
    """The two instants of a duty; times it does not tell are the shift's.

    ``begins`` is of the day that brings it nearest to the begin of the shift, ``ends`` the first
    such time after it.
    """
    shift = rules.span_of(hours, values["date"], zone)
    begins_at, ends_at = shift.begins_at, shift.ends_at
    if (at := values["begins"]) is not None:
        near = [rules.instant(values["date"] + n * A_DAY, at, zone) for n in (-1, 0, 1)]
        begins_at = min(near, key=lambda each: abs(each - shift.begins_at))
    if (at := values["ends"]) is not None:
        on = begins_at.astimezone(zone).date()
        later = [rules.instant(on + n * A_DAY, at, zone) for n in (0, 1, 2)]
        ends_at = next(each for each in later if each > begins_at)
    return Span(begins_at, ends_at)


def _duty_fits(row: Row, before: Values | None, known: Known) -> Iterator[RowError]:
    facts: Facts = known.more
    told = {"begins": None, "ends": None, **(before or {}), **row.values}
    kind, person = facts.kinds.get(told["shift"]), facts.people.get(told["badge_number"])
    if kind is None or person is None:
        return  # that is said already
    says, hours = kind.on(told["date"]), kind.hours
    if said := rules.too_far(told["date"], facts.now.astimezone(facts.zone).date()):
        yield RowError(row.line, "date", said)
        return
    shift = rules.span_of(hours, told["date"], facts.zone)
    if shift.lasts <= timedelta(0):
        yield RowError(row.line, "date", f"{says} does not take place: clocks skip it.")
        return
    if shift.ends_at <= facts.now and _differs(row, before):
        yield RowError(row.line, "date", f"{says} is over; what was, stays as it was.")
    if told["ends"] is not None and told["ends"] == told["begins"]:
        yield row.error("ends", f"at {told['ends']:%H:%M}, when it begins; it would have no end")
        return
    wanted = Wanted(
        badge=told["badge_number"],
        station=told["station"],
        officers_station=person.station,
        active=person.active,
        span=span_told(told, hours, facts.zone),
        shift=shift,
        says=says,
    )
    for reason in rules.why_not(wanted, ()):
        yield RowError(row.line, "badge_number", reason)


def _differs(row: Row, before: Values | None) -> bool:
    return before is None or any(before[name] != value for name, value in row.values.items())


def _never_on_two_at_once(final: Final, known: Known) -> Iterator[RowError]:
    facts: Facts = known.more
    by_badge: dict[str, list[tuple[Held, int]]] = defaultdict(list)
    for line, values in final.values():
        kind = facts.kinds.get(values["shift"])
        if kind is not None:
            span = span_told(values, kind.hours, facts.zone) if line else values["span"]
            by_badge[values["badge_number"]].append((Held(span, kind.on(values["date"])), line))
    for badge, duties in by_badge.items():
        duties += [(held, 0) for held in facts.others.get(badge, ())]
        duties.sort(key=lambda one: one[0].span.begins_at)
        for (one, line), (other, other_line) in pairwise(duties):
            last = max(line, other_line)
            if last and one.span.overlaps(other.span):
                mine, its = (one, other) if last == line else (other, one)
                said = rules.clash(badge, mine.says, mine.span, its)
                yield RowError(last, "badge_number", said)


def _unusual(final: Final, known: Known) -> Iterable[str]:
    """What clocks do to the shifts that the file names."""
    facts: Facts = known.more
    told = {
        (values["date"], values["shift"])
        for line, values in final.values()
        if line and values["shift"] in facts.kinds
    }
    for on, code in sorted(told, key=lambda one: (one[0], facts.kinds[one[1]].hours.begins)):
        kind = facts.kinds[code]
        if said := rules.unusual(kind.name, kind.hours, on, facts.zone):
            yield said


_BADGE = Column("badge_number", cells.code(20), required=True)
_SHIFT = Column("shift", cells.code(20), required=True)

SHEETS: Mapping[Kind, Sheet] = {
    Kind.SHIFTS: Sheet(
        one="shift",
        key=("code",),
        columns=(
            Column("code", cells.code(20), required=True),
            Column("name", cells.text(60), required=True),
            Column("begins", cells.time_of_day, required=True),
            Column("ends", cells.time_of_day, required=True),
            Column("reserve", cells.whole(0, MOST_RESERVE), empty=0),
        ),
        checks=(_hours_fit,),
    ),
    Kind.ROTATIONS: Sheet(
        one="rotation",
        key=("badge_number", "first_on"),
        columns=(
            _BADGE,
            _SHIFT,
            Column("pattern", pattern, required=True),
            Column("first_on", cells.day, required=True),
            Column("last_on", cells.day, empty=None),
            Column("unit", cells.text(60)),
        ),
        refers={"badge_number": "officer", "shift": "shift"},
        checks=(_rotation_fits,),
        whole=_one_rotation_at_a_time,
    ),
    Kind.ROSTER: Sheet(
        one="roster row",
        key=("date", "shift", "station", "badge_number"),
        columns=(
            Column("date", cells.day, required=True),
            _SHIFT,
            Column("station", cells.code(20), required=True),
            _BADGE,
            Column("unit", cells.text(60)),
            Column("begins", cells.time_of_day, empty=None),
            Column("ends", cells.time_of_day, empty=None),
        ),
        refers={"station": "station", "badge_number": "officer", "shift": "shift"},
        complete=_as_usual,
        checks=(_duty_fits,),
        whole=_never_on_two_at_once,
        notes=_unusual,
    ),
}
