"""What a file would do to what is there. Pure: the same for the preview and for the act."""

import hashlib
from bisect import bisect
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from enum import StrEnum
from functools import partial
from typing import Any, ClassVar

from devices.inventory.codes import ending
from devices.inventory.imports.cells import shown, skeleton
from devices.inventory.imports.reading import Table
from devices.inventory.imports.sheet import Final, Key, Known, Row, RowError, Sheet, Values
from devices.inventory.naming import Name, What, clashes

MOST_HINTS = 5  # past these the file is of another fleet, and looking costs time
BESIDE = 100  # names before and after, among which the one that was meant is looked for
MOST_OTHERS = 3  # named in one error
MOST_NOTES = 50


@dataclass(frozen=True)
class Change:
    """What a line of the file would do to the row that ``key`` names."""

    what: ClassVar[str]
    line: int
    key: Key

    @property
    def name(self) -> str:
        return " ".join(map(str, self.key))


@dataclass(frozen=True)
class Added(Change):
    what = "added"
    values: Values

    @property
    def sentences(self) -> list[str]:
        told = ((name, value) for name, value in self.values.items() if value not in (None, "", ()))
        return [f"{name}: {shown(value)}" for name, value in told]


@dataclass(frozen=True)
class Changed(Change):
    """``fields``: column to (before, after), only those that differ."""

    what = "changed"
    fields: Mapping[str, tuple[Any, Any]]

    @property
    def sentences(self) -> list[str]:
        return self.sentences_without(())

    def by_endings(self, secret: Collection[str]) -> list[str]:
        """The same, with the codes in secret columns known by their endings."""
        cut = {
            name: (tuple(map(ending, old)), tuple(map(ending, new)))
            for name, (old, new) in self.fields.items()
            if name in secret
        }
        return replace(self, fields={**self.fields, **cut}).sentences

    def sentences_without(self, hidden: Collection[str]) -> list[str]:
        """The same, with what stood in the hidden columns left out; the file's own words stay."""
        return [
            f"{name}: {'not shown' if name in hidden else shown(old)} → {shown(new)}"
            for name, (old, new) in self.fields.items()
        ]


@dataclass(frozen=True)
class Removed(Change):
    """A row that stands in no line of the file, and goes because of that."""

    what = "taken off"

    @property
    def sentences(self) -> list[str]:
        return []


@dataclass(frozen=True)
class Plan:
    """Every change and every error. With one error nothing is done.

    ``notes`` are sentences about what is right and yet worth knowing. ``malformed`` are the
    errors of rows that could not even be read; they stand among ``errors`` too.
    """

    kind: StrEnum
    added: list[Added] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    removed: list[Removed] = field(default_factory=list)
    unchanged: int = 0
    errors: list[RowError] = field(default_factory=list)
    malformed: Sequence[RowError] = ()
    notes: list[str] = field(default_factory=list)

    @property
    def digest(self) -> str:
        """Stands for these changes: what was shown is what is done, or nothing is."""
        changes = (self.added, self.changed, self.removed)
        told = repr((self.kind.value, *changes, self.unchanged, self.errors))
        return hashlib.sha256(told.encode()).hexdigest()

    @property
    def changes(self) -> list[Added | Changed | Removed]:
        """What would be done: first what goes, then in the order of the file."""
        found: list[Added | Changed | Removed] = [*self.removed, *self.added, *self.changed]
        return sorted(found, key=lambda one: one.line)

    @property
    def sentence(self) -> str:
        """What the file would do, in words."""
        if self.errors:
            rows = len({error.line for error in self.errors})
            return f"{_count(rows, 'row')} cannot be taken, so nothing will be imported."
        if not self.changes:
            return f"All {self.unchanged:,} rows are as they stand here: nothing would change."
        off = f" {len(self.removed):,} taken off," if self.removed else ""
        return (
            f"{len(self.added):,} would be added, {len(self.changed):,} changed,{off}"
            f" {self.unchanged:,} stay as they are."
        )


def _count(number: int, what: str) -> str:
    return f"1 {what}" if number == 1 else f"{number:,} {what}s"


