"""Custody at any moment: who held a camera then, what an officer held, and how that is known.

What the record says stands first; corrections that concern the moment are told beside it. Before
a camera was enrolled, or custody was kept at all, nothing is known, and that is what is said.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Min, Q

from devices.access.people import Visible
from devices.custody import history
from devices.custody.history import Record
from devices.custody.models import (
    Custody,
    CustodyEvent,
    CustodyEventQuerySet,
    CustodyQuerySet,
)
from devices.inventory.models import Camera, Officer
from devices.ledger import LedgerEntry


class Known(StrEnum):
    HELD = "held"
    NOBODY = "nobody"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Answer:
    """What is known of one moment. ``since`` is when what is known begins, if nothing is.

    ``corrections`` are all that concern the moment, of whichever custody, the latest last.
    """

    at: datetime
    known: Known
    records: Sequence[Record] = ()
    corrections: Sequence[CustodyEvent] = ()
    since: datetime | None = None


def of_camera(reach: Visible, camera: Camera, at: datetime) -> Answer:
    """Who held this camera then."""
    found = history.records(_open(reach, at).filter(camera=camera), at=at)
    said = CustodyEvent.objects.within(reach).filter(camera=camera)
    known_since = _latest(camera.enrolled_at, kept_since())
    return _answer(at, found, _concerning(said, found, at), known_since)


def of_officer(reach: Visible, officer: Officer, at: datetime) -> Answer:
    """What this officer held then."""
    found = history.records(_open(reach, at).filter(officer=officer), at=at)
    said = CustodyEvent.objects.within(reach).filter(
        Q(officer=officer) | Q(camera__in=[one.custody.camera_id for one in found])
    )
    told = [
        one
        for one in _concerning(said, found, at)
        if one.says.get("officer") == officer.badge_number or one.says.get("custody") in _ids(found)
    ]
    return _answer(at, found, told, kept_since())


def kept_since() -> datetime | None:
    """When the first act of custody was written down; None while there is none."""
    first: datetime | None = CustodyEvent.objects.aggregate(at=Min("at"))["at"]
    return first


def entries_of(events: Iterable[CustodyEvent]) -> dict[int, int]:
    """The numbers that these events have in the ledger; one statement."""
    told = list(events)
    rows = LedgerEntry.objects.filter(
        subject__in={str(one.camera) for one in told},
        at__in={one.at for one in told},
        facts__event__in=[one.pk for one in told],
    )
    return {int(facts["event"]): seq for seq, facts in rows.values_list("seq", "facts")}


def _open(reach: Visible, at: datetime) -> CustodyQuerySet:
    rows = Custody.objects.within(reach).at(at)
    return rows.select_related(*history.NAMES).order_by("-opened_at", "-pk")


def _answer(
    at: datetime,
    found: Sequence[Record],
    corrections: Sequence[CustodyEvent],
    known_since: datetime | None,
) -> Answer:
    if found:
        return Answer(at, Known.HELD, found, corrections)
    unknown = known_since is None or at < known_since
    known = Known.UNKNOWN if unknown else Known.NOBODY
    return Answer(at, known, (), corrections, known_since if unknown else None)


def _concerning(
    events: CustodyEventQuerySet, found: Sequence[Record], at: datetime
) -> list[CustodyEvent]:
    """Corrections of a custody that was open then, and those that say who held it then."""
    rows = events.corrections().named().select_related(*history.WITH).order_by("id")
    ids = _ids(found)
    return [one for one in rows if one.says.get("custody") in ids or _says(one, at)]


def _says(correction: CustodyEvent, at: datetime) -> bool:
    """Whether a correction says that somebody held the camera at this moment."""
    opened, closed = correction.says.get("opened_at"), correction.says.get("closed_at")
    if not opened or not correction.says.get("officer"):
        return False
    ended = datetime.fromisoformat(closed) if closed else None
    return datetime.fromisoformat(opened) <= at and (ended is None or at < ended)


def _ids(found: Sequence[Record]) -> set[int]:
    return {one.custody.pk for one in found}


def _latest(*moments: datetime | None) -> datetime | None:
    """The latest of these; None if one is not known."""
    known = [one for one in moments if one is not None]
    return max(known) if len(known) == len(moments) else None
