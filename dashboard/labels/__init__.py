"""Labels for cameras, bays and desks: barcode, QR code and name, on label sheets and rolls.

`stock.py` is the table of what can be printed on, `marks.py` the two codes as boxes, `layout.py`
where things stand on one label, `paper.py` the sheets as a PDF and as a picture, `asked.py` what
somebody wants printed. All lengths are millimetres from the top left, unless they say otherwise.
"""
