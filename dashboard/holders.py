"""Who holds a camera now, in a sentence; badge numbers for those alone who may see them. Pure."""

from devices.board.cards import Card
from devices.inventory import codes

_NOT_IN_USE = {"in_repair": "in repair", "out_of_service": "out of service", "lost": "lost"}
TAKEN = "Taken without a check-out: nobody answers for it."


def says(card: Card, *, badges: bool) -> str:
    """What differs from an own camera with its officer; empty where nothing does."""
    if card.on_spare is not None:
        return _on_spare(card, codes.name(card.on_spare), badges=badges)
    custody = card.custody
    if custody is None:
        return TAKEN if card.taken else ""
    to = f" to {custody.badge}" if badges else ""
    match custody.kind:
        case "loan":
            own = f" for {codes.name(custody.loan_of)}" if custody.loan_of else ""
            return f"On loan{to}{own}."
        case "shift":
            return f"Given out{to} for the shift."
    return ""


def _on_spare(card: Card, spare: str, *, badges: bool) -> str:
    """1017: own camera C0417 in repair, on spare C0533."""
    state = _NOT_IN_USE.get(card.facts.service_state, "")
    if badges and card.badge:
        own = f"own camera {card.name} {state}".rstrip()
        return f"{card.badge}: {own}, on spare {spare}."
    return f"Its officer is on spare {spare}."
