"""Whose browser it is that shows a token. Nothing is written here."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from devices.access import tokens
from devices.access.models import PairedToken
from devices.access.tokens import TokenKind


@dataclass(frozen=True)
class Pairing:
    """A kind of browser that is paired: its tokens, the field that says whose they are, its name.

    ``noun`` is what refusals and the ledger call it.
    """

    tokens: type[PairedToken]
    kind: TokenKind
    owner: str
    noun: str

    @property
    def rows(self) -> Any:
        return self.tokens._default_manager

    def subject(self, owner: Any) -> str:
        return f"{self.noun} {owner}"


def proven(pairing: Pairing, plaintext: str, now: datetime) -> Any:
    """The row of this token if a browser was paired with it; a link proves nothing."""
    row = claimed(pairing, plaintext, now)
    return row if row is not None and row.opened_at is not None else None


def claimed(pairing: Pairing, plaintext: str, now: datetime) -> Any:
    """The row in force of this very token, a link's or a browser's; one query."""
    claim = tokens.parse(plaintext)
    if claim is None or claim.kind is not pairing.kind:
        return None
    rows = pairing.rows.valid(now).select_related(pairing.owner)
    row = rows.filter(key_id=claim.key_id).first()
    return row if row is not None and tokens.matches(plaintext, row.digest) else None
