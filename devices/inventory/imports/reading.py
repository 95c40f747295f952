"""From bytes to rows. Whatever comes, the answer is rows or sentences."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from devices.inventory.imports.cells import Column, Unfit
from devices.inventory.imports.sheet import Row, RowError, Sheet

MOST_BYTES = 5 * 1024 * 1024  # 100,000 cameras with every column filled are four files
MOST_ROWS = 20_000
DELIMITERS = (",", ";", "\t")


class Unreadable(Exception):
    """The file as a whole cannot be read; the message is a sentence."""


@dataclass(frozen=True)
class Table:
    """The rows that could be read, and what is wrong with the others."""

    rows: list[Row] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)


Source = bytes | Sequence[Any]  # a file, or the rows of a message


def read(source: Source, sheet: Sheet) -> Table:
    """The rows of the file or message, or Unreadable."""
    return _read_file(source, sheet) if isinstance(source, bytes) else _read_rows(source, sheet)


def _read_file(raw: bytes, sheet: Sheet) -> Table:
    text = _text(raw)
    lines = _lines(text, _delimiter(text))
    header = _header(next(lines, (1, []))[1], sheet)
    table = Table()
    for count, (line, cells) in enumerate(lines):
        if count == MOST_ROWS:
            raise Unreadable(f"The file has more than {MOST_ROWS:,} rows; import it in parts.")
        _read_row(line, cells, header, table)
    if not table.rows and not table.errors:
        raise Unreadable("The file has a header and no rows.")
    return table


def _read_rows(rows: Sequence[Any], sheet: Sheet) -> Table:
    """Rows as a program sends them: names and texts, counted from 1."""
    if len(rows) > MOST_ROWS:
        raise Unreadable(f"There are more than {MOST_ROWS:,} rows; send them in parts.")
    if not rows:
        raise Unreadable("There are no rows.")
    table, known = Table(), {column.name: column for column in sheet.columns}
    for line, row in enumerate(rows, 1):
        if not isinstance(row, Mapping):
            table.errors.append(RowError(line, "", "The row is no object of names and texts."))
            continue
        if strange := [name for name in row if name not in known]:
            said = f"{_quoted(strange[:1])} is not known; there are {', '.join(known)}."
            table.errors.append(RowError(line, "", said))
            continue
        cells = {name: "" if cell is None else cell for name, cell in row.items()}
        if wrong := [name for name, cell in cells.items() if not isinstance(cell, str)]:
            table.errors.extend(RowError(line, name, f"{name} is no text.") for name in wrong)
            continue
        needed = {name: "" for name, column in known.items() if column.required}
        _read_cells(
            line, [(known[name], cell) for name, cell in {**needed, **cells}.items()], table
        )
    return table


def _text(raw: bytes) -> str:
    if len(raw) > MOST_BYTES:
        raise Unreadable(f"The file is larger than {MOST_BYTES // 1024**2} MB.")
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable("The file is UTF-16; save it as “CSV UTF-8”.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable("The file is not UTF-8; save it as “CSV UTF-8”.") from None
    if "\0" in text:
        raise Unreadable("The file holds a NUL character; it is not a CSV file.")
    if not text.strip():
        raise Unreadable("The file is empty.")
    return text


def _delimiter(text: str) -> str:
    head = text.lstrip().splitlines()[0]
    return max(DELIMITERS, key=head.count)


def _lines(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not blank, with the line it begins in."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield begins, cells
            begins = reader.line_num + 1
    except csv.Error:
        raise Unreadable(
            f"The row that begins in line {begins} cannot be read: a quotation mark is not closed,"
            " stands in the wrong place, or a cell is far too long."
        ) from None


def _header(cells: Sequence[str], sheet: Sheet) -> list[Column]:
    names = ["_".join(cell.strip().lower().split()) for cell in cells]
    while names and not names[-1]:
        names.pop()
    known = {column.name: column for column in sheet.columns}
    if unknown := [name for name in names if name not in known]:
        raise Unreadable(
            f"Column {_quoted(unknown)} is not known. A file of {sheet.one}s may have:"
            f" {', '.join(known)}."
        )
    if twice := sorted(name for name, times in Counter(names).items() if times > 1):
        raise Unreadable(f"Column {_quoted(twice)} stands there twice.")
    missing = [one.name for one in sheet.columns if one.required and one.name not in names]
    if missing:
        raise Unreadable(f"Column {_quoted(missing)} is missing.")
    return [known[name] for name in names]


def _quoted(names: Sequence[str]) -> str:
    """A few of them, cut, and as text that neither hides nor turns round anything."""
    cut = ("".join(filter(str.isprintable, name))[:40] for name in names[:5])
    return ", ".join(f"“{name}”" for name in cut)


def _read_row(line: int, cells: list[str], header: Sequence[Column], table: Table) -> None:
    if any(cell.strip() for cell in cells[len(header) :]):
        table.errors.append(RowError(line, "", "The row has more cells than the header."))
        return
    cells += [""] * (len(header) - len(cells))
    _read_cells(line, list(zip(header, cells, strict=False)), table)


def _read_cells(line: int, cells: Sequence[tuple[Column, str]], table: Table) -> None:
    values, errors = {}, []
    for column, cell in cells:
        try:
            values[column.name] = column.value(cell)
        except Unfit as unfit:
            errors.append(RowError(line, column.name, f"{column.name} {unfit}."))
    if errors:
        table.errors.extend(errors)
    else:
        table.rows.append(Row(line, values))
