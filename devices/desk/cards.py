"""The cards on a desk: printed orders, so that nobody has to touch a key. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from devices.desk.rules import Card, Order
from devices.faults.rules import TOLD_BY_PEOPLE
from devices.inventory import codes


@dataclass(frozen=True, slots=True)
class Printed:
    """One card as it is printed: what it says to people, what it says to the scanner."""

    word: str
    title: str
    does: str
    card: Card

    @property
    def code(self) -> str:
        return codes.card(self.word)


_ORDERS = (
    Printed("CANCEL", "Cancel", "Forget what was scanned", Card(Order.CANCEL)),
    Printed("UNDO", "Undo", "Take the last scan of this desk back", Card(Order.UNDO)),
    Printed("INFO", "Who has it?", "Then scan a camera: who holds it", Card(Order.INFO)),
    Printed("TEST", "Pre-shift test", "Scan it after issuing: tested", Card(Order.TEST)),
    Printed("TRANSFER", "Transfer", "Another officer takes it over", Card(Order.TRANSFER)),
)

# Why a rule was set aside: words for the record, so that they can be counted.
REASONS: Mapping[str, str] = {
    "NOOTHER": "No other camera is ready",
    "SHORT": "Short duty: it will last",
    "ORDERED": "Ordered by a supervisor",
    "SECOND": "A second camera is needed",
    "HANDED": "Handed over in person",
    "EVENT": "Event or court",
}
_REASONS = tuple(
    Printed(f"R{word}", title, "Reason for going against a rule", Card(Order.REASON, word))
    for word, title in REASONS.items()
)
_FAULTS = tuple(
    Printed(
        f"F{one.code.upper().replace('_', '')}",
        f"Fault: {one.words.lower()}",
        "Scan it right after the camera: opens a fault",
        Card(Order.FAULT, one.code),
    )
    for one in TOLD_BY_PEOPLE
    if one.code != "other"  # which wants words
)

CARDS: tuple[Printed, ...] = (*_ORDERS, *_REASONS, *_FAULTS)
BY_CODE: Mapping[str, Card] = {one.code: one.card for one in CARDS}


def card_on(scanned: str) -> Card | None:
    """The card with this code, whole and right, whatever case it came in."""
    return BY_CODE.get(scanned.upper())
