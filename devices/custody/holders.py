"""Officers and what they hold: those who should hold nothing any more come first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from devices.access.people import Visible
from devices.custody.history import NAMES
from devices.custody.models import FOR_A_SHIFT, Custody, CustodyKind
from devices.inventory.models import Officer

MOST_GONE = 200


@dataclass(frozen=True)
class Holder:
    """An officer and what they answer for now, their own camera last. What was due by ``late`` is
    overdue."""

    officer: Officer
    held: Sequence[Custody]
    late: datetime

    @property
    def for_a_shift(self) -> list[Custody]:
        return [one for one in self.held if one.kind in FOR_A_SHIFT]

    @property
    def own(self) -> list[Custody]:
        return [one for one in self.held if one.kind == CustodyKind.PERSONAL]

    @property
    def overdue(self) -> list[Custody]:
        return [one for one in self.held if one.due_at is not None and one.due_at <= self.late]


@dataclass(frozen=True)
class Tally:
    """How many officers are on duty here, hold a camera for a shift, are overdue; and how many
    hold one although they have left or are suspended."""

    officers: int
    holding: int
    overdue: int
    gone: int


def officers_in(reach: Visible) -> QuerySet[Officer]:
    """The officers within reach."""
    rows: QuerySet[Officer] = Officer.objects.all()
    if reach.officer_id is not None:
        return rows.filter(pk=reach.officer_id)
    return rows if reach.stations is None else rows.filter(station__in=reach.stations)


def gone(reach: Visible, late: datetime) -> list[Holder]:
    """Who has left or is suspended and still answers for a camera, the longest first."""
    rows = _open(reach).filter(_GONE).select_related(*NAMES).order_by("opened_at")[:MOST_GONE]
    held: dict[int, list[Custody]] = {}
    for one in rows:
        held.setdefault(one.officer_id, []).append(one)
    return [Holder(many[0].officer, many, late) for many in held.values()]


def listed(
    reach: Visible, late: datetime, *, who: str = "", text: str = "", after: str = "", size: int
) -> tuple[list[Holder], bool]:
    """A page of these officers by badge number, with what they hold, and whether more follow."""
    rows = officers_in(reach).filter(_narrowed(who, late)).select_related("station")
    if text:
        rows = rows.filter(Q(badge_number__istartswith=text) | Q(unit__istartswith=text))
    if after:
        rows = rows.filter(badge_number__gt=after)
    found = list(rows.order_by("badge_number")[: size + 1])
    return _with_held(found[:size], late), len(found) > size


def holder(officer: Officer, late: datetime) -> Holder:
    """This officer and what they answer for now."""
    return _with_held([officer], late)[0]


def tally(reach: Visible, late: datetime) -> Tally:
    """The numbers of the list, in two statements."""
    open_ones = _open(reach).aggregate(
        holding=_officers(kind__in=FOR_A_SHIFT),
        overdue=_officers(due_at__lte=late),
        gone=Count("officer", distinct=True, filter=_GONE),
    )
    return Tally(officers=officers_in(reach).filter(active=True).count(), **open_ones)


_GONE = Q(officer__active=False) | ~Q(officer__suspended_because="")


def _officers(**like: Any) -> Count:
    return Count("officer", distinct=True, filter=Q(**like))


def _open(reach: Visible) -> Any:
    return Custody.objects.within(reach).open()


def _narrowed(who: str, late: datetime) -> Q:
    held = Custody.objects.open().filter(officer=OuterRef("pk"))
    match who:
        case "holding":
            return Q(Exists(held.for_a_shift()))
        case "overdue":
            return Q(Exists(held.filter(due_at__lte=late)))
        case "suspended":
            return Q(active=True) & ~Q(suspended_because="")
        case "left":
            return Q(active=False)
        case "without":
            return Q(~Exists(held.filter(kind=CustodyKind.PERSONAL)), active=True)
    return Q(active=True)


def _with_held(officers: Sequence[Officer], late: datetime) -> list[Holder]:
    held: dict[int, list[Custody]] = {one.pk: [] for one in officers}
    rows: Iterable[Custody] = Custody.objects.open().filter(officer__in=held).select_related(*NAMES)
    for one in rows:
        held[one.officer_id].append(one)
    return [
        Holder(one, sorted(held[one.pk], key=lambda it: it.kind == CustodyKind.PERSONAL), late)
        for one in officers
    ]
