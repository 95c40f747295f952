"""What a kind of file is: its columns, its key, and what the room that imports it asks of a row."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from devices.inventory.imports.cells import Column
from devices.inventory.naming import Name

Key = tuple[Any, ...]
Values = Mapping[str, Any]


@dataclass(frozen=True)
class RowError:
    """What is wrong with a row, by the line of the file it stands in; column may be empty."""

    line: int
    column: str
    sentence: str


@dataclass(frozen=True)
class Row:
    """A row whose every cell could be read. ``notes`` are sentences about what is right and yet
    worth knowing."""

    line: int
    values: Values
    notes: Sequence[str] = ()

    def error(self, column: str, what: str) -> RowError:
        """That ``column`` of this row is, or does, what it may not."""
        return RowError(self.line, column, f"{column} {what}.")


@dataclass(frozen=True)
class Known:
    """What is there: the rows of this kind by key, and what they may refer to by name.

    ``models`` are how the known models of cameras are written, by maker and name in capitals.
    ``stations`` are the codes within the importer's reach; None means every one. ``named`` is
    what a scan finds of other kinds, ``names_officers`` whether the importer may know whose a badge
    is. ``more`` is what else the sheet's own checks want to know.
    """

    rows: Mapping[Key, Values]
    names: Mapping[str, Collection[Any]]
    models: Mapping[Key, Values] = field(default_factory=dict)
    stations: Collection[str] | None = None
    named: Collection[Name] = ()
    names_officers: bool = True
    more: Any = None


Final = Mapping[Key, tuple[int, Values]]  # how every row would stand, and in which line (0: none)
Complete = Callable[[Row, Values | None, Known], Row]
Check = Callable[[Row, Values | None, Known], Iterable[RowError]]
Whole = Callable[[Final, Known], Iterable[RowError]]
Notes = Callable[[Final, Known], Iterable[str]]
Removes = Callable[[Final, Known], Iterable[Key]]


@dataclass(frozen=True)
class Sheet:
    """A kind of file: ``key`` says which row is meant, ``unique`` what two rows never share.

    ``scanned`` are the columns by which a scan finds the row: what stands there names nothing else.
    ``secret`` are those of which the ledger, which is read elsewhere, knows the endings alone.
    ``refers`` says which columns name a row of another kind; ``looks`` which are checked
    for twins that only look different. ``complete`` adds to a row what it left unsaid,
    ``checks`` look at one row, ``whole`` at all of them together, and ``notes`` says what an
    importer should know of rows of which nothing is wrong. ``removes`` are the rows that go
    because the file is the whole and does not name them; without it none goes.
    """

    one: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    unique: tuple[str, ...] = ()
    scanned: tuple[str, ...] = ()
    secret: tuple[str, ...] = ()
    refers: Mapping[str, str] = field(default_factory=dict)
    looks: tuple[str, ...] = ()
    complete: Complete | None = None
    checks: tuple[Check, ...] = ()
    whole: Whole | None = None
    notes: Notes | None = None
    removes: Removes | None = None

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    def named(self, values: Values) -> Key:
        """The key of a row; letters are compared as capitals."""
        return tuple(_folded(values[name]) for name in self.key)


def _folded(value: Any) -> Any:
    return value.upper() if isinstance(value, str) else value