def judge(kind: StrEnum, sheet: Sheet, table: Table, known: Known) -> Plan:
    """What this table would do."""
    plan, unchanged = Plan(kind, errors=list(table.errors), malformed=table.errors), 0
    seen: dict[Key, int] = {}
    final: dict[Key, tuple[int, Values]] = {key: (0, row) for key, row in known.rows.items()}
    for row in table.rows:
        key = sheet.named(row.values)
        if first := seen.get(key):
            plan.errors.append(_twice(sheet, row, first))
            continue
        seen[key] = row.line
        before = known.rows.get(key)
        if beyond := list(_beyond_reach(row, before, known)):
            plan.errors.extend(beyond)  # and nothing of what stands there
            continue
        if sheet.complete is not None:
            row = sheet.complete(row, before, known)  # noqa: PLW2901
        hints = known.stations is None and len(plan.errors) < MOST_HINTS  # a hint names others
        plan.errors.extend(_wrong(sheet, row, known, hints=hints))
        after = {**_defaults(sheet), **(before or {}), **row.values}
        final[key] = (row.line, after)
        unchanged += not _sort_in(plan, row, key, before, after)
    if sheet.removes is not None:
        for key in list(sheet.removes(final, known)):
            plan.removed.append(Removed(0, key))
            del final[key]
    _hold_together(plan, sheet, final, known)
    plan.errors.sort(key=lambda error: error.line)
    return replace(plan, unchanged=unchanged, notes=_few(plan.notes))


def _hold_together(plan: Plan, sheet: Sheet, final: Final, known: Known) -> None:
    """Put into the plan what is wrong, or worth knowing, of all rows beside each other."""
    call = partial(_called, sheet, known, final)
    plan.errors.extend(_shared(sheet, final, call))
    alike = list(_scanned_alike(sheet, final, known))
    plan.errors.extend(one for one in alike if isinstance(one, RowError))
    plan.notes.extend(one for one in alike if isinstance(one, str))
    plan.errors.extend(_look_alikes(sheet, final, call))
    if sheet.whole is not None:
        plan.errors.extend(sheet.whole(_sound(plan, final), known))
    if sheet.notes is not None:
        plan.notes.extend(sheet.notes(_sound(plan, final), known))


def _sound(plan: Plan, final: Final) -> Final:
    """The rows of which nothing is wrong so far."""
    refused = {error.line for error in plan.errors}
    return {key: one for key, one in final.items() if one[0] not in refused}


def _twice(sheet: Sheet, row: Row, first: int) -> RowError:
    column = sheet.key[0]
    if len(sheet.key) == 1:
        return row.error(column, f"stands in line {first} already")
    return RowError(row.line, column, f"The same {sheet.one} stands in line {first} already.")


def _defaults(sheet: Sheet) -> dict[str, Any]:
    return {column.name: column.empty for column in sheet.columns}


def _sort_in(plan: Plan, row: Row, key: Key, before: Values | None, after: Values) -> bool:
    """Put the row where it belongs, and what is to be said of it; says whether it would change
    anything."""
    plan.notes.extend(row.notes)
    if before is None:
        plan.added.append(Added(row.line, key, after))
        return True
    fields = {
        name: (before[name], value) for name, value in row.values.items() if before[name] != value
    }
    if fields:
        plan.changed.append(Changed(row.line, key, fields))
    return bool(fields)


def _wrong(sheet: Sheet, row: Row, known: Known, *, hints: bool) -> Iterable[RowError]:
    """What this row says of others that is not so, or that its importer may not say."""
    before = known.rows.get(sheet.named(row.values))
    for column, what in sheet.refers.items():
        value, names = row.values.get(column), known.names[what]
        if value is not None and value not in names:
            hinted = hints and (what != What.OFFICER or known.names_officers)
            yield row.error(column, _no_such(what, value, names if hinted else ()))
    for check in sheet.checks:
        yield from check(row, before, known)


def _no_such(what: str, value: Any, names: Collection[Any]) -> str:
    near = _near(shown(value), sorted(map(shown, names)))
    hint = f"; perhaps {near[0]} is meant" if near else f"; import the {what} first"
    return f"names {shown(value)}, which is not known{hint}"


def _near(value: str, names: Sequence[str]) -> list[str]:
    """The name that was meant, if it stands close by in the order of names."""
    place = bisect(names, value)
    return get_close_matches(value, names[max(0, place - BESIDE) : place + BESIDE], 1)


def _beyond_reach(row: Row, before: Values | None, known: Known) -> Iterable[RowError]:
    if known.stations is None:
        return
    told: set[Any] = {row.values.get("station"), (before or row.values).get("station")}
    for station in sorted(told - {None}):
        if station not in known.stations:
            yield row.error("station", f"{station} is not one of yours")


Call = Callable[[Key], str]


