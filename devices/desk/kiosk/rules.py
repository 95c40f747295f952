"""What a kiosk does not do, and who has proven who they are there. Pure."""

from collections.abc import Collection
from datetime import datetime, timedelta

from devices.desk.rules import IDLE, Act, Code, Judgement, Kind, Order, Scanned

SHOWN_FOR = timedelta(seconds=10)  # then the screen is clear for whoever comes next
OFFER_LASTS = timedelta(
    seconds=60
)  # a docked camera reports this often: its leaving is known by then
PIN_WAITS = timedelta(seconds=30)
WRONG_PINS = 5  # within this long, and then the PIN is locked for as long
LOCKED_FOR = timedelta(minutes=15)
SHORTEST_PIN, LONGEST_PIN = 4, 8


def at_kiosk(judgement: Judgement, scanned: Scanned) -> Judgement:
    """The same judgement where nobody stands behind the desk: no card but CANCEL means anything,
    for who overrides, transfers, undoes or asks about others must be seen."""
    card = scanned.card
    if scanned.kind is Kind.CARD and card is not None and card.order is not Order.CANCEL:
        return Judgement(Act.REFUSE, Code.SEE_DESK, IDLE)
    return judgement


def is_pin(pin: str, digits: int) -> bool:
    """Whether this can be a PIN: digits alone, as many as the department wants, none too simple."""
    long_enough = max(digits, SHORTEST_PIN) <= len(pin) <= LONGEST_PIN
    return long_enough and pin.isascii() and pin.isdigit() and len(set(pin)) > 1


def recent(wrong_at: Collection[datetime], now: datetime) -> list[datetime]:
    """The wrong PINs that still count."""
    return [at for at in wrong_at if now - at < LOCKED_FOR]


def locks(wrong_at: Collection[datetime], now: datetime) -> bool:
    """Whether so many wrong ones lock it."""
    return len(recent(wrong_at, now)) >= WRONG_PINS
