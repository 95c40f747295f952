"""What is printed is read back, as a scanner reads it, from the file itself."""

import pypdfium2
import pytest
import zxingcpp

from dashboard.labels.layout import Codes, Label, check
from dashboard.labels.paper import Setting, pdf
from dashboard.labels.stock import INCH, STOCK
from devices.desk.cards import CARDS
from devices.desk.scanner import TESTS
from devices.errors import Refused
from devices.inventory import codes

CAMERAS = [Label(codes.name(one), codes.label(one)) for one in (1, 417, 9_999, 123_456_789)]
BAYS = [Label("D03-5", codes.label(21, codes.BAY)), Label("Ц" * 20, codes.label(7, codes.BAY))]
DESKS = [Label(one.title, one.code, one.does) for one in (*CARDS, *TESTS)]
FORMATS = {
    Codes.BOTH: ["Code128", "QRCode"],
    Codes.BARCODE: ["Code128"],
    Codes.QR: ["QRCode"],
}


def fitting(stock, which):
    """Those of all these labels that have room on this stock."""
    for label in (*CAMERAS, *BAYS, *DESKS):
        try:
            check([label], stock, which)
        except Refused:
            continue
        yield label


def read(file, setting, count):
    """What is read off each label, cut out of its sheet, at the dots the printer has."""
    stock, document = setting.stock, pypdfium2.PdfDocument(file)
    pages = [page.render(scale=stock.dpi / 72, grayscale=True).to_pil() for page in document]
    for place in range(setting.used, setting.used + count):
        left, top = stock.corner(place % stock.per_sheet)
        cut = (left, top, left + stock.size[0], top + stock.size[1])
        label = pages[place // stock.per_sheet].crop([round(one / stock.dot) for one in cut])
        yield {(one.format.name, one.text) for one in scanned(label)}


def scanned(picture):
    """Upright and dark on light, as they are printed: other guesses cost five times as much."""
    kinds = [zxingcpp.BarcodeFormat.Code128, zxingcpp.BarcodeFormat.QRCode]
    return zxingcpp.read_barcodes(picture, formats=kinds, try_rotate=False, try_invert=False)


@pytest.mark.parametrize("which", Codes)
@pytest.mark.parametrize("key", STOCK)
def test_every_label_is_read_off_its_place(key, which):
    stock = STOCK[key]
    labels = [*fitting(stock, which)]
    setting = Setting(stock, which, used=0 if stock.roll else stock.per_sheet - 2)

    found = read(pdf(labels, setting), setting, len(labels)) if labels else ()

    for label, said in zip(labels, found, strict=True):
        assert said == {(name, label.code) for name in FORMATS[which]}, label
    assert labels or (key, which) == ("L4731", Codes.BOTH)


def test_moved_labels_are_where_they_were_moved_to():
    stock = STOCK["L7160"]
    still, moved = (Setting(stock, Codes.QR, shift=by) for by in ((0, 0), (5.0, -3.0)))

    places = [corner(pdf(CAMERAS[:1], one)) for one in (still, moved)]

    (x, y), (to_x, to_y) = places
    assert to_x - x == pytest.approx(5.0, abs=0.1)
    assert to_y - y == pytest.approx(-3.0, abs=0.1)


def corner(file):
    """Where the one code begins, in millimetres."""
    page = pypdfium2.PdfDocument(file)[0].render(scale=600 / 72, grayscale=True).to_pil()
    (found,) = scanned(page)
    at = found.position.top_left
    return at.x / 600 * INCH, at.y / 600 * INCH
