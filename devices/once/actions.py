"""Doing what is asked with a key, once."""

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import transaction

from devices.errors import Refused
from devices.once.models import Applied

Answer = dict[str, Any]
ANSWERS_KEPT = timedelta(days=2)


class KeyUsed(Refused):
    """An Idempotency-Key stands for one thing asked."""

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key came with something else before; make a new one.")


def digest(*asked: Any) -> str:
    """Stands for what was asked."""
    return sha256(repr(asked).encode()).hexdigest()


@transaction.atomic
def once(do: Callable[[], Answer], *, asked: str, key: str, by: Any, now: datetime) -> Answer:
    """Do it, and answer; asked again with the same key, only answer the same.

    ``asked`` stands for everything that was sent. Refuses (`KeyUsed`) a key that came with
    something else before, and whatever ``do`` refuses: then the key counts as unused. Of two who
    ask at one moment, the second waits and reads the answer of the first.
    """
    row, new = Applied.objects.get_or_create(by=by, key=key, defaults={"asked": asked, "at": now})
    if row.asked != asked:
        raise KeyUsed
    if new:
        row.answer = do()
        row.save(update_fields=["answer"])
    told: Answer = row.answer
    return told


def forget(*, now: datetime) -> None:
    """Answers that were given long ago are kept no more."""
    Applied.objects.filter(at__lt=now - ANSWERS_KEPT).delete()
