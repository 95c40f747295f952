"""Where things stand on one label, and whether a scanner could read them. Pure.

Name and words at the top left, the QR code at the top right, the barcode along the bottom. Codes
are as large as there is room for, in whole dots of the printer where that is possible.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from math import floor

from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase.pdfmetrics import stringWidth

from dashboard.labels.marks import BAR_QUIET, QR_QUIET, Marks, bars, qr
from dashboard.labels.stock import Stock
from dashboard.lettering import BOLD, FONT, drawable
from devices.errors import Refused

THINNEST_BAR = 0.19  # what scanners at a desk read; GS1 asks 0.25 in general
SMALLEST_SQUARE = 0.3  # what cheap imagers read
BROADEST_BAR, LARGEST_SQUARE = 0.5, 1.2
WIDEST_SQUARE = 0.42  # of the label: the rest is for the name
LOWEST_BAR, HIGHEST_BAR = 5.0, 15.0
SMALLEST_LETTER, LARGEST_LETTER, SMALL_LETTER = 1.6, 8.0, 3.2  # 4.5, 23 and 9 points
GAP = 0.8
LINE, ASCENT = 1.2, 0.77  # in heights of a letter


class Codes(Enum):
    BOTH = "both"
    BARCODE = "barcode"
    QR = "qr"


@dataclass(frozen=True, slots=True)
class Label:
    """What a label says: to people a name and perhaps what it does, to scanners a code."""

    title: str
    code: str
    does: str = ""


@dataclass(frozen=True, slots=True)
class Stamp:
    """A code in place; ``unit`` is a module's width and height."""

    x: float
    y: float
    unit: tuple[float, float]
    marks: Marks


@dataclass(frozen=True, slots=True)
class Words:
    """A line of writing on its baseline; ``size`` is the letters' height."""

    x: float
    y: float
    size: float
    text: str
    bold: bool = False

    @property
    def width(self) -> float:
        return _width(self.text, self.size, bold=self.bold)


Shape = Stamp | Words


@dataclass(frozen=True, slots=True)
class _Box:
    x: float
    y: float
    width: float
    height: float


def laid_out(label: Label, stock: Stock, codes: Codes) -> list[Shape]:
    """The label's shapes, from its own top left. Refused where a code could not be read."""
    width, height = stock.size
    inset_x, inset_y = stock.inset
    stamps, right, bottom = list[Shape](), width - inset_x, height - inset_y
    if codes is not Codes.QR:
        barcode = _barcode(label, stock, codes)
        stamps.append(barcode)
        bottom = barcode.y
    if codes is not Codes.BARCODE:
        square = _square(label, stock, bottom, alone=codes is Codes.QR)
        stamps.append(square)
        right = square.x - QR_QUIET * square.unit[0]
    box = _Box(inset_x, inset_y, right - inset_x, bottom - GAP - inset_y)
    return [*stamps, *_writing(label, box)]


def check(labels: Iterable[Label], stock: Stock, codes: Codes) -> None:
    """Refused unless the longest of these labels fits."""
    every = list(labels)
    for longest in (lambda one: bars(one.code).modules, lambda one: len(one.code)):
        laid_out(max(every, key=longest), stock, codes)


def _barcode(label: Label, stock: Stock, codes: Codes) -> Stamp:
    width, height = stock.size
    marks = bars(label.code)
    room = (
        (width - 2 * stock.inset[0]) / marks.modules,
        width / (marks.modules + 2 * BAR_QUIET),
        BROADEST_BAR,
    )
    module = _module(min(room), THINNEST_BAR, stock)
    if module is None:
        raise Refused(
            f"{stock.key} is too narrow: the bars of {label.title} would be thinner than "
            f"{THINNEST_BAR} mm. Print its QR code alone, or take larger labels."
        )
    share = 0.3 if codes is Codes.BOTH else 0.45
    high = min(max(share * height, LOWEST_BAR), HIGHEST_BAR)
    x = (width - module * marks.modules) / 2
    return Stamp(x, height - stock.inset[1] - high, (module, high), marks)


def _square(label: Label, stock: Stock, bottom: float, *, alone: bool) -> Stamp:
    """The QR code, above ``bottom``, its white around it."""
    width, height = stock.size
    inset_x, inset_y = stock.inset
    marks = qr(label.code)
    quiet = marks.modules + 2 * QR_QUIET
    tall = (
        (height / quiet, (height - 2 * inset_y) / marks.modules)
        if alone
        else (bottom / quiet, (bottom - inset_y) / (marks.modules + QR_QUIET))
    )
    module = _module(
        min(*tall, WIDEST_SQUARE * width / quiet, LARGEST_SQUARE), SMALLEST_SQUARE, stock
    )
    if module is None:
        raise Refused(
            f"{stock.key} is too small for barcode and QR code: the squares of {label.title} would "
            f"be smaller than {SMALLEST_SQUARE} mm. Print one of the two, or take larger labels."
        )
    side = module * marks.modules
    x = width - max(inset_x, QR_QUIET * module) - side
    y = (height - side) / 2 if alone else max(inset_y, QR_QUIET * module)
    return Stamp(x, y, (module, module), marks)


def _module(room: float, least: float, stock: Stock) -> float | None:
    """The widest module in whole dots; on a sheet, whose printer may be finer, else what fits."""
    whole = floor(room / stock.dot + 1e-9) * stock.dot
    if whole >= least:
        return whole
    return room if room >= least and not stock.roll else None


def _writing(label: Label, box: _Box) -> list[Shape]:
    """The name as large as it fits; below it, small, what it does and the code."""
    small = min(max(box.height * 0.14, SMALLEST_LETTER), SMALL_LETTER)
    most = int(box.height * 0.55 / (small * LINE))
    does = _lines(drawable(label.does), small, box.width)[: max(most - 1, 0)]
    room = box.height - (len(does) + bool(most)) * small * LINE
    size, title = _largest(drawable(label.title), box.width, room)
    y, found = box.y, list[Shape]()
    for text in title:
        found.append(Words(box.x, y + ASCENT * size, size, text, bold=True))
        y += LINE * size
    for text in does:
        found.append(Words(box.x, y + ASCENT * small, small, text))
        y += LINE * small
    if most:
        whole = min(small, box.width / _width(label.code, 1, bold=False))
        found.append(Words(box.x, y + ASCENT * whole, whole, label.code))
    return found


def _largest(text: str, width: float, height: float) -> tuple[float, list[str]]:
    """The largest letters with which these words stay in the box, and their lines."""
    size = min(height / LINE, LARGEST_LETTER)
    while size > SMALLEST_LETTER:
        lines = simpleSplit(text, BOLD.fontName, size, width)
        broad = max((_width(one, size, bold=True) for one in lines), default=0)
        if broad <= width and len(lines) * LINE * size <= height:
            return size, lines
        size -= 0.1
    return SMALLEST_LETTER, [_cut(text, SMALLEST_LETTER, width)]


def _lines(text: str, size: float, width: float) -> list[str]:
    return simpleSplit(text, FONT.fontName, size, width) if text else []


def _cut(text: str, size: float, width: float) -> str:
    """As much of it as there is room for; that something is missing shows."""
    if _width(text, size, bold=True) <= width:
        return text
    while text and _width(f"{text}…", size, bold=True) > width:
        text = text[:-1]
    return f"{text}…"


def _width(text: str, size: float, *, bold: bool) -> float:
    return float(stringWidth(text, (BOLD if bold else FONT).fontName, size))
