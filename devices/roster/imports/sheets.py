"""The three files of the roster, column by column, and what makes a row of them wrong. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Any

from devices.inventory.imports import cells
from devices.inventory.imports.cells import Column, Unfit
from devices.inventory.imports.sheet import Final, Known, Row, RowError, Sheet, Values
from devices.roles import Act
from devices.roster import rules
from devices.roster.imports import duties
from devices.roster.rules import Hours

MOST_RESERVE = 99
ENDLESS = date.max


class Kind(StrEnum):
    """In this order they load cleanly: each names only what those before it brought."""

    SHIFTS = "shifts"
    ROTATIONS = "rotations"
    ROSTER = "roster"


# The times of shifts are the whole department's.
ACT_OF = dict.fromkeys(Kind, Act.SET_ROSTER) | {Kind.SHIFTS: Act.DECIDE_POLICY}


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


def rotation_row(badge_number: str, told: Mapping[str, Any]) -> dict[str, str]:
    """The row of a file of rotations that says this of an officer: all of the rotation that begins
    on its ``first_on``, a date; ``last_on`` is one, or None: it goes on for good."""
    last_on = told["last_on"]
    return {
        "badge_number": badge_number,
        "shift": told["shift"],
        "pattern": told["pattern"],
        "first_on": told["first_on"].isoformat(),
        "last_on": last_on.isoformat() if last_on else "",
        "unit": told["unit"],
    }


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
        complete=duties.as_usual,
        checks=(duties.fits,),
        whole=duties.never_on_two_at_once,
        notes=duties.worth_knowing,
    ),
}
