"""Where a camera is, for whoever looks for it: its bay, or where it was last. Pure."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from devices.board.cards import Card
from devices.board.rules import Bucket


@dataclass(frozen=True)
class Found:
    """Where it is in a sentence, the bay to look at on the wall, and how old that is."""

    says: str
    bay: str = ""
    at: datetime | None = None

    @property
    def address(self) -> str:
        """The dock wall with that bay marked; empty without one."""
        dock = self.bay.rpartition("-")[0]
        return f"/wall/?near={quote(dock)}#{quote(self.bay)}" if self.bay else ""


def find(card: Card, *, badges: bool, last_bay: str = "") -> Found:
    """``last_bay`` is where it was before it went out, if somebody looked that up."""
    docked, place = card.facts.docked, card.place or ""
    if docked is None or card.facts.hearing == "never":
        home = f" It belongs in {card.home}." if card.home else ""
        return Found(f"{card.name} was never seen.{home}", card.home)
    if not docked:
        return _away(card, last_bay, badges=badges)
    if not place:
        return Found(f"{card.name} is on a charger; nobody said which.", at=card.heard_at)
    if card.facts.displaced:
        gone = f"{card.name} was last seen in {place}, where another camera is now."
        return Found(gone, place, card.heard_at)
    if card.facts.hearing == "silent":
        return Found(f"{card.name} was last seen in {place}.", place, card.heard_at)
    return Found(f"{card.name} is in {place}.", place)


def _away(card: Card, last_bay: str, *, badges: bool) -> Found:
    lost = "is lost" if card.bucket is Bucket.LOST else "is out"
    with_whom = f" with {card.worn_by}" if badges and card.worn_by else ""
    last = f"; it was last in {last_bay}" if last_bay else ""
    return Found(f"{card.name} {lost}{with_whom}{last}.", last_bay, card.known.moved_at)
