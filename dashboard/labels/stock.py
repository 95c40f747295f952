"""What labels are printed on: the makers' sheets and rolls, as one table. Pure.

Lengths in millimetres. Sheets have equal margins left and right, above and below, so their corner
is not written. Sources, in November 2026: gLabels means the templates of
github.com/jimevins/glabels-qt; the others are what label programs agree on. None was read from the
makers themselves, so print one sheet on plain paper first; the offset on the page moves it.
"""

from dataclasses import dataclass

INCH = 25.4
A4, LETTER = (210.0, 297.0), (8.5 * INCH, 11 * INCH)

Pair = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Stock:
    """Labels of one kind. ``inset`` is what a printer may miss at each side and at top and bottom.

    A roll's page is its label. ``dpi`` is the printer's for a roll; for a sheet, what offices have.
    """

    key: str
    name: str
    page: Pair
    size: Pair
    inset: Pair
    source: str
    grid: tuple[int, int] = (1, 1)
    pitch: Pair = (0.0, 0.0)
    dpi: int = 600

    @property
    def roll(self) -> bool:
        return self.page == self.size

    @property
    def per_sheet(self) -> int:
        return self.grid[0] * self.grid[1]

    @property
    def dot(self) -> float:
        return INCH / self.dpi

    def corner(self, place: int) -> Pair:
        """The top left of this label of a sheet, counted from 0 as one reads."""
        row, column = divmod(place, self.grid[0])
        return tuple(  # type: ignore[return-value]
            (page - (count - 1) * pitch - size) / 2 + at * pitch
            for page, count, pitch, size, at in zip(
                self.page, self.grid, self.pitch, self.size, (column, row), strict=True
            )
        )


def _roll(key: str, name: str, size: Pair, inset: Pair, dpi: int, source: str) -> Stock:
    return Stock(key, name, size, size, inset, source, dpi=dpi)


_ALL = (
    Stock(
        "L7160",
        "Avery L7160, 21 on A4, 63.5 x 38.1 mm",
        A4,
        (63.5, 38.1),
        (1.5, 1.5),
        "gLabels 7160: pitch 187.2 x 108 pt; the size in its name",
        (3, 7),
        (66.04, 38.1),
    ),
    Stock(
        "L7651",
        "Avery L7651, 65 on A4, 38.1 x 21.2 mm",
        A4,
        (38.1, 21.2),
        (1.2, 1.0),
        "gLabels 8651, and Label Planet LP65/38: margins 4.75 and 10.7, pitch 40.6",
        (5, 13),
        (40.6, 21.2),
    ),
    Stock(
        "L4731",
        "Avery L4731, 189 on A4, 25.4 x 10 mm",
        A4,
        (25.4, 10.0),
        (0.6, 0.5),
        "Templates for L4731REV that people print with: margins 8.45 and 13.5, gap 2.55",
        (7, 27),
        (27.95, 10.0),
    ),
    Stock(
        "5160",
        "Avery 5160, 30 on US Letter, 2 5/8 x 1 in",
        LETTER,
        (2.625 * INCH, INCH),
        (1.6, 1.5),
        "gLabels 5160: size; side margin 3/16 and gap 1/8 in, as other label programs have it",
        (3, 10),
        (2.75 * INCH, INCH),
    ),
    Stock(
        "C32011",
        "Avery C32011, 10 cards on A4, 85 x 54 mm",
        A4,
        (85.0, 54.0),
        (3.0, 3.0),
        "gLabels C32011-10",
        (2, 5),
        (95.0, 54.0),
    ),
    Stock(
        "L7414",
        "Avery L7414, 10 cards on A4, 90 x 52 mm",
        A4,
        (90.0, 52.0),
        (3.0, 3.0),
        "gLabels 7414: 255.1 x 147.4 pt",
        (2, 5),
        (90.0, 52.0),
    ),
    Stock(
        "5371",
        "Avery 5371, 10 cards on US Letter, 3 1/2 x 2 in",
        LETTER,
        (3.5 * INCH, 2 * INCH),
        (3.0, 3.0),
        "gLabels 5371",
        (2, 5),
        (3.5 * INCH, 2 * INCH),
    ),
    _roll(
        "DK-11209",
        "Brother DK-11209, roll, 62 x 29 mm",
        (62.0, 29.0),
        (1.6, 3.1),
        300,
        "brother_ql 62x29: 696 x 271 dots can be printed",
    ),
    _roll(
        "11352",
        "Dymo 11352, roll, 54 x 25 mm",
        (54.0, 25.0),
        (6.0, 1.0),
        300,
        "gLabels 11352: 6 mm at either end cannot be printed",
    ),
    _roll(
        "2x1",
        "Zebra, roll, 2 x 1 in",
        (2 * INCH, INCH),
        (1.5, 1.5),
        203,
        "The label's own size; 203 dots an inch is the usual head",
    ),
)
STOCK = {one.key: one for one in _ALL}
