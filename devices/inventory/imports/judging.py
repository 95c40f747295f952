"""What a file would do to what is there. Pure: the same for the preview and for the act."""

import hashlib
from bisect import bisect
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import partial
from typing import Any, ClassVar

from devices.inventory.imports.cells import shown, skeleton
from devices.inventory.imports.reading import Row, RowError, Table
from devices.inventory.imports.sheets import Kind, Sheet

Key = tuple[Any, ...]
Values = Mapping[str, Any]

MOST_HINTS = 5  # past these the file is of another fleet, and looking costs time
BESIDE = 100  # names before and after, among which the one that was meant is looked for
MOST_OTHERS = 3  # named in one error


@dataclass(frozen=True)
class Known:
    """What is there: the rows of this kind by key, and what they may refer to by name.

    ``models`` are how the known models of cameras are written, by maker and name in capitals.
    ``stations`` are the codes within the importer's reach; None means every one.
    """

    rows: Mapping[Key, Values]
    names: Mapping[str, Collection[Any]]
    models: Mapping[Key, Values] = field(default_factory=dict)
    stations: Collection[str] | None = None


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
        return [f"{name}: {shown(old)} → {shown(new)}" for name, (old, new) in self.fields.items()]


@dataclass(frozen=True)
class Plan:
    """Every change and every error. With one error nothing is done."""

    kind: Kind
    added: list[Added] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    unchanged: int = 0
    errors: list[RowError] = field(default_factory=list)

    @property
    def digest(self) -> str:
        """Stands for these changes: what was shown is what is done, or nothing is."""
        told = repr((self.kind.value, self.added, self.changed, self.unchanged, self.errors))
        return hashlib.sha256(told.encode()).hexdigest()

    @property
    def changes(self) -> list[Added | Changed]:
        """What would be done, in the order of the file."""
        return sorted([*self.added, *self.changed], key=lambda one: one.line)

    @property
    def sentence(self) -> str:
        """What the file would do, in words."""
        if self.errors:
            rows = len({error.line for error in self.errors})
            return f"{_count(rows, 'row')} cannot be taken, so nothing will be imported."
        if not (self.added or self.changed):
            return f"All {self.unchanged:,} rows are as they stand here: nothing would change."
        return (
            f"{len(self.added):,} would be added, {len(self.changed):,} changed,"
            f" {self.unchanged:,} stay as they are."
        )


def _count(number: int, what: str) -> str:
    return f"1 {what}" if number == 1 else f"{number:,} {what}s"


def judge(kind: Kind, sheet: Sheet, table: Table, known: Known) -> Plan:
    """What this table would do."""
    plan, unchanged = Plan(kind, errors=list(table.errors)), 0
    seen: dict[Key, int] = {}
    final: dict[Key, tuple[int, Values]] = {key: (0, row) for key, row in known.rows.items()}
    for row in table.rows:
        key = sheet.named(row.values)
        if first := seen.get(key):
            plan.errors.append(_error(row, sheet.key[0], f"stands in line {first} already"))
            continue
        seen[key] = row.line
        before = known.rows.get(key)
        row = _complete(sheet, row, before, known)  # noqa: PLW2901
        plan.errors.extend(_wrong(sheet, row, known, hints=len(plan.errors) < MOST_HINTS))
        after = {**_defaults(sheet), **(before or {}), **row.values}
        final[key] = (row.line, after)
        unchanged += not _sort_in(plan, row, key, before, after)
    call = partial(_called, sheet, known, final)
    plan.errors.extend(_shared(sheet, final, call))
    plan.errors.extend(_look_alikes(sheet, final, call))
    plan.errors.sort(key=lambda error: error.line)
    return replace(plan, unchanged=unchanged)


def _complete(sheet: Sheet, row: Row, before: Values | None, known: Known) -> Row:
    """A dock whose bays are not told has those it had, or as many as its kind has.

    A camera's model is written as it is known, whatever the capitals.
    """
    if sheet.one == "camera":
        return Row(row.line, {**row.values, **known.models.get(_model(row), {})})
    if sheet.one != "dock" or row.values.get("bays") is not None:
        return row
    kind = row.values.get("kind", "multi")
    bays = before["bays"] if before else USUAL_BAYS[kind]
    return Row(row.line, {**row.values, "bays": bays})


def _model(row: Row) -> Key:
    return row.values["maker"].upper(), row.values["model"].upper()


USUAL_BAYS = {"multi": 8, "single": 1, "vehicle": 1}


def _defaults(sheet: Sheet) -> dict[str, Any]:
    return {column.name: column.empty for column in sheet.columns}


def _sort_in(plan: Plan, row: Row, key: Key, before: Values | None, after: Values) -> bool:
    """Put the row where it belongs; says whether it would change anything."""
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
    for column, what in (sheet.refers or {}).items():
        value = row.values.get(column)
        if value is not None and value not in known.names[what]:
            yield _error(row, column, _no_such(what, value, known.names[what] if hints else ()))
    if sheet.one == "camera" and _model(row) not in known.models:
        said = f"{row.values['maker']} {row.values['model']}"
        yield _error(row, "model", f"{said} is not known; import models first")
    yield from _beyond_reach(row, before, known)
    yield from _bays(sheet, row, before)


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
    for station in sorted({row.values["station"], (before or row.values)["station"]}):
        if station not in known.stations:
            yield _error(row, "station", f"{station} is not one of yours")


def _bays(sheet: Sheet, row: Row, before: Values | None) -> Iterable[RowError]:
    if sheet.one != "dock":
        return
    bays, had = row.values["bays"], (before or {}).get("bays", 0)
    if bays < had:
        yield _error(row, "bays", f"would take bays away (there are {had}); that is not imported")
    if len(row.values.get("macs", ())) > bays:
        yield _error(row, "macs", "names more addresses than the dock has bays")


Rows = Mapping[Key, tuple[int, Values]]  # as they would stand, each with its line of the file
Call = Callable[[Key], str]


def _called(sheet: Sheet, known: Known, final: Rows, key: Key) -> str:
    """How an error names a row; those of other stations keep their names to themselves."""
    _, values = final[key]
    if known.stations is not None and values["station"] not in known.stations:
        return "somebody at another station"
    return f"{sheet.one} {shown(key[0])}"


def _shared(sheet: Sheet, final: Rows, call: Call) -> Iterable[RowError]:
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


def _look_alikes(sheet: Sheet, final: Rows, call: Call) -> Iterable[RowError]:
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
        named = ", ".join(others[:MOST_OTHERS])
        more = f" and {len(others) - MOST_OTHERS:,} more" if others[MOST_OTHERS:] else ""
        yield RowError(line, column, f"{column} {what} {named}{more}.")


def _error(row: Row, column: str, what: str) -> RowError:
    return RowError(row.line, column, f"{column} {what}.")