def _called(sheet: Sheet, known: Known, final: Final, key: Key) -> str:
    """How an error names a row; those of other stations keep their names to themselves."""
    _, values = final[key]
    # Kinds of files without a station are the whole department's.
    return _by_name(f"{sheet.one} {shown(key[0])}", values.get("station"), known)


def _by_name(name: str, station: str | None, known: Known) -> str:
    beyond = known.stations is not None and station and station not in known.stations
    return "somebody at another station" if beyond else name


def _shared(sheet: Sheet, final: Final, call: Call) -> Iterable[RowError]:
    """Two rows, of the file or of the file and the inventory, that claim the same thing."""
    for column in sheet.unique:
        claims: dict[Any, list[tuple[int, Key]]] = defaultdict(list)
        for key, (line, values) in final.items():
            for value in _claimed(values[column]):
                claims[value].append((line, key))
        for value, found in claims.items():
            if len(found) > 1:
                yield from _blamed(column, f"{shown(value)} also belongs to", found, call)


def _claimed(value: Any) -> Sequence[Any]:
    match value:
        case None | "":
            return ()
        case str():
            return (value.upper(),)
        case (str(), int()):
            return (value,)
        case tuple():
            return value
    return (value,)


_PRINTED = (What.BAY, What.CARD)


def _scanned_alike(sheet: Sheet, final: Final, known: Known) -> Iterable[RowError | str]:
    """Codes of a row by which a scan would find another one, of this kind or of another: errors,
    and notes of what this file does not bring about or nobody can choose."""
    if not sheet.scanned:
        return
    for claimed in clashes([*known.named, *_names(sheet, final, known)]):
        one = max(claimed, key=lambda each: (bool(each.line), each.new, each.line))
        others = [each for each in claimed if each.owner != one.owner]
        if one.line and {(each.column, each.code) for each in others} != {(one.column, one.code)}:
            called = dict.fromkeys(_whose(each, sheet, known) for each in others)
            said = f"{one.column} {one.code} also belongs to {_some([*called])}."
            if one.column == "serial" and all(each.what in _PRINTED for each in others):
                yield f"Line {one.line}: {said} Scan the camera's own label, not the maker's."
            elif one.new:
                yield RowError(one.line, one.column, said)
            else:  # to be mended in its own time
                yield f"Line {one.line}: {said} So it was before; a scan finds one of them alone."


def _names(sheet: Sheet, final: Final, known: Known) -> Iterable[Name]:
    for key, (line, values) in final.items():
        before = known.rows.get(key, {})
        for column in sheet.scanned:
            had = {code.upper() for code in _claimed(before.get(column))}
            for code in _claimed(values[column]):
                yield Name(
                    code.upper(),
                    What(sheet.one),
                    str(key[0]),
                    column,
                    values["station"],
                    line,
                    new=code.upper() not in had,
                )


def _whose(one: Name, sheet: Sheet, known: Known) -> str:
    """Who has a code, as far as the importer may know: whose a badge is stays with those who see
    officers, or a file of guesses would tell."""
    if one.what is What.OFFICER and sheet.one != What.OFFICER and not known.names_officers:
        return "an officer"
    return _by_name(one.owner, one.station, known)


def _few(notes: list[str]) -> list[str]:
    more = len(notes) - MOST_NOTES
    return [*notes[:MOST_NOTES], f"And {more:,} more such."] if more > 0 else notes


def _look_alikes(sheet: Sheet, final: Final, call: Call) -> Iterable[RowError]:
    """Two different serial numbers that people cannot tell apart: one is a typing error."""
    for column in sheet.looks:
        twins: dict[str, dict[str, tuple[int, Key]]] = defaultdict(dict)
        for key, (line, values) in final.items():
            if values[column]:
                twins[skeleton(values[column])][values[column].upper()] = (line, key)
        for found in twins.values():
            if len(found) > 1:
                said = " and ".join(sorted(found)[:MOST_OTHERS])
                yield from _blamed(column, f"{said} look alike; compare", [*found.values()], call)


def _blamed(column: str, what: str, found: list[tuple[int, Key]], call: Call) -> Iterable[RowError]:
    """One error at the last line of the file that takes part; none if no line does."""
    line, key = max(found, key=lambda one: one[0])
    if line:
        others = [call(other) for _, other in found if other != key]
        yield RowError(line, column, f"{column} {what} {_some(others)}.")


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_OTHERS:,} more" if names[MOST_OTHERS:] else ""
    return f"{', '.join(names[:MOST_OTHERS])}{more}"
