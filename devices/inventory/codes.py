"""The codes on labels: a letter, the number in at least four digits, a check letter.

C is a camera, B a bay. Capital letters and digits only, because a hyphen changes with the
keyboard layout while these survive. The check letter stands for the number modulo 23, as on
Spanish identity cards: the prime finds every wrong character and every swap of two neighbours,
and as it is never a digit, a label that was cut short or read together with another is none.
"""

import re

LONGEST = 9  # digits: no camera's number has more
CAMERA, BAY = "C", "B"
LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"  # no I and no O, which look like digits
# What else a reader types, of a badge or a tag, in capitals.
SCANNED = re.compile(r"[A-Z0-9]{3,64}", re.ASCII)


def name(number: int) -> str:
    """How people say the camera: C0417."""
    return f"{CAMERA}{number:04d}"


def label(number: int, kind: str = CAMERA) -> str:
    """What is printed and scanned: the name and its check letter. A bay's number is its id."""
    return f"{kind}{number:04d}" + LETTERS[number % len(LETTERS)]


def number_on(scanned: str, kind: str = CAMERA) -> int | None:
    """The number on a label of this kind; None if it is not one of ours, whole and right."""
    code = scanned.upper()
    digits = code[1:-1]
    if not (digits.isascii() and digits.isdigit()) or len(digits) > LONGEST:
        return None
    number = int(digits)
    return number if label(number, kind) == code else None
