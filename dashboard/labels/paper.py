"""Labels on their sheets: as a PDF to print, and the first sheet as a picture to look at.

Both draw the same shapes, black on white whatever the page's theme.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from io import BytesIO

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from dashboard.labels.layout import Codes, Label, Shape, Stamp, Words, laid_out
from dashboard.labels.stock import Pair, Stock
from dashboard.lettering import BOLD, FONT


@dataclass(frozen=True, slots=True)
class Setting:
    """On what, with which codes, how many labels of the first sheet are gone, and by how much
    everything is moved right and down because the printer prints off."""

    stock: Stock
    codes: Codes = Codes.BOTH
    used: int = 0
    shift: Pair = (0.0, 0.0)

    def sheets(self, count: int) -> int:
        """How many sheets so many labels need."""
        return -(-(self.used + count) // self.stock.per_sheet)


def pdf(labels: Sequence[Label], setting: Setting) -> bytes:
    """One page a sheet, one a label on a roll. Viewers are asked not to fit it to the paper."""
    width, height = setting.stock.page
    canvas = Canvas(BytesIO(), pagesize=(width * mm, height * mm), pageCompression=1, lang="en")
    canvas.setTitle(f"Labels on {setting.stock.key}")
    canvas.setAuthor("Camera fleet")
    canvas.setViewerPreference("PrintScaling", "None")
    for sheet in _sheets(labels, setting):
        canvas.transform(mm, 0, 0, mm, 0, 0)
        for place, label in sheet:
            for shape in _placed(label, place, setting):
                _print(canvas, shape, height)
        canvas.showPage()
    return bytes(canvas.getpdfdata())


def picture(labels: Sequence[Label], setting: Setting) -> str:
    """The first sheet as SVG, with the labels' edges, which are not printed."""
    stock = setting.stock
    width, height = stock.page
    drawn = [_edge(stock, place, used=place < setting.used) for place in range(stock.per_sheet)]
    for place, label in next(_sheets(labels, setting)):
        drawn += map(_svg, _placed(label, place, setting))
    return (
        f'<svg class="sheet" viewBox="0 0 {width:g} {height:g}" aria-hidden="true">'
        f'<rect width="{width:g}" height="{height:g}" fill="#fff"/>{"".join(drawn)}</svg>'
    )


def _sheets(labels: Sequence[Label], setting: Setting) -> Iterator[Iterable[tuple[int, Label]]]:
    """Each sheet's labels with their places; the first begins after what is used."""
    room, at = setting.stock.per_sheet, -setting.used
    while at < len(labels):
        first = max(at, 0)
        yield enumerate(labels[first : at + room], first - at)
        at += room


def _placed(label: Label, place: int, setting: Setting) -> Iterator[Shape]:
    """Its shapes where they are on the sheet; codes begin on a dot of the printer."""
    left, top = setting.stock.corner(place)
    left, top = left + setting.shift[0], top + setting.shift[1]
    dot = setting.stock.dot
    for shape in laid_out(label, setting.stock, setting.codes):
        x, y = shape.x + left, shape.y + top
        if isinstance(shape, Stamp):
            yield replace(shape, x=round(x / dot) * dot, y=round(y / dot) * dot)
        else:
            yield replace(shape, x=x, y=y)


def _print(canvas: Canvas, shape: Shape, height: float) -> None:
    if isinstance(shape, Words):
        canvas.setFont((BOLD if shape.bold else FONT).fontName, shape.size)
        canvas.drawString(shape.x, height - shape.y, shape.text)
        return
    canvas.saveState()
    canvas.transform(shape.unit[0], 0, 0, -shape.unit[1], shape.x, height - shape.y)
    path = canvas.beginPath()
    for box in shape.marks.boxes:
        path.rect(*box)
    canvas.drawPath(path, stroke=0, fill=1)
    canvas.restoreState()


def _svg(shape: Shape) -> str:
    """Letters are stretched to the width they have in print: a browser has other fonts."""
    if isinstance(shape, Words):
        weight = ' font-weight="bold"' if shape.bold else ""
        return (
            f'<text x="{shape.x:.2f}" y="{shape.y:.2f}" font-size="{shape.size:.2f}"{weight} '
            f'font-family="Verdana, DejaVu Sans, sans-serif" fill="#000" '
            f'textLength="{shape.width:.2f}" lengthAdjust="spacingAndGlyphs">'
            f"{escape(shape.text)}</text>"
        )
    drawn = "".join(f"M{x} {y}h{w}v{h}h-{w}z" for x, y, w, h in shape.marks.boxes)
    across, down = shape.unit
    return (
        f'<path transform="translate({shape.x:.3f} {shape.y:.3f}) scale({across:.4f} {down:.4f})" '
        f'fill="#000" d="{drawn}"/>'
    )


def _edge(stock: Stock, place: int, *, used: bool) -> str:
    (x, y), (width, height) = stock.corner(place), stock.size
    fill = "#d5dae0" if used else "none"
    return (
        f'<rect x="{x:.2f}" y="{y:.2f}" width="{width:g}" height="{height:g}" rx="1" '
        f'fill="{fill}" stroke="#8b96a1" stroke-width="0.2"/>'
    )
