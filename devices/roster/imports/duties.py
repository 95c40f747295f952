"""The rows of the roster's own file: when each is, what makes it wrong, and what is right and yet
worth knowing. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from itertools import pairwise

from devices.inventory.imports.sheet import Final, Key, Known, Row, RowError, Values
from devices.roster import rules
from devices.roster.imports.facts import Facts
from devices.roster.rules import Held, Hours, Span, Wanted

A_DAY = timedelta(days=1)
_TIMES = ("begins", "ends")
MOST_NAMED = 10  # in one sentence of a preview


def as_usual(row: Row, before: Values | None, known: Known) -> Row:
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
    told = _days_told(values, hours, zone)
    begins_at, ends_at = (
        rules.instant(told[name], values[name], zone) if name in told else usual
        for name, usual in zip(_TIMES, (shift.begins_at, shift.ends_at), strict=True)
    )
    return Span(begins_at, ends_at)


def _days_told(values: Values, hours: Hours, zone: tzinfo) -> dict[str, date]:
    """Of which day each time is that a duty tells."""
    begins_at = rules.span_of(hours, values["date"], zone).begins_at
    found: dict[str, date] = {}
    if (at := values["begins"]) is not None:
        near = {rules.instant(on, at, zone): on for on in _days(values["date"], -1, 0, 1)}
        begins_at = min(near, key=lambda each: abs(each - begins_at))
        found["begins"] = near[begins_at]
    if (at := values["ends"]) is not None:
        later = _days(begins_at.astimezone(zone).date(), 0, 1, 2)
        found["ends"] = next(on for on in later if rules.instant(on, at, zone) > begins_at)
    return found


def _days(on: date, *away: int) -> list[date]:
    return [on + n * A_DAY for n in away]


def fits(row: Row, before: Values | None, known: Known) -> Iterator[RowError]:
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
    days = _days_told(told, hours, facts.zone)
    skipped = {name: rules.skipped(on, told[name], facts.zone) for name, on in days.items()}
    if any(skipped.values()):
        yield from (RowError(row.line, name, said) for name, said in skipped.items() if said)
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


@dataclass(frozen=True)
class _Placed:
    """A duty of an officer as it would stand: in which line (0: none), of which day (None: not
    one of the file's), and whether this file makes it what it is."""

    held: Held
    line: int = 0
    on: date | None = None
    fresh: bool = False


def _by_badge(final: Final, known: Known) -> dict[str, list[_Placed]]:
    """Each officer's duties in order of time."""
    facts: Facts = known.more
    found: dict[str, list[_Placed]] = defaultdict(list)
    for key, (line, values) in final.items():
        kind = facts.kinds.get(values["shift"])
        if kind is not None:
            span = span_told(values, kind.hours, facts.zone) if line else values["span"]
            before = known.rows.get(key)
            fresh = before is None or any(before[name] != values[name] for name in _TIMES)
            held = Held(span, kind.on(values["date"]))
            found[values["badge_number"]].append(_Placed(held, line, values["date"], fresh))
    for badge, duties in found.items():
        duties += [_Placed(held) for held in facts.others.get(badge, ())]
        duties.sort(key=lambda one: one.held.span.begins_at)
    return found


def never_on_two_at_once(final: Final, known: Known) -> Iterator[RowError]:
    for badge, duties in _by_badge(final, known).items():
        for one, other in pairwise(duties):
            last = max(one.line, other.line)
            if last and one.held.span.overlaps(other.held.span):
                mine, its = (one, other) if last == one.line else (other, one)
                said = rules.clash(badge, mine.held.says, mine.held.span, its.held)
                yield RowError(last, "badge_number", said)


def worth_knowing(final: Final, known: Known) -> Iterator[str]:
    """What clocks do to the shifts that the file names and to its times, who would be on twice,
    and who is on these shifts and not in the file."""
    yield from _unusual(final, known)
    yield from dict.fromkeys(_ambiguous(final, known))
    yield from _twice(final, known)
    yield from _staying(final, known)


def _unusual(final: Final, known: Known) -> Iterator[str]:
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


def _ambiguous(final: Final, known: Known) -> Iterator[str]:
    facts: Facts = known.more
    for line, values in final.values():
        kind = facts.kinds.get(values["shift"])
        if line and kind is not None:
            for name, on in _days_told(values, kind.hours, facts.zone).items():
                if said := rules.shown_twice(on, values[name], facts.zone):
                    yield said


def _twice(final: Final, known: Known) -> Iterator[str]:
    """Whom this file puts on a second shift beside one, whoever gave them that."""
    joined, of_a_day = list[str](), list[str]()
    by_badge = _by_badge(final, known)
    for badge in sorted(by_badge, key=_in_order):
        for one, other in pairwise(by_badge[badge]):
            rest = other.held.span.begins_at - one.held.span.ends_at
            if rest < timedelta() or not (one.fresh or other.fresh):
                continue  # at once is an error: if a refused row hid it, it is said later
            said = f"{badge} ({one.held.says} and {other.held.says})"
            if rest <= known.more.handover:
                joined.append(said)
            elif one.on is not None and one.on == other.on:
                of_a_day.append(said)
    if joined:
        yield f"On a double shift by this file, so that a camera has to last: {some(joined)}."
    if of_a_day:
        yield f"On two shifts of one day by this file: {some(of_a_day)}."


def _staying(final: Final, known: Known) -> Iterator[str]:
    keys = sorted(not_named(final, known), key=lambda key: (key[:3], _in_order(key[3])))
    if not keys:
        return
    duties = (
        "1 duty on these shifts is"
        if len(keys) == 1
        else f"{len(keys):,} duties on these shifts are"
    )
    stays = f"{duties} not in the file and {'stays' if len(keys) == 1 else 'stay'}"
    names = f": {some([_named(key) for key in keys])}" if known.names_officers else ""
    yield f"{stays}{names}."


def not_named(final: Final, known: Known) -> list[Key]:
    """Who is on the shifts that the file names, and not in the file; what is over is left out."""
    shifts = {key[:3] for key, (line, _) in final.items() if line}
    return [
        key
        for key, (line, values) in final.items()
        if not line and key[:3] in shifts and values["shift_ends_at"] > known.more.now
    ]


def _named(key: Key) -> str:
    on, shift, _, badge = key
    return f"{badge} ({shift} {on:%-d %b})"


def _in_order(badge: str) -> tuple[int, str]:
    return len(badge), badge


def some(names: Sequence[str]) -> str:
    """The first of them, and how many more there are."""
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
