"""The table of sheets and rolls: each fits its paper as the maker cut it."""

import pytest

from dashboard.labels.stock import A4, LETTER, STOCK

SHEETS = [one for one in STOCK.values() if not one.roll]


@pytest.mark.parametrize(
    ("key", "page", "per_sheet", "first"),
    [
        ("L7160", A4, 21, (7.21, 15.15)),
        ("L7651", A4, 65, (4.75, 10.7)),
        ("L4731", A4, 189, (8.45, 13.5)),
        ("5160", LETTER, 30, (4.7625, 12.7)),
        ("C32011", A4, 10, (15, 13.5)),
        ("L7414", A4, 10, (15, 18.5)),
        ("5371", LETTER, 10, (19.05, 12.7)),
    ],
)
def test_a_sheet_begins_where_its_maker_says(key, page, per_sheet, first):
    stock = STOCK[key]

    assert (stock.page, stock.per_sheet) == (page, per_sheet)
    assert stock.corner(0) == pytest.approx(first, abs=0.001)


@pytest.mark.parametrize("stock", STOCK.values(), ids=lambda one: one.key)
def test_labels_lie_on_their_page_and_not_on_each_other(stock):
    corners = [stock.corner(place) for place in range(stock.per_sheet)]

    assert len(set(corners)) == stock.per_sheet
    for x, y in corners:
        assert x >= 0
        assert y >= 0
        assert x + stock.size[0] <= stock.page[0] + 0.001
        assert y + stock.size[1] <= stock.page[1] + 0.001
    assert stock.roll or stock.pitch >= stock.size
    assert stock.roll or stock.pitch[1] >= stock.size[1]


@pytest.mark.parametrize("stock", SHEETS, ids=lambda one: one.key)
def test_labels_are_counted_as_one_reads(stock):
    across = stock.grid[0]

    assert stock.corner(1)[0] == pytest.approx(stock.corner(0)[0] + stock.pitch[0])
    assert stock.corner(1)[1] == stock.corner(0)[1]
    assert stock.corner(across)[0] == stock.corner(0)[0]
    assert stock.corner(across)[1] == pytest.approx(stock.corner(0)[1] + stock.pitch[1])


def test_each_says_where_its_measures_are_from():
    assert all(one.source for one in STOCK.values())
    assert all(key == one.key for key, one in STOCK.items())
