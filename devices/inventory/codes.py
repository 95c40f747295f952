"""The code on a camera's label: C, the number in at least four digits, a check letter.

Capital letters and digits only, because a hyphen changes with the keyboard layout while
these survive. The letter stands for the number modulo 23, as on Spanish identity cards: the
prime finds every wrong character and every swap of two neighbours, and as it is never a digit,
a label that was cut short or read together with another is none.
"""

LONGEST = 9  # digits: no camera's number has more
_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"  # no I and no O, which look like digits


def name(number: int) -> str:
    """How people say the camera: C0417."""
    return f"C{number:04d}"


def label(number: int) -> str:
    """What is printed and scanned: the name and its check letter."""
    return name(number) + _LETTERS[number % len(_LETTERS)]


def number_on(scanned: str) -> int | None:
    """The camera number on a scanned label, or None if this is not one of ours, whole and right."""
    code = scanned.upper()
    digits = code[1:-1]
    if not (digits.isascii() and digits.isdigit()) or len(digits) > LONGEST:
        return None
    number = int(digits)
    return number if label(number) == code else None
