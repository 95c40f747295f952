"""The codes on labels and on a desk's cards.

A label is a letter, the number in at least four digits, a check letter. C is a camera, B a bay.
Capital letters and digits only, because a hyphen changes with the keyboard layout while these
survive. The check letter stands for the number modulo 23, as on Spanish identity cards: the prime
finds every wrong character and every swap of two neighbours, and as it is never a digit, a label
that was cut short or read together with another is none.

A card is Z, its word, and a check letter: never mistaken for a label, for none begins with Z.
"""

import re

LONGEST = 9  # digits: no camera's number has more
CAMERA, BAY, CARD = "C", "B", "Z"
LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"  # no I and no O, which look like digits
# What else a reader types, of a badge or a tag, in capitals; a badge's parts have hyphens between.
SCANNED = re.compile(r"(?=.{3,64}$)[A-Z0-9]+(-[A-Z0-9]+)*", re.ASCII)
_SIGNS = re.compile(r"[^A-Z0-9]+", re.ASCII)
_CARD = re.compile(r"Z([0-9A-Z]{2,30})([A-Z])")


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


def card(word: str) -> str:
    """What a card of this word says to the scanner."""
    return CARD + word + check_letter(word)


def check_letter(word: str) -> str:
    """The letter of the word read as a number in base 36, modulo 23."""
    return LETTERS[int(word, 36) % len(LETTERS)]


def is_card(scanned: str) -> bool:
    """Whether this is the code of a desk's card, whole and right, of today or of another day."""
    found = _CARD.fullmatch(scanned.upper())
    return found is not None and check_letter(found[1]) == found[2]


def badge(code: str) -> str:
    """As a badge is kept: its letters and digits, and a hyphen for whatever signs part them.

    Which sign that is depends on the reader and on the keyboard it plays. That there is one does
    not: without it facility 12, card 3456 would be facility 1, card 23456.
    """
    return _SIGNS.sub("-", code.upper()).strip("-")


def bare(code: str) -> str:
    """As a badge is read without its leading zeros, which another reader may leave out."""
    return badge(code).lstrip("0")


def ending(value: str) -> str:
    """Enough to know a badge by, and too little to make another: its last characters."""
    return f"…{value[-4:] if len(value) > 7 else value[-2:]}"
