"""The roll call as a file to print, keep or send: the lines of `roll_calls.Sheet` on paper.

The font is part of the file. What it cannot draw, in a script it does not have, stands as a
lozenge, and the sheet says so.
"""

import unicodedata
from collections.abc import Iterator
from functools import partial
from html import escape
from io import BytesIO
from typing import Any

from django.utils.timezone import localtime
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import letter
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase.pdfmetrics import registerFont, registerFontFamily
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table

from dashboard.roll_calls import Line, Sheet

FONT, BOLD = TTFont("Vera", "Vera.ttf"), TTFont("VeraBd", "VeraBd.ttf")
for one in (FONT, BOLD):
    registerFont(one)
registerFontFamily("Vera", normal="Vera", bold="VeraBd", italic="Vera", boldItalic="VeraBd")

MARGIN = 36
FOOT = MARGIN + 6  # a frame keeps this much of its own
UNDRAWABLE = "◊"
MISSING = f"{UNDRAWABLE} stands for a character that this sheet cannot draw; the page can."
INK, MUTED, RULE = HexColor("#111820"), HexColor("#4d5966"), HexColor("#b8c0c8")

_PLAIN = ParagraphStyle("plain", fontName="Vera", fontSize=8, leading=10, textColor=INK)
_BOLD = ParagraphStyle("bold", _PLAIN, fontName="VeraBd")
_HEAD = ParagraphStyle("head", _BOLD, fontSize=7, textColor=MUTED)
_TITLE = ParagraphStyle("title", _BOLD, fontSize=14, leading=18)
_SAYS = ParagraphStyle("says", _PLAIN, fontSize=10, leading=14, spaceBefore=4, spaceAfter=10)
_SECTION = ParagraphStyle("section", _BOLD, fontSize=9, spaceBefore=12, spaceAfter=3)

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
    """The sheet as a PDF. It is laid out twice: only then does a page know of how many it is."""
    _, pages = _laid_out(sheet, of=0)
    return _laid_out(sheet, of=pages)[0]


def _laid_out(sheet: Sheet, *, of: int) -> tuple[bytes, int]:
    """The file, and how many pages it has."""
    file = BytesIO()
    document = SimpleDocTemplate(
        file,
        pagesize=letter,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN + 18,
        title=f"Roll call: {sheet.title}, {sheet.station}",
        author="Camera fleet",
        lang="en",
    )
    foot = partial(_foot, sheet, of)
    document.build(_story(sheet), onFirstPage=foot, onLaterPages=foot)
    return file.getvalue(), document.page


def _foot(sheet: Sheet, of: int, canvas: Canvas, document: SimpleDocTemplate) -> None:
    """Which sheet it is, as of when, and the page's number."""
    width, _ = letter
    canvas.setFont("Vera", 7)
    canvas.setFillColor(MUTED)
    canvas.drawString(FOOT, MARGIN, drawable(f"{sheet.title}, {sheet.station}")[:60])
    as_of = f"As of {localtime(sheet.as_of):%Y-%m-%d %H:%M:%S %Z}"
    canvas.drawCentredString(width / 2 + 60, MARGIN, as_of)
    canvas.drawRightString(width - FOOT, MARGIN, f"Page {document.page} of {of}")


def drawable(text: str) -> str:
    """The text as the font can draw it: a letter without the mark it lacks, else a lozenge."""
    return "".join(map(_character, unicodedata.normalize("NFC", " ".join(text.split()))))


def _character(one: str) -> str:
    if ord(one) in FONT.face.charToGlyph:
        return one
    parts = unicodedata.normalize("NFKD", one)
    drawn = "".join(part for part in parts if ord(part) in FONT.face.charToGlyph)
    return drawn or UNDRAWABLE


def _story(sheet: Sheet) -> list[Flowable]:
    story: list[Flowable] = [
        _text(f"{sheet.title}, {sheet.station}", _TITLE),
        _text(f"{sheet.sentence} {sheet.tests_say}", _SAYS),
        _table(sheet),
    ]
    end: list[Flowable] = [
        _text("Spares ready", _SECTION),
        _text(sheet.spares, _PLAIN),
        Spacer(0, 30),
        _text("Inspected by ______________________________ at __________", _PLAIN),
    ]
    if any(UNDRAWABLE in drawable(one) for one in _named_by_people(sheet)):
        end += [Spacer(0, 12), _text(MISSING, _HEAD)]
    return [*story, KeepTogether(end)]


def _named_by_people(sheet: Sheet) -> Iterator[str]:
    yield from (sheet.title, sheet.station, sheet.spares)
    for line in sheet.lines:
        yield from (line.badge, line.unit, line.place)


def _table(sheet: Sheet) -> Table:
    """Its head stands on every page."""
    first = 0 if sheet.badges else 1
    columns = _COLUMNS[first:]
    rows: list[list[Paragraph | str]] = [[_text(head, _HEAD) for head, _ in columns]]
    for line in sheet.lines:
        rows.append(_row(line)[first:])
    if not sheet.lines:
        rows.append([_text("Nobody is rostered.", _PLAIN), *[""] * (len(columns) - 1)])
    style: list[tuple[Any, ...]] = [
        ("FONT", (0, 1), (-1, -1), _PLAIN.fontName, _PLAIN.fontSize, _PLAIN.leading),
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
        _text(line.badge, _BOLD),
        _text(line.unit, _PLAIN),
        line.on_duty,
        _text(line.camera, _PLAIN),
        _text(line.place, _PLAIN),
        line.hours,
        _text(line.says, _PLAIN if line.ready else _BOLD),
        line.tested,
        "",  # left to the pen
    ]


def _text(text: str, style: ParagraphStyle) -> Paragraph:
    """Words as they are: nothing in them is markup."""
    return Paragraph(escape(drawable(text)), style)
