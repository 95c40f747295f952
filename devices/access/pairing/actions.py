"""Giving a link that pairs a browser, opening it, and taking it away.

A link works once and for a day: opening it puts another token in its place, which the browser
keeps. So a link that was photographed or mailed on opens nothing.
"""

from datetime import datetime, timedelta
from typing import Any

from devices import ledger
from devices.access import tokens
from devices.access.pairing.proving import Pairing, claimed
from devices.access.tokens import mint
from devices.errors import Refused

LINK_LASTS = timedelta(hours=24)  # it is carried to its place by hand, within a working day


def give(pairing: Pairing, owner: Any, verb: str, *, by: Any, now: datetime, **facts: Any) -> str:
    """A link's token, to be said once; whatever the owner had must have ended before."""
    minted = mint(pairing.kind)
    pairing.rows.create(
        **{pairing.owner: owner},
        key_id=minted.key_id,
        digest=minted.digest,
        made_at=now,
        made_by=by,
        ends_at=now + LINK_LASTS,
    )
    ledger.record(verb, pairing.subject(owner), by=by, now=now, key=minted.key_id, **facts)
    return minted.plaintext


def end(pairing: Pairing, owner: Any, *, now: datetime) -> list[str]:
    """Every token of this owner ends; says the keys of those that were in force."""
    rows = pairing.rows.filter(**{pairing.owner: owner}, revoked_at=None)
    keys = sorted(rows.values_list("key_id", flat=True))
    rows.update(revoked_at=now)
    return keys


def open_link(pairing: Pairing, plaintext: str, *, now: datetime) -> str:
    """The token that the browser keeps, in exchange for its link, once.

    Refuses whatever is no link of ours, is used, ended or revoked, all in the same words.
    """
    row = claimed(pairing, plaintext, now)
    kept = mint(pairing.kind)
    unopened = pairing.rows.filter(pk=row.pk if row else None, opened_at=None, revoked_at=None)
    changed = {"key_id": kept.key_id, "digest": kept.digest, "opened_at": now, "ends_at": None}
    if row is None or not unopened.update(**changed):
        raise Refused(f"This link opens no {pairing.noun}: it was used already, or has ended.")
    key = tokens.parse(plaintext)
    ledger.record(
        f"{pairing.noun} opened",
        pairing.subject(getattr(row, pairing.owner)),
        by=None,
        now=now,
        link=key.key_id if key else "",
        key=kept.key_id,
    )
    return kept.plaintext
