"""Desks: there is one of a name, its scanner is known, it is no more."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from devices import ledger
from devices.custody.models import Desk, DeskKind
from devices.errors import Refused
from devices.inventory.models import Station

TERMINATORS = ("enter", "tab", "none")
MOST_NOISE = 20
LONGEST_TEXT = 40


@transaction.atomic
def make(
    name: str, station: Station, *, by: User, now: datetime, kind: DeskKind = DeskKind.DESK
) -> Desk:
    """There is a desk of this name at the station. Refuses a name that another one there has."""
    name = name.strip()[:LONGEST_TEXT]
    if not name:
        raise Refused("A desk has a name.")
    try:
        with transaction.atomic():
            desk: Desk = Desk.objects.create(name=name, station=station, kind=kind)
    except IntegrityError:
        raise Refused(f"{station} has a {name} already.") from None
    ledger.record("desk made", subject(desk), by=by, now=now, kind=str(kind))
    return desk


@transaction.atomic
def end(desk: Desk, *, by: User, now: datetime) -> None:
    """The desk is no more; its record stays. Refuses one that has ended."""
    if not Desk.objects.filter(pk=desk.pk, ended_at=None).update(ended_at=now):
        raise Refused(f"{desk} has ended already.")
    ledger.record("desk ended", subject(desk), by=by, now=now)


@transaction.atomic
def learn_scanner(desk: Desk, said: Any, *, by: User, now: datetime) -> None:
    """What this desk's scanner sends: how a code ends, what stands before it, what is noise.

    Refuses, in a sentence, what is no such profile.
    """
    profile = _profile(said)
    Desk.objects.filter(pk=desk.pk).update(scanner=profile)
    desk.scanner = profile
    ledger.record("scanner set up", subject(desk), by=by, now=now, terminator=profile["terminator"])


def _profile(said: Any) -> dict[str, Any]:
    match said:
        case {"terminator": str(terminator)} if terminator in TERMINATORS:
            rest: dict[str, Any] = dict(said)
        case _:
            raise Refused("A scanner's codes end with Enter, with Tab, or with nothing.")
    return {
        "terminator": terminator,
        "prefix": _text(rest, "prefix"),
        "layout": _text(rest, "layout"),
        "noise": _noise(rest.get("noise", [])),
        "ms_per_key": _milliseconds(rest.get("ms_per_key", 0)),
    }


def _text(rest: Mapping[str, Any], name: str) -> str:
    value = rest.get(name, "")
    if not isinstance(value, str) or len(value) > LONGEST_TEXT or not (value + "x").isprintable():
        raise Refused(f"The scanner's {name} is a short text.")
    return value


def _noise(said: Any) -> list[str]:
    texts: list[Any] = said if isinstance(said, list) else [None]
    if len(texts) > MOST_NOISE or not all(
        isinstance(one, str) and 0 < len(one) <= LONGEST_TEXT and one.isprintable() for one in texts
    ):
        raise Refused(f"Noise is a list of at most {MOST_NOISE} short texts.")
    return texts


def _milliseconds(said: Any) -> int:
    number = isinstance(said, int | float) and not isinstance(said, bool)
    if not number or not 0 <= said <= 10_000:
        raise Refused("A key takes between 0 and 10,000 milliseconds.")
    return int(said)


def subject(desk: Desk) -> str:
    """How the ledger names a desk: its station's code and its name."""
    return f"desk {desk.station.code}/{desk}"
