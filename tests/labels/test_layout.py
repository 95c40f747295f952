"""What stands on a label can be read by scanners, and what could not is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.labels.layout import Codes, Label, Stamp, Words, check, laid_out
from dashboard.labels.marks import bars, qr
from dashboard.labels.stock import STOCK
from devices.desk.cards import CARDS
from devices.desk.scanner import TESTS
from devices.errors import Refused
from devices.inventory import codes

CAMERA = Label(codes.name(417), codes.label(417))
LONG = Label("A2345678901234567890-12", codes.label(999_999_999, codes.BAY))
CARD_LABELS = [Label(one.title, one.code, one.does) for one in (*CARDS, *TESTS)]
SMALL = {"L4731"}
CARD_STOCK = ["L7160", "5160", "C32011", "L7414", "5371", "DK-11209"]


def laid(label, stock, which):
    """The stamps and the words of a label."""
    shapes = laid_out(label, STOCK[stock], Codes(which))
    stamps = [one for one in shapes if isinstance(one, Stamp)]
    return stamps, [one for one in shapes if isinstance(one, Words)]


def size(stamp):
    tall = max(y + high for _, y, _, high in stamp.marks.boxes)
    return stamp.marks.modules * stamp.unit[0], tall * stamp.unit[1]


def every():
    for stock in STOCK:
        for which in ("both", "barcode", "qr"):
            for label in (CAMERA, LONG, *CARD_LABELS):
                try:
                    yield stock, label, *laid(label, stock, which)
                except Refused:
                    continue


def test_every_code_that_is_drawn_can_be_read_and_keeps_its_quiet_zone():
    for key, label, stamps, _ in every():
        stock = STOCK[key]
        for stamp in stamps:
            (wide, high), module = size(stamp), stamp.unit[0]
            square = stamp.unit[0] == stamp.unit[1]
            quiet, least = (4, 0.3) if square else (10, 0.19)
            assert module >= least - 1e-9, (key, label)
            assert stamp.x >= quiet * module - 1e-9, (key, label)
            assert stamp.x + wide + quiet * module <= stock.size[0] + 1e-9, (key, label)
            assert stamp.y >= stock.inset[1] - 1e-9
            assert stamp.y + high <= stock.size[1] - stock.inset[1] + 1e-9
            if not square:
                assert high >= 5


def test_nothing_lies_on_another_or_where_the_printer_may_miss():
    for key, label, stamps, words in every():
        stock = STOCK[key]
        boxes = [(one.x, one.y, *size(one)) for one in stamps]
        for one in words:
            assert one.x >= stock.inset[0]
            assert one.x + one.width <= stock.size[0] - stock.inset[0] + 0.01, (key, label)
            assert one.y - one.size * 0.77 >= stock.inset[1] - 0.01
            boxes.append((one.x, one.y - one.size * 0.75, one.width, one.size * 0.95))
        for at, first in enumerate(boxes):
            for second in boxes[at + 1 :]:
                assert apart(first, second), (key, label, first, second)


def apart(first, second):
    across = first[0] + first[2] <= second[0] or second[0] + second[2] <= first[0]
    down = first[1] + first[3] <= second[1] or second[1] + second[3] <= first[1]
    return across or down


@pytest.mark.parametrize("stock", STOCK)
def test_a_camera_has_both_codes_on_all_but_the_smallest(stock):
    if stock in SMALL:
        with pytest.raises(
            Refused, match="too small for barcode and QR code: the squares of C0417"
        ):
            laid(CAMERA, stock, "both")
        assert len(laid(CAMERA, stock, "barcode")[0]) == 1
        assert len(laid(CAMERA, stock, "qr")[0]) == 1
        return

    stamps, words = laid(CAMERA, stock, "both")

    assert [one.marks for one in stamps] == [bars("C0417A"), qr("C0417A")]
    assert [one.text for one in words] == ["C0417", "C0417A"]


@pytest.mark.parametrize("stock", CARD_STOCK)
def test_a_desks_cards_fit_where_they_are_meant_to(stock):
    check(CARD_LABELS, STOCK[stock], Codes.BOTH)


def test_a_barcode_too_long_for_the_label_is_refused_with_what_to_do():
    with pytest.raises(Refused) as refused:
        check([CAMERA, *CARD_LABELS], STOCK["L7651"], Codes.BOTH)

    assert str(refused.value) == (
        "L7651 is too narrow: the bars of Scanner test 1 of 3 would be thinner than 0.19 mm. "
        "Print its QR code alone, or take larger labels."
    )


@pytest.mark.parametrize("stock", ["DK-11209", "11352", "2x1", "L7160", "L7651"])
def test_bars_are_whole_dots_of_the_printer(stock):
    for stamp in laid(CAMERA, stock, "both")[0]:
        dots = stamp.unit[0] / STOCK[stock].dot
        assert dots == pytest.approx(round(dots))


@given(st.text(max_size=60))
def test_any_name_stays_on_its_label(name):
    _, words = laid(Label(name, "B0001R"), "L7651", "both")

    assert all(one.x + one.width <= 38.1 for one in words)


def test_a_name_that_is_too_long_shows_that_something_is_missing():
    _, words = laid(Label("W" * 60, "B0001R"), "L4731", "qr")

    assert words[0].text.endswith("…")


def test_the_test_codes_hold_every_letter_and_digit_and_are_no_cards():
    from devices.desk.cards import BY_CODE
    from devices.inventory.codes import is_card

    typed = "".join(one.code for one in TESTS)

    assert set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") <= set(typed)
    assert all(is_card(one.code) for one in TESTS)
    assert not {one.code for one in TESTS} & BY_CODE.keys()
