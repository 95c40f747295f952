"""The two codes as black boxes, counted in modules from the top left. Pure."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from reportlab.graphics.barcode.code128 import Code128
from reportlab.graphics.barcode.qrencoder import QRAlphaNum, QRCode, QRErrorCorrectLevel

BAR_QUIET, QR_QUIET = 10, 4  # modules of white at each side: ISO/IEC 15417 and 18004

Box = tuple[int, int, int, int]  # x, y, width, height


@dataclass(frozen=True, slots=True)
class Marks:
    """A code without its quiet zone."""

    modules: int
    boxes: tuple[Box, ...]


@lru_cache(maxsize=512)
def bars(code: str) -> Marks:
    """The code in Code 128. Its boxes are one high: a bar has no module that way."""
    drawn = Code128(code)
    drawn.validate()
    drawn.encode()
    at, boxes = 0, []
    for one in drawn.decompose():
        wide = ord(one.lower()) - ord("a") + 1
        if one.isupper():
            boxes.append((at, 0, wide, 1))
        at += wide
    return Marks(at, tuple(boxes))


@lru_cache(maxsize=512)
def qr(code: str) -> Marks:
    """The code, of capitals and digits, as a QR code that bears 15 % of it being lost."""
    drawn = QRCode(None, QRErrorCorrectLevel.M)
    drawn.addData(QRAlphaNum(code))
    drawn.make()
    boxes = [box for y, row in enumerate(drawn.modules) for box in _runs(y, row)]
    return Marks(drawn.getModuleCount(), tuple(boxes))


def _runs(y: int, row: list[bool]) -> list[Box]:
    at, found = 0, []
    for dark, run in groupby(row, bool):
        wide = len(list(run))
        if dark:
            found.append((at, y, wide, 1))
        at += wide
    return found
