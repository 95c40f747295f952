"""The code on a camera's label: C, the number in at least four digits, a check character.

Capital letters and digits only, because a hyphen changes with the keyboard layout while
these survive. The check character is ISO 7064 MOD 37,36: it finds every single wrong
character and every swap of two neighbours, so two codes run together are refused.
"""

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def name(number: int) -> str:
    """How people say the camera: C0417."""
    return f"C{number:04d}"


def label(number: int) -> str:
    """What is printed and scanned: the name and its check character."""
    said = name(number)
    return said + check_character(said)


def number_on(label: str) -> int | None:
    """The camera number on a scanned label, or None if this is not one of ours, whole and right."""
    code = label.upper()
    body = code[1:-1]
    if not (code[:1] == "C" and body.isascii() and body.isdigit() and len(body) >= 4):
        return None
    return int(body) if check_character(code[:-1]) == code[-1] else None


def check_character(text: str) -> str:
    """ISO 7064 MOD 37,36 over digits and capital letters."""
    remainder = 36
    for character in text:
        remainder = (remainder + _ALPHABET.index(character)) % 36 or 36
        remainder = remainder * 2 % 37
    return _ALPHABET[(37 - remainder) % 36]
