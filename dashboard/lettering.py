"""The letters that paper is written with. The font is part of each file.

What it cannot draw, in a script it does not have, stands as a lozenge.
"""

import unicodedata

from reportlab.pdfbase.pdfmetrics import registerFont, registerFontFamily
from reportlab.pdfbase.ttfonts import TTFont

FONT, BOLD = TTFont("Vera", "Vera.ttf"), TTFont("VeraBd", "VeraBd.ttf")
for one in (FONT, BOLD):
    registerFont(one)
registerFontFamily("Vera", normal="Vera", bold="VeraBd", italic="Vera", boldItalic="VeraBd")

UNDRAWABLE = "◊"


def drawable(text: str) -> str:
    """The text as the font can draw it: a letter without the mark it lacks, else a lozenge."""
    return "".join(map(_character, unicodedata.normalize("NFC", " ".join(text.split()))))


def _character(one: str) -> str:
    if ord(one) in FONT.face.charToGlyph:
        return one
    parts = unicodedata.normalize("NFKD", one)
    drawn = "".join(part for part in parts if ord(part) in FONT.face.charToGlyph)
    return drawn or UNDRAWABLE
