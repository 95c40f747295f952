"""The roll call as a file to print, keep or send: the lines of `roll_calls.Sheet` on paper."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from reportlab.platypus import Flowable, KeepTogether, Paragraph, Spacer, Table

from dashboard import paper
from dashboard.lettering import UNDRAWABLE, drawable
from dashboard.paper import (
    BOLD,
    HEAD,
    INK,
    MISSING,
    PLAIN,
    RULE,
    SAYS,
    SECTION,
    TITLE,
    words,
)
from dashboard.roll_calls import Line, Sheet

# Each column: its head and its width in points.
_COLUMNS = (
    ("Badge", 50),
    ("Unit", 72),
    ("On duty", 66),
    ("Camera", 76),
    ("Bay", 46),
    ("Hours", 34),
    ("Ready", 100),
    ("Test", 66),
    ("Seen", 30),
)


def drawn(sheet: Sheet) -> bytes:
    """The sheet as a PDF."""
    foot = f"{sheet.title}, {sheet.station}"
    named = paper.Named(f"Roll call: {foot}", foot, sheet.as_of)
    return paper.printed(named, partial(_story, sheet))


def _story(sheet: Sheet) -> list[Flowable]:
    story: list[Flowable] = [
        words(f"{sheet.title}, {sheet.station}", TITLE),
        words(f"{sheet.sentence} {sheet.tests_say}", SAYS),
        _table(sheet),
    ]
    end: list[Flowable] = [
        words("Spares ready", SECTION),
        words(sheet.spares, PLAIN),
        Spacer(0, 30),
        words("Inspected by ______________________________ at __________", PLAIN),
    ]
    if any(UNDRAWABLE in drawable(one) for one in _named_by_people(sheet)):
        end += [Spacer(0, 12), words(MISSING, HEAD)]
    return [*story, KeepTogether(end)]


def _named_by_people(sheet: Sheet) -> Iterator[str]:
    yield from (sheet.title, sheet.station, sheet.spares)
    for line in sheet.lines:
        yield from (line.badge, line.unit, line.place)


def _table(sheet: Sheet) -> Table:
    """Its head stands on every page."""
    first = 0 if sheet.badges else 1
    columns = _COLUMNS[first:]
    rows: list[list[Paragraph | str]] = [[words(head, HEAD) for head, _ in columns]]
    for line in sheet.lines:
        rows.append(_row(line)[first:])
    if not sheet.lines:
        rows.append([words("Nobody is rostered.", PLAIN), *[""] * (len(columns) - 1)])
    style: list[tuple[Any, ...]] = [
        ("FONT", (0, 1), (-1, -1), PLAIN.fontName, PLAIN.fontSize, PLAIN.leading),
        ("TEXTCOLOR", (0, 1), (-1, -1), INK),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.5, RULE),
        ("LEFTPADDING", (0, 0), (-1, -1), 3),
        ("RIGHTPADDING", (0, 0), (-1, -1), 3),
    ]
    if not sheet.lines:
        style.append(("SPAN", (0, 1), (-1, 1)))
    widths = [width for _, width in columns]
    return Table(rows, colWidths=widths, repeatRows=1, hAlign="LEFT", style=style)


def _row(line: Line) -> list[Paragraph | str]:
    """What is ours and short is drawn as it is; what people named must fit, so it may break."""
    return [
        words(line.badge, BOLD),
        words(line.unit, PLAIN),
        line.on_duty,
        words(line.camera, PLAIN),
        words(line.place, PLAIN),
        line.hours,
        words(line.says, PLAIN if line.ready else BOLD),
        line.tested,
        "",  # left to the pen
    ]
