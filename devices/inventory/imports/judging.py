"""What a file would do to what is there. Pure: the same for the preview and for the act."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from enum import StrEnum
from typing import Any

from devices.inventory.imports.cells import shown, skeleton
from devices.inventory.imports.reading import Table
from devices.inventory.imports.sheet import Final, Key, Known, Row, RowError, Sheet, Values


@dataclass(frozen=True)
class Added:
    line: int
    key: Key
    values: Values


@dataclass(frozen=True)
class Changed:
    """``fields``: column to (before, after), only those that differ."""

    line: int
    key: Key
    fields: Mapping[str, tuple[Any, Any]]

    @property
    def sentences(self) -> list[str]:
        return [f"{name}: {shown(old)} → {shown(new)}" for name, (old, new) in self.fields.items()]


@dataclass(frozen=True)
class Plan:
    """Every change and every error. With one error nothing is done.

    ``notes`` are sentences about what is right and yet worth knowing.
    """

    kind: StrEnum
    added: list[Added] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    unchanged: int = 0
    errors: list[RowError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def digest(self) -> str:
        """Stands for these changes: what was shown is what is done, or nothing is."""
        told = repr((self.kind.value, self.added, self.changed, self.unchanged, self.errors))
        return hashlib.sha256(told.encode()).hexdigest()

    @property
    def changes(self) -> int:
        return len(self.added) + len(self.changed)

    @property
    def sentence(self) -> str:
        """What the file would do, in words."""
        if self.errors:
            rows = len({error.line for error in self.errors})
            return f"{_count(rows, 'row')} cannot be taken, so nothing will be imported."
        if not self.changes:
            return f"All {self.unchanged:,} rows are as they stand here: nothing would change."
        return (
            f"{len(self.added):,} would be added, {len(self.changed):,} changed,"
            f" {self.unchanged:,} stay as they are."
        )


def _count(number: int, what: str) -> str:
    return f"1 {what}" if number == 1 else f"{number:,} {what}s"


def judge(kind: StrEnum, sheet: Sheet, table: Table, known: Known) -> Plan:
    """What this table would do."""
    plan, unchanged = Plan(kind, errors=list(table.errors)), 0
    seen: dict[Key, int] = {}
    final: dict[Key, tuple[int, Values]] = {key: (0, row) for key, row in known.rows.items()}
    for row in table.rows:
        key = sheet.named(row.values)
        if first := seen.get(key):
            plan.errors.append(_twice(sheet, row, first))
            continue
        seen[key] = row.line
        before = known.rows.get(key)
        if sheet.complete is not None:
            row = sheet.complete(row, before, known)  # noqa: PLW2901
        plan.errors.extend(_wrong(sheet, row, before, known))
        after = {**_defaults(sheet), **(before or {}), **row.values}
        final[key] = (row.line, after)
        unchanged += not _sort_in(plan, row, key, before, after)
    plan.errors.extend(_shared(sheet, final))
    plan.errors.extend(_look_alikes(sheet, final))
    if sheet.whole is not None:
        plan.errors.extend(sheet.whole(final, known))
    if sheet.notes is not None:
        plan.notes.extend(sheet.notes(final, known))
    plan.errors.sort(key=lambda error: error.line)
    return replace(plan, unchanged=unchanged)


def _twice(sheet: Sheet, row: Row, first: int) -> RowError:
    column = sheet.key[0]
    if len(sheet.key) == 1:
        return row.error(column, f"stands in line {first} already")
    return RowError(row.line, column, f"The same {sheet.one} stands in line {first} already.")


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


def _wrong(sheet: Sheet, row: Row, before: Values | None, known: Known) -> Iterable[RowError]:
    """What this row says of others that is not so, or that its importer may not say."""
    for column, what in sheet.refers.items():
        value = row.values.get(column)
        if value is not None and value not in known.names[what]:
            yield row.error(column, _no_such(what, value, known.names[what]))
    yield from _beyond_reach(row, before, known)
    for check in sheet.checks:
        yield from check(row, before, known)


def _no_such(what: str, value: Any, names: Collection[Any]) -> str:
    near = get_close_matches(shown(value), [shown(one) for one in names], 1)
    hint = f"; is it {near[0]}?" if near else f"; import the {what} first"
    return f"names {shown(value)}, which is not known{hint}"


def _beyond_reach(row: Row, before: Values | None, known: Known) -> Iterable[RowError]:
    if known.stations is None:
        return
    for station in {row.values.get("station"), (before or {}).get("station")} - {None}:
        if station not in known.stations:
            yield row.error("station", f"{station} is not one of yours")


def _shared(sheet: Sheet, final: Final) -> Iterable[RowError]:
    """Two rows, of the file or of the file and the inventory, that claim the same thing."""
    for column in sheet.unique:
        claims: dict[Any, list[tuple[int, Key]]] = defaultdict(list)
        for key, (line, values) in final.items():
            for value in _claimed(values[column]):
                claims[value].append((line, key))
        for value, found in claims.items():
            if len(found) > 1:
                yield from _blamed(sheet, column, shown(value), found, "also belongs to")


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


def _look_alikes(sheet: Sheet, final: Final) -> Iterable[RowError]:
    """Two different serial numbers that people cannot tell apart: one is a typing error."""
    for column in sheet.looks:
        twins: dict[str, dict[str, tuple[int, Key]]] = defaultdict(dict)
        for key, (line, values) in final.items():
            if values[column]:
                twins[skeleton(values[column])][values[column].upper()] = (line, key)
        for found in twins.values():
            if len(found) > 1:
                said = " and ".join(sorted(found))
                yield from _blamed(sheet, column, said, [*found.values()], "look alike; compare")


def _blamed(
    sheet: Sheet, column: str, value: str, found: list[tuple[int, Key]], how: str
) -> Iterable[RowError]:
    """One error at the last line of the file that takes part; none if no line does."""
    line, key = max(found, key=lambda one: one[0])
    if line:
        others = ", ".join(f"{sheet.one} {shown(other[0])}" for _, other in found if other != key)
        yield RowError(line, column, f"{column} {value} {how} {others}.")
