"""The three codes by which a desk learns how its scanner types. Pure.

Together they hold every letter and every digit, so that a keyboard layout shows (A for Q, Y for
Z, a digit typed with Shift), and so do Caps Lock, a prefix, the speed and what ends a code. They
are written as a card's code is, and no card carries them.
"""

from dataclasses import dataclass

from devices.inventory import codes


@dataclass(frozen=True, slots=True)
class Test:
    """One test code as it is printed."""

    word: str
    title: str
    does: str = "For setting up a desk's scanner: scan all three, in order"

    @property
    def code(self) -> str:
        return codes.card(self.word)


TESTS = (
    Test("TEST1ABCDFGHIJK", "Scanner test 1 of 3"),
    Test("TEST2LMNOPQRUVW", "Scanner test 2 of 3"),
    Test("TEST3XY4567890", "Scanner test 3 of 3"),
)
