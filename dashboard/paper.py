"""What is printed as a file: sheets of letter paper, each page with what it is and as of when.

What the font cannot draw stands as a lozenge, and a sheet says so.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from html import escape
from io import BytesIO

from django.utils.timezone import localtime
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import letter
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate

from dashboard.lettering import UNDRAWABLE, drawable

MARGIN = 36
FOOT = MARGIN + 6  # a frame keeps this much of its own
MISSING = f"{UNDRAWABLE} stands for a character that this sheet cannot draw; the page can."
INK, MUTED, RULE = HexColor("#111820"), HexColor("#4d5966"), HexColor("#b8c0c8")

PLAIN = ParagraphStyle("plain", fontName="Vera", fontSize=8, leading=10, textColor=INK)
BOLD = ParagraphStyle("bold", PLAIN, fontName="VeraBd")
HEAD = ParagraphStyle("head", BOLD, fontSize=7, textColor=MUTED)
TITLE = ParagraphStyle("title", BOLD, fontSize=14, leading=18)
SAYS = ParagraphStyle("says", PLAIN, fontSize=10, leading=14, spaceBefore=4, spaceAfter=10)
SECTION = ParagraphStyle("section", BOLD, fontSize=9, spaceBefore=12, spaceAfter=3)


@dataclass(frozen=True)
class Named:
    """What a file is called, what stands at the foot of its pages, and when it was true."""

    title: str
    foot: str
    as_of: datetime


def printed(named: Named, story: Callable[[], list[Flowable]]) -> bytes:
    """The story as a PDF. It is laid out twice: only then does a page know of how many it is."""
    _, pages = _laid_out(named, story(), of=0)
    return _laid_out(named, story(), of=pages)[0]


def _laid_out(named: Named, story: list[Flowable], *, of: int) -> tuple[bytes, int]:
    """The file, and how many pages it has."""
    file = BytesIO()
    document = SimpleDocTemplate(
        file,
        pagesize=letter,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN + 18,
        title=named.title,
        author="Camera fleet",
        lang="en",
    )
    foot = partial(_foot, named, of)
    document.build(story, onFirstPage=foot, onLaterPages=foot)
    return file.getvalue(), document.page


def _foot(named: Named, of: int, canvas: Canvas, document: SimpleDocTemplate) -> None:
    """Which sheet it is, as of when, and the page's number."""
    width, _ = letter
    canvas.setFont("Vera", 7)
    canvas.setFillColor(MUTED)
    canvas.drawString(FOOT, MARGIN, drawable(named.foot)[:60])
    as_of = f"As of {localtime(named.as_of):%Y-%m-%d %H:%M:%S %Z}"
    canvas.drawCentredString(width / 2 + 60, MARGIN, as_of)
    canvas.drawRightString(width - FOOT, MARGIN, f"Page {document.page} of {of}")


def words(text: str, style: ParagraphStyle) -> Paragraph:
    """Words as they are: nothing in them is markup."""
    return Paragraph(escape(drawable(text)), style)
