"""The ledger checked by somebody else: written from docs/operations.md, sharing no code."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

ALWAYS = ("seq", "at", "actor", "verb", "subject", "facts")
WHEN_TOLD = ("roles", "source", "session", "request")


def hash_of(before: str, row: dict[str, Any]) -> str:
    """What the hash of this row must be after one whose hash is ``before``."""
    told = {name: row[name] for name in ALWAYS}
    told |= {name: row[name] for name in WHEN_TOLD if row[name]}
    if row["outcome"] != "done":
        told["outcome"] = row["outcome"]
    text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256((before + "\n" + text).encode()).hexdigest()


def chained(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same rows, numbered and hashed anew: what a forger of everything would write."""
    before, forged = "0" * 64, []
    for seq, row in enumerate(rows, 1):
        new = {**row, "seq": seq}
        new["hash"] = before = hash_of(before, new)
        forged.append(new)
    return forged
